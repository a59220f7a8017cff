"""The pytest plugin on readers it did not make: it is asked twice, and does no more than asked.

The readers are a stand-in for real ones: a pcscd and vpcd started outside of the tests, which reach
it as the service of their machine. No physical card was used.
"""

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.rig.plugin_support import ALONE, PLUGIN, page, run

from cardio.rig.pcscd.private import PrivatePcscd
from cardio_emulator.card_os import Card
from cardio_emulator.faults import TornOut
from cardio_emulator.kinds import make
from cardio_emulator.vpcd import attach

pytest_plugins = "pytester"
pytestmark = pytest.mark.pcscd

StartPcscd = Callable[..., PrivatePcscd]

CPS = ("--cardio-reader", "Desk CPS 00 00", "--cardio-card-serial", "09821700")
VITALE = ("--cardio-reader", "desk vitale 00 00", "--cardio-card-serial", "5a059900000349")
IDENTIFIED = ["00A4090C043F00D003", "00B000000C"]
"""What tells a CPS3 and its number."""


class Watched:
    """A card that remembers what it was sent."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.sent: list[str] = []
        self.leaves_with: str | None = None
        self.atr, self.serial = card.atr, card.serial

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command.hex().upper())
        if self.sent[-1] == self.leaves_with:
            raise TornOut
        return self.card.transmit(command)


class RealDesk:
    """Three readers of another service: a CPS, a Vitale, and a card that is nobody's business."""

    def __init__(self, service: PrivatePcscd, stack: ExitStack) -> None:
        self.service = service
        self.cps, self.vitale = Watched(make("cps3")), Watched(make("vitale2"))
        self.private = Watched(make("cps4"))
        self._stack = stack
        self._out: ExitStack | None = None
        for name, card in zip(service.reader_names, self.cards, strict=True):
            self.put(name, card)

    @property
    def cards(self) -> tuple[Watched, Watched, Watched]:
        return self.cps, self.vitale, self.private

    def put(self, reader: str, card: Watched) -> ExitStack:
        """Put the card in and wait until pcscd knows; closing takes it out."""
        inner = ExitStack()
        insertion = inner.enter_context(
            attach(card, "127.0.0.1", self.service.ports[reader], wait=5)
        )
        assert insertion.seen.wait(20)
        self._stack.callback(inner.close)
        if card.card.image.kind == "cps3":
            self._out = inner
        return inner

    def take_the_cps(self) -> None:
        assert self._out
        self._out.close()

    def forget(self) -> None:
        """What was sent so far."""
        for card in self.cards:
            card.sent.clear()


@pytest.fixture
def desk(start_pcscd: StartPcscd, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealDesk]:
    service = start_pcscd(["Desk CPS", "Desk Vitale", "Desk Private"])
    monkeypatch.setenv(ALONE, "1")
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", service.env["PCSCLITE_CSOCK_NAME"])
    with ExitStack() as stack:
        yield RealDesk(service, stack)


def test_the_guide_on_two_cards(desk: RealDesk, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_guide=page("pytest.md"))
    done = run(pytester, *CPS, *VITALE)
    done.assert_outcomes(passed=1, skipped=3)
    done.stdout.fnmatch_lines_random(
        [
            "cardio: real cards in 'Desk CPS 00 00', 'desk vitale 00 00'",
            "SKIPPED*: the card has to be moved: --cardio-robot says by whom",
            "SKIPPED*: sends a PIN to a real card: only with --cardio-pin-tests",
            "SKIPPED*: needs emulated readers, and real ones were asked for",
        ]
    )
    assert not any(sent.startswith("0020000104") for sent in desk.cps.sent)
    assert desk.private.sent == []


