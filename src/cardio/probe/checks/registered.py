"""Does the system know the card by its answer to reset, so that other programs get at it?

On Windows a registration under the card's ATR, on macOS a token driver; Linux has neither
(facts: workstation_systems.md §4.1, §9).
"""

from collections.abc import Iterable

from cardio.probe.check import Finding, passed, warned
from cardio.probe.facts import ReaderFacts, WorkstationFacts
from cardio.probe.subjects import CPS_KINDS
from cardio.probe.system.facts import CardRegistration
from cardio.probe.system.known import is_known

Known = tuple[ReaderFacts, tuple[CardRegistration, ...]]


def each_known_cps(facts: WorkstationFacts) -> Iterable[tuple[str, Known]]:
    """Every card of the CPS family, where the system has a list of the cards it knows."""
    cards = facts.system.cards if facts.system else ()
    if not facts.system or not is_known(cards):
        return []
    return [
        (reader.name, (reader, cards))
        for reader in facts.readers
        if reader.match and reader.match.kind in CPS_KINDS
    ]


def registered(known: Known) -> Finding:
    """Is the card registered with the system?"""
    reader, cards = known
    for_it = [one for one in cards if one.matches(reader.atr)]
    tokens = [one for one in cards if not one.atr and "cps" in one.name.casefold()]
    if not for_it and not tokens:
        return warned("unregistered")
    names = tuple(dict.fromkeys(one.provider or one.name for one in (*for_it, *tokens)))
    views = tuple(sorted({one.view for one in for_it if one.view}))
    return passed("token" if tokens else "ok", names=names, views=views)
