"""Commands and answers as values over a `Connection`, with typed errors."""

from contextlib import AbstractContextManager

from cardio.errors import (
    AuthenticationBlocked,
    CardioError,
    FileNotFound,
    SecurityStatusNotSatisfied,
    UnexpectedStatus,
)
from cardio.iso7816.apdu import CommandApdu, ResponseApdu
from cardio.iso7816.status import StatusWord
from cardio.transport.base import Connection, Disposition, control

_ERRORS: dict[int, type[UnexpectedStatus]] = {
    0x6A82: FileNotFound,
    0x6982: SecurityStatusNotSatisfied,
    0x6983: AuthenticationBlocked,
    0x9404: FileNotFound,
    0x9802: SecurityStatusNotSatisfied,
    0x9804: SecurityStatusNotSatisfied,
    0x9808: AuthenticationBlocked,
    0x9840: AuthenticationBlocked,
}
"""The 94xx and 98xx are those of class A0 (facts: cps.md §2.3); ISO cards do not use them."""


class Channel:
    """Speaks to one card; `exchanged` counts the commands sent, GET RESPONSE not included."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.exchanged = 0

    @property
    def reader(self) -> str:
        return self._connection.reader

    @property
    def atr(self) -> bytes:
        return self._connection.atr

    def transaction(self) -> AbstractContextManager[None]:
        """See `Connection.transaction`."""
        return self._connection.transaction()

    def reset(self) -> None:
        """End the connection and reset the card, for every other program as well."""
        self._connection.close(Disposition.RESET)

    def send(self, command: CommandApdu) -> ResponseApdu:
        """Send, give the answer whatever its status word. Raises `TransportError`s."""
        index, self.exchanged = self.exchanged, self.exchanged + 1
        try:
            return ResponseApdu.decode(self._connection.transmit(command.encode()))
        except CardioError as error:
            raise error.at(self.reader, index) from error.__cause__

    def control(self, code: int, data: bytes = b"", *, limit: float | None = None) -> bytes:
        """See `ReaderControl.control`; it does not count as a command to the card."""
        return control(self._connection, code, data, limit=limit)

    def run(self, command: CommandApdu) -> bytes:
        """Send, give the data of a 9000 answer; any other status word raises."""
        response = self.send(command)
        if not response.status.is_success:
            raise self.error(command, response.status)
        return response.data

    def error(self, command: CommandApdu, status: StatusWord) -> UnexpectedStatus:
        """The typed error for this status word to the command just sent."""
        kind = _ERRORS.get(status.value, UnexpectedStatus)
        message = f"command {command.header.hex(' ').upper()} was answered {status}: {status.text}"
        return kind(message, status=status.value).at(self.reader, self.exchanged - 1)
