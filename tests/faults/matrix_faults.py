"""Every fault of the matrix: an example of each kind there is, and a few more."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cardio_emulator.faults import (
    ALL_FAULTS,
    CorruptedCertificate,
    CutAnswer,
    Damage,
    Fault,
    GarbageAtr,
    Mute,
    Removed,
    TriesLeft,
    UpdatePhase,
    UpdateUnderWay,
    WrongStatus,
)
from cardio_emulator.faults.card_states import Code


@dataclass(frozen=True, slots=True)
class MatrixFault:
    """`make` gives the fault for an APDU; one that is not `per_apdu` takes no heed of that."""

    make: Callable[[int], Fault]
    per_apdu: bool = True


_MORE: dict[str, MatrixFault] = {
    "removed, work done": MatrixFault(lambda at: Removed(at, executed=True)),
    "mute, work done": MatrixFault(lambda at: Mute(at, executed=True)),
    "status 6982": MatrixFault(lambda at: WrongStatus(at, 0x6982)),
    "status 6985": MatrixFault(lambda at: WrongStatus(at, 0x6985)),
    "status 6100": MatrixFault(lambda at: WrongStatus(at, 0x6100)),
    "status 6C00": MatrixFault(lambda at: WrongStatus(at, 0x6C00)),
    "status 9000": MatrixFault(lambda at: WrongStatus(at, 0x9000)),
    "atr, mute": MatrixFault(lambda _at: GarbageAtr(bytes(34)), per_apdu=False),
    "tries, PUK": MatrixFault(lambda _at: TriesLeft(1, Code.PUK), per_apdu=False),
    "certificate, signature": MatrixFault(
        lambda _at: CorruptedCertificate(Damage.SIGNATURE), per_apdu=False
    ),
    "update, old end": MatrixFault(lambda _at: UpdateUnderWay(UpdatePhase.OLD_END), per_apdu=False),
}

FAULTS: Mapping[str, MatrixFault] = MappingProxyType(
    {word: MatrixFault(kind.samples, kind.per_apdu) for word, kind in ALL_FAULTS.items()} | _MORE
)
"""By the word of `ALL_FAULTS`, with what is special about it where there is more than one."""

LEAVING = frozenset(
    {
        "removed",
        "removed, work done",
        "removed-after",
        "mute",
        "mute, work done",
        "cut",
        "reset",
        "held",
        "reader-gone",
        "service-gone",
        "atr",
        "atr, mute",
    }
)
"""After these no answer comes: whoever needs one is told by a `TransportError`."""

LIES = frozenset({"status 9000", "tlv", "certificate, signature"})
"""What nothing contradicts is believed: another byte within a value, 9000 for nothing done."""

A_FEW: Mapping[str, Callable[[int], Fault]] = MappingProxyType(
    {
        "removed": Removed,
        "removed after the work": lambda at: Removed(at, executed=True),
        "cut answer": lambda at: CutAnswer(at, 3),
        "mute": lambda at: Mute(at, 0.0),
        "6F00": WrongStatus,
        "6982": lambda at: WrongStatus(at, 0x6982),
        "9000 without data": lambda at: WrongStatus(at, 0x9000),
        "6100": lambda at: WrongStatus(at, 0x6100),
        "6C00": lambda at: WrongStatus(at, 0x6C00),
    }
)
"""For tests of what is around a flow of the matrix."""
