"""What one TLS session with a card knows: whether it may go on, and what went wrong where.

OpenSSL calls the signer in the middle of a handshake and makes of its failure an `SSLError` that
tells nothing. So the signer leaves the real failure here, under its thread, and the socket that
made the handshake finds it: a handshake and its signature run in the same thread.
"""

import socket
import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Lock, get_ident
from weakref import WeakSet

from cardio.authentication.tls_alerts import refusal
from cardio.errors import CardioError, SharingViolation, TlsError

OnEnd = Callable[[CardioError], None]

_GOES_ON = TlsError, SharingViolation
"""What fails one handshake only: a server the card has nothing for, a card that is busy."""

_NOT_YET = ssl.SSLWantReadError, ssl.SSLWantWriteError


class TlsGuard:
    """Ends once, for one reason: `ended_by`. From then on nothing is signed, read or written."""

    def __init__(self, on_end: OnEnd | None = None) -> None:
        self.ended_by: CardioError | None = None
        self._on_end = on_end
        self._failures: dict[int, BaseException] = {}
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = Lock()

    def check(self) -> None:
        """Raise why the session ended, if it has."""
        if self.ended_by:
            raise self.ended_by.with_traceback(None)

    def end(self, reason: CardioError) -> None:
        """End the session and every open connection of it; the first reason counts."""
        with self._lock:
            if self.ended_by:
                return
            self.ended_by = reason
            open_sockets, on_end = list(self._sockets), self._on_end
            self._on_end = None  # it may hold the context, which OpenSSL's records must not
        for one in open_sockets:
            with suppress(OSError):
                # That of SSLSocket would make the socket speak in clear.
                socket.socket.shutdown(one, socket.SHUT_RDWR)
        if on_end:
            on_end(reason)

    def add(self, connection: socket.socket) -> None:
        """Have a connection ended with the session. Raises as `check`."""
        with self._lock:
            self.check()
            self._sockets.add(connection)

    @contextmanager
    def failing(self) -> Generator[None]:
        """Around what OpenSSL calls: remembers why the handshake of this thread cannot go on."""
        try:
            yield
        except BaseException as failure:
            self._failures[get_ident()] = failure
            raise

    @contextmanager
    def told(self) -> Generator[None]:
        """Around whatever may make OpenSSL sign or talk: raises the real reason of a failure.

        A failure of the card ends the session; see `_GOES_ON` for what does not.
        """
        self._failures.pop(get_ident(), None)
        try:
            yield
        except _NOT_YET:
            raise
        except OSError as error:
            if reason := self._reason(error):
                raise reason from error
            raise
        self.check()

    def _reason(self, error: OSError) -> BaseException | None:
        failure = self._failures.pop(get_ident(), None)
        if isinstance(failure, CardioError) and not isinstance(failure, _GOES_ON):
            self.end(failure)
        return failure or self.ended_by or refusal(error)
