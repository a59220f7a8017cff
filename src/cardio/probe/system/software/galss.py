"""galss.ini: which readers GALSS drives, and which card it looks for in each.

facts: vitale.md §7.3 (GIE-PS annex D). A parser never refuses: what is wrong becomes a `Flaw`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

from cardio.probe.system.software.ini import LineEnds, Section, decode, line_ends, sections


class ChannelKind(StrEnum):
    """TCanal: how GALSS reaches the reader. `PSS` is a serial line, or USB that emulates one."""

    PSS = "pss"
    PCSC = "pcsc"


class FlawKind(StrEnum):
    """What may be wrong with a file; the word is a key of the texts."""

    NO_CONFIG = "no-config"
    COUNT = "count"
    GHOST = "ghost"
    MISSING = "missing"
    TWICE = "twice"
    BAD_NUMBER = "bad-number"
    NO_READER = "no-reader"
    SAME_READER = "same-reader"
    PROTOCOL = "protocol"
    NOT_LISTED = "not-listed"
    LONG_NAME = "long-name"
    SAME_NAME = "same-name"


@dataclass(frozen=True, slots=True)
class Flaw:
    """A fault and the section it is in, such as "CANAL2.PAD1"."""

    section: str
    kind: FlawKind


class Role(StrEnum):
    """The card a resource is for."""

    CPS = "cps"
    VITALE = "vitale"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Resource:
    """A LAD: what a program asks GALSS for by name. `lad`: 0 reader software, 1 professional's
    card, 2 Vitale.
    """

    name: str
    lad: int | None
    aliases: tuple[str, ...] = ()

    @property
    def role(self) -> Role | None:
        """By its imposed name first: recent PC/SC files give LAD 1 to every channel."""
        for name in (self.name, *self.aliases):
            for start, role in _NAMES.items():
                if name.lower().startswith(start):
                    return role
        return _LADS.get(self.lad) if self.lad is not None else None


@dataclass(frozen=True, slots=True)
class Pad:
    """A device on a channel; `address` is PAD, 0 to 14."""

    address: int | None
    resources: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to a reader. `kind` None: neither PSS nor PC/SC.

    `reader`: the PC/SC name it expects; None for a serial line, whose port is `port`.
    """

    number: int
    kind: ChannelKind | None
    port: int | None = None
    reader: str | None = None
    pads: tuple[Pad, ...] = ()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Those of all its devices."""
        return tuple(chain.from_iterable(pad.resources for pad in self.pads))

    @property
    def roles(self) -> frozenset[Role]:
        """The cards programs look for there."""
        return frozenset(one.role for one in self.resources if one.role is not None)


@dataclass(frozen=True, slots=True)
class GalssConfig:
    """A galss.ini. `libraries`: the protocol libraries it names, by protocol number."""

    channels: tuple[Channel, ...] = ()
    libraries: dict[str, str] = field(default_factory=dict[str, str])
    flaws: tuple[Flaw, ...] = ()
    line_ends: LineEnds = LineEnds.CRLF


_NAMES = {"cps": Role.CPS, "vitale": Role.VITALE, "log_sv": Role.READER}
_LADS = {0: Role.READER, 1: Role.CPS, 2: Role.VITALE}
_KINDS = {1: ChannelKind.PSS, 3: ChannelKind.PCSC}
_PROTOCOL_OF = {ChannelKind.PSS: 0, ChannelKind.PCSC: 1}
_NUMBER = "(0|[1-9][0-9]{0,2})"
_CHANNEL = re.compile(f"CANAL{_NUMBER}")
_PAD = re.compile(f"CANAL{_NUMBER}\\.PAD{_NUMBER}")
_LAD = re.compile(f"CANAL{_NUMBER}\\.PAD{_NUMBER}\\.LAD{_NUMBER}")
_PROTOCOL = re.compile("PROTOCOLE([01])")
_NAME_SIZE = 8
"""Letters in NomLAD at most."""
_DIGITS = 3
"""Of the largest number a file may hold, 255."""


def parse(data: bytes) -> GalssConfig:
    """A galss.ini of any encoding and line ends."""
    text = decode(data)
    return _Reading(sections(text)).config(line_ends(text))


class _Reading:
    """The sections of one file, and the flaws met so far."""

    def __init__(self, found: tuple[Section, ...]) -> None:
        self._by_name: dict[str, Section] = {}
        self._flaws: list[Flaw] = []
        for one in found:
            if self._by_name.setdefault(one.name.upper(), one) is not one:
                self._flaw(one.name.upper(), FlawKind.TWICE)

    def config(self, ends: LineEnds) -> GalssConfig:
        numbers = self._counted("CONFIG", "NbCanaux", _numbers(_CHANNEL, self._by_name), "CANAL")
        channels = tuple(self._channel(number) for number in numbers)
        protocols = _numbers(_PROTOCOL, self._by_name)
        libraries = {str(n): self._by_name[f"PROTOCOLE{n}"]["NomLib"] for n in protocols}
        if "CONFIG" not in self._by_name:
            self._flaw("CONFIG", FlawKind.NO_CONFIG)
        self._orphans()
        self._compare(channels)
        return GalssConfig(channels, libraries, tuple(self._flaws), ends)

    def _channel(self, number: int) -> Channel:
        name = f"CANAL{number}"
        values = self._by_name[name]
        code = self._number(name, "TCanal")
        kind = _KINDS.get(code) if code is not None else None
        if code is not None and kind is None:
            self._flaw(name, FlawKind.BAD_NUMBER)
        if kind is not None and self._number(name, "Protocole") not in (None, _PROTOCOL_OF[kind]):
            self._flaw(name, FlawKind.PROTOCOL)
        reader = values["Caracteristiques"].strip('"').strip() if kind is ChannelKind.PCSC else None
        if reader == "":
            self._flaw(name, FlawKind.NO_READER)
        pads = self._counted(name, "NbPAD", _below(_PAD, self._by_name, number), f"{name}.PAD")
        return Channel(
            number,
            kind,
            self._number(name, "Index"),
            reader or None,
            tuple(self._pad(number, pad) for pad in pads),
        )

    def _pad(self, channel: int, number: int) -> Pad:
        name = f"CANAL{channel}.PAD{number}"
        lads = self._counted(
            name, "NbLAD", _below(_LAD, self._by_name, channel, number), f"{name}.LAD"
        )
        return Pad(
            self._number(name, "PAD"), tuple(self._resource(f"{name}.LAD{lad}") for lad in lads)
        )

    def _resource(self, name: str) -> Resource:
        values = self._by_name[name]
        aliases = (values[f"NomAlias{number}"] for number in range(1, 10))
        if len(values["NomLAD"]) > _NAME_SIZE:
            self._flaw(name, FlawKind.LONG_NAME)
        return Resource(
            values["NomLAD"], self._number(name, "LAD"), tuple(one for one in aliases if one)
        )

    def _counted(self, name: str, key: str, found: Iterable[int], start: str) -> list[int]:
        """The numbers of the sections below `name`, and what is wrong with their count."""
        numbers = sorted(found)
        counted = self._number(name, key) if name in self._by_name else None
        if counted is not None:
            for number in numbers:
                if number > counted or number == 0:
                    self._flaw(f"{start}{number}", FlawKind.GHOST)
            if len(numbers) < counted:
                self._flaw(name, FlawKind.COUNT)
        elif name in self._by_name:
            self._flaw(name, FlawKind.COUNT)
        return numbers

    def _orphans(self) -> None:
        """Sections below one that is not there: nobody reads them."""
        below = [one for one in self._by_name if _PAD.fullmatch(one) or _LAD.fullmatch(one)]
        for name in below:
            if name.rpartition(".")[0] not in self._by_name:
                self._flaw(name, FlawKind.GHOST)

    def _compare(self, channels: tuple[Channel, ...]) -> None:
        """What only shows between channels."""
        self._repeated(((one.number, one.reader) for one in channels), FlawKind.SAME_READER)
        named = ((one.number, lad.name) for one in channels for lad in one.resources)
        self._repeated(named, FlawKind.SAME_NAME)
        for one in channels:
            if one.kind is not None and f"PROTOCOLE{_PROTOCOL_OF[one.kind]}" not in self._by_name:
                self._flaw(f"PROTOCOLE{_PROTOCOL_OF[one.kind]}", FlawKind.MISSING)
            elif one.kind is ChannelKind.PCSC and not self._is_listed(one.number):
                self._flaw(f"CANAL{one.number}", FlawKind.NOT_LISTED)

    def _is_listed(self, number: int) -> bool:
        """Whether PROTOCOLE1 names the channel; a file without a list names all."""
        listed = self._by_name["PROTOCOLE1"]["ListeCanaux"]
        return not listed or str(number) in re.findall(r"\d+", listed)

    def _repeated(self, named: Iterable[tuple[int, str | None]], kind: FlawKind) -> None:
        seen: set[str] = set()
        for number, name in named:
            if name and name.lower() in seen:
                self._flaw(f"CANAL{number}", kind)
            seen.add((name or "").lower())

    def _number(self, name: str, key: str) -> int | None:
        text = self._by_name[name][key]
        if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
            return int(text)
        if text:
            self._flaw(name, FlawKind.BAD_NUMBER)
        return None

    def _flaw(self, name: str, kind: FlawKind) -> None:
        if (flaw := Flaw(name, kind)) not in self._flaws:
            self._flaws.append(flaw)


def _numbers(pattern: re.Pattern[str], names: Iterable[str]) -> Iterator[int]:
    return (int(match[1]) for match in map(pattern.fullmatch, names) if match)


def _below(pattern: re.Pattern[str], names: Iterable[str], *parents: int) -> Iterator[int]:
    """The last number of every section whose first numbers are `parents`."""
    for match in map(pattern.fullmatch, names):
        if match:
            *above, last = map(int, match.groups())
            if above == list(parents):
                yield last
