"""What a card answered, in one phrase: the status word, sizes, and what kind of object it is."""

from cardio.errors import CardioError
from cardio.iso7816 import tlv
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.fcp import Fcp
from cardio.iso7816.status import StatusWord
from cardio.trace.explain.phrases import Speaker
from cardio.trace.masked import MaskedBytes
from cardio.trace.redaction import CPS2TER_CLASS

_SAYS_WHAT_IT_IS = frozenset({0xA4, 0xC0, 0xCB})
"""SELECT, GET RESPONSE and GET DATA; what READ BINARY gives is file content."""

_DOCP = 0xA0
_TRIES_MAXIMUM, _TRIES_LEFT = 0x9A, 0x9B


def explain_answer(command: CommandApdu | None, answer: MaskedBytes, say: Speaker) -> str:
    """The phrase for an answer to `command` (None where that was not a command)."""
    if len(answer) < 2:
        return say("answer.none")
    status = StatusWord(int.from_bytes((answer.before + answer.after)[-2:], "big"))
    size = len(answer) - 2
    verdict = _verdict(command, status, say)
    if not size:
        return verdict
    parts = [say.size(size), *(() if status.is_success else (verdict,))]
    if command and command.ins in _SAYS_WHAT_IT_IS and not answer.hidden:
        parts += [text for text in (_kind(answer.before[:-2], say),) if text]
    return ", ".join(parts)


def _verdict(command: CommandApdu | None, status: StatusWord, say: Speaker) -> str:
    cps2ter = command is not None and command.cla == CPS2TER_CLASS
    available = (status.sw2 or 256) if cps2ter and status.sw1 == 0x9F else status.available
    if available is not None:
        return say("answer.fetch", size=say.size(available))
    if status.exact_le is not None:
        return say("answer.exact", size=say.size(status.exact_le))
    if status.is_success:
        asked = command is not None and command.ins == 0x20 and not command.data
        return say("answer.verified" if asked else "answer.ok")
    return say.status(status, cps2ter=cps2ter)


def _kind(body: bytes, say: Speaker) -> str:
    """What the object in an answer is, where it is an FCP or the tries of a PIN; or nothing."""
    try:
        return _tries(body, say) if body[:1] == b"\x70" else _file(Fcp.decode(body), say)
    except CardioError:
        return ""


def _tries(body: bytes, say: Speaker) -> str:
    """Tags 9A and 9B of a PIN's DOCP (facts: iasecc_opensc.md §1.7)."""
    header = next(iter(tlv.parse(body).children), None)
    left, maximum = (
        header.get(_DOCP, tag) if header else None for tag in (_TRIES_LEFT, _TRIES_MAXIMUM)
    )
    if not left or not maximum:
        return ""
    return say("tries.of", left=left[0], maximum=maximum[0])


def _file(fcp: Fcp, say: Speaker) -> str:
    text = say("fcp.df" if fcp.is_df else "fcp.ef")
    if fcp.fid is not None:
        text = say("fcp.fid", kind=text, fid=fcp.fid)
    if fcp.size is not None:
        text = say("fcp.size", kind=text, size=say.size(fcp.size))
    return text
