"""Any command through the whole stack reaches a strict card whole, and so does its answer."""

from contextlib import nullcontext

from hypothesis import given
from hypothesis import strategies as st

from cardio.iso7816.apdu import CommandApdu, ResponseApdu
from cardio.iso7816.historical import Capability
from cardio.transport.base import Disposition, TransmissionProtocol
from cardio.transport.stack import stack


class StrictCard:
    """Takes short commands only; over T=0 no case 4, and the exact Le or none of the data.

    Answers each whole command with `answer`, `slice_size` bytes at a time.
    """

    reader = "Reader 00 00"
    atr = b"\x3b\x00"

    def __init__(self, answer: bytes, protocol: TransmissionProtocol, slice_size: int) -> None:
        self.answer = answer
        self.protocol = protocol
        self.slice_size = slice_size
        self.received: list[CommandApdu] = []
        self._chained = b""
        self._waiting = b""

    def transmit(self, command: bytes) -> bytes:
        apdu = CommandApdu.decode(command)
        assert not apdu.extended
        if self.protocol is TransmissionProtocol.T0:
            assert apdu.case < 4
        if apdu.ins == 0xC0:
            assert apdu.le == min(len(self._waiting), 256) or apdu.le == 256
            return self._next()
        if apdu.cla & 0x10:
            self._chained += apdu.data
            return b"\x90\x00"
        data, self._chained = self._chained + apdu.data, b""
        if apdu.data or not self.answer:
            return self._take(apdu, data)
        available = min(len(self.answer), 256)
        if apdu.le != available and len(self.answer) <= 256:
            return bytes((0x6C, available & 0xFF))
        return self._take(apdu, data)

    def _take(self, apdu: CommandApdu, data: bytes) -> bytes:
        self.received.append(CommandApdu(apdu.cla, apdu.ins, apdu.p1, apdu.p2, data))
        self._waiting = self.answer
        return self._announce() if data else self._next()

    def _next(self) -> bytes:
        given, self._waiting = (
            self._waiting[: self.slice_size],
            self._waiting[self.slice_size :],
        )
        return given + self._announce()

    def _announce(self) -> bytes:
        if not self._waiting:
            return b"\x90\x00"
        return bytes((0x61, min(len(self._waiting), 256) & 0xFF))

    def transaction(self) -> nullcontext[None]:
        return nullcontext()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None: ...


@given(
    data=st.binary(max_size=1200),
    answer=st.binary(max_size=1200),
    le=st.sampled_from((None, 1, 255, 256, 257, 65536)),
    protocol=st.sampled_from(TransmissionProtocol),
    slice_size=st.integers(16, 256),
    capabilities=st.sampled_from((Capability(0), Capability.COMMAND_CHAINING)),
)
def test_nothing_is_lost_either_way(
    data: bytes,
    answer: bytes,
    le: int | None,
    protocol: TransmissionProtocol,
    slice_size: int,
    capabilities: Capability,
) -> None:
    card = StrictCard(answer, protocol, slice_size)
    command = CommandApdu(0x00, 0x2A, 0x9E, 0x9A, data, le)
    raw = stack(card, capabilities=capabilities).transmit(command.encode())
    response = ResponseApdu.decode(raw)
    assert response.data == answer
    assert response.status.is_success
    assert card.received == [CommandApdu(0x00, 0x2A, 0x9E, 0x9A, data)]
