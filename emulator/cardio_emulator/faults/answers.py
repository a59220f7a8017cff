"""The card answers, but not what it should."""

from dataclasses import dataclass, replace

from cardio.errors import ConfigurationError
from cardio_emulator.faults.rule import Rule, Ruled, When
from cardio_emulator.faults.seam import Ask, Moment, check_range

_MORE_DATA, _EXACT_LE = 0x61, 0x6C
_HEADER = 4
_MAX_STORM = 100_000
_MAX_EXTRA = 0x8000


@dataclass(frozen=True, slots=True)
class WrongStatus(Ruled):
    """`status` (SW1-SW2) is all the answer; the command is carried out if `executed`."""

    at: When
    status: int = 0x6F00
    executed: bool = False

    def __post_init__(self) -> None:
        if not 0x6000 <= self.status <= 0x9FFF:
            raise ConfigurationError(f"status: 0x6000 to 0x9FFF, not {self.status:#x}")

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        if self.executed:
            ask()
        return self.status.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class ShortAnswer(Ruled):
    """The last `missing` bytes of the data are not there; the status word is the right one."""

    at: When
    missing: int = 1

    def __post_init__(self) -> None:
        check_range("missing", self.missing, 1, _MAX_EXTRA)

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        data, status = _split(ask())
        return data[: -self.missing] + status


@dataclass(frozen=True, slots=True)
class ExtraBytes(Ruled):
    """`count` bytes of `value` come between the data and the right status word."""

    at: When
    count: int = 1
    value: int = 0x00

    def __post_init__(self) -> None:
        check_range("count", self.count, 1, _MAX_EXTRA)
        check_range("value", self.value, 0, 0xFF)

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        data, status = _split(ask())
        return data + bytes((self.value,)) * self.count + status


@dataclass(frozen=True, slots=True)
class CorruptedTlv(Ruled):
    """One byte of the data is another: the one at `position`, by the bits of `mask`.

    The default makes the first length of a TLV too large. Data that is shorter stays as it is.
    """

    at: When
    position: int = 1
    mask: int = 0x7F

    def __post_init__(self) -> None:
        check_range("position", self.position, 0, _MAX_EXTRA)
        check_range("mask", self.mask, 1, 0xFF)

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        data, status = _split(ask())
        return flipped(data, self.position, self.mask) + status


@dataclass(frozen=True, slots=True)
class MoreDataStorm:
    """61xx to each of `count` commands from `at` on, GET RESPONSE too; none is carried out.

    `length` is what SW2 announces (0 for 256 or more), `data` what comes with it each time.
    """

    at: When
    count: int = 300
    length: int = 0
    data: bytes = b""

    def __post_init__(self) -> None:
        check_range("count", self.count, 1, _MAX_STORM)
        check_range("length", self.length, 0, 0xFF)

    @property
    def rule(self) -> Rule:
        return _lasting(self.at, self.count)

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        return self.data + bytes((_MORE_DATA, self.length))


@dataclass(frozen=True, slots=True)
class WrongLengthStorm:
    """6Cxx to each of `count` commands from `at` on: always one byte more than was asked for."""

    at: When
    count: int = 300

    def __post_init__(self) -> None:
        check_range("count", self.count, 1, _MAX_STORM)

    @property
    def rule(self) -> Rule:
        return _lasting(self.at, self.count)

    def answer(self, ask: Ask, moment: Moment) -> bytes:  # noqa: ARG002
        asked = moment.command[-1] if len(moment.command) > _HEADER else 0
        return bytes((_EXACT_LE, (asked + 1) & 0xFF))


def flipped(data: bytes, position: int, mask: int) -> bytes:
    """The data with the bits of `mask` turned in one byte, if it is there."""
    changed = bytearray(data)
    if position < len(changed):
        changed[position] ^= mask
    return bytes(changed)


def _lasting(at: When, count: int) -> Rule:
    """From there on, `count` times; a whole rule keeps what it says of both."""
    if not isinstance(at, Rule):
        return Rule(at=at, every=1, times=count)
    return replace(at, every=at.every or 1, times=at.times or count)


def _split(answer: bytes) -> tuple[bytes, bytes]:
    return answer[:-2], answer[-2:]
