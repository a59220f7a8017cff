"""ChipDoc, the card technology of the CPS4: as IAS-ECC, on logical channel 1.

Facts: vendor_library.md §2 (row CPS4), cps.md §3 and §7.
"""

from cardio.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from cardio.iso7816.fcp import Fcp
from cardio.iso7816.path import MASTER_FILE, Path
from cardio.iso7816.status import (
    CHANNEL_NOT_SUPPORTED,
    CLASS_NOT_SUPPORTED,
    CONDITIONS_NOT_SATISFIED,
    INCORRECT_P1_P2,
)
from cardio.transport.channel import Channel

CLA = 0x01
"""Every command goes to logical channel 1 (ISO/IEC 7816-4 §5.4.1)."""

ROOT_APPLICATION = bytes.fromhex("8025000001FF0100")
"""AID of the application that holds all (facts: cps.md §2.1)."""

_SELECT, _BY_NAME, _BY_PATH = 0xA4, 0x04, 0x08
_WANT_FCI, _WANT_NOTHING = 0x00, 0x0C

_LOST = (CONDITIONS_NOT_SATISFIED, CLASS_NOT_SUPPORTED, INCORRECT_P1_P2, CHANNEL_NOT_SUPPORTED)
"""How the card says that the application is no longer selected: 6985, 6E00 and 6A86 as the
vendor's library takes them (facts: cps.md §3); 6881 after a reset closed the channel is INFERRED
from ISO/IEC 7816-4 §5.4.1."""


class ChipDoc:
    """Files by their path from the root application, without 3F00; the FCI is a flat 6F."""

    cla = CLA
    block = SHORT_MAX_LE

    def select(self, channel: Channel, path: Path, *, sized: bool) -> int | None:
        """See `Dialect.select`. P2=00 is the only form known, so the FCI always comes."""
        answer = recovering(channel, select_path(path))
        if answer.status.is_success:
            return Fcp.decode(answer.data).size if sized else None
        raise channel.error(select_path(path), answer.status)


CHIPDOC = ChipDoc()


def select_root() -> CommandApdu:
    """SELECT the root application on channel 1, which opens the channel."""
    return CommandApdu(CLA, _SELECT, _BY_NAME, _WANT_NOTHING, ROOT_APPLICATION)


def select_path(path: Path) -> CommandApdu:
    """SELECT by path from the root application (P1=08)."""
    fids = path.fids[1:] if path.fids[:1] == (MASTER_FILE,) else path.fids
    return CommandApdu(CLA, _SELECT, _BY_PATH, _WANT_FCI, Path(fids).encode(), le=SHORT_MAX_LE)


def recovering(channel: Channel, command: CommandApdu) -> ResponseApdu:
    """The answer; if the application was lost, it is selected again and asked once more.

    Only for commands that spend nothing. Raises as `Channel.run` when the application is gone.
    """
    answer = channel.send(command)
    if answer.status in _LOST:
        channel.run(select_root())
        answer = channel.send(command)
    return answer
