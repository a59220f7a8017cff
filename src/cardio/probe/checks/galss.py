"""Does galss.ini fit the readers that are there? (facts: vitale.md §7.3)."""

import re

from cardio.probe.check import Finding, failed, passed, unknown, warned
from cardio.probe.checks.installed import Installed
from cardio.probe.system.known import ABSENT, is_known, is_no
from cardio.probe.system.software.galss import Channel, ChannelKind, GalssConfig, Role

_UNIT = re.compile(r"[\s(\[]+[0-9]{1,3}[\])]?(?:\s+[0-9]{1,3})?$")
"""Numbers at the end of a PC/SC name: they follow the order in which readers were plugged in."""

_CARDS = (Role.CPS, Role.VITALE)


def has_config(one: Installed) -> bool:
    """Whether there is a galss.ini that could be read."""
    return one.galss_config is not None


def drives_pcsc(one: Installed) -> bool:
    """Whether a galss.ini names PC/SC readers, and some may be there to compare with."""
    return bool(_pcsc_channels(one.galss_config)) and one.readers != ()


def file(one: Installed) -> Finding:
    """Is galss.ini there if GALSS is, and only then?"""
    galss = one.software.galss
    if galss is ABSENT:
        return failed("missing") if one.has("galss") else passed("none")
    if not is_known(galss):
        return unknown("unread", why=galss.why.value)
    if not is_known(galss.config):
        return unknown("unreadable", file=galss.place)
    if galss.copies:
        return warned("several", file=galss.place, copies=galss.copies)
    if is_no(one.product("galss").installed):
        return warned("leftover", file=galss.place)
    return passed(file=galss.place, channels=len(galss.config.channels))


def structure(one: Installed) -> Finding:
    """Does the file agree with itself?"""
    config = one.galss_config
    if config is None or not config.channels:
        return failed("no-channel")
    if config.flaws:
        kinds = tuple(dict.fromkeys(flaw.kind.value for flaw in config.flaws))
        sections = tuple(dict.fromkeys(flaw.section for flaw in config.flaws))
        return warned("flaws", galss_flaws=kinds, sections=sections)
    return passed(channels=len(config.channels))


def mode(one: Installed) -> Finding:
    """Are the readers driven through PC/SC, or through the old serial protocol?"""
    channels = one.galss_config.channels if one.galss_config else ()
    serial = tuple(f"CANAL{c.number}" for c in channels if c.kind is ChannelKind.PSS)
    if len(serial) == len(channels):
        return warned("pss", sections=serial)
    if serial:
        return warned("mixed", sections=serial)
    if any(channel.kind is None for channel in channels):
        return unknown("unknown")
    return passed("pcsc")


def readers(one: Installed) -> Finding:
    """Is every reader that GALSS expects there, under that very name?"""
    present = one.readers
    if present is None:
        return unknown("no-list")
    expected = [c.reader for c in _pcsc_channels(one.galss_config) if c.reader]
    missing = tuple(name for name in expected if name not in present)
    if not missing:
        return passed(readers=tuple(expected))
    free = [name for name in present if name not in expected]
    is_renamed = all(any(alike(name, other) for other in free) for name in missing)
    cause = "renamed" if is_renamed else "ghost"
    return failed(cause, missing=missing, present=present)


def roles(one: Installed) -> Finding:
    """Does each channel point to the reader with the card it is for?"""
    channels = _pcsc_channels(one.galss_config)
    if not any(Role.CPS in channel.roles for channel in channels):
        return warned("no-cps")
    cards = one.cards
    swapped = tuple(
        channel.reader
        for channel in channels
        if channel.reader in cards
        and len(wanted := channel.roles & set(_CARDS)) == 1
        and cards[channel.reader] not in wanted
    )
    if swapped:
        return warned("swapped", readers=tuple(name for name in swapped if name))
    return passed()


def alike(name: str, other: str) -> bool:
    """Whether two names may be the same reader's at different times: all but the numbers at their
    end, letters and spaces is the same.
    """
    first, second = (re.sub(r"\s+", " ", _UNIT.sub("", one.casefold())) for one in (name, other))
    return first.strip() == second.strip()


def _pcsc_channels(config: GalssConfig | None) -> tuple[Channel, ...]:
    channels = config.channels if config else ()
    return tuple(channel for channel in channels if channel.kind is ChannelKind.PCSC)
