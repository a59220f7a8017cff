"""A PIN leaves no mark in a trace, its file, its explanation, a repr or an error.

Two ways to look: the PIN is searched for in every form it could take; and all that is produced
is compared with what another PIN of the same length produces, which has to be equal.
"""

import base64
from collections.abc import Iterator
from contextlib import suppress

from hypothesis import assume, example, given
from hypothesis import strategies as st

from cardio.errors import CardioError
from cardio.iso7816 import CommandApdu
from cardio.trace import Exchange, MaskedBytes, Recorder, jsonl
from cardio.trace.explain import explain
from cardio.transport.replay import ReplayConnection

PINS = st.text("0123456789", min_size=4, max_size=8)
PIN_INSTRUCTIONS = (0x20, 0x21, 0x24, 0x25, 0x2C, 0x2D)
OTHER_INSTRUCTIONS = (0x82, 0x86, 0xC2, 0xD0, 0xD6, 0xD7, 0xDA, 0xDB, 0xDC, 0xE2, 0xF7)
CLASSES = (0x00, 0x01, 0x03, 0x0C, 0x10, 0x13, 0x40, 0x4F, 0x50, 0x60, 0x80, 0x8C, 0xA0, 0xBC, 0xFF)


def encodings(pin: str) -> dict[str, bytes]:
    """How cards want a PIN: ASCII, padded, BCD, in an ISO 9564 format 2 block, twice, in TLV."""
    ascii_ = pin.encode()
    digits = pin + "F" * (len(pin) % 2)
    return {
        "ascii": ascii_,
        "padded": ascii_.ljust(8, b"\xff"),
        "zero padded": ascii_.ljust(8, b"\x00"),
        "bcd": bytes.fromhex(digits),
        "iso": bytes.fromhex(f"2{len(pin):X}{pin.ljust(14, 'F')}"),
        "change": ascii_ + ascii_[::-1],
        "tlv": bytes((0x82, len(ascii_))) + ascii_,
    }


def framed(pin: str, framing: "Framing") -> Iterator[tuple[bytes, bytes]]:
    """The commands that carry this PIN, and the card's answers, some of which repeat it."""
    cla, ins, form, extended, le, blocks, echo = framing
    value = encodings(pin)[form]
    command = CommandApdu(cla, ins, 0, 1, value, le, extended)
    answer = (value if echo else b"") + b"\x63\xc2"
    yield command.encode(), answer
    yield CommandApdu(cla, 0xC0, 0, 0, le=len(value)).encode(), answer
    size = -(-len(value) // blocks)
    parts = [value[i : i + size] for i in range(0, len(value), size)]
    for part in parts[:-1]:
        yield CommandApdu(cla & 0x03 | 0x10, ins, 0, 1, part).encode(), b"\x90\x00"
    yield CommandApdu(cla & 0x03, ins, 0, 1, parts[-1]).encode(), b"\x90\x00"
    for part in parts[:-1]:
        yield CommandApdu(0x10, ins, 0, 1, part).encode(), b"\x90\x00"
    yield CommandApdu(0x00, 0xA4, 0, 0, parts[-1]).encode(), b"\x90\x00"
    yield pin.encode(), b"\x6e\x00"
    yield command.encode()[:-1] if not le else command.encode() + b"\x00\x00\x00", b"\x67\x00"


Framing = tuple[int, int, str, bool, int | None, int, bool]
FRAMINGS: st.SearchStrategy[Framing] = st.tuples(
    st.sampled_from(CLASSES),
    st.sampled_from(PIN_INSTRUCTIONS + OTHER_INSTRUCTIONS),
    st.sampled_from(sorted(encodings("0000"))),
    st.booleans(),
    st.sampled_from([None, 1, 256]),
    st.integers(2, 4),
    st.booleans(),
)


def produced(pin: str, framing: Framing) -> str:
    """Everything readable that comes of a session with this PIN, times left out."""
    recorder = Recorder()
    card = recorder.connection("Reader", b"\x3b\x00", 0)
    texts: list[str] = []
    for command, answer in framed(pin, framing):
        card.record(command, answer, 0.0)
        texts += _refusals(command, answer)
        if command != pin.encode():
            texts += _representations(command)
    for kept in recorder.trace.exchanges:
        timeless = Exchange(kept.connection, kept.command, kept.answer)
        texts += [repr(timeless), str(timeless), jsonl.encode_entry(timeless)]
        texts += [explain(timeless), explain(timeless, "fr")]
    return "\n".join(texts)


def _representations(command: bytes) -> Iterator[str]:
    with suppress(CardioError):
        yield repr(CommandApdu.decode(command))


def _refusals(command: bytes, answer: bytes) -> Iterator[str]:
    """What is said where the clear bytes are not taken."""
    line = f'{{"connection":0,"command":"{command.hex()}","answer":"9000","at":0,"seconds":0}}'
    header = '{"cardio-trace":1,"created":"2026-11-22T00:00:00+00:00"}'
    opened = '{"connection":0,"reader":"","atr":"","protocol":"T=0","at":0}'
    recorder = Recorder()
    recorder.connection("Reader", b"", 0).record(b"\x00\x84\x00\x00\x08", b"\x90\x00", 0.0)
    for attempt in (
        lambda: Exchange(0, MaskedBytes(command), MaskedBytes(answer)),
        lambda: jsonl.decode(f"{header}\n{opened}\n{line}".encode()),
        lambda: CommandApdu.decode(command),
        lambda: ReplayConnection(recorder.trace).transmit(command),
    ):
        try:
            attempt()
        except CardioError as error:
            yield f"{error} {error!r} {error.__dict__}"


def forms(secret: bytes) -> Iterator[str]:
    """The ways bytes are usually made readable."""
    yield secret.hex()
    yield secret.hex(" ")
    yield ", ".join(str(byte) for byte in secret)
    yield ", ".join(hex(byte) for byte in secret)
    yield repr(secret)[2:-1].lower()
    yield base64.b64encode(secret).decode().rstrip("=").lower()


@given(PINS, PINS, FRAMINGS)
@example("1234", "9876", (0x00, 0x20, "ascii", False, None, 2, True))
@example("1234", "9876", (0x50, 0x24, "change", True, 256, 3, True))
@example("12345678", "87654321", (0xA0, 0x20, "padded", False, None, 2, False))
def test_a_pin_is_nowhere(pin: str, other: str, framing: Framing) -> None:
    other = (other * 2)[: len(pin)]
    text, control = produced(pin, framing), produced(other, framing)
    assert text == control, "something in the output depends on the PIN"
    assume(not any(form in control.lower() for form in forms(pin.encode())))
    assert not any(form in text.lower() for form in forms(pin.encode()))
    assert pin not in text or pin in control


@given(PINS, st.binary(max_size=30), st.binary(max_size=30))
def test_not_even_in_what_is_no_command(pin: str, before: bytes, after: bytes) -> None:
    """Unless bytes parse as a harmless command, nothing of them is shown."""
    raw = before + pin.encode() + after
    recorder = Recorder()
    recorder.connection("", b"", 0).record(raw, b"\x6f\x00", 0)
    shown = recorder.trace.exchanges[0].command
    try:
        command = CommandApdu.decode(raw)
    except CardioError:
        assert shown == MaskedBytes(b"", len(raw))
    else:
        assert shown.hidden in (0, len(command.data), len(raw))
