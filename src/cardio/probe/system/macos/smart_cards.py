"""What system_profiler says of smart cards: drivers of readers and of tokens.

facts: workstation_systems.md §1.2. Its headings follow the user's language, so entries are told by
their shape: `#01: name:version (path)`, the path's ending says which driver. Certificates stand
below and are skipped; nothing of them is kept.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from cardio.probe.system.facts import CardRegistration, Driver
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.macos.property_lists import printed
from cardio.probe.system.sources import CommandResult, Sources

COMMAND = ("/usr/sbin/system_profiler", "SPSmartCardsDataType")
LIMIT = 12.0
"""Seconds; it may take 20 (facts: §0, rule 8), which the whole family has not."""

_ENTRY = re.compile(r"^\s*#\d+: (.*):([^:]*) \((/.*\.(bundle|tokend|appex))\)\s*$", re.MULTILINE)
_NULL = "(null)"


class DriverKind(StrEnum):
    """What a driver is for, by how its folder's name ends: readers, tokens of macOS 10.14 and
    before, tokens of today.
    """

    READER = "bundle"
    TOKEND = "tokend"
    EXTENSION = "appex"


@dataclass(frozen=True, slots=True)
class ListedDriver:
    """A driver as it is listed; `file` is the name of its folder only."""

    kind: DriverKind
    name: Known[str]
    version: Known[str]
    file: str


def listed_drivers(sources: Sources) -> Known[tuple[ListedDriver, ...]]:
    """All drivers, of readers and tokens."""
    return parse_smart_cards(sources.run(*COMMAND, limit=LIMIT))


def parse_smart_cards(result: Known[CommandResult]) -> Known[tuple[ListedDriver, ...]]:
    """The drivers of the text form; an answer without a heading tells nothing."""
    data = printed(result)
    if not is_known(data):
        return data
    shown = data.decode("utf-8", "replace")
    if ":" not in shown:
        return NotReadable(Why.MALFORMED, "system_profiler")
    return tuple(_driver(*found) for found in _ENTRY.findall(shown))


def reader_drivers(listed: Known[tuple[ListedDriver, ...]]) -> Known[tuple[Driver, ...]]:
    """The drivers of readers. One that macOS cannot read or did not load is `(null):(null)`: it
    has its folder's name and a version that is not readable (facts: §1.2, A6).
    """
    if not is_known(listed):
        return listed
    readers = (one for one in listed if one.kind is DriverKind.READER)
    return tuple(
        Driver(one.name if is_known(one.name) else one.file, one.version) for one in readers
    )


def token_drivers(listed: Known[tuple[ListedDriver, ...]]) -> Known[tuple[CardRegistration, ...]]:
    """The drivers of tokens, by their names such as "fr.asip.esante.CPSToken"."""
    if not is_known(listed):
        return listed
    tokens = (one for one in listed if one.kind is not DriverKind.READER)
    return tuple(
        CardRegistration(one.name if is_known(one.name) else one.file, minidriver=one.file)
        for one in tokens
    )


def _driver(name: str, version: str, path: str, ending: str) -> ListedDriver:
    file = path.rpartition("/")[2]
    return ListedDriver(DriverKind(ending), _shown(name), _shown(version), file)


def _shown(given: str) -> Known[str]:
    if given == _NULL:
        return NotReadable(Why.MALFORMED, "not loaded")
    return given.strip() or ABSENT
