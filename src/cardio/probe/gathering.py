"""Gather the facts: open the workstation, look into every reader, read every card."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from cardio.errors import ConfigurationError, ServiceUnavailable, TransmitTimeout
from cardio.probe.facts import Failure, ReaderFacts, WorkstationFacts
from cardio.probe.machine import this_machine
from cardio.probe.reading import read_cps, read_vitale
from cardio.probe.runner import Outcome, side_by_side
from cardio.workstation.scan import SCAN_LIMIT, Slot
from cardio.workstation.workstation import HOLDER_CPS, READABLE_VITALE, Workstation

READING_LIMIT = 20.0
"""Seconds for reading all cards, side by side; a CPS with its certificates needs about two."""

CLOSING_LIMIT = 1.0
"""Seconds for letting go of the cards: a card that hangs keeps its reader from closing."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a probe is: `stage` is "readers", "cards" or "checks"."""

    stage: str
    done: int
    total: int


Progress = Callable[[Step], None]
Opener = Callable[[str], Workstation]


def silent(_step: Step) -> None:
    """The progress callback that tells nobody."""


def gather(
    where: str,
    *,
    opener: Opener = Workstation.open,
    with_identity: bool = False,
    progress: Progress = silent,
) -> WorkstationFacts:
    """The facts of the workstation `where`, a word for `opener`: "pcsc", "demo" or a bench file.

    Whatever goes wrong with service, readers or cards becomes a fact. Nothing takes longer than
    its limit, whatever hangs. Raises only `ConfigurationError`, for a bad bench file.
    """
    facts = WorkstationFacts(datetime.now(UTC), this_machine(), _source(where))
    progress(Step("readers", 0, 1))
    (opened,) = side_by_side([partial(opener, where)], SCAN_LIMIT)
    if opened.value is None:
        return replace(facts, failure=_failure(opened))
    try:
        return _look_into(opened.value, facts, with_identity, progress)
    finally:
        side_by_side([opened.value.close], CLOSING_LIMIT)


def _look_into(
    workstation: Workstation,
    facts: WorkstationFacts,
    with_identity: bool,
    progress: Progress,
) -> WorkstationFacts:
    (scanned,) = side_by_side([workstation.scan], 2 * SCAN_LIMIT)
    if scanned.value is None:
        return replace(facts, failure=_failure(scanned))
    return replace(facts, readers=_read_all(workstation, scanned.value, with_identity, progress))


def _source(where: str) -> str:
    return where if where in ("pcsc", "demo") else "bench"


def _failure(outcome: Outcome[Workstation] | Outcome[tuple[Slot, ...]]) -> Failure:
    if isinstance(outcome.error, ConfigurationError):
        raise outcome.error
    if outcome.error is None or isinstance(outcome.error, TimeoutError):
        return Failure.of(ServiceUnavailable("the PC/SC service does not answer in time"))
    return Failure.of(outcome.error)


def _read_all(
    workstation: Workstation,
    slots: tuple[Slot, ...],
    with_identity: bool,
    progress: Progress,
) -> tuple[ReaderFacts, ...]:
    """Every reader's facts; the cards are read all at once, one thread each."""
    tasks = [partial(_read, workstation, slot, with_identity) for slot in slots]
    outcomes = side_by_side(
        tasks, READING_LIMIT, lambda done: progress(Step("cards", done, len(tasks)))
    )
    return tuple(
        outcome.value or _unread(slot, outcome.error)
        for slot, outcome in zip(slots, outcomes, strict=True)
    )


def _read(workstation: Workstation, slot: Slot, with_identity: bool) -> ReaderFacts:
    reader, kind = slot.status.name, slot.match.kind if slot.match else None
    if kind in HOLDER_CPS:
        card = workstation.cps(reader)
        return replace(_seen(slot), cps=read_cps(card, with_identity=with_identity))
    if kind in READABLE_VITALE:
        card = workstation.vitale(reader)
        return replace(_seen(slot), vitale=read_vitale(card, with_identity=with_identity))
    return _seen(slot)


def _unread(slot: Slot, error: Exception | None) -> ReaderFacts:
    if error is None or isinstance(error, TimeoutError):
        error = TransmitTimeout("the card was not read in time")
    return replace(_seen(slot), reading_failure=Failure.of(error))


def _seen(slot: Slot) -> ReaderFacts:
    status = slot.status
    return ReaderFacts(
        name=status.name,
        presence=status.presence,
        atr=status.atr,
        in_use=status.in_use,
        exclusive=status.exclusive,
        match=slot.match,
        failure=Failure.of(slot.error) if slot.error else None,
    )
