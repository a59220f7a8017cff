"""How `cardio emulate` ends: in order, whatever asks it to."""

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType

from cardio.errors import CardioError

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_LOOK_EVERY = 1.0


class _Stopped(BaseException):
    """A signal asked to stop before anything waited for that; `until_stopped` ends with it."""


class Stopping:
    """What asks to end: a signal, a reader that went away, whoever calls `ask`.

    A signal interrupts the main thread, until `heed` says that it is heard without that.
    """

    def __init__(self) -> None:
        self._lost: CardioError | None = None
        self._interrupts = True
        self._wake: Callable[[], None] | None = None
        self._asked: SimpleQueue[str] = SimpleQueue()  # its `put` bears a signal handler

    def take(self, number: int, _frame: FrameType | None) -> None:
        """The handler of a signal. It interrupts once only: the end is then under way."""
        self.ask(signal.Signals(number).name)
        if self._interrupts:
            self._interrupts = False
            raise _Stopped

    def heed(self, wake: Callable[[], None] | None = None) -> None:
        """From now on it is: by `wait`, or by `wake`, which any thread or a signal may call."""
        self._interrupts = False
        self._wake = wake
        if wake and not self._asked.empty():
            wake()

    def lose(self, error: CardioError) -> None:
        """There is no going on without what went away."""
        self._lost = self._lost or error
        self.ask("reader lost")

    def ask(self, why: str) -> None:
        """From any thread."""
        self._asked.put(why)
        if self._wake:
            self._wake()

    def wait(self) -> str:
        """In the main thread, until something asks: why.

        Without a time-out, this thread would sleep through a signal that the system gave to
        another one: Python's handlers run in this thread, once it runs.
        """
        while True:
            with suppress(Empty):
                return self._asked.get(timeout=_LOOK_EVERY)

    def finish(self) -> None:
        """Raises what was lost, if that is why it ends."""
        if self._lost:
            raise self._lost


@contextmanager
def until_stopped() -> Generator[Stopping, None, None]:
    """Run the `with` block until it ends, or a signal ends it in order.

    A SIGHUP that was ignored stays so (nohup). Reading from a terminal in the background is an
    error then, and does not halt the process.
    """
    stopping = Stopping()
    taken = [one for one in _SIGNALS if one != _hang_up() or not _is_ignored(one)]
    before = {number: signal.signal(number, stopping.take) for number in taken}
    if hasattr(signal, "SIGTTIN"):
        before[signal.SIGTTIN] = signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    try:
        yield stopping
    except _Stopped:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hang_up() -> int | None:
    return getattr(signal, "SIGHUP", None)


def _is_ignored(number: int) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN
