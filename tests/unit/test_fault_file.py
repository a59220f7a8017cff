"""Faults as people write them, in a bench file or a command."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.errors import ConfigurationError
from cardio_emulator.faults import (
    ALL_FAULTS,
    AtrAfterReset,
    BlockedPin,
    Code,
    CorruptedCertificate,
    Damage,
    ExtraBytes,
    Fault,
    MoreDataStorm,
    Mute,
    Removed,
    ResetByAnother,
    Rule,
    SlowAnswer,
    TriesLeft,
    UpdatePhase,
    UpdateUnderWay,
    WrongStatus,
    read_fault,
)
from cardio_emulator.settings import Settings


def read(values: Mapping[str, object]) -> Fault:
    return read_fault(Settings(values, "a file", {("fault", "at"): 7}, ("fault",)))


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"kind": "removed", "at": 3}, Removed(3)),
        ({"kind": "removed", "every": 2, "executed": True}, Removed(Rule(every=2), True)),
        ({"kind": "mute", "at": 0, "seconds": 2}, Mute(0, 2.0)),
        ({"kind": "slow", "seconds": 0.5}, SlowAnswer(0.5)),
        (
            {"kind": "slow", "seconds": 0, "bit_rate": 9600, "ins": 0xB0},
            SlowAnswer(0.0, Rule(ins=0xB0), 9600),
        ),
        (
            {"kind": "status", "status": 0x6A82, "file": "3F00/D010", "at": 0},
            WrongStatus(Rule(at=0, file=b"\x3f\x00\xd0\x10"), 0x6A82),
        ),
        (
            {"kind": "extra", "probability": 0.5, "times": 3, "reader": "R 00 00"},
            ExtraBytes(Rule(probability=0.5, times=3, reader="R 00 00")),
        ),
        ({"kind": "61xx", "at": 1, "data": "AB CD"}, MoreDataStorm(1, data=b"\xab\xcd")),
        ({"kind": "atr-after-reset", "atr": "3B00"}, AtrAfterReset(b"\x3b\x00")),
        ({"kind": "reset", "at": 4}, ResetByAnother(4)),
        ({"kind": "tries", "tries": 2, "code": "puk"}, TriesLeft(2, Code.PUK)),
        ({"kind": "blocked"}, BlockedPin()),
        ({"kind": "certificate", "damage": "signature"}, CorruptedCertificate(Damage.SIGNATURE)),
        ({"kind": "update", "phase": "old-end"}, UpdateUnderWay(UpdatePhase.OLD_END)),
    ],
)
def test_what_is_written_is_what_is_shown(values: dict[str, object], fault: Fault) -> None:
    assert read(values) == fault


@pytest.mark.parametrize("word", ALL_FAULTS)
def test_every_kind_can_be_written(word: str) -> None:
    kind = ALL_FAULTS[word]
    values: dict[str, object] = {"kind": word, "seconds": 1} if word == "slow" else {"kind": word}
    assert isinstance(read(values | ({"at": 5} if kind.per_apdu else {})), kind.fault)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "'kind' is missing"),
        ({"kind": "lost"}, "'kind' is 'lost'; allowed: removed, mute, slow, "),
        ({"kind": "removed"}, "'at' is missing, or one of every, ins, file, reader, "),
        ({"kind": "removed", "at": -1}, "line 7: fault: 'at' is wrong: at least 0, not -1"),
        ({"kind": "removed", "at": "1"}, "line 7: fault: 'at' must be a whole number"),
        ({"kind": "removed", "at": 1, "probability": 2}, "'probability' is wrong: 0 to 1, not 2"),
        ({"kind": "removed", "at": 1, "file": "D0 1"}, "'file' must be identifiers"),
        ({"kind": "removed", "at": 1, "reader": 2}, "'reader' must be a text"),
        ({"kind": "slow"}, "'seconds' is missing"),
        ({"kind": "slow", "seconds": 1, "bit_rate": 1}, "'bit_rate' is wrong: 300 to "),
        ({"kind": "blocked", "at": 1}, "'at' is unknown; allowed: code, kind"),
        ({"kind": "blocked", "code": "can"}, "'code' is 'can'; allowed: pin, puk"),
        ({"kind": "extra", "at": 1, "value": 256}, "'value' is wrong: 0 to 255, not 256"),
        ({"kind": "tries", "tries": 16}, "'tries' is wrong: 0 to 15, not 16"),
        ({"kind": "tlv", "at": 1, "mask": 0}, "'mask' is wrong: 1 to 255, not 0"),
    ],
)
def test_mistakes_are_told(values: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(values)
    assert said in caught.value.message
    assert caught.value.message.startswith("a file, line ")


VALUES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["D101", "pin", "no-end", "structure", "3B00"])
    | st.lists(st.integers(), max_size=2)
)
KEYS = st.sampled_from([field.name for field in fields(Rule)]) | st.sampled_from(
    ["status", "executed", "seconds", "bit_rate", "size", "atr", "code", "tries", "phase", "x"]
)


@given(word=st.sampled_from([*ALL_FAULTS]), values=st.dictionaries(KEYS, VALUES, max_size=4))
def test_nothing_but_a_told_mistake(word: str, values: dict[str, object]) -> None:
    told, fault = "", None
    try:
        fault = read({"kind": word, **values})
    except ConfigurationError as error:
        told = error.message
    assert told.startswith("a file, line ") or isinstance(fault, ALL_FAULTS[word].fault)
