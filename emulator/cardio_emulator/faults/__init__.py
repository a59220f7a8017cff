"""Faults of cards, readers and services, as data.

    FaultyCard(card, Removed(at=7))                               # the eighth APDU
    FaultyCard(card, WrongStatus(Rule(ins=0xA4, file=SERIAL_FILE), 0x6A82))
    FaultyCard(card, TriesLeft(1), SlowAnswer(0.02))              # several at once

A fault has a `Rule` that says when, and an effect. `ALL_FAULTS` lists every kind.
"""

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
    Code,
    CorruptedCertificate,
    Damage,
    ExpiredCertificate,
    TriesLeft,
    UpdatePhase,
    UpdateUnderWay,
)
from cardio_emulator.faults.catalogue import ALL_FAULTS, FaultKind, Where
from cardio_emulator.faults.fault_file import read_fault
from cardio_emulator.faults.faulty_card import FaultyCard, fits
from cardio_emulator.faults.field_cases import FIELD_CASES
from cardio_emulator.faults.leaving import (
    MAX_SECONDS,
    CutAnswer,
    Mute,
    Removed,
    RemovedAfter,
    SlowAnswer,
)
from cardio_emulator.faults.resets import AtrAfterReset, GarbageAtr
from cardio_emulator.faults.rule import Rule, Ruled, When
from cardio_emulator.faults.seam import (
    Ask,
    AtrFault,
    ExchangeFault,
    Fault,
    Moment,
    StateFault,
    Strike,
    Struck,
    TornOut,
)
from cardio_emulator.faults.strikes import HeldByAnother, ReaderGone, ResetByAnother, ServiceGone

__all__ = [
    "ALL_FAULTS",
    "FIELD_CASES",
    "MAX_SECONDS",
    "Ask",
    "AtrAfterReset",
    "AtrFault",
    "BlockedPin",
    "Code",
    "CorruptedCertificate",
    "CorruptedTlv",
    "CutAnswer",
    "Damage",
    "ExchangeFault",
    "ExpiredCertificate",
    "ExtraBytes",
    "Fault",
    "FaultKind",
    "FaultyCard",
    "GarbageAtr",
    "HeldByAnother",
    "Moment",
    "MoreDataStorm",
    "Mute",
    "ReaderGone",
    "Removed",
    "RemovedAfter",
    "ResetByAnother",
    "Rule",
    "Ruled",
    "ServiceGone",
    "ShortAnswer",
    "SlowAnswer",
    "StateFault",
    "Strike",
    "Struck",
    "TornOut",
    "TriesLeft",
    "UpdatePhase",
    "UpdateUnderWay",
    "When",
    "Where",
    "WrongLengthStorm",
    "WrongStatus",
    "fits",
    "read_fault",
]
