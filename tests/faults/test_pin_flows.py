"""Every PIN flow on every kind of card, with every fault at every APDU.

The counters on the card are those of an independent model that was told of the commands the card
has carried out; a code goes out once at most; what the program is told is right or a typed error;
and the codes are nowhere in anything that a program could print or keep.
"""

import base64
import json
import logging
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import pytest
from tests.faults.test_flows import FAULTS
from tests.model.dialects import DIALECTS, Ias
from tests.model.reference import Code, ReferenceCard

from cardio.cards.cps.card import CpsCard
from cardio.errors import CardioError, CardReset, PinStateLost, SelectionError, TransportError
from cardio.locale import translator
from cardio.pin.guard import Allow
from cardio.pin.kept import KeptPin
from cardio.pin.memory import WRONG_CODES
from cardio.pin.outcomes import Blocked, Changed, Refused, Verified, WrongPin
from cardio.pin.pin import Pin
from cardio.probe import probe, to_html, to_json
from cardio.trace import Recorder, jsonl
from cardio.trace.explain import explain
from cardio.trace.trace import Exchange
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.faults import Fault, FaultyCard
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

READER = "Lecteur 00 00"
PIN, PUK = b"7391", b"82640517"
WRONG_PIN, WRONG_PUK, NEW_PIN = b"9173", b"46028153", b"3197"
CODES = (PIN, PUK, WRONG_PIN, WRONG_PUK, NEW_PIN)
PROTECTED = {"cps3": "CPS_ACTIVITY_01_PS", "cps4": "CPS_ACTIVITY_01_PS"}
PROTECTED |= {"cps2ter": "CPS2TER_ACTIVITY_01_PS"}

DIALECT = {dialect.kind: dialect for dialect in DIALECTS}
Outcome = object
TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+|\d+\.\d+")
"""Whose digits are anybody's."""


def allowed(card: CpsCard) -> Allow:
    """A CPS2ter does not tell its counter: nothing is sent unless the caller says so."""
    unknown = Allow.UNKNOWN_COUNTER
    return Allow.NOTHING if card.match.kind.value in ("cps3", "cps4") else unknown


def status(card: CpsCard) -> Outcome:
    return card.tries_left()


def verify(card: CpsCard, value: bytes) -> Outcome:
    with Pin.of(value) as pin:
        return card.verify_pin(pin, allow=allowed(card))


def change(card: CpsCard, old: bytes) -> Outcome:
    with Pin.of(old) as pin, Pin.of(NEW_PIN) as new:
        return card.change_pin(pin, new, allow=allowed(card))


def unblock(card: CpsCard, value: bytes) -> Outcome:
    with Pin.of(value) as puk, Pin.of(NEW_PIN) as new:
        return card.unblock_pin(puk, new, allow=allowed(card) | Allow.UNKNOWN_COUNTER)


def verify_and_read(card: CpsCard) -> Outcome:
    outcome = verify(card, PIN)
    return outcome, card.data_object(PROTECTED[card.match.kind.value])


def verify_and_log_out(card: CpsCard) -> Outcome:
    outcome = verify(card, PIN)
    card.log_out()
    return outcome


def read_after_a_reset(card: CpsCard, workstation: Workstation, *, keep: bool) -> Outcome:
    """Another program resets the card between VERIFY and reading: twice."""
    with Pin.of(PIN) as pin:
        outcome = card.verify_pin(pin, allow=allowed(card), keep_for_session=keep)
    for _ in range(2):
        assert isinstance(workstation.manager, EmulatedResourceManager)
        other = workstation.manager.bench.reader(READER).connect()
        other.reset()
        other.close()
        with suppress(CardReset):  # unless it was read before, and is known
            card.data_object(PROTECTED[card.match.kind.value])
        card = workstation.reopen(card)
        content = card.data_object(PROTECTED[card.match.kind.value])
        assert content is None or content.startswith(b"\xee")
    return outcome


@dataclass(frozen=True)
class Flow:
    """What a program does; the most codes it may present; whether the card is blocked before."""

    run: Callable[..., Outcome]
    presents: int = 1
    blocked: bool = False
    right: type | tuple[type, ...] = Verified


