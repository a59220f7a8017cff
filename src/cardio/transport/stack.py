"""The layers of `cardio.transport.layers`, put together."""

from cardio.errors import MalformedData
from cardio.iso7816.atr import Atr
from cardio.iso7816.historical import Capability
from cardio.trace.recorder import Recorder
from cardio.transport.base import Connection, TransmissionProtocol
from cardio.transport.layers import (
    CommandChaining,
    ExactLe,
    GetResponse,
    Locking,
    ShortLength,
    Tracing,
    WithoutLe,
)


def stack(
    connection: Connection,
    *,
    recorder: Recorder | None = None,
    capabilities: Capability | None = None,
) -> Connection:
    """A connection to which any `CommandApdu` can be sent as if the card knew them all.

    `recorder` sees what goes over the wire. `capabilities` are those that EF.ATR tells (tag 47);
    without them, those of the historical bytes. Extended length fields are sent only to a card
    that announces them, over T=1. Everywhere else long commands are chained and long answers
    fetched 256 bytes at a time.
    """
    if capabilities is None:
        capabilities = announced_in(connection.atr)
    protocol = connection.protocol
    if recorder:
        told = recorder.connection(connection.reader, connection.atr, protocol.value)
        connection = Tracing(connection, told)
    if protocol is TransmissionProtocol.T0:
        connection = WithoutLe(connection)
    connection = GetResponse(ExactLe(connection))
    if protocol is TransmissionProtocol.T0 or not capabilities & Capability.EXTENDED_LENGTH:
        connection = CommandChaining(ShortLength(connection))
    return Locking(connection)


def announced_in(atr: bytes) -> Capability:
    """The capabilities in an answer to reset; none where it tells none or makes no sense."""
    try:
        return Atr.parse(atr).historical.capabilities
    except MalformedData:
        return Capability(0)
