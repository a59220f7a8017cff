"""PIN pads: every byte of the structures, what readers tell, traces; two foreign witnesses."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from socket import socketpair
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.errors import (
    CommunicationFailed,
    ReplayMismatch,
    TlvError,
    TraceError,
    TransmitTimeout,
    UnsupportedByReader,
)
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import StatusWord
from cardio.trace import Exchange, MaskedBytes, Recorder, jsonl
from cardio.trace.explain import explain
from cardio.trace.redaction import redact_control
from cardio.transport.base import Connection, Disposition, TransmissionProtocol
from cardio.transport.channel import Channel
from cardio.transport.deadline import CutOff, Deadline, HandOver
from cardio.transport.pinpad import (
    FEATURE_REQUEST,
    PAD_CANCELLED,
    PadLanguage,
    PadProperties,
    PinLayout,
    PinPad,
    modify_structure,
    parse_features,
    verify_structure,
)
from cardio.transport.replay import ReplayConnection
from cardio.transport.stack import stack

VERIFY = CommandApdu(0x00, 0x20, 0x00, 0x01)
CHANGE = CommandApdu(0x00, 0x24, 0x00, 0x01)
NEW_ONLY = CommandApdu(0x01, 0x24, 0x01, 0x01)
FOUR = PinLayout(4, 4)
FOUR_TO_EIGHT = PinLayout(4, 8)
FILLED = PinLayout(4, 8, block=8)
BARE = PadProperties()
DISPLAY = PadProperties(columns=16, lines=2, entry_validation=7)
FRENCH = PadLanguage.FRENCH

FEATURES = "0604423300060704423300070A044233000A120442330012"


@pytest.mark.parametrize(
    ("layout", "properties", "expected"),
    [
        # timer timer2 format block length | max min | validation messages | language index
        (FOUR, BARE, "1E1E820400 0404 0200 0C0400 000000 09000000 0020000104FFFFFFFF"),
        (FOUR, DISPLAY, "1E1E820400 0404 02FF 0C0400 000000 09000000 0020000104FFFFFFFF"),
        (FOUR_TO_EIGHT, BARE, "1E1E820000 0804 0200 0C0400 000000 04000000 00200001"),
        (FILLED, BARE, "1E1E820800 0804 0200 0C0400 000000 0D000000 0020000108" + 8 * "FF"),
        # a pad without validation key, whose PINs have 4 to 6 digits
        (
            FOUR_TO_EIGHT,
            PadProperties(entry_validation=5, min_length=4, max_length=6),
            "1E1E820000 0604 0500 0C0400 000000 04000000 00200001",
        ),
        # a pad that takes four digits only makes the one length known
        (
            FOUR_TO_EIGHT,
            PadProperties(min_length=1, max_length=4),
            "1E1E820400 0404 0200 0C0400 000000 09000000 0020000104FFFFFFFF",
        ),
    ],
)
def test_verify_byte_by_byte(layout: PinLayout, properties: PadProperties, expected: str) -> None:
    assert verify_structure(VERIFY, layout, properties, FRENCH) == bytes.fromhex(expected)


@pytest.mark.parametrize(
    ("command", "layout", "properties", "asks_current", "expected"),
    [
        # timer timer2 format block length old new | max min | confirm validation messages | …
        (
            CHANGE,
            FOUR,
            DISPLAY,
            True,
            "1E1E8204000004 0404 030203 0904 000102 000000 0D000000 0024000108" + 8 * "FF",
        ),
        (
            NEW_ONLY,
            FOUR,
            BARE,
            False,
            "1E1E8204000000 0404 010200 0904 010202 000000 09000000 0124010104FFFFFFFF",
        ),
        (
            NEW_ONLY,
            FOUR_TO_EIGHT,
            DISPLAY,
            False,
            "1E1E8200000000 0804 010202 0904 010202 000000 04000000 01240101",
        ),
        (
            CHANGE,
            FILLED,
            BARE,
            True,
            "1E1E8208000008 0804 030200 0904 000102 000000 15000000 0024000110" + 16 * "FF",
        ),
    ],
)
def test_modify_byte_by_byte(
    command: CommandApdu,
    layout: PinLayout,
    properties: PadProperties,
    asks_current: bool,
    expected: str,
) -> None:
    english = PadLanguage.ENGLISH
    made = modify_structure(command, layout, properties, english, asks_current=asks_current)
    assert made == bytes.fromhex(expected)


def test_what_a_pad_cannot_do_is_refused_before_anybody_types() -> None:
    with pytest.raises(UnsupportedByReader, match="length"):
        verify_structure(VERIFY, FOUR, PadProperties(min_length=5, max_length=8), FRENCH)
    with pytest.raises(UnsupportedByReader, match="length"):
        verify_structure(VERIFY, FOUR_TO_EIGHT, PadProperties(max_length=3), FRENCH)
    with pytest.raises(UnsupportedByReader, match="where one PIN ends"):
        modify_structure(CHANGE, FOUR_TO_EIGHT, BARE, FRENCH, asks_current=True)


C_WITNESS = r"""
#include <stdio.h>
#include <string.h>
#include <stdint.h>
#include <wintypes.h>
#include <reader.h>
static void show(const char *name, const unsigned char *p, size_t n) {
    printf("%s ", name);
    for (size_t i = 0; i < n; i++) printf("%02x", p[i]);
    printf("\n");
}
int main(void) {
    unsigned char v[64] = {0}, m[64] = {0};
    PIN_VERIFY_STRUCTURE *pv = (PIN_VERIFY_STRUCTURE *)v;
    PIN_MODIFY_STRUCTURE *pm = (PIN_MODIFY_STRUCTURE *)m;
    unsigned char verify[] = {0x00, 0x20, 0x00, 0x01, 4, 0xff, 0xff, 0xff, 0xff};
    unsigned char change[] = {0x00, 0x24, 0x00, 0x01, 8, 255, 255, 255, 255, 255, 255, 255, 255};
    pv->bTimerOut = pv->bTimerOut2 = 30; pv->bmFormatString = 0x82; pv->bmPINBlockString = 4;
    pv->wPINMaxExtraDigit = 0x0404; pv->bEntryValidationCondition = 2; pv->bNumberMessage = 0xff;
    pv->wLangId = 0x040c; pv->ulDataLength = sizeof verify;
    memcpy(v + sizeof *pv, verify, sizeof verify);
    pm->bTimerOut = pm->bTimerOut2 = 30; pm->bmFormatString = 0x82; pm->bmPINBlockString = 4;
    pm->bInsertionOffsetNew = 4; pm->wPINMaxExtraDigit = 0x0404; pm->bConfirmPIN = 3;
    pm->bEntryValidationCondition = 2; pm->bNumberMessage = 3; pm->wLangId = 0x0409;
    pm->bMsgIndex2 = 1; pm->bMsgIndex3 = 2; pm->ulDataLength = sizeof change;
    memcpy(m + sizeof *pm, change, sizeof change);
    show("verify", v, sizeof *pv + sizeof verify);
    show("modify", m, sizeof *pm + sizeof change);
    printf("request %x\n", CM_IOCTL_GET_FEATURE_REQUEST);
    return 0;
}
"""
READER_H = Path("/usr/include/PCSC/reader.h")


@pytest.mark.skipif(
    not (READER_H.exists() and shutil.which("cc")), reason="no C compiler or pcsc-lite headers"
)
def test_the_header_of_pcsc_lite_lays_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "witness.c").write_text(C_WITNESS)
    program = tmp_path / "witness"
    subprocess.run(
        ["cc", "-I", str(READER_H.parent), "-o", str(program), str(tmp_path / "witness.c")],
        check=True,
    )
    out = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
    told = dict(line.split() for line in out.splitlines())
    assert told["verify"] == verify_structure(VERIFY, FOUR, DISPLAY, FRENCH).hex()
    english = PadLanguage.ENGLISH
    modify = modify_structure(CHANGE, FOUR, DISPLAY, english, asks_current=True)
    assert told["modify"] == modify.hex()
    if os.name == "posix":
        assert int(told["request"], 16) == FEATURE_REQUEST


def test_features_and_properties_as_pyscard_reads_them() -> None:
    part10 = pytest.importorskip("smartcard.pcsc.PCSCPart10")
    raw = bytes.fromhex(FEATURES)
    theirs = {part10.Features[name]: code for name, code in part10.parseFeatureRequest(list(raw))}
    assert parse_features(raw) == theirs
    raw = bytes.fromhex("0102100202010706010407010808034142430A0400000100")
    told = part10.parseTlvProperties(list(raw))
    ours = PadProperties.decode_tlv(raw)
    assert told["PCSCv2_PART10_PROPERTY_wLcdLayout"] == ours.lines << 8 | ours.columns == 0x0210
    assert told["PCSCv2_PART10_PROPERTY_bEntryValidationCondition"] == ours.entry_validation == 7
    assert told["PCSCv2_PART10_PROPERTY_bMinPINSize"] == ours.min_length == 4
    assert told["PCSCv2_PART10_PROPERTY_bMaxPINSize"] == ours.max_length == 8
    assert PadProperties.decode(bytes.fromhex("10020700")) == PadProperties(16, 2, 7)


def test_what_vpcd_0_10_tells() -> None:
    """Facts: pcsc_vpcd.md §2: a property without bearing on PINs."""
    assert PadProperties.decode_tlv(bytes.fromhex("0a0400000100")) == PadProperties()


@pytest.mark.parametrize("raw", ["06044233000607", "0605423300060000"[:12]])
def test_damaged_features(raw: str) -> None:
    with pytest.raises(TlvError):
        parse_features(bytes.fromhex(raw))


@pytest.mark.parametrize("raw", ["06", "060204", "0102100206FF"])
def test_damaged_properties(raw: str) -> None:
    with pytest.raises(TlvError):
        PadProperties.decode_tlv(bytes.fromhex(raw))
    with pytest.raises(TlvError):
        PadProperties.decode(b"\x10\x02\x07")


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for read in (parse_features, PadProperties.decode, PadProperties.decode_tlv):
        with suppress(TlvError):
            read(raw)


class Reader:
    """A connection whose reader answers by a script; keeps what it was sent."""

    reader = "Pad 00 00"
    atr = b"\x3b\x00"
    protocol = TransmissionProtocol.T1

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[int, str]] = []
        self.limits: list[float | None] = []

    def transmit(self, command: bytes) -> bytes:
        return b"\x90\x00"

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:
        self.sent.append((code, data.hex()))
        self.limits.append(limit)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bytes.fromhex(answer)

    def transaction(self) -> nullcontext[None]:
        return nullcontext()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None: ...


class Plain:
    """A connection that knows of no commands to its reader."""

    reader = "Plain 00 00"
    atr = b""
    protocol = TransmissionProtocol.T1

    def transmit(self, command: bytes) -> bytes:
        return b"\x90\x00"

    def transaction(self) -> nullcontext[None]:
        return nullcontext()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None: ...


def test_finding_a_pad_asks_the_reader_and_not_the_card() -> None:
    reader = Reader(FEATURES, "010210020201020601040701080102")
    with pytest.raises(TlvError):
        PinPad.find(reader)
    reader = Reader(FEATURES, "01021002020102")
    pad = PinPad.find(reader)
    assert pad is not None
    assert pad.can_modify
    assert pad.properties == PadProperties(16, 2, 2)
    assert reader.sent == [(FEATURE_REQUEST, ""), (0x42330012, "")]


def test_older_readers_tell_less() -> None:
    pad = PinPad.find(Reader("0604423300060A044233000A", "00000200"))
    assert pad is not None
    assert not pad.can_modify
    assert not pad.properties.has_display
    with pytest.raises(UnsupportedByReader, match="cannot change"):
        pad.modify(NEW_ONLY, FOUR, asks_current=False)
    assert PinPad.find(Reader("060442330006")) is not None


@pytest.mark.parametrize(
    "reader",
    [Reader(UnsupportedByReader("no")), Reader(""), Reader("120442330012")],
    ids=["no control", "no feature", "vpcd 0.10"],
)
def test_a_reader_without_pad(reader: Reader) -> None:
    assert PinPad.find(reader) is None
    assert len(reader.sent) == 1


def test_a_connection_without_reader_commands_has_no_pad() -> None:
    connection: Connection = stack(Plain())
    assert PinPad.find(Channel(connection)) is None
    with pytest.raises(UnsupportedByReader, match="Plain 00 00"):
        Channel(connection).control(FEATURE_REQUEST)


def pad_over(reader: Reader) -> PinPad:
    return PinPad(reader, {6: 1, 7: 2}, BARE)


def test_the_answer_is_the_cards_or_the_pads_own() -> None:
    reader = Reader("63C2", "6401", "6B80", "", "9000")
    pad = pad_over(reader)
    assert pad.verify(VERIFY, FOUR) == StatusWord(0x63C2)
    assert pad.verify(VERIFY, FOUR) == PAD_CANCELLED
    with pytest.raises(UnsupportedByReader, match="form"):
        pad.verify(VERIFY, FOUR)
    with pytest.raises(CommunicationFailed):
        pad.verify(VERIFY, FOUR)
    assert pad.modify(NEW_ONLY, FOUR, asks_current=False).is_success
    assert [code for code, _ in reader.sent] == [1, 1, 1, 1, 2]


def test_a_person_has_more_time_than_a_card() -> None:
    reader = Reader("9000", "9000")
    pad = pad_over(reader)
    pad.verify(VERIFY, FOUR)
    pad.modify(CHANGE, FOUR, asks_current=True)
    assert reader.limits == [90, 210]


@pytest.fixture(params=["cut off", "hand over"])
def deadline(request: pytest.FixtureRequest) -> Iterator[tuple[Deadline, object]]:
    ours, theirs = socketpair()
    release = threading.Event()
    if request.param == "cut off":
        yield CutOff(ours.dup(), 0.1), lambda: ours.recv(1)
    else:
        yield HandOver(0.1), release.wait
    release.set()
    ours.close()
    theirs.close()


def test_a_call_may_have_its_own_limit(deadline: tuple[Deadline, object]) -> None:
    bounded, for_ever = deadline
    assert callable(for_ever)
    pause = threading.Event()
    assert bounded(pause.wait, 0.3, limit=5.0) is False, "longer than the usual limit"
    began = monotonic()
    with pytest.raises(TransmitTimeout, match=r"0\.2 s"):
        bounded(for_ever, limit=0.2)
    assert monotonic() - began >= 0.2
    bounded.close(list)


# Traces ----------------------------------------------------------------------------------------
def traced(reader: Reader) -> tuple[Channel, Recorder]:
    recorder = Recorder()
    return Channel(stack(reader, recorder=recorder)), recorder


def test_pad_commands_are_traced_explained_and_replayed() -> None:
    answers = (FEATURES, "01021002020107", "63C2", "6400", "6401", "6402", "6403", "9000")
    channel, recorder = traced(Reader(*answers))
    use(channel)
    lines = [explain(exchange) for exchange in recorder.trace.exchanges]
    request = f"to the reader: command {FEATURE_REQUEST:08X}, 0 bytes → 24 bytes"
    asked = "PIN pad: VERIFY PIN 1, 4 bytes masked → "
    changing = "PIN pad: CHANGE REFERENCE DATA of PIN 1, 8 bytes masked → "
    assert lines == [
        request,
        "to the reader: command 42330012, 0 bytes → 7 bytes",
        asked + "2 tries left (63C2)",
        asked + "nobody typed in time",
        asked + "cancelled on the pad",
        changing + "the new PIN was typed in two ways",
        changing + "too few or too many digits",
        changing + "OK",
    ]
    french = explain(recorder.trace.exchanges[4], "fr")
    assert french.startswith("clavier du lecteur : VERIFY du code 1")
    read_again = jsonl.decode(jsonl.encode(recorder.trace))
    assert [explain(exchange) for exchange in read_again.exchanges] == lines
    replayed = ReplayConnection(read_again)
    use(Channel(replayed))
    assert replayed.remaining == 0


def use(channel: Channel) -> None:
    pad = PinPad.find(channel)
    assert pad is not None
    for status in (0x63C2, 0x6400, 0x6401):
        assert pad.verify(VERIFY, FOUR).value == status
    for status in (0x6402, 0x6403, 0x9000):
        assert pad.modify(CHANGE, FOUR, asks_current=True).value == status


def test_replaying_something_else() -> None:
    channel, recorder = traced(Reader(UnsupportedByReader("no")))
    assert PinPad.find(channel) is None
    assert PinPad.find(ReplayConnection(recorder.trace)) is None
    with pytest.raises(ReplayMismatch):
        ReplayConnection(recorder.trace).transmit(b"")
    channel.send(VERIFY)
    replayed = ReplayConnection(recorder.trace)
    PinPad.find(replayed)
    with pytest.raises(ReplayMismatch):
        replayed.control(1, bytes(VERIFY.header))


@given(st.binary(max_size=40))
def test_other_data_for_a_reader_are_masked_wholly(raw: bytes) -> None:
    shown = redact_control(raw)
    assert shown.hidden == len(raw) or shown.before[20:21] in b"\x20\x24\x2c"


@given(st.from_regex(r"[0-9]{4,8}", fullmatch=True))
def test_a_pin_in_a_template_would_be_masked(pin: str) -> None:
    """None belongs there; but no caller can put one into a trace."""
    made = verify_structure(VERIFY, PinLayout(len(pin), len(pin)), BARE, FRENCH)
    with_pin = made[: -len(pin)] + pin.encode()
    recorder = Recorder()
    recorder.connection("", b"", 0).record_control(1, with_pin, b"\x90\x00", 0)
    assert pin.encode().hex().upper() not in jsonl.encode(recorder.trace).decode()
    with pytest.raises(TraceError):
        Exchange(0, MaskedBytes(with_pin), MaskedBytes(b"\x90\x00"), control=1)


@pytest.mark.parametrize("code", ["42", "4233000600", "x"])
def test_a_control_code_has_four_bytes(code: str) -> None:
    channel, recorder = traced(Reader("", ""))
    channel.control(FEATURE_REQUEST)
    written = jsonl.encode(recorder.trace).decode()
    assert f'"control":"{FEATURE_REQUEST:08X}"' in written
    with pytest.raises(TraceError):
        jsonl.decode(written.replace(f"{FEATURE_REQUEST:08X}", code).encode())
