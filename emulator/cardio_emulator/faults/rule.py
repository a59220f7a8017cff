"""When a fault shows."""

from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from cardio.errors import ConfigurationError
from cardio_emulator.faults.selection import Selection

_INS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which APDUs a fault shows on; every one where nothing is said.

    `ins`, `file` and `reader` choose: an instruction byte; the file that is current in the card,
    from the command that chooses it (SELECT, or READ BINARY with a short identifier that the
    card's image tells) to the next one, by its identifier, the end of its path or the name of its
    application; the PC/SC name of the reader. `at` is the one it shows on of those
    they chose, from 0, or the first one with `every`, which is for each n-th after it.
    `probability` decides on each by the seed of the card, `times` is how often at most.
    """

    at: int | None = None
    every: int | None = None
    ins: int | None = None
    file: bytes | None = None
    reader: str | None = None
    probability: float = 1.0
    times: int | None = None

    def __post_init__(self) -> None:
        for name, lowest in (("at", 0), ("every", 1), ("times", 1)):
            value = getattr(self, name)
            if value is not None and value < lowest:
                raise ConfigurationError(f"{name}: at least {lowest}, not {value}")
        if not 0 <= self.probability <= 1:
            raise ConfigurationError(f"probability: 0 to 1, not {self.probability:g}")
        if self.ins is not None and not 0 <= self.ins <= 0xFF:
            raise ConfigurationError(f"ins: 0x00 to 0xFF, not {self.ins:#x}")
        if self.file is not None and len(self.file) < 2:
            raise ConfigurationError("file: an identifier has 2 bytes, a name 5 to 16")

    def chooses(self, command: bytes, selection: Selection, reader: str) -> bool:
        """Whether this APDU is one of those that count."""
        return (
            (self.ins is None or command[_INS : _INS + 1] == bytes((self.ins,)))
            and (self.file is None or selection.is_of(self.file))
            and self.reader in (None, reader)
        )

    def shows_on(self, index: int) -> bool:
        """Whether it is the turn of this one, of those that count."""
        if self.every is None:
            return self.at in (None, index)
        return index >= (self.at or 0) and (index - (self.at or 0)) % self.every == 0


When: TypeAlias = int | Rule | None
"""The index of an APDU, or a whole rule; None for every APDU."""


class Ruled:
    """What has an `at`, which is a `When`."""

    __slots__ = ()
    at: When

    @property
    def rule(self) -> Rule:
        return rule_of(self.at)


def rule_of(when: When) -> Rule:
    """The rule it stands for. Raises `ConfigurationError` for a negative index."""
    return when if isinstance(when, Rule) else Rule(at=when)


class Turns:
    """One rule at work on one card: what it has counted so far."""

    def __init__(self, rule: Rule, random: Random) -> None:
        self._rule, self._random = rule, random
        self._counted = 0
        self._shown = 0

    def take(self, command: bytes, selection: Selection, reader: str) -> bool:
        """Whether the fault shows on this APDU, which is counted."""
        rule = self._rule
        if not rule.chooses(command, selection, reader):
            return False
        index, self._counted = self._counted, self._counted + 1
        if not rule.shows_on(index) or self._shown == rule.times:
            return False
        if rule.probability < 1 and self._random.random() >= rule.probability:
            return False
        self._shown += 1
        return True