FLOWS = {
    "status": Flow(status, presents=0, right=(int, type(None))),
    "verify": Flow(partial(verify, value=PIN)),
    "verify a wrong PIN": Flow(partial(verify, value=WRONG_PIN), right=WrongPin),
    "verify when blocked": Flow(partial(verify, value=PIN), 0, blocked=True, right=Blocked),
    "change": Flow(partial(change, old=PIN), right=Changed),
    "change, the old PIN wrong": Flow(partial(change, old=WRONG_PIN), right=WrongPin),
    "unblock": Flow(partial(unblock, value=PUK), blocked=True, right=Changed),
    "unblock, the PUK wrong": Flow(partial(unblock, value=WRONG_PUK), blocked=True, right=WrongPin),
    "verify and read": Flow(verify_and_read),
    "log out": Flow(verify_and_log_out),
}
RESETS = {
    "lost": Flow(partial(read_after_a_reset, keep=False), right=PinStateLost),
    "kept": Flow(partial(read_after_a_reset, keep=True), presents=3),
}


@dataclass
class Watched:
    """Below the faults: sees what the card has really carried out, and tells the model."""

    card: Card
    dialect: Ias
    model: ReferenceCard
    presented: int = 0

    @property
    def atr(self) -> bytes:
        return self.card.atr

    @property
    def serial(self) -> str:
        return self.card.serial

    def reset(self) -> None:
        self.card.reset()
        self.model.power_on()

    def transmit(self, command: bytes) -> bytes:
        self.presented += self.dialect.follow(self.model, command)
        return self.card.transmit(command)


def prepared(dialect: Ias, *, blocked: bool) -> Watched:
    """A card with codes that are found nowhere by chance, and its model."""
    card = make(dialect.kind)
    card.pins[1].value, card.pins[2].value = PIN, PUK
    puk = Code(PUK, most=10, uses=dialect.puk_uses)
    watched = Watched(card, dialect, ReferenceCard(Code(PIN, most=3), puk, b"", b"", b""))
    if blocked:
        watched.reset()
        dialect.power_on(watched.transmit)
        for _ in range(3):
            dialect.verify(watched.transmit, b"0000")
        watched.presented = 0
    return watched


@dataclass
class Run:
    """One flow, done: what the program was told, and all it could print or keep."""

    told: Outcome | CardioError
    exchanges: int
    texts: list[str] = field(default_factory=list[str])
    kept: list[object] = field(default_factory=list[object])


def run(flow: Flow, watched: VirtualCard, log: pytest.LogCaptureFixture, *faults: Fault) -> Run:
    WRONG_CODES._wrong.clear()
    faulty, recorder, bench = FaultyCard(watched, *faults), Recorder(), Bench()
    bench.plug(READER, faulty)
    kept: list[object] = []
    log.clear()
    with Workstation(EmulatedResourceManager(bench), recorder=recorder) as workstation:
        try:
            card = workstation.cps()
            kept.append(card)
            told = flow.run(card, workstation) if flow in RESETS.values() else flow.run(card)
        except CardioError as error:
            told = error
        done = Run(told, faulty.count, list(_texts(told, recorder, log)), kept)
        _search(done)
        return done


def _texts(told: object, recorder: Recorder, log: pytest.LogCaptureFixture) -> Iterator[str]:
    """Everything readable; times are left out, their digits are anybody's."""
    yield repr(told)
    yield str(told)
    if isinstance(told, BaseException):
        yield "".join(traceback.format_exception(told))
        yield from (repr(error.__dict__) for error in _chain(told))
    yield from (f"{record.getMessage()} {record.args!r}" for record in log.records)
    for exchange in recorder.trace.exchanges:
        timeless = Exchange(exchange.connection, exchange.command, exchange.answer)
        yield from (repr(timeless), jsonl.encode_entry(timeless))
        yield from (explain(timeless), explain(timeless, "fr"))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


def forms(code: bytes) -> Iterator[str]:
    """The code in every encoding that cards, traces and programs use, in small letters."""
    digits = code.decode()
    swapped = "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))
    yield digits
    yield swapped
    yield from (code.hex(), code.hex(" "), code.hex(":"))
    yield " ".join(digits[at : at + 2] for at in range(0, len(digits), 2))
    yield ", ".join(map(str, code))
    yield ", ".join(map(hex, code))
    yield ", ".join(digits)
    yield base64.b64encode(code).decode().rstrip("=").lower()


FORMS = tuple(form for code in CODES for form in forms(code))
PACKED = tuple(bytes.fromhex(code.decode()) for code in CODES)


def _search(done: Run) -> None:
    text = "\n".join(done.texts).lower()
    found = [form for form in FORMS if form in text]
    assert not found, f"a code, as {found}, is in:\n{text}"
    for held in _reachable([*done.kept, done.told]):
        is_kept = held.rstrip(b"\xff") in PACKED or any(code in held for code in CODES)
        assert not is_kept, f"a code is kept: {held!r}"


