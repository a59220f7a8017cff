"""Real readers with an interlock: only those named, only the cards named, no PIN unasked.

Each connection proves its card by its serial number before anybody gets it, so a card changed
in the middle of a test is found as well.
"""

from collections.abc import Mapping, Sequence
from time import monotonic

from cardio.cards.identify import Match, identify
from cardio.errors import CardChanged, ConfigurationError, ReaderUnavailable
from cardio.pytest_plugin.card_serial import card_serial
from cardio.trace.redaction import is_harmless
from cardio.transport.base import Connection, ReaderStatus, ResourceManager, ShareMode
from cardio.transport.channel import Channel
from cardio.transport.layers import Layer
from cardio.transport.stack import stack

_NO_PIN = (
    "a real card gets no PIN and no change from this test: mark it needs_pin and run it with"
    " --cardio-pin-tests"
)


class NamedReaders:
    """A `ResourceManager` that shows no other readers than those of `serials`, by full name.

    `serials` are those of the cards that may be in them. Without `pins`, commands that carry a
    PIN or might change the card are refused before they are sent.
    """

    def __init__(self, manager: ResourceManager, serials: Mapping[str, str], *, pins: bool) -> None:
        self._manager = manager
        self._serials = serials
        self._pins = pins

    def readers(self) -> tuple[ReaderStatus, ...]:
        """See `ResourceManager.readers`."""
        return self._named(self._manager.readers())

    def wait(
        self, known: Sequence[ReaderStatus], timeout: float | None = None
    ) -> tuple[ReaderStatus, ...]:
        """See `ResourceManager.wait`; what happens to other readers does not end it."""
        end = None if timeout is None else monotonic() + timeout
        before = self._manager.readers()
        while self._named(before) == tuple(known):
            left = None if end is None else max(0.0, end - monotonic())
            now = self._manager.wait(before, left)
            if now == before:  # over, or cancelled
                break
            before = now
        return self._named(before)

    def cancel(self) -> None:
        """See `ResourceManager.cancel`."""
        self._manager.cancel()

    def connect(self, reader: str, share: ShareMode = ShareMode.SHARED) -> Connection:
        """See `ResourceManager.connect`. Raises `CardChanged` if it is not the card named."""
        if reader not in self._serials:
            raise ReaderUnavailable("not a reader of --cardio-reader").at(reader)
        connection = self._manager.connect(reader, share)
        try:
            self._check(connection)
        except BaseException:
            connection.close()
            raise
        return connection if self._pins else _PinGate(connection)

    def match(self, reader: str) -> Match:
        """What the card is. Raises as `connect`."""
        connection = self._manager.connect(reader)
        try:
            return self._check(connection)
        finally:
            connection.close()

    def close(self) -> None:
        """See `ResourceManager.close`."""
        self._manager.close()

    def _check(self, connection: Connection) -> Match:
        channel = Channel(stack(connection))
        match = identify(channel)
        if card_serial(channel, match) != self._serials[connection.reader]:
            message = "the card is not the one of --cardio-card-serial; nothing was done to it"
            raise CardChanged(message).at(connection.reader)
        return match

    def _named(self, readers: Sequence[ReaderStatus]) -> tuple[ReaderStatus, ...]:
        return tuple(status for status in readers if status.name in self._serials)


class _PinGate(Layer):
    """Sends what is known to be harmless, and nothing else."""

    def transmit(self, command: bytes) -> bytes:
        """See `Connection.transmit`. Raises `ConfigurationError` for any other command."""
        if not is_harmless(command):
            raise ConfigurationError(_NO_PIN)
        return self._send(command)

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:
        """See `ReaderControl.control`; what a reader can do may be asked, a PIN may not."""
        if data:
            raise ConfigurationError(_NO_PIN)
        return super().control(code, data, limit=limit)
