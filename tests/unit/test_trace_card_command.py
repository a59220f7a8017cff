"""Which command of an exchange reached the card."""

import pytest

from cardio.trace import Exchange, MaskedBytes, Recorder

VERIFY = bytes.fromhex("0020000108FFFFFFFFFFFFFFFF")
STRUCTURE = bytes.fromhex("1E1E820408000404020000000000000D000000") + VERIFY
CODE = 0x42330006


def exchanged(data: bytes, answer: bytes) -> Exchange:
    recorder = Recorder()
    recorder.connection("Reader", b"", 0).record_control(CODE, data, answer, 0.0)
    return recorder.trace.exchanges[0]


def test_a_command_to_the_card() -> None:
    command = MaskedBytes(bytes.fromhex("00A40000023F00"))
    assert Exchange(0, command, MaskedBytes(b"\x90\x00")).card_command == command


@pytest.mark.parametrize("answer", ["9000", "63C2", "6983"])
def test_what_a_pin_pad_sent(answer: str) -> None:
    command = exchanged(STRUCTURE, bytes.fromhex(answer)).card_command
    assert str(command) == "0020000108" + "**" * 8


@pytest.mark.parametrize("answer", ["6400", "6401", "6B80", ""])
def test_a_pin_pad_that_sent_nothing(answer: str) -> None:
    assert exchanged(STRUCTURE, bytes.fromhex(answer)).card_command is None


def test_what_is_for_the_reader_alone() -> None:
    assert exchanged(b"", bytes.fromhex("06044233000690 00")).card_command is None