def _reachable(roots: Iterable[object]) -> Iterator[bytes]:
    """All bytes and text that core objects hold, however deep, but for a PIN that is to be kept.

    The emulated card's own are not followed.
    """
    waiting, seen = list(roots), set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, KeptPin):
            continue
        seen.add(id(one))
        if isinstance(one, bytes | bytearray):
            yield bytes(one)
        elif isinstance(one, str):
            yield one.encode("utf-8", "replace")
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            waiting += one
        elif type(one).__module__.startswith(("cardio.", "builtins", __name__)):
            waiting += _attributes(one)


def _attributes(one: object) -> list[object]:
    slots = [slot for kind in type(one).__mro__ for slot in getattr(kind, "__slots__", ())]
    return [*getattr(one, "__dict__", {}).values(), *(getattr(one, slot, None) for slot in slots)]


def right(name: str, kind: str) -> type | tuple[type, ...]:
    """A kept PIN is presented under all rules: never to a card that does not tell its counter."""
    if name == "kept" and not DIALECT[kind].tells_tries:
        return PinStateLost
    return (FLOWS | RESETS)[name].right


@pytest.mark.parametrize("kind", DIALECT)
@pytest.mark.parametrize("name", [*FLOWS, *RESETS])
def test_every_fault_at_every_apdu(name: str, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    flow = (FLOWS | RESETS)[name]
    sound = _checked(flow, kind, "none", 0, caplog)
    outcome = sound.told[0] if isinstance(sound.told, tuple) else sound.told
    assert isinstance(outcome, right(name, kind)), outcome
    for fault in FAULTS:
        for at in range(sound.exchanges):
            _checked(flow, kind, fault, at, caplog, FAULTS[fault](at))


def _checked(
    flow: Flow, kind: str, fault: str, at: int, log: pytest.LogCaptureFixture, *faults: Fault
) -> Run:
    watched = prepared(DIALECT[kind], blocked=flow.blocked)
    done = run(flow, watched, log, *faults)
    place = f"{fault} at APDU {at}: {done.told!r}"
    for reference, code in ((1, watched.model.pin), (2, watched.model.puk)):
        state = watched.card.pins[reference]
        assert (state.tries_left, state.usage_left) == (code.left, code.uses), place
        assert state.value == code.value, place
    assert watched.presented <= most_presented(flow, watched.dialect), place
    _check_told(done.told, watched.model, fault, place)
    return done


def most_presented(flow: Flow, dialect: Ias) -> int:
    """A card that does not tell its counter may be blocked and still be asked."""
    return flow.presents or int(flow.blocked and not dialect.tells_tries)


def _check_told(told: object, model: ReferenceCard, fault: str, place: str) -> None:
    """A lie of the card (9000 for nothing done) is believed; else what is said is so."""
    if isinstance(told, tuple):
        told = told[0]
    if fault.startswith(("removed", "cut", "mute")):
        cause = told.__cause__ if isinstance(told, SelectionError) else told
        assert isinstance(cause, TransportError) or told == WrongPin(None), place
        return
    is_lie = fault.startswith("9000")
    match told:
        case CardioError() | Refused():
            pass
        case Verified():
            assert model.pin.left == 3 or is_lie, place
        case Changed():
            assert model.pin.value == NEW_PIN or is_lie, place
        case WrongPin(tries_left=left, secret=secret):
            code = model.pin if secret.value == "pin" else model.puk
            assert left in (None, code.left), place
        case Blocked():
            assert model.pin.is_blocked, place
        case _:
            assert told in (None, model.pin.left), place


@pytest.mark.parametrize("kind", DIALECT)
def test_the_search_finds_a_code_that_is_kept(kind: str) -> None:
    class Careless(CardioError):
        pass

    error = Careless(f"wrong PIN {PIN.decode()}")
    done = Run(error, 0, [repr(error)])
    with pytest.raises(AssertionError, match="is in"):
        _search(done)
    keeper = CardioError("fine")
    keeper.__dict__["last"] = [{"sent": b"\x00\x20\x00\x01\x04" + PIN}]
    with pytest.raises(AssertionError, match="is kept"):
        _search(Run(keeper, 0))


@pytest.mark.parametrize("kind", DIALECT)
def test_no_code_is_in_a_report(kind: str) -> None:
    bench = Bench()
    bench.plug(READER, prepared(DIALECT[kind], blocked=False))
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        card = workstation.cps()
        assert verify(card, PIN) == Verified()
        report = probe("bench", opener=lambda _: Workstation(EmulatedResourceManager(bench)))
        texts = [json.dumps(to_json(report, translator(lang))) for lang in ("fr", "en")]
        texts += [to_html(report, translator("fr")), repr(report)]
    _search(Run(None, 0, [TIMES.sub("", text) for text in texts], [report]))
