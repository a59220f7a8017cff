"""The PIN commands of each kind of CPS, with PINs typed on the reader's PIN pad."""

from collections.abc import Generator
from contextlib import contextmanager

from cardio.cards.cps import cps2ter, pin_cps2ter
from cardio.cards.cps.generation import Commands
from cardio.cards.cps.layout import PIN_REFERENCE
from cardio.cards.cps.pin_cps2ter import Cps2terPin
from cardio.cards.cps.pin_cps3 import Cps3Pin
from cardio.errors import CardioError
from cardio.iasecc import chipdoc
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.status import StatusWord
from cardio.transport.pinpad import PinLayout, PinPad

_VERIFY, _CHANGE = 0x20, 0x24
_WHOLE, _NEW_PIN_ONLY = 0x00, 0x01
_CPS3_CLA = 0x00


class CpsPinPad:
    """A PIN pad for one card: `verify` and `change` are what `RetryGuard` takes as `use_pad`.

    Both give the card's status word or the pad's own. Their headers are those of the card's
    `PinCommands`, whose `policy` should be the AODF's: a pad deals best with one length. Errors
    name the `reader`.
    """

    def __init__(self, pad: PinPad, commands: Commands, reader: str) -> None:
        self._pad = pad
        self._commands = commands
        self._reader = reader

    @property
    def can_change(self) -> bool:
        """Whether the pad can have a PIN changed, too."""
        return self._pad.can_modify

    def verify(self) -> StatusWord:
        """Have the PIN typed. Raises as `PinPad.verify`."""
        with self._naming_reader():
            return self._as_iso(self._pad.verify(self._command(_VERIFY), self._layout))

    def change(self) -> StatusWord:
        """Have the PIN typed, then the new one twice. Raises as `PinPad.verify`.

        Both go in one command, but to a CPS4: there VERIFY comes first, with the first of them.
        """
        with self._naming_reader():
            if isinstance(self._commands, Cps3Pin | Cps2terPin):
                both = self._command(_CHANGE)
                return self._as_iso(self._pad.modify(both, self._layout, asks_current=True))
            proof = self.verify()
            if not proof.is_success:
                return proof
            new_only = self._command(_CHANGE, _NEW_PIN_ONLY)
            return self._pad.modify(new_only, self._layout, asks_current=False)

    @contextmanager
    def _naming_reader(self) -> Generator[None]:
        try:
            yield
        except CardioError as error:
            error.at(self._reader)
            raise

    def _command(self, ins: int, p1: int = _WHOLE) -> CommandApdu:
        return CommandApdu(_class(self._commands), ins, p1, PIN_REFERENCE)

    @property
    def _layout(self) -> PinLayout:
        policy = self._commands.policy
        block = pin_cps2ter.SIZE if isinstance(self._commands, Cps2terPin) else 0
        return PinLayout(policy.min_length, policy.max_length, block)

    def _as_iso(self, status: StatusWord) -> StatusWord:
        is_cps2ter = isinstance(self._commands, Cps2terPin)
        return pin_cps2ter.as_iso(status) if is_cps2ter else status


def _class(commands: Commands) -> int:
    if isinstance(commands, Cps2terPin):
        return cps2ter.CLA
    return _CPS3_CLA if isinstance(commands, Cps3Pin) else chipdoc.CLA
