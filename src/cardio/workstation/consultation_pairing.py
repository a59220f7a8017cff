"""Find the two cards of a consultation, side by side or one after the other in one reader."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cardio.errors import (
    CardioError,
    MixedTestAndReal,
    NoReader,
    PatientNotConfirmed,
    SelectionError,
)
from cardio.transport.base import ReaderStatus
from cardio.workstation.consultation_desk import CpsSlot, Desk, PatientSlot, has_card, is_same_card
from cardio.workstation.consultation_nature import are_mixed, is_doubtful
from cardio.workstation.consultation_patient import PatientMemory, VitaleRead
from cardio.workstation.consultation_which import CHOICE_ERRORS, Which
from cardio.workstation.scan import Looked, OpenSlot
from cardio.workstation.selection import SelectionReason

_PATIENCE = 0.5
"""Seconds between two looks at most: for Ctrl-C, and for what no event tells of."""


_OUT, _OUT_AND_IN = 1, 2
"""What a reader's counter of moves may have grown by; more, and another card was in between."""
_COUNTER_MASK = 0xFFFF
"""The counter has 16 bits (PC/SC: the high word of the state)."""

_TO_TAKE_OUT = (SelectionReason.SEVERAL, SelectionReason.NOT_SUPPORTED)
"""Why a card was not chosen although it is there."""


class Role(StrEnum):
    """What a card is for in a consultation."""

    CPS = "cps"
    VITALE = "vitale"


