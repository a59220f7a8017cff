"""A consultation: one CPS and one Vitale kept together, until the CPS leaves."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Self

from cardio.cards.cps.card import CpsCard
from cardio.cards.identify import identify
from cardio.errors import (
    CardChanged,
    CardioError,
    ConsultationEnded,
    PatientNotConfirmed,
    ReaderUnavailable,
    ServiceUnavailable,
    TransportError,
)
from cardio.transport.monitor import CardRemoved, Event, ReaderRemoved
from cardio.workstation.consultation_desk import CpsSlot, Desk, PatientSlot, is_same_card
from cardio.workstation.consultation_events import (
    CardFound,
    CardUnreadable,
    ConsultationEvent,
    CpsLeft,
    EndReason,
    NatureDoubtful,
    PatientChanged,
    VitaleBack,
    VitaleLeft,
    VitaleWasThere,
)
from cardio.workstation.consultation_nature import is_doubtful
from cardio.workstation.consultation_pairing import Pair, Rules
from cardio.workstation.consultation_patient import PatientMemory, VitaleRead
from cardio.workstation.consultation_watch import Watch
from cardio.workstation.consultation_which import Which
from cardio.workstation.freshness import ReadLimit
from cardio.workstation.scan import Looked, Slot
from cardio.workstation.selection import READABLE_VITALE, SelectionReason

_LOOK_UP_EVERY = 0.5
"""Seconds between two looks for Ctrl-C while waiting for events."""


class Consultation:
    """The two cards of `Workstation.consultation`; use it as a context manager, from any thread.

    It ends when the CPS leaves, by itself: every use of the card then raises
    `ConsultationEnded`, and `on_end` is called, once, from a thread of its own. A normal `close`
    does not call it.
    """

    def __init__(
        self,
        desk: Desk,
        pair: Pair,
        *,
        which: Which,
        rules: Rules,
        memory: PatientMemory,
        on_end: Callable[[EndReason], None],
    ) -> None:
        self._desk, self._memory, self._on_end = desk, memory, on_end
        self._which, self._rules = which, rules
        self._cps, self._read, self._patient = pair.cps, pair.read, pair.patient
        self._events: SimpleQueue[ConsultationEvent | None] = SimpleQueue()
        self._state = threading.Lock()
        self._ended: EndReason | None = None
        self._over = threading.Event()
        self._weighed_looks = desk.looks
        self._changed_in: str | None = None
        self._trouble: CardioError | None = None
        self._unconfirmed = rules.to_confirm(pair)
        self._unreadable_before = [s.status for s in desk.slots if isinstance(s, Slot) and s.error]
        self._tell_of_start(pair)
        self._watch = Watch(
            desk.manager,
            [slot.status for slot in desk.slots],
            told=self._told,
            look=self._settle,
            ended=self._finish,
        )
        self._cps.connection.lost = self._lost
        self._watch.start()

    @property
    def cps(self) -> CpsCard:
        """The professional's card. Raises `ConsultationEnded`, as every use of the card will."""
        self._require_running()
        return self._cps.card

    @property
    def vitale(self) -> VitaleRead:
        """The patient's card as it was read. Of a card just put in, the reading is waited for.

        Raises `ConsultationEnded`, `CardChanged` once another Vitale was put in,
        `PatientNotConfirmed` where the policy wants a confirmation, or why a card that was put
        in, and may be another Vitale, cannot be read.
        """
        self._require_running()
        if not self._desk.is_current() or self._weighed_looks != self._desk.looks:
            self._settle()
        return self._given()

    @property
    def is_vitale_present(self) -> bool:
        """Whether the patient's Vitale is in a reader; not so where it made room for the CPS."""
        return self._patient is not None

    @property
    def needs_confirmation(self) -> SelectionReason | None:
        """Why `vitale` wants a `confirm` first, if it does."""
        return self._unconfirmed

    @property
    def ended(self) -> EndReason | None:
        """Why it is over; None as long as it is not."""
        return self._ended

    def confirm(self) -> VitaleRead:
        """Somebody has made sure that the Vitale which was there before is this patient's."""
        self._unconfirmed = None
        return self.vitale

    def check(self, limit: ReadLimit | timedelta | None = None) -> VitaleRead:
        """Make sure of both cards; to be called right before a service is.

        Asks the CPS for its serial again, and reads the Vitale again, if it is there: 2 and 5
        commands, GET RESPONSE not counted (3 for a CPS4, a few more for a CPS2ter). Raises
        `CardChanged` where one is another card, `StaleRead` where the last read is older than
        `limit`, and as `vitale`.
        """
        self._require_running()
        self._check_cps()
        if patient := self._patient:
            self._desk.look_again(patient.status.name)
        self._settle()
        self._require_running()
        read = self._given()
        if limit is not None:
            read.require_fresh(limit, self._memory.now())
        return read

    def change_patient(self) -> VitaleRead:
        """Take the Vitale that is there now for the patient's. Raises `SelectionError`."""
        self._require_running()
        self._settle()
        patient = self._which.patient(self._desk.slots)
        self._rules.check_natures(self._cps, patient.read)
        with self._state:
            if not patient.read.is_of_same_card(self._read):
                self._unconfirmed = None
            self._patient, self._read, self._changed_in = patient, patient.read, None
        return self.vitale

    def reopen_cps(self) -> CpsCard:
        """Connect to the CPS again, after another program reset it; see `Workstation.reopen`.

        Raises `CardChanged`, which ends the consultation, if it is another one.
        """
        self._require_running()
        self._desk.look_again(self._cps.status.name)
        self._desk.refresh()
        slot = next((s for s in self._desk.slots if s.status.name == self._cps.status.name), None)
        if isinstance(slot, Slot) and slot.error:
            raise slot.error
        if not isinstance(slot, CpsSlot) or not _is_same_cps(slot, self._cps):
            raise self._another_cps()
        slot.card.resume(self._cps.card)
        slot.connection.lost = self._lost
        self._cps = slot
        self._require_running()
        return slot.card

    def events(self) -> Iterator[ConsultationEvent]:
        """What happens, as it happens, up to the end of the consultation; each is told once."""
        while True:
            try:
                event = self._events.get(timeout=_LOOK_UP_EVERY)
            except Empty:
                continue
            if event is None:
                self._events.put(None)  # for whoever listens too
                return
            yield event

    def wait(self, timeout: float | None = None) -> EndReason | None:
        """Block until it is over, `on_end` included, or `timeout` seconds passed."""
        self._over.wait(timeout)
        return self._ended

    def close(self) -> None:
        """End it; the cards stay as they are. Waits for its threads, 2 seconds at most."""
        self._end(EndReason.CLOSED)
        self._watch.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _tell_of_start(self, pair: Pair) -> None:
        if pair.was_there:
            self._events.put(VitaleWasThere(pair.read.reader, pair.left_in))
        if is_doubtful(pair.cps.nature, pair.read.nature):
            self._events.put(NatureDoubtful(pair.cps.nature, pair.read.nature))

    def _told(self, event: Event) -> None:
        """From the watcher."""
        self._events.put(event)
        if isinstance(event, CardRemoved | ReaderRemoved) and self._is_of_cps(event.reader):
            self._end(self._why_left())

    def _is_of_cps(self, reader: str) -> bool:
        return self._ended is None and reader == self._cps.status.name

    def _why_left(self) -> EndReason:
        """Whether the reader of the CPS is still there."""
        with suppress(TransportError):
            if any(r.name == self._cps.status.name for r in self._desk.manager.readers()):
                return EndReason.CPS_LEFT
        return EndReason.READERS_LOST

    def _lost(self, error: TransportError) -> str:
        """From whoever used the CPS and found it gone."""
        gone = isinstance(error, ReaderUnavailable | ServiceUnavailable)
        return self._end(EndReason.READERS_LOST if gone else EndReason.CPS_LEFT)

    def _end(self, why: EndReason) -> EndReason:
        with self._state:
            ended = self._ended = self._ended or why
        self._cps.connection.revoke(ended)
        self._watch.stop()
        return ended

    def _finish(self) -> None:
        """From the watcher, as its last."""
        ended = self._end(EndReason.READERS_LOST)
        if self._cps.card.pin_session:
            self._cps.card.pin_session.forget()
        try:
            if ended is not EndReason.CLOSED:
                self._events.put(CpsLeft(self._cps.status.name))
                self._on_end(ended)
        finally:
            self._memory.leave(self._read, self._patient.status if self._patient else None)
            self._events.put(None)
            self._over.set()
            self._desk.close()

    def _require_running(self) -> None:
        if self._ended:
            error = ConsultationEnded("the consultation is over", why=self._ended)
            raise error.at(self._cps.status.name)

    def _check_cps(self) -> None:
        cps, match = self._cps, identify(self._cps.channel)
        if (match.kind, match.serial) != (cps.match.kind, cps.match.serial):
            raise self._another_cps()
        if match.serial is None and CpsCard(cps.channel, match).serial != cps.card.serial:
            raise self._another_cps()

    def _another_cps(self) -> CardChanged:
        self._end(EndReason.CPS_CHANGED)
        return CardChanged("another card is in the place of the CPS").at(self._cps.status.name)

    def _settle(self) -> None:
        """Look at what is new, and say what it means for the patient."""
        for slot in self._desk.refresh():
            self._tell_of(slot)
        with self._state:
            self._weighed_looks = self._desk.looks
            self._weigh(self._desk.slots)

    def _tell_of(self, slot: Looked) -> None:
        if isinstance(slot, Slot) and slot.error:
            self._events.put(CardUnreadable(slot.status.name, slot.error))
        elif slot.match:
            self._events.put(CardFound(slot.status.name, slot.match.kind))

    def _weigh(self, slots: tuple[Looked, ...]) -> None:
        there = None
        for patient in self._which.patients(slots):
            if patient.read.is_of_same_card(self._read):
                there = patient
            elif self._changed_in is None:
                self._changed_in = patient.status.name
                self._events.put(PatientChanged(patient.status.name))
        self._note_patient(there)
        unread = (self._error_of_a_vitale(s) for s in self._which.may_be_patients(slots))
        self._trouble = next((error for error in unread if error), None)

    def _note_patient(self, there: PatientSlot | None) -> None:
        if there and not self._patient:
            self._events.put(VitaleBack(there.status.name))
        elif self._patient and not there:
            self._events.put(VitaleLeft(self._patient.status.name))
        self._patient = there
        self._read = there.read if there else self._read

    def _error_of_a_vitale(self, slot: Looked) -> CardioError | None:
        """Why a card put in since the beginning, and not known to be no Vitale, is not read."""
        if not isinstance(slot, Slot) or slot.error is None:
            return None
        if slot.match and slot.match.kind not in READABLE_VITALE:
            return None
        if any(is_same_card(slot.status, before) for before in self._unreadable_before):
            return None
        return slot.error

    def _given(self) -> VitaleRead:
        if self._changed_in:
            raise CardChanged("another Vitale was put in").at(self._changed_in)
        if self._trouble:
            raise self._trouble
        if self._unconfirmed:
            message = "the Vitale was in the reader before: ask whose it is, then confirm"
            raise PatientNotConfirmed(message, reason=self._unconfirmed).at(self._read.reader)
        return self._read


def _is_same_cps(one: CpsSlot, other: CpsSlot) -> bool:
    return (one.status.atr, one.match.kind, one.match.serial, one.card.serial) == (
        other.status.atr,
        other.match.kind,
        other.match.serial,
        other.card.serial,
    )
