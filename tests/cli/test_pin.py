"""`cardio pin`: what is told, what is asked, what is sent, and what it exits with."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import Result
from tests.support.desk import Desk

from cardio.cli.exit_codes import ExitCode
from cardio.locale import translator
from cardio_emulator.kinds import make
from cardio_emulator.pad import EmulatedPad, PadKey

READER = "Reader A 00 00"
PIN, PUK, NEW, WRONG = "1234", "12345678", "4321", "9999"
WITH_COUNTER = ["cps3", "cps4"]
GENERATIONS = [*WITH_COUNTER, "cps2ter"]
CODES = {"CODE": PIN, "OTHER": NEW, "BAD": WRONG, "SHORT": "12", "FREE": PUK}


class Holder:
    """One card in one reader, and the commands on its codes."""

    def __init__(self, desk: Desk, kind: str = "cps3") -> None:
        self.desk = desk
        self.card = make(kind)
        desk.put(READER, self.card)

    def pin(self, *words: str, typed: str = "", lang: str = "en") -> Result:
        return self.desk.run("pin", *words, "--lang", lang, typed=typed, env=CODES)

    def outcome(self, *words: str, typed: str = "") -> dict[str, object]:
        done = self.pin(*words, "--json", typed=typed)
        assert done.stdout, done.output
        return json.loads(done.stdout)

    @property
    def tries_left(self) -> tuple[int | None, int | None]:
        """Of the PIN and of the PUK, as the card tells them."""
        told = self.desk.json("pin", "status", code=None)
        return told["pin"]["tries_left"], told["puk"]["tries_left"]

    def spend(self, count: int) -> None:
        for number in range(count):
            typed = "LAST TRY\n" if number == 2 else ""
            code = f"{9000 + number}"
            done = self.desk.run("pin", "verify", "--pin-env", "X", typed=typed, env={"X": code})
            assert done.exit_code == ExitCode.PIN, done.output


@pytest.fixture
def holder(desk: Desk) -> Holder:
    return Holder(desk)


@contextmanager
def descriptor(*lines: str) -> Iterator[str]:
    """A file descriptor that gives these lines, as an argument."""
    reading, writing = os.pipe()
    os.write(writing, "".join(f"{line}\n" for line in lines).encode())
    os.close(writing)
    try:
        yield str(reading)
    finally:
        os.close(reading)


@pytest.mark.parametrize("kind", WITH_COUNTER)
def test_status_tells_the_tries_left(desk: Desk, kind: str) -> None:
    done = Holder(desk, kind).pin("status", lang="fr")
    assert done.exit_code == 0
    assert done.stdout.startswith("Code porteur : 3 essais restants.")


def test_status_tells_the_puk_too(holder: Holder) -> None:
    assert holder.pin("status").stdout.splitlines() == [
        "PIN: 3 tries left.",
        "PUK: 10 tries left. It can still be used 100 times.",
    ]
    told = holder.desk.json("pin", "status")
    assert told["reader"] == READER
    assert told["pin"]["blocked"] is False
    assert told["puk"]["uses_left"] == 100


@pytest.mark.parametrize("kind", GENERATIONS)
def test_the_right_pin(desk: Desk, kind: str) -> None:
    holder = Holder(desk, kind)
    sure = "I AM SURE\n" if kind == "cps2ter" else ""
    done = holder.pin("verify", "--pin-env", "CODE", typed=sure)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].startswith("PIN: ")
    assert lines[-1] == "The PIN is right."


def test_the_pin_from_a_descriptor(holder: Holder) -> None:
    with descriptor(PIN) as number:
        done = holder.pin("verify", "--pin-fd", number, lang="fr")
    assert done.stdout.splitlines() == [
        "Code porteur : 3 essais restants.",
        "Le code porteur est juste.",
    ]


@pytest.mark.parametrize("kind", WITH_COUNTER)
def test_a_wrong_pin(desk: Desk, kind: str) -> None:
    holder = Holder(desk, kind)
    told = holder.outcome("verify", "--pin-env", "BAD")
    assert told == {"outcome": "wrong", "secret": "pin", "tries_left": 2}
    done = holder.pin("verify", "--pin-env", "CODE", lang="fr")
    assert done.stdout.startswith("Code porteur : 2 essais restants.")
    assert done.exit_code == 0


def test_a_wrong_pin_is_not_sent_again(holder: Holder) -> None:
    assert holder.pin("verify", "--pin-env", "BAD").exit_code == ExitCode.PIN
    told = holder.outcome("verify", "--pin-env", "BAD")
    assert told == {"outcome": "refused", "reason": "known-wrong"}
    assert holder.tries_left == (2, 10)


def test_a_pin_of_the_wrong_shape_is_not_sent(holder: Holder) -> None:
    done = holder.pin("verify", "--pin-env", "SHORT", lang="fr")
    assert done.exit_code == ExitCode.PIN
    assert done.stdout.splitlines()[-1].startswith("Rien n'a été envoyé")
    assert holder.outcome("verify", "--pin-env", "SHORT")["reason"] == "bad-format"
    assert holder.tries_left == (3, 10)


@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "last try\n", "DERNIER ESSAI\n"])
def test_the_last_try_is_kept_unless_the_words_are_typed(holder: Holder, typed: str) -> None:
    holder.spend(2)
    done = holder.pin("verify", "--pin-env", "CODE", typed=typed)
    assert done.exit_code == ExitCode.PIN
    assert done.stdout.startswith("PIN: 1 try left.")
    assert "only its PUK will open it again" in done.stderr
    assert holder.outcome("verify", "--pin-env", "CODE", typed=typed)["reason"] == "last-try"
    assert holder.tries_left == (1, 10)


@pytest.mark.parametrize(("lang", "words"), [("en", "LAST TRY"), ("fr", "DERNIER ESSAI")])
def test_the_last_try_is_used_once_the_words_are_typed(
    holder: Holder, lang: str, words: str
) -> None:
    holder.spend(2)
    done = holder.pin("verify", "--pin-env", "CODE", typed=f"{words}\n", lang=lang)
    assert done.exit_code == 0
    assert holder.tries_left == (3, 10)


def test_a_wrong_last_try_blocks_and_a_blocked_card_is_not_asked(holder: Holder) -> None:
    holder.spend(2)
    told = holder.outcome("verify", "--pin-env", "BAD", typed="LAST TRY\n")
    assert told == {"outcome": "blocked", "secret": "pin", "tries_left": 0}
    assert holder.pin("status").exit_code == ExitCode.PIN
    for command in ("verify", "change"):
        done = holder.pin(command, "--pin-env", "NOT_SET_AND_NOT_READ", lang="fr")
        assert done.exit_code == ExitCode.PIN
        assert "cardio pin unblock" in done.stdout


@pytest.mark.parametrize("kind", WITH_COUNTER)
def test_change(desk: Desk, kind: str) -> None:
    holder = Holder(desk, kind)
    with descriptor(PIN, NEW) as number:
        done = holder.pin("change", "--pin-fd", number, "--new-pin-fd", number)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == ["PIN: 3 tries left.", "The card has its new PIN."]
    assert holder.pin("verify", "--pin-env", "OTHER", typed="I AM SURE\n").exit_code == 0


def test_change_with_a_wrong_pin_or_a_bad_new_one(holder: Holder) -> None:
    bad = holder.outcome("change", "--pin-env", "CODE", "--new-pin-env", "SHORT")
    assert bad == {"outcome": "refused", "reason": "bad-format"}
    assert holder.tries_left == (3, 10)
    wrong = holder.outcome("change", "--pin-env", "BAD", "--new-pin-env", "OTHER")
    assert (wrong["outcome"], wrong["tries_left"]) == ("wrong", 2)


@pytest.mark.parametrize("kind", WITH_COUNTER)
def test_unblock(desk: Desk, kind: str) -> None:
    holder = Holder(desk, kind)
    holder.spend(3)
    sure = "" if holder.tries_left[1] else "I AM SURE\n"
    done = holder.pin("unblock", "--puk-env", "FREE", "--new-pin-env", "OTHER", typed=sure)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("PUK: ")
    assert holder.pin("verify", "--pin-env", "OTHER", typed="I AM SURE\n").exit_code == 0


def test_unblock_with_a_wrong_puk(holder: Holder) -> None:
    with descriptor("87654321", NEW) as number:
        told = holder.outcome("unblock", "--puk-fd", number, "--new-pin-fd", number)
    assert told == {"outcome": "wrong", "secret": "puk", "tries_left": 9}
    assert holder.tries_left == (3, 9)


def test_a_card_without_a_counter_wants_the_words_each_time(desk: Desk) -> None:
    holder = Holder(desk, "cps2ter")
    done = holder.pin("verify", "--pin-env", "CODE", lang="fr")
    assert done.exit_code == ExitCode.PIN
    assert "ne dit pas combien d'essais restent" in done.stdout
    told = holder.outcome("verify", "--pin-env", "CODE")
    assert told == {"outcome": "refused", "reason": "counter-unknown"}


def test_a_card_without_a_pin_says_so(desk: Desk) -> None:
    holder = Holder(desk, "cps3-contactless")
    told = holder.outcome("verify", "--pin-env", "CODE", typed="I AM SURE\n")
    assert told == {"outcome": "refused", "reason": "no-pin"}
    done = holder.pin("change", "--pin-env", "CODE", "--new-pin-env", "OTHER")
    assert (done.exit_code, "has no PIN" in done.stdout) == (ExitCode.PIN, True)
    assert holder.pin("status", lang="fr").stdout == "Cette carte n'a pas de code porteur.\n"
    assert desk.json("pin", "status") == {"reader": READER, "has_pin": False}


@pytest.mark.parametrize(
    "words",
    [
        ("verify", "--pin-env", "NOT_SET"),
        ("verify", "--pin-fd", "999"),
        ("verify", "--pin-fd", "x"),
        ("verify", "--pin-fd", "0", "--pin-env", "CODE"),
        ("verify", "--pin-pad", "--pin-env", "CODE"),
        ("change", "--pin-pad", "--new-pin-env", "OTHER"),
        ("unblock", "--puk-pad"),
        ("verify", "--pin", PIN),
        ("verify", PIN),
        ("status", "--pin-env", "CODE"),
        ("unblock", "--pin-env", "CODE"),
    ],
    ids=" ".join,
)
def test_wrong_usage_sends_nothing(holder: Holder, words: tuple[str, ...]) -> None:
    assert holder.pin(*words).exit_code == ExitCode.USAGE
    assert holder.tries_left == (3, 10)


@pytest.mark.parametrize("command", ["verify", "change", "unblock"])
@pytest.mark.parametrize("words", [("--pin", PIN), (f"--pin={PIN}",), (PIN,), (PIN, NEW)], ids=str)
def test_a_code_given_as_an_argument_is_not_said_again(
    holder: Holder, command: str, words: tuple[str, ...]
) -> None:
    done = holder.pin(command, *words)
    assert done.exit_code == ExitCode.USAGE
    assert not [code for code in (PIN, NEW) if code in done.output]


@pytest.mark.parametrize("option", ["--pin-fd", "--pin-env", "--new-pin-fd", "--new-pin-env"])
@pytest.mark.parametrize("code", [PIN, "0042"])
def test_a_code_given_for_a_place_is_not_said_again(holder: Holder, option: str, code: str) -> None:
    done = holder.pin("change", option, code)
    assert (done.exit_code, code in done.output) == (ExitCode.USAGE, False)


def test_the_card_with_a_serial_is_found_among_several(desk: Desk) -> None:
    desk.put(READER, make("cps3"))
    desk.put("Reader B 01 00", make("cps4", "pharmacien"))
    assert desk.run("pin", "status").exit_code == ExitCode.NO_CARD
    for reader in (READER, "Reader B 01 00"):
        shown = desk.json("cps", "show", "--reader", reader)
        told = desk.json("pin", "status", "--serial", shown["card"]["chip_serial"])
        assert told["reader"] == reader
    assert desk.run("pin", "status", "--serial", "00000000").exit_code == ExitCode.NO_CARD


def test_the_serial_must_be_that_of_the_card_in_the_reader_named(holder: Holder) -> None:
    done = holder.pin("status", "--serial", "00000000", "--reader", READER)
    assert (done.exit_code, "CARD-1214" in done.stderr) == (ExitCode.CARD_ERROR, True)


@pytest.mark.parametrize("form", [(), ("--json",), ("-v",)], ids=str)
def test_no_code_is_ever_shown(desk: Desk, form: tuple[str, ...]) -> None:
    holder = Holder(desk)
    shown = [
        holder.pin("verify", "--pin-env", "BAD", *form),
        holder.pin("verify", "--pin-env", "SHORT", *form),
        holder.pin("change", "--pin-env", "CODE", "--new-pin-env", "OTHER", *form),
        holder.pin("unblock", "--puk-env", "FREE", "--new-pin-env", "CODE", *form),
    ]
    codes = [PIN, NEW, WRONG, PUK]
    codes += [code.encode().hex() for code in codes] + [code.encode().hex(" ") for code in codes]
    for done in shown:
        assert not [code for code in codes if code in done.output.replace(f"{READER}", "")]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_outcome_and_reason_has_its_words(lang: str) -> None:
    from cardio.cli.pin_view import outcome_as_text
    from cardio.pin.outcomes import Blocked, RefusalReason, Refused, Secret, WrongPin

    text = translator(lang)
    for reason in RefusalReason:
        assert outcome_as_text(Refused(reason), text)
    for secret in Secret:
        assert text(f"pin.secret.{secret.value}") in outcome_as_text(WrongPin(None, secret), text)
        assert outcome_as_text(Blocked(secret), text)


@pytest.mark.parametrize("kind", GENERATIONS)
def test_a_pin_typed_on_the_reader(desk: Desk, kind: str) -> None:
    holder = Holder(desk, kind)
    desk.bench.reader(READER).pad = EmulatedPad([PIN, PadKey.CANCEL, PadKey.NOTHING, WRONG])
    sure = "" if kind in WITH_COUNTER else "I AM SURE\n"
    done = holder.pin("verify", "--pin-pad", lang="fr", typed="JE SUIS SÛR\n")
    assert done.exit_code == 0, done.output
    assert "Tapez le code porteur sur le lecteur." in done.stderr
    holder.card.reset()
    for told in ({"reason": "pad-cancelled"}, {"reason": "pad-timeout"}, {"outcome": "wrong"}):
        found = holder.outcome("verify", "--pin-pad", typed=sure)
        assert told.items() <= found.items()


def test_a_pin_changed_on_the_reader(holder: Holder) -> None:
    holder.desk.bench.reader(READER).pad = EmulatedPad([PIN, NEW, NEW])
    done = holder.pin("change", "--pin-pad")
    assert done.exit_code == 0, done.output
    assert "then the new one twice" in done.stderr
    assert holder.pin("verify", "--pin-env", "OTHER").exit_code == 0


@pytest.mark.parametrize("command", ["verify", "change"])
def test_a_reader_without_keys(holder: Holder, command: str) -> None:
    done = holder.pin(command, "--pin-pad")
    assert (done.exit_code, "CARD-1216" in done.stderr) == (ExitCode.CARD_ERROR, True)
    assert holder.tries_left == (3, 10)
