"""The PIN commands of a CPS2ter: a STAND_IN, as none is public (facts: cps.md §2.3).

Invented after the GSM cards that class A0 and the status words 98xx come from; the emulated card
answers them (docs/reference/emulated-cps2ter.md). No real card is known to. As this card never
tells how many tries are left, `RetryGuard` refuses to send a PIN unless told to.
"""

from contextlib import AbstractContextManager

from cardio.cards.cps.cps2ter import CLA
from cardio.cards.cps.layout import PIN_REFERENCE
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import AUTHENTICATION_BLOCKED, StatusWord
from cardio.pin.commands import PinCounters, ReplacementStatus
from cardio.pin.policy import PUK_POLICY, PinPolicy
from cardio.transport.channel import Channel

_VERIFY, _CHANGE, _UNBLOCK = 0x20, 0x24, 0x2C
SIZE, _FILLING = 8, b"\xff"

_WRONG, _PUK_BLOCKED, _NOT_VERIFIED, _BLOCKED = 0x9804, 0x9808, 0x9802, 0x9840
_AS_ISO = {
    _WRONG: StatusWord(0x6300),
    _PUK_BLOCKED: AUTHENTICATION_BLOCKED,
    _BLOCKED: AUTHENTICATION_BLOCKED,
}


class Cps2terPin:
    """A PIN goes as ASCII digits filled up with FF to 8 bytes."""

    def __init__(self, channel: Channel) -> None:
        self.policy = PinPolicy()
        self.puk_policy = PUK_POLICY
        self._channel = channel

    def transaction(self) -> AbstractContextManager[None]:
        """See `PinCommands.transaction`."""
        return self._channel.transaction()

    def counters(self) -> PinCounters:
        """See `PinCommands.counters`: whether it is blocked, or verified, and no more."""
        query = CommandApdu(CLA, _VERIFY, 0x00, PIN_REFERENCE)
        status = self._channel.send(query).status
        if status.value == _BLOCKED:
            return PinCounters(tries_left=0)
        if status.value == _NOT_VERIFIED or status.is_success:
            return PinCounters(is_verified=status.is_success)
        raise self._channel.error(query, status)

    def puk_counters(self) -> PinCounters:
        """See `PinCommands.puk_counters`: the card tells none; nothing is sent."""
        return PinCounters()

    def verify(self, pin: bytes) -> StatusWord:
        """See `PinCommands.verify`."""
        return self._send(_VERIFY, _filled(pin))

    def change(self, old: bytes, new: bytes) -> ReplacementStatus:
        """See `PinCommands.change`."""
        status = self._send(_CHANGE, _filled(old) + _filled(new))
        return ReplacementStatus(status, status)

    def unblock(self, puk: bytes, new: bytes) -> ReplacementStatus:
        """See `PinCommands.unblock`."""
        status = self._send(_UNBLOCK, _filled(puk) + _filled(new))
        return ReplacementStatus(status, status)

    def log_out(self) -> None:
        """See `PinCommands.log_out`."""
        self._channel.reset()

    def _send(self, ins: int, data: bytes) -> StatusWord:
        return as_iso(self._channel.send(CommandApdu(CLA, ins, 0x00, PIN_REFERENCE, data)).status)


def as_iso(status: StatusWord) -> StatusWord:
    """The status word of ISO/IEC 7816-4 that means the same; others as they are."""
    return _AS_ISO.get(status.value, status)


def _filled(code: bytes) -> bytes:
    return code.ljust(SIZE, _FILLING)
