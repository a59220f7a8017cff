"""What happens to a bench over time: the steps of its file, played on any `BenchControl`."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from cardio.errors import CardioError, ConfigurationError
from cardio_emulator.bench_plan import Act, Step, seed_for
from cardio_emulator.clock import Clock, VirtualClock
from cardio_emulator.control import AnswerSource, BenchControl
from cardio_emulator.virtual_card import VirtualCard

_ENDS_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class Played:
    """A step that was due, when it was (seconds after the start), and why it did not work."""

    step: Step
    seconds: float
    error: CardioError | None = None


class Timeline:
    """Plays `steps` from `start` on, each once, until `stop`; a context manager for both.

    A step `at` some second is played by a thread of the timeline, or with a `VirtualClock` by
    whoever lets that time pass. A step `after` some APDUs is played before the last one's answer
    is given back: the program finds it done. Where the bench cannot wait for that, because it
    serves a card that it has to take out, `at_once` is false: the thread plays it right after.

    A step that does not work (no card to take out, say) stops nothing: `played` tells of it, and
    so does `told`. Cards are made at once, so that wrong files are told before anything starts:
    raises `ConfigurationError`, also for `after` on a bench that counts no APDUs.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        bench: BenchControl,
        clock: Clock,
        *,
        seed: int = 0,
        at_once: bool = False,
        told: Callable[[Played], None] | None = None,
    ) -> None:
        self._bench, self._clock, self._told = bench, clock, told
        self._at_once = at_once
        self._cards: dict[int, VirtualCard] = {
            id(step): step.card.make(
                reader=step.reader, seed=seed_for(seed, step.reader), clock=clock
            )
            for step in steps
            if step.card
        }
        self._out: dict[str, VirtualCard] = {}
        self._timed = deque(sorted((s for s in steps if s.at is not None), key=_seconds))
        self._counting = [step for step in steps if step.after is not None]
        self._counts: Counter[str] = Counter()
        self._due: deque[Step] = deque()
        self._guard = threading.Condition()
        self._played: list[Played] = []
        self._started = 0.0
        self._stopped = False
        self._thread: threading.Thread | None = None
        if self._counting:
            _source(bench, self._counting[0]).listen(self._answered)

    @property
    def played(self) -> tuple[Played, ...]:
        """Every step so far, in the order in which they were played."""
        with self._guard:
            return tuple(self._played)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to play."""
        with self._guard:
            return self._stopped or not (self._timed or self._counting or self._due)

    def start(self) -> None:
        """Second 0 is now; steps at 0 that take no thread are played before it returns."""
        self._started = self._clock.now()
        if isinstance(self._clock, VirtualClock):
            while self._timed:
                step = self._timed.popleft()
                self._clock.call_at(self._started + _seconds(step), partial(self._play, step))
            self._clock.sleep(0)
        if self._timed or (self._counting and not self._at_once):
            self._thread = threading.Thread(target=self._run, name="timeline", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Play nothing more; returns when no step is under way any more."""
        with self._guard:
            self._stopped = True
            self._guard.notify_all()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(_ENDS_WITHIN)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answered(self, reader: str, _status: bytes) -> None:
        with self._guard:
            self._counts[reader] += 1
            count = self._counts[reader]
            due = [s for s in self._counting if (s.counted, s.after) == (reader, count)]
            if not due:
                return
            self._counting = [step for step in self._counting if step not in due]
            if not self._at_once:
                self._due.extend(due)
                self._guard.notify_all()
                return
        for step in due:
            self._play(step)

    def _run(self) -> None:
        while (step := self._next()) is not None:
            self._play(step)

    def _next(self) -> Step | None:
        """The next step once it is due; None when there will be none."""
        with self._guard:
            while not self._stopped:
                if self._due:
                    return self._due.popleft()
                if not (self._timed or self._counting):
                    return None
                wait = self._seconds_left()
                if wait is not None and wait <= 0:
                    return self._timed.popleft()
                self._guard.wait(wait)
            return None

    def _seconds_left(self) -> float | None:
        if not self._timed:
            return None
        return self._started + _seconds(self._timed[0]) - self._clock.now()

    def _play(self, step: Step) -> None:
        if self._stopped:
            return
        error = None
        try:
            self._do(step)
        except CardioError as raised:
            error = raised
        played = Played(step, self._clock.now() - self._started, error)
        with self._guard:
            self._played.append(played)
        if self._told:
            self._told(played)

    def _do(self, step: Step) -> None:
        bench, reader = self._bench, step.reader
        match step.act:
            case Act.INSERT:
                bench.insert(reader, self._card(step))
            case Act.REMOVE:
                self._out[reader] = bench.remove(reader)
            case Act.SWAP:
                self._out[reader] = bench.swap(reader, self._card(step))
            case Act.FAULT:
                for fault in step.faults:
                    bench.fault(reader, fault)
            case Act.RESET | Act.UNPLUG_READER | Act.PLUG_READER | Act.CLEAR_FAULTS:
                getattr(bench, step.act.value)(reader)
            case Act.KILL_SERVICE | Act.RESTART_SERVICE:
                getattr(bench, step.act.value)()

    def _card(self, step: Step) -> VirtualCard:
        card = self._cards.get(id(step)) or self._out.pop(step.reader, None)
        if card is None:
            raise ConfigurationError(f"{step.place}: no step took a card out of {step.reader!r}")
        return card


def _seconds(step: Step) -> float:
    return 0.0 if step.at is None else step.at


def _source(bench: BenchControl, step: Step) -> AnswerSource:
    if not isinstance(bench, AnswerSource):
        raise ConfigurationError(f"{step.place}: 'after': this bench does not count APDUs")
    return bench
