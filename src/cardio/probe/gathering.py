"""Gather the facts: look into every reader, read every card, look at the system around them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from cardio.cards.identify import Match
from cardio.errors import ConfigurationError, ServiceUnavailable, TransmitTimeout
from cardio.probe.facts import Failure, ReaderFacts, WorkstationFacts
from cardio.probe.machine import this_machine
from cardio.probe.reading import CardReader
from cardio.probe.runner import Outcome, attempt, side_by_side
from cardio.probe.surroundings import Surroundings
from cardio.probe.system.platform import Platform
from cardio.transport.base import ReaderStatus
from cardio.workstation.scan import SCAN_LIMIT, OpenSlot
from cardio.workstation.workstation import Workstation

READING_LIMIT = 20.0
"""Seconds for identifying and reading all cards, side by side; a CPS with its certificates needs
about two."""

CLOSING_LIMIT = 1.0
"""Seconds for letting go of the cards: a card that hangs keeps its reader from closing."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a probe is: `stage` is "readers", "cards", "system" or "checks"."""

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
    network: bool = False,
    platform: Platform | None = None,
    progress: Progress = silent,
) -> WorkstationFacts:
    """The facts of the workstation `where`, a word for `opener`: "pcsc", "demo" or a bench file.

    Whatever goes wrong with service, readers or cards becomes a fact. Nothing takes longer than
    its limit, whatever hangs: readers, system, software and, where `network` asks for it, hosts
    are looked at side by side. `platform` stands for this machine; without it, an emulated
    workstation has no system to look at. Raises only `ConfigurationError`, for a bad bench file.
    """
    facts = WorkstationFacts(datetime.now(UTC), this_machine(), _source(where))
    around = Surroundings(platform, is_real=facts.source == "pcsc", network=network)
    read = CardReader(with_identity=with_identity, network=network)
    facts = _readers(where, facts, opener, read, progress)
    found = around.result(lambda done, total: progress(Step("system", done, total)))
    return replace(facts, system=found.system, software=found.software, network=found.network)


def _readers(
    where: str, facts: WorkstationFacts, opener: Opener, read: CardReader, progress: Progress
) -> WorkstationFacts:
    progress(Step("readers", 0, 1))
    (opened,) = side_by_side([partial(opener, where)], SCAN_LIMIT)
    if opened.value is None:
        return replace(facts, failure=_failure(opened))
    try:
        return _look_into(opened.value, facts, read, progress)
    finally:
        side_by_side([opened.value.close], CLOSING_LIMIT)


def _look_into(
    workstation: Workstation, facts: WorkstationFacts, read: CardReader, progress: Progress
) -> WorkstationFacts:
    (listed,) = side_by_side([workstation.readers], SCAN_LIMIT)
    if listed.value is None:
        return replace(facts, failure=_failure(listed))
    visits = [_Visit(workstation, status, read) for status in listed.value]
    outcomes = side_by_side(
        [visit.facts for visit in visits],
        READING_LIMIT,
        lambda done: progress(Step("cards", done, len(visits))),
    )
    found = (
        outcome.value or visit.cut_off(outcome.error)
        for visit, outcome in zip(visits, outcomes, strict=True)
    )
    return replace(facts, readers=tuple(found))


def _source(where: str) -> str:
    return where if where in ("pcsc", "demo") else "bench"


def _failure(outcome: Outcome[Workstation] | Outcome[tuple[ReaderStatus, ...]]) -> Failure:
    if isinstance(outcome.error, ConfigurationError):
        raise outcome.error
    if outcome.error is None or isinstance(outcome.error, TimeoutError):
        return Failure.of(ServiceUnavailable("the PC/SC service does not answer in time"))
    return Failure.of(outcome.error)


class _Visit:
    """One reader: its card is identified and read over one connection, and let go of."""

    def __init__(self, workstation: Workstation, status: ReaderStatus, read: CardReader) -> None:
        self._workstation, self._status, self._read = workstation, status, read
        self._match: Match | None = None
        self._card: Outcome[ReaderFacts] = Outcome()

    def facts(self) -> ReaderFacts:
        """What the reader and its card show."""
        (slot,) = self._workstation.scan((self._status,), limit=READING_LIMIT, then=self._then)
        error = self._card.error or slot.error
        return self._failed(error) if error else self._card.value or self._seen()

    def cut_off(self, error: Exception | None) -> ReaderFacts:
        """What is known of a reader that did not come back."""
        if error is None or isinstance(error, TimeoutError):
            error = TransmitTimeout("the card was not read in time")
        return self._failed(error)

    def _then(self, slot: OpenSlot) -> OpenSlot:
        self._match = slot.match
        self._card = attempt(lambda: self._read(slot, self._seen()))
        return slot

    def _failed(self, error: Exception) -> ReaderFacts:
        """A card that is known could not be read; of another, not even its kind is known."""
        failure = Failure.of(error)
        if self._match is None:
            return replace(self._seen(), failure=failure)
        return replace(self._seen(), reading_failure=failure)

    def _seen(self) -> ReaderFacts:
        status = self._status
        return ReaderFacts(
            name=status.name,
            presence=status.presence,
            atr=status.atr,
            in_use=status.in_use,
            exclusive=status.exclusive,
            match=self._match,
        )
