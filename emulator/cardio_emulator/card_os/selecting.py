"""SELECT (ISO/IEC 7816-4:2020 §11.2.2), as CPS3 and Vitale 2 take it."""

from cardio.errors import MalformedData
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.path import MASTER_FILE, ROOT, Path
from cardio.iso7816.status import FILE_NOT_FOUND, INCORRECT_P1_P2, WRONG_LENGTH
from cardio_emulator.card_os.file_system import fcp, parent, plain_fci
from cardio_emulator.card_os.refusal import Refusal
from cardio_emulator.card_os.state import CardState
from cardio_emulator.image import DedicatedFile, File, PlainSelect

_BY_ID, _CHILD_DF, _EF, _PARENT, _BY_NAME, _FROM_MF, _FROM_DF = 0, 1, 2, 3, 4, 8, 9
_FCI, _FCP, _NOTHING = 0x00, 0x04, 0x0C


def select(card: CardState, command: CommandApdu) -> bytes:
    """Find the file, check P2 against it, make it current, and give what P2 asks for."""
    if command.p2 not in (_FCI, _FCP, _NOTHING):
        raise Refusal(INCORRECT_P1_P2)
    path = _find(card, command)
    file = card.files.get(path) if path else None
    if path is None or file is None:
        raise Refusal(FILE_NOT_FOUND)
    answer = _answer(card, command, path, file)
    card.session.make_current(path, is_df=isinstance(file, DedicatedFile))
    return answer


def _find(card: CardState, command: CommandApdu) -> Path | None:
    if command.p1 == _BY_NAME:
        return card.files.named(command.data)
    if command.p1 == _PARENT:
        return parent(card.session.df)
    if command.p1 in (_FROM_MF, _FROM_DF):
        return _along(card, command)
    if command.p1 in (_BY_ID, _CHILD_DF, _EF):
        return _by_identifier(card, command)
    raise Refusal(INCORRECT_P1_P2)


def _along(card: CardState, command: CommandApdu) -> Path:
    """A path that begins with 3F00 is absolute for P1=09 too (facts: iasecc_opensc.md §1.4)."""
    try:
        path = Path.decode(command.data)
    except MalformedData as error:
        raise Refusal(WRONG_LENGTH) from error
    if not path.fids:
        raise Refusal(WRONG_LENGTH)
    return (ROOT if command.p1 == _FROM_MF else card.session.df) / path


def _by_identifier(card: CardState, command: CommandApdu) -> Path | None:
    """3F00 is accepted in the EF form as well (facts: iasecc_opensc.md §1.4)."""
    if len(command.data) not in (0, 2) or (not command.data and command.p1 != _BY_ID):
        raise Refusal(WRONG_LENGTH)
    fid = int.from_bytes(command.data, "big") or MASTER_FILE
    if fid == MASTER_FILE:
        return ROOT
    path = card.session.df / fid
    file = card.files.get(path)
    if file is None or _fits(file, command.p1):
        return path
    return None


def _fits(file: File, p1: int) -> bool:
    is_df = isinstance(file, DedicatedFile)
    return p1 == _BY_ID or is_df == (p1 == _CHILD_DF)


def _answer(card: CardState, command: CommandApdu, path: Path, file: File) -> bytes:
    manners = card.image.manners
    if command.p2 == _NOTHING:
        return b""
    if command.p2 == _FCI:
        return _plain(card, command, path)
    by_path = command.p1 in (_FROM_MF, _FROM_DF)
    if manners.silent_root_path and by_path and file.fid == MASTER_FILE:
        return b""
    return card.files.template(path, fcp)


def _plain(card: CardState, command: CommandApdu, path: Path) -> bytes:
    if card.image.manners.plain_select is PlainSelect.NAME:
        return card.files.template(path, plain_fci)
    if command.p1 == _BY_NAME and path == ROOT:
        return b""
    raise Refusal(INCORRECT_P1_P2)
