"""Every kind of fault: its word, an example, the field cases it stands for, and where it works."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from cardio_emulator.faults.answers import (
    CorruptedTlv,
    ExtraBytes,
    MoreDataStorm,
    ShortAnswer,
    WrongLengthStorm,
    WrongStatus,
)
from cardio_emulator.faults.card_states import (
    BlockedPin,
    CorruptedCertificate,
    ExpiredCertificate,
    TriesLeft,
    UpdateUnderWay,
)
from cardio_emulator.faults.leaving import CutAnswer, Mute, Removed, RemovedAfter, SlowAnswer
from cardio_emulator.faults.resets import AtrAfterReset, GarbageAtr
from cardio_emulator.faults.seam import Fault
from cardio_emulator.faults.strikes import HeldByAnother, ReaderGone, ResetByAnother, ServiceGone


class Where(Enum):
    """On which benches a fault can be shown."""

    IN_PROCESS = "in-process"
    PCSCD = "pcscd"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of fault. `word` names it in files and commands.

    `samples` gives an example that shows at an APDU, counted from 0; one that is not
    `per_apdu` takes no heed of that. `seen` is what a program in process is told, `over_vpcd`
    what it is told through pcscd. `cases` are numbers of `FIELD_CASES`, `remark` what is to be
    said of them.
    """

    word: str
    fault: type[Fault]
    samples: Callable[[int], Fault]
    seen: str
    over_vpcd: str
    cases: tuple[int, ...] = ()
    remark: str = ""
    where: Where = Where.BOTH
    per_apdu: bool = True


_SAME = "the same"
_SUCCESS_OF_NOTHING = "success with no bytes, then the card is gone"

_LEAVING = (
    FaultKind(
        "removed",
        Removed,
        Removed,
        "`CardRemoved`; with `executed` the card did the work before",
        _SUCCESS_OF_NOTHING,
        (3,),
    ),
    FaultKind(
        "mute",
        Mute,
        Mute,
        "`TransmitTimeout` after `seconds`; with `executed` the card did the work",
        "silence, then success with no bytes: the card leaves, for nothing else ends it",
        (5,),
    ),
    FaultKind(
        "slow",
        SlowAnswer,
        lambda at: SlowAnswer(0.25, at, 9600),
        "the right answer after `seconds`, and 12 bit times per byte at `bit_rate`",
        "the same, in real time",
        (5,),
        "a silence that ends by itself",
    ),
    FaultKind(
        "cut",
        CutAnswer,
        CutAnswer,
        "`CardRemoved`: `size` bytes of the answer got out, never the last one",
        "success with those bytes, none where fewer than 2 would get out; `CardRemoved`, unless "
        "they end like a status word",
        (3,),
    ),
)
_FIRST_ANSWERS = (
    FaultKind(
        "status",
        WrongStatus,
        WrongStatus,
        "`status` alone; the command is carried out only with `executed`",
        _SAME,
        (13,),
        "with status 0x6985",
    ),
    FaultKind(
        "atr",
        GarbageAtr,
        lambda _at: GarbageAtr(),
        "this answer to reset: nonsense (`ProtocolMismatch`), another card's, or more than 33 "
        "bytes for a mute card (`CardMute`)",
        "the same; pcscd shows a mute card as present and unpowered",
        (10, 12, 13),
        per_apdu=False,
    ),
)
_MORE_ANSWERS = (
    FaultKind(
        "removed-after",
        RemovedAfter,
        RemovedAfter,
        "the whole answer, then `CardRemoved` for the next command",
        "the same; the removal is noticed at the next look, within 0.4 s",
        (3,),
    ),
    FaultKind(
        "short",
        ShortAnswer,
        ShortAnswer,
        "the data without its last `missing` bytes, and the right status word",
        _SAME,
        remark="a careless card or reader",
    ),
    FaultKind(
        "extra",
        ExtraBytes,
        ExtraBytes,
        "`count` bytes of `value` after the data, then the right status word",
        _SAME,
        remark="a careless card or reader",
    ),
    FaultKind(
        "61xx",
        MoreDataStorm,
        MoreDataStorm,
        "61xx (`length`) with `data` to `count` commands in a row; none is carried out",
        _SAME,
        remark="a card that never ends",
    ),
    FaultKind(
        "6cxx",
        WrongLengthStorm,
        WrongLengthStorm,
        "6Cxx to `count` commands in a row, one byte more than was asked for each time",
        _SAME,
        remark="a card that is never content",
    ),
    FaultKind(
        "tlv",
        CorruptedTlv,
        CorruptedTlv,
        "the byte of the data at `position` changed by `mask`: the first length is too large",
        _SAME,
        (11,),
        "as if read from a corrupt cache",
    ),
    FaultKind(
        "atr-after-reset",
        AtrAfterReset,
        lambda _at: AtrAfterReset(),
        "another answer to reset after `resets` resets of the card in use",
        _SAME,
        (10, 13),
        per_apdu=False,
    ),
)
_STRIKES = (
    FaultKind(
        "reset",
        ResetByAnother,
        ResetByAnother,
        "`CardReset` for every session, this command's included; it never gets to the card",
        "from the next command on: this one is carried out, then a second client resets the card",
        (2, 3, 20),
    ),
    FaultKind(
        "held",
        HeldByAnother,
        HeldByAnother,
        "`SharingViolation`; the command never gets to the card",
        "from the next command on: this one is carried out, then the program waits 0.5 s for a "
        "second client's transaction",
        (2, 17, 19, 20),
    ),
    FaultKind(
        "reader-gone",
        ReaderGone,
        ReaderGone,
        "`ReaderUnavailable` until `plug_reader`",
        "pcscd is started again without the reader, which ends every connection",
        (3, 4),
    ),
    FaultKind(
        "service-gone",
        ServiceGone,
        ServiceGone,
        "`ServiceUnavailable` for every reader until `restart_service`",
        "the bench's pcscd is killed",
        (16,),
    ),
)
_STATES = (
    FaultKind(
        "tries",
        TriesLeft,
        lambda _at: TriesLeft(),
        "a card whose `code` (`pin` or `puk`) has `tries` left; it stays like that",
        _SAME,
        (14,),
        per_apdu=False,
    ),
    FaultKind(
        "blocked",
        BlockedPin,
        lambda _at: BlockedPin(),
        "a card whose `code` is blocked; it stays like that",
        _SAME,
        (14,),
        per_apdu=False,
    ),
    FaultKind(
        "expired",
        ExpiredCertificate,
        lambda _at: ExpiredCertificate(),
        "a card whose certificates were valid from 2015 to 2017",
        _SAME,
        remark="case 23 is of expired issuers, this is the holder's own",
        per_apdu=False,
    ),
    FaultKind(
        "certificate",
        CorruptedCertificate,
        lambda _at: CorruptedCertificate(),
        "a card whose certificates are damaged: `damage` is `structure` or `signature`",
        _SAME,
        (8, 11),
        per_apdu=False,
    ),
    FaultKind(
        "update",
        UpdateUnderWay,
        lambda _at: UpdateUnderWay(),
        "a CPS3 whose EF_ACTUA has `phase` `no-end`, `old-end` or `empty`",
        _SAME,
        (11,),
        per_apdu=False,
    ),
)


def _by_word(*groups: Iterable[FaultKind]) -> Mapping[str, FaultKind]:
    return MappingProxyType({kind.word: kind for group in groups for kind in group})


ALL_FAULTS: Mapping[str, FaultKind] = _by_word(
    _LEAVING, _FIRST_ANSWERS, _MORE_ANSWERS, _STRIKES, _STATES
)
"""Every kind of fault by its word."""
