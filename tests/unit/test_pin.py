"""Pin: hidden, wiped, and where it comes from."""

import copy
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable

import pytest

from cardio.errors import ConfigurationError
from cardio.pin.kept import KeptPin
from cardio.pin.pin import Pin
from cardio.pin.policy import PUK_POLICY, PinPolicy


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        "{}".format,
        "{:>20}".format,
        "%s".__mod__,
        lambda pin: f"{pin!r} {pin:x}",
        lambda pin: repr([pin]),
        lambda pin: repr(KeptPin(pin, b"card")),
        lambda pin: str(ValueError(pin)),
    ],
)
def test_whatever_shows_a_pin_shows_the_same_for_all(show: Callable[[Pin], str]) -> None:
    shown = show(Pin.of("1234"))
    assert "****" in shown
    assert shown == show(Pin.of("98765432"))


def test_a_logged_pin_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("cardio").warning("verifying %s, %r", Pin.of("1234"), Pin.of("1234"))
    assert caplog.messages == ["verifying ****, Pin(****)"]


@pytest.mark.parametrize("leave", [copy.copy, copy.deepcopy, pickle.dumps, hash, vars])
def test_a_pin_is_not_copied_stored_or_taken_apart(leave: Callable[[Pin], object]) -> None:
    with pytest.raises(TypeError) as caught:
        leave(Pin.of("1234"))
    assert "1234" not in str(caught.value)


def test_equal_when_the_digits_are() -> None:
    assert Pin.of("1234") == Pin.of(b"1234") == Pin.of(memoryview(b"1234"))
    assert Pin.of("1234") != Pin.of("1235")
    assert Pin.of("1234") != Pin.of("12345")
    assert Pin.of("1234") != "1234"


def test_the_buffer_is_overwritten_before_it_goes() -> None:
    buffer = bytearray(b"1234")
    view = memoryview(buffer)
    pin = Pin(buffer)
    with pytest.raises(BufferError):  # a view forbids shrinking, the zeros come first
        pin.wipe()
    assert view.tobytes() == bytes(4)
    view.release()


def test_a_context_ends_with_a_wiped_pin_even_by_an_error() -> None:
    pin = Pin.of("1234")
    with pytest.raises(UnicodeDecodeError), pin as inside:
        (inside.reveal() + b"\xff").decode()
    assert pin.reveal() == b""
    pin.wipe()


def test_a_pin_nobody_holds_is_wiped() -> None:
    buffer = bytearray(b"1234")
    Pin(buffer)
    assert buffer == b""


def test_the_caller_keeps_its_own_buffer() -> None:
    buffer = bytearray(b"1234")
    Pin.of(buffer).wipe()
    assert buffer == b"1234"


@pytest.mark.parametrize("text", ["", "12é4", "１２３４", "\ud800123", "12 34", "+123"])
def test_any_text_makes_a_pin_but_none_that_a_card_takes(text: str) -> None:
    assert not PinPolicy().allows(Pin.of(text).reveal())


def test_policy() -> None:
    assert [PinPolicy().allows(b"1" * length) for length in (3, 4, 8, 9)] == [
        False,
        True,
        True,
        False,
    ]
    assert PinPolicy(digits_only=False).allows(b"abcd")
    assert not PinPolicy().allows(b"12a4")
    assert PUK_POLICY.allows(b"12345678")
    assert not PUK_POLICY.allows(b"1234567")


def test_from_a_callback() -> None:
    assert Pin.from_callback(lambda: "1234") == Pin.of("1234")


def test_from_an_environment_variable_the_user_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CABINET_PIN", "4321")
    assert Pin.from_environment("CABINET_PIN") == Pin.of("4321")
    monkeypatch.delenv("CABINET_PIN")
    with pytest.raises(ConfigurationError, match="'CABINET_PIN'"):
        Pin.from_environment("CABINET_PIN")


@pytest.fixture
def pipe() -> Callable[[bytes], int]:
    def filled(content: bytes) -> int:
        out, into = os.pipe()
        os.write(into, content)
        os.close(into)
        return out

    return filled


def test_from_a_descriptor_line_by_line(pipe: Callable[[bytes], int]) -> None:
    descriptor = pipe(b"12345678\r\n4321\n1111")
    lines = [Pin.from_descriptor(descriptor).reveal() for _ in range(4)]
    os.close(descriptor)
    assert lines == [b"12345678", b"4321", b"1111", b""]


def test_a_descriptor_with_no_line_of_a_pin(pipe: Callable[[bytes], int]) -> None:
    descriptor = pipe(b"1" * 100)
    with pytest.raises(ConfigurationError, match="too long") as caught:
        Pin.from_descriptor(descriptor)
    os.close(descriptor)
    assert "11" not in str(caught.value).replace(str(descriptor), "")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Pin.from_descriptor(descriptor)


def test_the_longest_line_is_whole(pipe: Callable[[bytes], int]) -> None:
    descriptor = pipe(b"1" * 64 + b"\n")
    assert len(Pin.from_descriptor(descriptor).reveal()) == 64
    os.close(descriptor)


ASK = """
from cardio.errors import ConfigurationError
from cardio.pin.pin import Pin
try:
    pin = Pin.prompt("Code : ")
    print("\\ngiven", len(pin.reveal()), pin)
except ConfigurationError as error:
    print("\\nrefused", error)
"""


def ask_at_a_terminal(typed: bytes) -> str:
    """What a terminal shows while a program of its own asks and `typed` is typed."""
    child, terminal = pytest.importorskip("pty").fork()
    if not child:
        os.execv(sys.executable, [sys.executable, "-c", ASK])
    shown = b""
    while b"Code : " not in shown:
        shown += os.read(terminal, 1024)
    os.write(terminal, typed)
    while True:
        try:
            more = os.read(terminal, 1024)
        except OSError:  # the terminal of a program that has ended
            break
        if not more:
            break
        shown += more
    os.waitpid(child, 0)
    os.close(terminal)
    return shown.decode()


def test_the_prompt_does_not_show_what_is_typed() -> None:
    shown = ask_at_a_terminal(b"4321\n")
    assert "given 4 ****" in shown
    assert "4321" not in shown


def test_the_end_of_the_input_is_no_pin() -> None:
    assert "given 0 ****" in ask_at_a_terminal(b"\x04")


def test_no_prompt_where_the_pin_would_be_seen() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", ASK],
        input=b"4321\n",
        capture_output=True,
        check=True,
        start_new_session=True,
    )
    assert b"refused there is no terminal" in answer.stdout
    assert b"4321" not in answer.stdout + answer.stderr
