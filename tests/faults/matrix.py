"""Every public flow, each on every card it is for, with every fault at every APDU of it.

A `Row` is a flow on a kind of card. Without a fault it tells what is right and how many APDUs it
takes; with one, `run` checks what came of it and says so in an `Outcome`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from tests.faults.matrix_cards import NEW_PIN, PROTECTED, WatchedCard, fresh
from tests.faults.matrix_faults import FAULTS, LEAVING, LIES
from tests.faults.matrix_leaks import LogRecords, check_leaks, texts_of
from tests.model.reference import ReferenceCard

from cardio.cards.cps.card import CpsCard
from cardio.errors import (
    CardChanged,
    CardError,
    CardioError,
    CardMute,
    CardRemoved,
    ConsultationEnded,
    NoCard,
    PinNotVerified,
    ProtocolMismatch,
    ReaderUnavailable,
    SelectionError,
    ServiceUnavailable,
    TransportError,
    UnsupportedByReader,
)
from cardio.pin.memory import WRONG_CODES
from cardio.pin.outcomes import Blocked, Changed, Secret, Verified, WrongPin
from cardio.trace import Recorder
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.clock import VirtualClock
from cardio_emulator.faults import Fault, FaultyCard, StateFault

READERS = ("Lecteur 00 00", "Lecteur 01 00")
SECONDS = 5.0
"""Most virtual time of a run: the longest silence is 1 s."""
_BETWEEN_COMMANDS = (
    CardChanged,
    CardMute,
    ConsultationEnded,
    NoCard,
    PinNotVerified,
    ProtocolMismatch,
    ReaderUnavailable,
    ServiceUnavailable,
    UnsupportedByReader,
)
"""Errors that need not come of a command to the card."""
STORM = 310
"""APDUs that a storm of 61xx or 6Cxx may cost at most."""


@dataclass(frozen=True)
class Told:
    """What a flow was told: facts, None or less of them where some are missing; and what it said
    of its own accord about what is wrong.
    """

    facts: tuple[object, ...]
    said: tuple[object, ...] = ()


Ended = Told | CardioError


@dataclass(frozen=True)
class Flow:
    """What a program does. `presents` is how many codes may get to the card at most.

    `again` is what it does afterwards to see that the card still works; without one, the same.
    `beside` is the kind of the sound card in a second reader, if it needs one. `blocked` has the
    PIN blocked before; with `keeps` one is there to be given anew. `believes` are faults that
    nothing in what it reads contradicts. What is `searched` for codes has no random bytes.
    What is `is_watched` has a thread that sees cards, readers and the service leave. Among
    the last `on_pad` APDUs are those that the reader sends, which are none of ours.
    """

    run: Callable[["Desk"], Told]
    presents: int = 0
    again: Callable[["Desk"], Told] | None = None
    beside: str | None = None
    blocked: bool = False
    keeps: bool = False
    believes: frozenset[str] = frozenset()
    searched: bool = False
    is_watched: bool = False
    on_pad: int = 0


@dataclass(frozen=True)
class Row:
    """A flow on one kind of card: a line of the matrix."""

    name: str
    kind: str
    flow: Flow = field(compare=False)

    def __str__(self) -> str:
        return f"{self.name}, {self.kind}"


class Desk:
    """The readers, the card with the faults in the first one, and a program that uses them."""

    def __init__(self, row: Row, card: WatchedCard, *faults: Fault) -> None:
        self.row, self.card = row, card
        self.clock = VirtualClock()
        self.faulty = FaultyCard(card, *faults, clock=self.clock)
        self.bench = Bench(READERS, clock=self.clock)
        self.bench.insert(READERS[0], self.faulty)
        if row.flow.beside:
            beside = fresh(row.flow.beside)
            assert beside
            self.bench.insert(READERS[1], beside)
        self.recorder = Recorder()
        self.workstation = self.open()
        self.used: list[CpsCard] = []

    def open(self) -> Workstation:
        return Workstation(EmulatedResourceManager(self.bench), recorder=self.recorder)

    def cps(self) -> CpsCard:
        """The CPS, which `check_session` will look at."""
        self.used.append(self.workstation.cps())
        return self.used[-1]

    def mend(self) -> None:
        """No more faults, and all in its place again; old connections stay dead."""
        self.faulty.show()
        if not self.bench.service_runs:
            self.bench.restart_service()
        self.bench.plug_reader(READERS[0])
        if not self.bench.reader(READERS[0]).state.has_card:
            self.bench.insert(READERS[0], self.faulty)

    def close_card(self) -> None:
        """Take the card out and put it in again if somebody has opened it, or its reset failed."""
        model = self.card.model
        is_open = model and (model.pin.is_verified or model.puk.is_verified)
        if is_open or self.bench.reader(READERS[0]).state.atr != self.card.atr:
            self.bench.swap(READERS[0], self.faulty)


@dataclass(frozen=True)
class Outcome:
    """How a run ended: RIGHT, SAID, NOT_FITTING, or the name of the error's class."""

    word: str


RIGHT = Outcome("right")
SAID = Outcome("degraded, and said")
BELIEVED = Outcome("a lie, believed")
NOT_FITTING = Outcome("does not fit")


@dataclass(frozen=True)
class Sound:
    """A run without a fault."""

    told: Told
    again: Ended
    apdus: int


