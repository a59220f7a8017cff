"""How `cardio emulate` ends: in order, whatever asks it to."""

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from cardio.errors import CardioError

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Stopped(BaseException):
    """A signal asked to stop; nothing but `until_stopped` should catch it for good."""


class Stopping:
    """What asks to end: `why` names the signal that came, `lost` is the reader that went away.

    `wake` is called then; it must bear to be called by a signal handler and by any thread. Without
    it, a signal raises `Stopped` in the main thread. `ends` is true once nothing may interrupt.
    """

    def __init__(self) -> None:
        self.why = ""
        self.lost: CardioError | None = None
        self.ends = False
        self.wake: Callable[[], None] | None = None

    def take(self, number: int, _frame: FrameType | None) -> None:
        """The handler of a signal. Only the first one counts: the end is then under way."""
        if self.ends or self.why:
            return
        self.why = signal.Signals(number).name
        if self.wake is None:
            raise Stopped
        self.wake()

    def lose(self, error: CardioError) -> None:
        """There is no going on without what went away."""
        self.lost = self.lost or error
        if self.wake:
            self.wake()

    def finish(self) -> None:
        """The end is under way; raises what was lost."""
        self.ends = True
        if self.lost:
            raise self.lost


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
    except Stopped:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hang_up() -> int | None:
    return getattr(signal, "SIGHUP", None)


def _is_ignored(number: int) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN
