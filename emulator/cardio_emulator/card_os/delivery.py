"""How an answer reaches the reader: 61xx and GET RESPONSE, 6Cxx, or all at once.

T=0 has no command that both sends and receives (ISO/IEC 7816-3:2006 §12.2), so the answer to a
command with data waits for GET RESPONSE, which may fetch it in slices of any size.
"""

from cardio.iso7816.apdu import SHORT_MAX_LE, Case, CommandApdu
from cardio.iso7816.status import CONDITIONS_NOT_SATISFIED, SUCCESS, StatusWord
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.image import Delivery

_MORE_DATA, _EXACT_LE = 0x6100, 0x6C00


class Outbox:
    """The answer that waits for GET RESPONSE. The next other command forgets it."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._waiting = b""

    def clear(self) -> None:
        self._waiting = b""

    def send(self, command: CommandApdu, data: bytes) -> bytes:
        """The response APDU to a command that went well."""
        if not data:
            return bytes(SUCCESS)
        if self._delivery is Delivery.AT_ONCE:
            return self._slice(data, command.le or SHORT_MAX_LE)
        if command.case is Case.ANSWER_ONLY:
            return _exactly(command, data)
        self._waiting = data
        return bytes(StatusWord(_MORE_DATA | _short(len(data))))

    def get_response(self, command: CommandApdu) -> bytes:
        """The next slice; 61xx while more waits, 6Cxx where less waits than asked for."""
        wanted = command.le or SHORT_MAX_LE
        if not self._waiting:
            raise Refusal(CONDITIONS_NOT_SATISFIED)
        if wanted > len(self._waiting):
            return bytes(StatusWord(_EXACT_LE | _short(len(self._waiting))))
        return self._slice(self._waiting, wanted)

    def _slice(self, data: bytes, size: int) -> bytes:
        self._waiting = data[size:]
        more = StatusWord(_MORE_DATA | _short(len(self._waiting))) if self._waiting else SUCCESS
        return data[:size] + bytes(more)


def _exactly(command: CommandApdu, data: bytes) -> bytes:
    if len(data) == command.le:
        return data + bytes(SUCCESS)
    return bytes(StatusWord(_EXACT_LE | _short(len(data))))


def _short(length: int) -> int:
    """A length in SW2: 00 stands for 256, and after 61 for more as well."""
    return length if length < SHORT_MAX_LE else 0