@cache
def sound(row: Row) -> Sound:
    """What is right, and how many APDUs it takes."""
    told, again, desk = _go(row, None)
    assert isinstance(told, Told), f"the flow fails without a fault: {told!r}"
    return Sound(told, again, desk.faulty.count)


def run(row: Row, fault: str, at: int) -> Outcome:
    """The flow with this fault at this APDU, all of it checked."""
    right = sound(row)
    try:
        return _outcome(row, fault, at, right)
    except AssertionError as error:
        error.add_note(f"{row}: {fault} at APDU {at} of {right.apdus}")
        raise


def _outcome(row: Row, fault: str, at: int, right: Sound) -> Outcome:
    made = FAULTS[fault].make(at)
    if fresh(row.kind, made) is None:
        return NOT_FITTING
    told, again, desk = _go(row, made, lies=fault in LIES)
    assert desk.clock.now() <= SECONDS, "too long"
    assert desk.faulty.count <= 3 * right.apdus + STORM, "too many commands"
    if not isinstance(made, StateFault):
        assert again == right.again, f"the card is no longer usable: {again}"
    if isinstance(told, CardioError):
        _check_error(fault, told, is_ours=at < right.apdus - row.flow.on_pad)
        return Outcome(_class_of(told, row.flow).__name__)
    if told.facts == right.told.facts:
        return RIGHT
    assert fault not in LEAVING or row.flow.beside, f"no answer, and no error: {told}"
    if set(told.said) - set(right.told.said):
        return SAID
    assert fault in LIES | row.flow.believes, f"wrong, and does not say so: {told}"
    return BELIEVED


def _go(row: Row, fault: Fault | None, *, lies: bool = False) -> tuple[Ended, Ended, Desk]:
    """One run and all that follows: counters, session, leaks, and the card's use afterwards."""
    WRONG_CODES.forget_all()
    card = fresh(row.kind, *([fault] if fault else []), blocked=row.flow.blocked)
    assert card
    shown = [fault] if fault and not isinstance(fault, StateFault) else []
    desk = Desk(row, card, *shown)
    with desk.workstation, LogRecords() as log:
        told = _attempt(desk, row.flow.run)
        apdus = desk.faulty.count
        card.check_counters()
        if isinstance(told, Told) and card.model:
            _check_outcomes(told, card, card.model, is_lie=lies)
        assert card.presented <= _most_presented(row, card), f"presented {card.presented}"
        if row.flow.searched:
            check_leaks(texts_of(told, desk.recorder, log.records), [*desk.used, told])
        desk.mend()
        _check_session(desk)
    WRONG_CODES.forget_all()
    desk.close_card()
    with desk.open() as desk.workstation:
        after = _attempt(desk, row.flow.again or row.flow.run)
    card.check_counters()
    desk.faulty.count = apdus
    return told, after, desk


def _attempt(desk: Desk, run: Callable[[Desk], Told]) -> Ended:
    try:
        return run(desk)
    except CardioError as error:
        return error


def _most_presented(row: Row, card: WatchedCard) -> int:
    """A card that does not tell its counter may be blocked and still be asked."""
    return row.flow.presents or int(row.flow.blocked and not card.tells_tries)


def _class_of(error: CardioError, flow: Flow) -> type[CardioError]:
    """A card that leaves a consultation is noticed by the flow or, before it, by the watch."""
    gone = isinstance(error, CardRemoved | NoCard | ReaderUnavailable | ServiceUnavailable)
    return ConsultationEnded if flow.is_watched and gone else type(error)


def _check_outcomes(told: Told, card: WatchedCard, model: ReferenceCard, *, is_lie: bool) -> None:
    """What is said of a PIN is so; that 9000 is said for nothing done is believed."""
    for fact in told.facts:
        match fact:
            case Verified():
                assert card.was_open or is_lie, fact
            case Changed():
                assert model.pin.value == NEW_PIN or is_lie, fact
            case WrongPin(tries_left=left, secret=secret):
                code = model.pin if secret is Secret.PIN else model.puk
                assert left in (None, code.left), fact
            case Blocked(secret=secret):
                assert (model.pin if secret is Secret.PIN else model.puk).is_blocked, fact
            case _:
                pass


def _check_error(fault: str, error: CardioError, *, is_ours: bool) -> None:
    cause = error.__cause__ if isinstance(error, SelectionError) and error.__cause__ else error
    if fault in LEAVING:
        assert isinstance(cause, TransportError), f"{error!r} of {cause!r}"
    if isinstance(cause, TransportError | CardError):
        of_all = isinstance(cause, ConsultationEnded | ServiceUnavailable)
        assert of_all or cause.where.reader == READERS[0], f"which reader? {cause!r}"
        between = fault == "removed-after" or isinstance(cause, _BETWEEN_COMMANDS) or not is_ours
        assert between or cause.where.apdu_index is not None, f"which APDU? {cause!r}"


def _check_session(desk: Desk) -> None:
    """No card says that it is open when it is not, and none is opened behind our back."""
    card = desk.card
    for used in desk.used:
        if not used.has_pin or card.model is None:
            continue
        presented, count = card.presented, desk.faulty.count
        try:
            content = used.data_object(PROTECTED[card.kind])
        except CardioError:
            continue
        if content is not None and desk.faulty.count > count:
            assert card.model.pin.is_verified, "read from behind a PIN that is not verified"
        asked = presented + desk.row.flow.keeps
        assert card.presented <= asked, "a PIN was presented that nobody asked for"
