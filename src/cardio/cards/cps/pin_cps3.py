"""The PIN commands of a CPS3 (facts: cps.md §3, vendor_library.md §2, iasecc_opensc.md §1.8)."""

from collections.abc import Generator
from contextlib import contextmanager

from cardio.cards.cps.layout import PIN_REFERENCE, PUK_REFERENCE
from cardio.iasecc.commands import get_data, select_path
from cardio.iasecc.sdo import ControlParameters, SdoClass, request
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.path import ROOT
from cardio.iso7816.status import StatusWord
from cardio.pin.commands import PinCounters, ReplacementStatus
from cardio.pin.policy import PUK_POLICY, PinPolicy
from cardio.transport.channel import Channel

_VERIFY, _CHANGE, _RESET_COUNTER = 0x20, 0x24, 0x2C
_WHOLE, _NEW_PIN_ONLY = 0x00, 0x02
"""P1: all that the command takes; or, once the PUK was verified, the new PIN alone."""


class Cps3Pin:
    """PIN 1 and PUK 2 live in the MF, which is selected before each of these commands.

    Within one transaction it is selected once: reading the counter and VERIFY take 4 exchanges.
    `policy` and `puk_policy` are those of a card that tells none, until the AODF's are set.
    """

    def __init__(self, channel: Channel) -> None:
        self.policy = PinPolicy()
        self.puk_policy = PUK_POLICY
        self._channel = channel
        self._is_ours = False
        self._is_root_selected = False

    @contextmanager
    def transaction(self) -> Generator[None]:
        """See `PinCommands.transaction`."""
        if self._is_ours:
            yield
            return
        with self._channel.transaction():
            self._is_ours = True
            try:
                yield
            finally:
                self._is_ours = self._is_root_selected = False

    def counters(self) -> PinCounters:
        """See `PinCommands.counters`. The card does not tell whether the PIN is verified."""
        return self._counters(PIN_REFERENCE)

    def puk_counters(self) -> PinCounters:
        """See `PinCommands.puk_counters`."""
        return self._counters(PUK_REFERENCE)

    def verify(self, pin: bytes) -> StatusWord:
        """See `PinCommands.verify`."""
        with self._root():
            return self._send(_VERIFY, _WHOLE, PIN_REFERENCE, pin)

    def change(self, old: bytes, new: bytes) -> ReplacementStatus:
        """See `PinCommands.change`. Both PINs go in one command."""
        with self._root():
            status = self._send(_CHANGE, _WHOLE, PIN_REFERENCE, old + new)
        return ReplacementStatus(status, status)

    def unblock(self, puk: bytes, new: bytes) -> ReplacementStatus:
        """See `PinCommands.unblock`."""
        with self._root():
            proof = self._send(_VERIFY, _WHOLE, PUK_REFERENCE, puk)
            if not proof.is_success:
                return ReplacementStatus(proof)
            replacement = self._send(_RESET_COUNTER, _NEW_PIN_ONLY, PIN_REFERENCE, new)
            return ReplacementStatus(proof, replacement)

    def log_out(self) -> None:
        """See `PinCommands.log_out`: no command is known that closes the card, a reset does."""
        self._channel.reset()

    def _counters(self, reference: int) -> PinCounters:
        with self._root():
            answer = self._channel.run(get_data(request(SdoClass.PIN, reference)))
        told = ControlParameters.decode(answer, SdoClass.PIN, reference)
        return PinCounters(told.tries_left, told.tries_max, told.uses_left)

    @contextmanager
    def _root(self) -> Generator[None]:
        """A transaction in which the MF is the current DF."""
        with self.transaction():
            if not self._is_root_selected:
                self._channel.run(select_path(ROOT, fcp=False))
                self._is_root_selected = True
            yield

    def _send(self, ins: int, p1: int, reference: int, data: bytes) -> StatusWord:
        return self._channel.send(CommandApdu(0x00, ins, p1, reference, data)).status
