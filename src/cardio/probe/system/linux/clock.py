"""Is the clock set over the network, and how far is it off?

facts: workstation_systems.md §7. Both commands ask a service of this machine only.
"""

from cardio.probe.system.facts import Clock
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.linux.shown import first_block, text, yes_no
from cardio.probe.system.sources import CommandResult, Sources

_PROPERTIES = ("NTP", "NTPSynchronized", "Timezone")

_SOURCE, _OFFSET, _LEAP, _COLUMNS = 1, 4, 13, 14
"""Columns of `chronyc -c tracking`: name of the source, seconds off, leap status."""


def clock(sources: Sources) -> Clock:
    """The clock, as systemd and chrony see it. timedatectl(1) takes one name for each
    -p, no list.
    """
    asked = (word for name in _PROPERTIES for word in ("-p", name))
    shown = first_block(sources.run("timedatectl", "show", *asked))
    tracking = parse_tracking(sources.run("chronyc", "-c", "tracking"))
    is_set = tracking[_LEAP] != "Not synchronised" if is_known(tracking) else tracking
    synchronised = yes_no(shown, "NTPSynchronized")
    return Clock(
        enabled=yes_no(shown, "NTP"),
        synchronised=is_set if is_known(is_set) and synchronised is not True else synchronised,
        source=(tracking[_SOURCE] or ABSENT) if is_known(tracking) else tracking,
        offset=_seconds(tracking[_OFFSET]) if is_known(tracking) else tracking,
        timezone=text(shown, "Timezone"),
    )


def parse_tracking(result: Known[CommandResult]) -> Known[tuple[str, ...]]:
    """The columns of `chronyc -c tracking`; exit code 1 where chronyd does not run."""
    if not is_known(result):
        return result
    if result.exit_code:
        return NotReadable(Why.FAILED, f"exit {result.exit_code}")
    columns = tuple(result.text.strip().split(","))
    return columns if len(columns) == _COLUMNS else NotReadable(Why.MALFORMED, "chronyc")


def _seconds(text: str) -> Known[float]:
    try:
        return abs(float(text))
    except ValueError:
        return NotReadable(Why.MALFORMED, "chronyc")
