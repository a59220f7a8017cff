"""The context and connections of a session: those of `ssl`, raising what the card really said.

`ssl` has attributes for this, `sslsocket_class` and `sslobject_class`: every client given the
context raises these errors, and none of the usual ones catches them, as they are no `OSError`s.
"""

import ssl
from typing import TYPE_CHECKING

from cardio.authentication.tls_guard import TlsGuard
from cardio.errors import CardioError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class CardSocket(ssl.SSLSocket):
    """A connection that ends with its session; each method raises as `TlsGuard.told`."""

    def do_handshake(self, block: bool = False) -> None:
        """See `ssl.SSLSocket`; a connection that failed is closed."""
        guard = _guard(self.context)
        try:
            guard.add(self)
            with guard.told():
                super().do_handshake(block)
        except CardioError:
            self.close()
            raise

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """See `ssl.SSLSocket`."""
        with _guard(self.context).told():
            return super().recv(buflen, flags)

    def recv_into(
        self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0
    ) -> int:
        """See `ssl.SSLSocket`."""
        with _guard(self.context).told():
            return super().recv_into(buffer, nbytes, flags)

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:
        """See `ssl.SSLSocket`."""
        with _guard(self.context).told():
            return super().send(data, flags)


class CardSslObject(ssl.SSLObject):
    """The same without a socket, for asynchronous clients."""

    def do_handshake(self) -> None:
        """See `ssl.SSLObject`."""
        with _guard(self.context).told():
            super().do_handshake()

    def read(self, len: int = 1024, buffer: "WriteableBuffer | None" = None) -> bytes:  # noqa: A002
        """See `ssl.SSLObject`."""
        with _guard(self.context).told():
            return super().read(len, buffer)

    def write(self, data: "ReadableBuffer") -> int:
        """See `ssl.SSLObject`."""
        with _guard(self.context).told():
            return super().write(data)


class CardContext(ssl.SSLContext):
    """A client context whose connections are those above; `guard` is set by who makes it."""

    guard: TlsGuard
    sslsocket_class = CardSocket
    sslobject_class = CardSslObject


def _guard(context: ssl.SSLContext) -> TlsGuard:
    if not isinstance(context, CardContext):
        raise TypeError("the connection was given another context")
    return context.guard
