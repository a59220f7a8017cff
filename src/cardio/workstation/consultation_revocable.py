"""A connection that can be taken away from whoever holds it."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager

from cardio.errors import (
    CardRemoved,
    ConsultationEnded,
    NoCard,
    ReaderUnavailable,
    ServiceUnavailable,
    TransportError,
)
from cardio.transport.base import Connection
from cardio.transport.layers import Layer

_GONE = (CardRemoved, NoCard, ReaderUnavailable, ServiceUnavailable)


class Revocable(Layer):
    """Every use raises `ConsultationEnded` once it was revoked.

    An exchange often notices first that the card has gone: `lost` is called then, from the
    thread of that exchange, and the exchange ends with `ConsultationEnded` as well.
    """

    def __init__(self, inner: Connection) -> None:
        super().__init__(inner)
        self.lost: Callable[[TransportError], str] | None = None
        self._why: str | None = None

    def revoke(self, why: str) -> None:
        """End every use from now on; the one under way ends as the card lets it."""
        self._why = self._why or why

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`."""
        with self._guarded():
            return super().transmit(command)

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:
        """See `ReaderControl.control`."""
        with self._guarded():
            return super().control(code, data, limit=limit)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """See `Connection.transaction`."""
        with ExitStack() as until_the_end:
            with self._guarded():
                until_the_end.enter_context(super().transaction())
            yield

    @contextmanager
    def _guarded(self) -> Generator[None]:
        if self._why:
            raise self._ended(self._why)
        try:
            yield
        except ConsultationEnded:
            raise
        except _GONE as error:
            if self.lost is None:
                raise
            raise self._ended(self.lost(error)) from error
        except TransportError as error:  # closed meanwhile
            if self._why:
                raise self._ended(self._why) from error
            raise

    def _ended(self, why: str) -> ConsultationEnded:
        return ConsultationEnded("the consultation is over", why=why).at(self.reader)
