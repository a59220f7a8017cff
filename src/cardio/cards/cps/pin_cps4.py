"""The PIN commands of a CPS4 (facts: cps.md §3).

The shapes are published; that PIN and PUK have references 1 and 2, and which values P1 and P2
of the unblocking take, is INFERRED.
"""

from contextlib import AbstractContextManager

from cardio.cards.cps.layout import PIN_REFERENCE, PUK_REFERENCE
from cardio.iasecc import chipdoc
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import AUTHENTICATION_BLOCKED, StatusWord
from cardio.pin.commands import PinCounters, ReplacementStatus
from cardio.pin.policy import PUK_POLICY, PinPolicy
from cardio.transport.channel import Channel

_VERIFY, _CHANGE, _RESET_COUNTER = 0x20, 0x24, 0x2C
_WHOLE, _NEW_PIN_ONLY, _COUNTER_ONLY = 0x00, 0x01, 0x03
_OF_THE_APPLICATION = 0x80


class Cps4Pin:
    """All go to logical channel 1. The counter is what an empty VERIFY answers, one exchange.

    Once the PIN is verified the card tells no counter. `policy` and `puk_policy` are those of a
    card that tells none, until the AODF's are set.
    """

    def __init__(self, channel: Channel) -> None:
        self.policy = PinPolicy()
        self.puk_policy = PUK_POLICY
        self._channel = channel

    def transaction(self) -> AbstractContextManager[None]:
        """See `PinCommands.transaction`."""
        return self._channel.transaction()

    def counters(self) -> PinCounters:
        """See `PinCommands.counters`."""
        return self._counters(PIN_REFERENCE)

    def puk_counters(self) -> PinCounters:
        """See `PinCommands.puk_counters`; how often a PUK may be used is not told."""
        return self._counters(PUK_REFERENCE)

    def verify(self, pin: bytes) -> StatusWord:
        """See `PinCommands.verify`."""
        return self._send(_VERIFY, _WHOLE, PIN_REFERENCE, pin)

    def change(self, old: bytes, new: bytes) -> ReplacementStatus:
        """See `PinCommands.change`: VERIFY of the old PIN, then the new one alone."""
        with self.transaction():
            proof = self.verify(old)
            return ReplacementStatus(proof, self._replace(new) if proof.is_success else None)

    def unblock(self, puk: bytes, new: bytes) -> ReplacementStatus:
        """See `PinCommands.unblock`: VERIFY of the PUK, the tries given back, then the new PIN."""
        with self.transaction():
            proof = self._send(_VERIFY, _WHOLE, PUK_REFERENCE, puk)
            if not proof.is_success:
                return ReplacementStatus(proof)
            reference = PIN_REFERENCE | _OF_THE_APPLICATION
            restored = self._send(_RESET_COUNTER, _COUNTER_ONLY, reference)
            return ReplacementStatus(proof, self._replace(new) if restored.is_success else restored)

    def log_out(self) -> None:
        """See `PinCommands.log_out`: no command is known that closes the card, a reset does."""
        self._channel.reset()

    def _replace(self, new: bytes) -> StatusWord:
        return self._send(_CHANGE, _NEW_PIN_ONLY, PIN_REFERENCE, new)

    def _counters(self, reference: int) -> PinCounters:
        query = CommandApdu(chipdoc.CLA, _VERIFY, _WHOLE, reference)
        with self.transaction():
            status = chipdoc.recovering(self._channel, query).status
        if status.is_success:
            return PinCounters(is_verified=True)
        if status == AUTHENTICATION_BLOCKED:
            return PinCounters(tries_left=0)
        if status.tries_left is None:
            raise self._channel.error(query, status)
        return PinCounters(status.tries_left, is_verified=False)

    def _send(self, ins: int, p1: int, reference: int, data: bytes = b"") -> StatusWord:
        return self._channel.send(CommandApdu(chipdoc.CLA, ins, p1, reference, data)).status
