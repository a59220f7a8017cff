"""What a trace shows and hides of each kind of command and answer."""

import pytest

from cardio.errors import TraceError
from cardio.trace import Exchange, MaskedBytes
from cardio.trace.redaction import Redactor, redact_command


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("002000010431323334", "0020000104********"),  # VERIFY
        ("002100010431323334", "0021000104********"),  # VERIFY, odd instruction
        ("002400010831323334 34333231", "0024000108" + "**" * 8),  # CHANGE REFERENCE DATA
        ("002401010434333231", "0024010104********"),
        ("002C02010431313131", "002C020104********"),  # RESET RETRY COUNTER
        ("00200001040000000000", "0020000104********00"),  # with Le
        ("002000010000043132333400 00", "00200001000004********0000"),  # extended length
        ("102000010231 32", "1020000102****"),  # chained
        ("012000010431323334", "0120000104********"),  # channel 1
        ("412000010431323334", "4120000104********"),  # channel 5
        ("0C2000010431323334", "0C20000104********"),  # secure messaging
        ("A02000010431323334", "A020000104********"),  # CPS2ter class
        ("A0D600000431323334", "A0D6000004********"),
        ("80A400000431323334", "80A4000004********"),  # proprietary class, no known meaning
        ("FF82000004DEADBEEF", "FF82000004********"),  # reader command
        ("00DB3FFF0431323334", "00DB3FFF04********"),  # PUT DATA
        ("0082000004DEADBEEF", "0082000004********"),  # EXTERNAL AUTHENTICATE
        ("0086000004DEADBEEF", "0086000004********"),  # GENERAL AUTHENTICATE
        ("00D600000431323334", "00D6000004********"),  # UPDATE BINARY
        ("00D700000431323334", "00D7000004********"),
        ("00F700000431323334", "00F7000004********"),  # no instruction of the standard
        ("0020000104313233", "**" * 8),  # Lc does not fit: not a command
        ("313233", "**" * 3),
        ("31323334", "**" * 4),  # a bare PIN: its class is reserved
        ("3132333408", "**" * 5),
    ],
)
def test_masked_commands(command: str, shown: str) -> None:
    assert str(redact_command(bytes.fromhex(command))) == shown


@pytest.mark.parametrize(
    "command",
    [
        "00A40904043F002F01",
        "01A4040C088025000001FF0100",
        "00B09C00C0",
        "00B2010400",
        "00CB3FFF0A4D087006BF810102A080",
        "00CA5F5200",
        "00C0000027",
        "002241A406840182800102",
        "002A9E9A00",
        "102A808602FFFF",
        "0088000002AABB",
        "0084000008",
        "0070000001",
        "A0A40000023F00",
        "A0C0000007",
        "0020000100",  # state of a PIN: nothing to hide
        "00200001",
    ],
)
def test_shown_commands(command: str) -> None:
    raw = bytes.fromhex(command)
    assert redact_command(raw) == MaskedBytes(raw)


def redact(*exchanges: tuple[str, str], with_answers: bool = True) -> list[tuple[str, str]]:
    redactor = Redactor(with_answers=with_answers)
    pairs = [redactor.redact(bytes.fromhex(c), bytes.fromhex(a)) for c, a in exchanges]
    return [(str(command), str(answer)) for command, answer in pairs]


def test_what_follows_in_a_masked_chain_is_masked() -> None:
    shown = redact(
        ("10200001023132", "9000"),
        ("10A40000023334", "9000"),  # the card should refuse it; the PIN may still be in it
        ("00A40000023536", "9000"),
        ("00A40000023F00", "9000"),
    )
    assert [command for command, _ in shown] == [
        "1020000102****",
        "10A4000002****",
        "00A4000002****",
        "00A40000023F00",
    ]


def test_get_response_does_not_end_a_masked_chain() -> None:
    shown = redact(("10200001023132", "6101"), ("00C0000001", "AA9000"), ("00A40000023334", "9000"))
    assert [command for command, _ in shown] == ["1020000102****", "00C0000001", "00A4000002****"]


def test_a_shown_chain_stays_shown() -> None:
    assert redact(("102A808602FFFF", "9000"), ("002A808602EEEE", "AA9000")) == [
        ("102A808602FFFF", "9000"),
        ("002A808602EEEE", "AA9000"),
    ]


def test_a_card_that_repeats_the_pin_is_masked_too() -> None:
    assert redact(
        ("002000010431323334", "313233349000"),
        ("002000010431323334", "6104"),
        ("00C0000004", "313233349000"),
        ("00C0000004", "313233349000"),
        ("00B0000004", "010203049000"),
    ) == [
        ("0020000104********", "********9000"),
        ("0020000104********", "6104"),
        ("00C0000004", "********9000"),
        ("00C0000004", "********9000"),
        ("00B0000004", "010203049000"),
    ]


def test_answers_can_be_left_out() -> None:
    assert redact(("00B0000004", "010203046282"), ("0084000008", ""), with_answers=False) == [
        ("00B0000004", "********6282"),
        ("0084000008", ""),
    ]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("002000010431323334", "9000"),
        ("0020000104313233**", "9000"),
        ("00200001043132****", "9000"),
        ("0020000104********", "31323334 9000"),
        ("31323334", "9000"),
        ("31******", "9000"),
    ],
)
def test_an_exchange_in_clear_cannot_be_built(command: str, answer: str) -> None:
    with pytest.raises(TraceError) as caught:
        Exchange(0, MaskedBytes.parse(command), MaskedBytes.parse(answer.replace(" ", "")))
    assert "3132" not in str(caught.value)


def test_more_may_be_masked_than_the_rule_wants() -> None:
    exchange = Exchange(0, MaskedBytes.parse("**" * 9), MaskedBytes.parse("******"))
    assert (len(exchange.command), len(exchange.answer)) == (9, 3)


@pytest.mark.parametrize("text", ["3", "3X", "*", "***", "**31**", "é", "31 32", "３１"])
def test_text_that_is_not_masked_bytes(text: str) -> None:
    with pytest.raises(TraceError):
        MaskedBytes.parse(text)


def test_matching() -> None:
    masked = MaskedBytes.parse("0020000104********00")
    assert masked.matches(bytes.fromhex("0020000104 31323334 00"))
    assert not masked.matches(bytes.fromhex("0020000104 31323334"))
    assert not masked.matches(bytes.fromhex("0020000204 31323334 00"))
    assert not masked.matches(bytes.fromhex("0020000104 31323334 01"))