def test_with_a_pin_and_a_trace(
    desk: RealDesk, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(test_guide=page("pytest.md"))
    monkeypatch.setenv("CARDIO_PIN", "1234")
    desk.forget()
    done = run(pytester, *CPS, "--cardio-pin-tests", "--cardio-record", "traces", "-k", "pin")
    done.assert_outcomes(passed=1, deselected=3)
    done.stdout.fnmatch_lines(["cardio: they hold all that the real cards told*"])
    assert desk.cps.sent.count("002000010431323334") == 1
    assert desk.cps.card.verified == frozenset()  # the card was reset
    (trace,) = (pytester.path / "traces").iterdir()
    assert "31323334" not in trace.read_text("utf-8")
    assert desk.vitale.sent == desk.private.sent == []


def test_no_pin_in_what_is_told_of_a_failure(
    desk: RealDesk, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(test_guide=page("pytest.md"))
    monkeypatch.setenv("CARDIO_PIN", "1234")
    desk.cps.leaves_with = "002000010431323334"
    done = run(pytester, *CPS, "--cardio-pin-tests", "--junitxml", "told.xml", "-k", "pin")
    done.assert_outcomes(failed=1, deselected=3)
    told = done.stdout.str() + (pytester.path / "told.xml").read_text("utf-8")
    assert "CardRemoved" in told
    for spelling in ("1234", "31323334", "49, 50, 51, 52"):
        assert spelling not in told


def test_another_card_gets_nothing_more(desk: RealDesk, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_guide=page("pytest.md"))
    desk.forget()
    wrong = run(pytester, *CPS[:3], "09821701", "--cardio-pin-tests", "-k", "pin or family")
    wrong.assert_outcomes(errors=2, deselected=2)
    wrong.stdout.fnmatch_lines(["*CardChanged: the card is not the one of --cardio-card-serial*"])
    assert desk.cps.sent == IDENTIFIED * 2
    assert "09821700" not in wrong.stdout.str()


LIMITS = """
import pytest
import cardio
from cardio.errors import ConfigurationError, ReaderUnavailable
from cardio.workstation.workstation import Workstation


def test_no_pin_is_sent_unasked(cardio_workstation, cardio_reader):
    card = cardio_workstation.cps()
    assert card.tries_left() == 3
    with pytest.raises(ConfigurationError, match="mark it needs_pin"):
        card.verify_pin(cardio.Pin.of("1234"))
    with pytest.raises(ConfigurationError, match="mark it needs_pin"):
        cardio_reader.connect().transmit(bytes.fromhex("00D600000155"))


def test_no_pin_is_told_unasked(cardio_pin):
    raise AssertionError


def test_only_these_readers(cardio_workstation, cardio_reader):
    assert [one.name for one in cardio_workstation.readers()] == [cardio_reader.name]
    assert cardio_workstation.manager.wait(cardio_workstation.readers(), 0.05)
    with pytest.raises(ReaderUnavailable, match="not a reader of --cardio-reader"):
        cardio_workstation.manager.connect(cardio_reader.name.replace("CPS", "Private"))


@pytest.mark.card("vitale2")
def test_of_another_card(cardio_workstation):
    raise AssertionError


@pytest.mark.destructive
@pytest.mark.needs_pin
def test_for_good(cardio_reader):
    raise AssertionError


@pytest.mark.hardware
@pytest.mark.card("cps3")
def test_hardware(cardio_reader):
    assert cardio_reader.has_card()
"""


def test_limits_hold(desk: RealDesk, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_limits=LIMITS)
    desk.forget()
    done = run(pytester, *CPS)
    done.assert_outcomes(passed=3, skipped=2, errors=1)
    done.stdout.fnmatch_lines_random(
        [
            "SKIPPED*: wants a vitale2; of real cards there is: cps3",
            "SKIPPED*: may change the card for good: never on a real one",
            "*ConfigurationError: cardio_pin: mark the test needs_pin",
        ]
    )
    assert not [sent for sent in desk.cps.sent if sent[2:4] in ("D6", "24", "2C")]
    assert {sent for sent in desk.cps.sent if sent[2:4] == "20"} <= {"00200001"}
    assert desk.vitale.sent == desk.private.sent == []


def test_the_list_and_what_is_not_there(desk: RealDesk, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_limits=LIMITS)
    listed = run(pytester, "--cardio-list")
    assert listed.ret == 0
    cps, vitale, private = desk.service.reader_names
    assert {
        f"{cps}: cps3  09821700",
        f"{vitale}: vitale2  5A059900000349",
        f"{private}: cps4  09821700",
    } <= set(listed.stdout.lines)
    desk.take_the_cps()
    absent = run(pytester, *CPS, "-k", "hardware", "--cardio-robot", "manual")
    absent.assert_outcomes(errors=1, deselected=5)
    absent.stdout.fnmatch_lines(["*RobotFailed: nobody can be asked: this is no terminal*"])
    empty = run(pytester, *CPS, "-k", "hardware")
    empty.stdout.fnmatch_lines(["*NoCard: no card, and no --cardio-robot to put one in*"])


def test_a_person_moves_the_card(desk: RealDesk, pytester: pytest.Pytester) -> None:
    """Output is captured, and the person sees the questions all the same."""
    pytester.makepyfile(
        test_guide=page("pytest.md"),
        test_swap="""
        import pytest
        import cardio

        def test_another_card_is_put_in(cardio_workstation, cardio_reader):
            card = cardio_workstation.cps()
            cardio_reader.remove()
            cardio_reader.insert()
            with pytest.raises(cardio.CardChanged, match="--cardio-card-serial"):
                cardio_reader.connect()
        """,
    )
    reader = desk.service.reader_names[0]
    other = Watched(make("cps3", "infirmiere"))
    hands = iter((desk.cps, other))
    mine, theirs = pty.openpty()
    program = [sys.executable, "-m", "pytest", *PLUGIN, *CPS, "--cardio-robot", "manual"]
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        [*program, "-k", "put"], stdout=theirs, stderr=theirs, env=env
    ) as running:
        os.close(theirs)
        seen = ""
        for line in lines(mine):
            seen += line
            if line.startswith(">>> Take the card out"):
                desk.take_the_cps()
            elif line.startswith(">>> Put the card into"):
                desk.put(reader, next(hands))
    os.close(mine)
    assert running.returncode == 0, seen
    assert "2 passed" in seen
    assert seen.count(">>>") == 4
    assert other.sent == IDENTIFIED


def lines(descriptor: int) -> Iterator[str]:
    """The lines on a terminal until nobody writes to it any more."""
    text = b""
    while True:
        try:
            text += os.read(descriptor, 4096)
        except OSError:  # its last writer is gone
            return
        *whole, text = text.split(b"\n")
        for line in whole:
            yield line.decode() + "\n"
