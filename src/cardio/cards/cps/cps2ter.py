"""The CPS2ter part: of CPS2ter cards all there is, of CPS3 and CPS4 one part beside others.

Facts: cps.md §2.3, vendor_library.md §2 and §4. One VERIFY opens it together with the IAS part.
"""

from cardio.errors import FcpError
from cardio.iasecc.pkcs15 import Home
from cardio.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from cardio.iso7816.path import ROOT, Path
from cardio.iso7816.status import StatusWord
from cardio.transport.channel import Channel

CLA = 0xA0

HOME = Home(aid=bytes.fromhex("8025000001FF0002"), path=ROOT)
"""The application (facts: cps.md §2.1); its files are reached without selecting it."""

SITUATIONS = 16
"""Activities a card has room for: 3F00/4010 to 401F."""

BILLING_FILE = ROOT / 0x7F01 / 0x4000
_FIRST_ACTIVITY = 0x4010

_SELECT, _GET_RESPONSE = 0xA4, 0xC0
_TO_FETCH = 0x9F
_FCI_TAG, _FCI_SIZE = 0x85, 7


class Cps2ter:
    """SELECT takes one file at a time, and announces its FCI by 9Fxx."""

    cla = CLA
    block = 0xE7
    """What the vendor's library reads at a time."""

    def select(self, channel: Channel, path: Path, *, sized: bool) -> int | None:
        """See `Dialect.select`. Only the last file's FCI is fetched, if its size is wanted."""
        status = StatusWord(0x9000)
        for fid in path.fids:
            status = _select(channel, fid).status
        return _fetch_size(channel, status) if sized else None


CPS2TER = Cps2ter()


def activity_file(number: int) -> Path:
    """Of activity 1 to 16."""
    return ROOT / (_FIRST_ACTIVITY + number - 1)


def select_file(fid: int) -> CommandApdu:
    """SELECT a file of the current DF, or the MF."""
    return CommandApdu(CLA, _SELECT, 0x00, 0x00, fid.to_bytes(2, "big"))


def is_selected(status: StatusWord) -> bool:
    """Whether this answer to SELECT means success: 9Fxx, or 9000."""
    return status.is_success or status.sw1 == _TO_FETCH


def _select(channel: Channel, fid: int) -> ResponseApdu:
    command = select_file(fid)
    answer = channel.send(command)
    if not is_selected(answer.status):
        raise channel.error(command, answer.status)
    return answer


def _fetch_size(channel: Channel, status: StatusWord) -> int:
    """Of `85 05`, size (2 bytes), fid (2), type (1)."""
    if status.sw1 != _TO_FETCH:
        raise FcpError("the file announces no control information")
    fci = channel.run(CommandApdu(CLA, _GET_RESPONSE, 0x00, 0x00, le=status.sw2 or SHORT_MAX_LE))
    if len(fci) < _FCI_SIZE or fci[0] != _FCI_TAG:
        raise FcpError("the control information has another shape")
    return int.from_bytes(fci[2:4], "big")