class InsertionPolicy(StrEnum):
    """What to make of a Vitale that was in its reader before the consultation began.

    It may be the last patient's. "Left in" means that it has not moved since the last
    consultation of this `Workstation`; every case is told by an event.
    """

    TELL = "tell"
    """Only told."""
    CONFIRM_LEFT_IN = "confirm-left-in"
    """One left in gives no patient before `Consultation.confirm`."""
    CONFIRM = "confirm"
    """Nor does any other that was there before."""
    REQUIRE_FRESH = "require-fresh"
    """Only one that is put in after the beginning is taken."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What two cards have to fulfil to be a pair.

    `refuse_doubtful`: refuse a test card also where the other one does not tell what it is.
    """

    insertion: InsertionPolicy = InsertionPolicy.CONFIRM_LEFT_IN
    refuse_doubtful: bool = False

    def check_natures(self, cps: CpsSlot, read: VitaleRead) -> None:
        """Raises `MixedTestAndReal` where one is a test card and the other a real one."""
        refused = are_mixed(cps.nature, read.nature)
        if refused or (self.refuse_doubtful and is_doubtful(cps.nature, read.nature)):
            message = f"test and real: the CPS is {cps.nature}, the Vitale {read.nature}"
            raise MixedTestAndReal(message, reason=SelectionReason.TEST_AND_REAL.value)

    def to_confirm(self, pair: "Pair") -> SelectionReason | None:
        """Why the Vitale has to be confirmed before it is used, if it has."""
        if pair.left_in and self.insertion is not InsertionPolicy.TELL:
            return SelectionReason.LEFT_IN
        if pair.was_there and self.insertion is InsertionPolicy.CONFIRM:
            return SelectionReason.WAS_THERE
        return None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a person has to do next: put in the cards of `missing`, in any reader of `free`.

    Where none is free, the missing card takes the place of the one in `instead_of`, which was
    read. `error` says why nothing was chosen; with nothing missing, it says what to set right.
    `seconds_left` may be infinite.
    """

    missing: tuple[Role, ...]
    free: tuple[str, ...]
    instead_of: str | None
    error: CardioError
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Pair:
    """The two cards. `patient` is None where the Vitale has left its reader to the CPS."""

    cps: CpsSlot
    read: VitaleRead
    patient: PatientSlot | None
    was_there: bool
    left_in: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """A Vitale seen during the search. `was_there`: it was in its reader before."""

    slot: PatientSlot
    was_there: bool

    @property
    def reader(self) -> str:
        return self.slot.status.name


class Pairing:
    """One search, by the rules of docs/explanation/pairing.md; `find` is called once."""

    def __init__(self, desk: Desk, which: Which, rules: Rules, memory: PatientMemory) -> None:
        self._desk, self._which, self._rules, self._memory = desk, which, rules, memory
        self._untouched: dict[str, ReaderStatus] | None = None
        self._in: dict[str, _Seen] = {}
        self._in_turn: _Seen | None = None

    def find(self, wait: float, on_prompt: Callable[[Prompt], None]) -> Pair:
        """Raises what stands in the way once `wait` seconds are over, mostly `SelectionError`.

        `on_prompt` is called, in this thread, each time something else has to be done.
        """
        end, asked = time.monotonic() + wait, None
        while True:
            self._desk.refresh()
            slots = self._desk.slots
            self._follow(slots)
            try:
                return self._pair(slots)
            except CHOICE_ERRORS as error:
                left = end - time.monotonic()
                if left <= 0:
                    raise
                prompt = self._prompt(slots, error, left)
            ask = (prompt.missing, prompt.free, prompt.instead_of, prompt.error.code)
            if ask != asked:
                asked = ask
                on_prompt(prompt)
            self._wait(slots, left)

    def _wait(self, slots: Sequence[Looked], left: float) -> None:
        """Until a card comes or goes, or for a moment."""
        end = time.monotonic() + min(left, _PATIENCE)
        seen = {slot.status.name: slot.status for slot in slots}
        known = self._desk.manager.readers()
        while len(known) == len(seen) and all(_is_in(seen, status) for status in known):
            if (seconds := end - time.monotonic()) <= 0:
                return
            known = self._desk.manager.wait(known, seconds)

    def _follow(self, slots: Sequence[Looked]) -> None:
        now = {slot.status.name: slot for slot in slots}
        if self._untouched is None:
            self._untouched = {name: s.status for name, s in now.items() if has_card(s)}
        self._untouched = {
            name: status
            for name, status in self._untouched.items()
            if name in now and is_same_card(status, now[name].status)
        }
        patients = self._which.patients(slots)
        self._in_turn = self._turn(now, self._reader_of_cps(slots)) if not patients else None
        self._in = {s.status.name: _Seen(s, s.status.name in self._untouched) for s in patients}

    def _turn(self, now: dict[str, Looked], reader_of_cps: str | None) -> _Seen | None:
        """The one Vitale that left its reader, as long as nothing but the CPS took its place."""
        left = list(self._in.values())
        last = left[0] if len(left) == 1 else self._in_turn if not left else None
        there = now.get(last.reader) if last else None
        if last is None or there is None:
            return None
        moves = there.status.event_count - last.slot.status.event_count & _COUNTER_MASK
        if reader_of_cps is None:
            return last if not has_card(there) and moves <= _OUT else None
        return last if reader_of_cps == last.reader and moves <= _OUT_AND_IN else None

    def _reader_of_cps(self, slots: Sequence[Looked]) -> str | None:
        try:
            return self._which.cps(slots).status.name
        except CHOICE_ERRORS:
            return None

    def _pair(self, slots: Sequence[Looked]) -> Pair:
        cps = self._which.cps(slots)
        if self._in_turn and self._in_turn.reader == cps.status.name:
            return self._checked(cps, self._in_turn, is_there=False)
        seen = self._in[self._which.patient(slots).status.name]
        return self._checked(cps, seen, is_there=True)

    def _checked(self, cps: CpsSlot, seen: _Seen, *, is_there: bool) -> Pair:
        slot, was_there = seen.slot, seen.was_there
        self._rules.check_natures(cps, slot.read)
        if was_there and self._rules.insertion is InsertionPolicy.REQUIRE_FRESH:
            message = "the Vitale was there before: it has to be put in anew"
            reason = SelectionReason.WAS_THERE.value
            raise PatientNotConfirmed(message, reason=reason).at(seen.reader)
        left_in = was_there and self._memory.was_left_in(slot.read, slot.status)
        return Pair(cps, slot.read, slot if is_there else None, was_there, left_in)

    def _prompt(self, slots: Sequence[Looked], error: CardioError, left: float) -> Prompt:
        missing = tuple(self._missing(slots))
        free = tuple(s.status.name for s in self._open_to(missing, slots) if not has_card(s))
        instead_of = None
        if len(missing) == 1 and not free:
            there = PatientSlot if missing[0] is Role.CPS else CpsSlot
            instead_of = next((s.status.name for s in slots if isinstance(s, there)), None)
        return Prompt(missing, free, instead_of, error, left)

    def _open_to(self, missing: Sequence[Role], slots: Sequence[Looked]) -> list[Looked]:
        """The readers where one of these cards is looked for."""
        for_cps = self._which.may_be_cps(slots) if Role.CPS in missing else ()
        for_vitale = self._which.may_be_patients(slots) if Role.VITALE in missing else ()
        names = {slot.status.name for slot in (*for_cps, *for_vitale)}
        return [slot for slot in slots if slot.status.name in names]

    def _missing(self, slots: Sequence[Looked]) -> list[Role]:
        missing: list[Role] = []
        if _is_missing(self._which.cps, slots):
            missing.append(Role.CPS)
        if not self._in_turn and _is_missing(self._which.patient, slots):
            missing.append(Role.VITALE)
        return missing


def _is_missing(choose: Callable[[Sequence[Looked]], OpenSlot], slots: Sequence[Looked]) -> bool:
    """Whether a card has to be put in. One too many, or too old, has to be taken out instead."""
    try:
        choose(slots)
    except SelectionError as error:
        return error.reason not in _TO_TAKE_OUT
    except NoReader:
        return True
    return False


def _is_in(seen: dict[str, ReaderStatus], status: ReaderStatus) -> bool:
    return status.name in seen and is_same_card(status, seen[status.name])
