"""Another program on the same card, as the PC/SC service sees it."""

from contextlib import ExitStack, suppress
from threading import Thread, Timer

from cardio.errors import TransportError
from cardio.transport.base import Disposition, ResourceManager

HELD_FOR = 0.5
"""Seconds: pcsc-lite has every other program wait as long, it does not refuse."""
_JOIN_WITHIN = 5.0


class Rival:
    """A program that is connected to the card of a reader, shared, until it leaves.

    It has to be there before it strikes: nobody connects to a card that is answering. Raises
    `TransportError` where there is no card to connect to.
    """

    def __init__(self, manager: ResourceManager, reader: str) -> None:
        self._manager = manager
        self._reader = reader
        self._connection = manager.connect(reader)
        self._held = ExitStack()
        self._threads: list[Thread] = []

    def hold(self) -> None:
        """Have every other program wait for `HELD_FOR`, from its next command on.

        Raises `SharingViolation` where another program holds the card.
        """
        self._held.enter_context(self._connection.transaction())
        self._later(Timer(HELD_FOR, self._held.close))

    def reset(self) -> None:
        """Reset the card once it has answered the command under way, before any other command.

        Raises `SharingViolation` where another program holds the card.
        """
        self._held.enter_context(self._connection.transaction())
        self._later(Thread(target=self._reset_and_return))

    def leave(self) -> None:
        """Let the card go."""
        for thread in self._threads:
            if isinstance(thread, Timer):
                thread.cancel()
            thread.join(_JOIN_WITHIN)
        with suppress(TransportError):
            self._held.close()
        self._connection.close()

    def _reset_and_return(self) -> None:
        self._connection.close(Disposition.RESET)
        with suppress(TransportError):
            self._connection = self._manager.connect(self._reader)

    def _later(self, thread: Thread) -> None:
        thread.daemon = True
        self._threads.append(thread)
        thread.start()
