"""Every file of a card, and what it gives without the professional's card.

The files that the map names, and the three that cardpeek asks for besides (facts: vitale.md §2.5).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum

from cardio.cards.vitale.commands import select_application, select_file
from cardio.cards.vitale.files import read_first, read_on
from cardio.cards.vitale.layout import MAP_FID, MF_VITALE, VITALE
from cardio.cards.vitale.map import MappedFile, decode_map
from cardio.cards.vitale.tlvs import FileContent
from cardio.errors import MalformedData, UnexpectedStatus
from cardio.iasecc.commands import read_binary
from cardio.iso7816.apdu import SHORT_MAX_LE
from cardio.iso7816.status import FILE_NOT_FOUND, SECURITY_STATUS_NOT_SATISFIED
from cardio.transport.channel import Channel

MOST_FILES = 100
MOST_BYTES = 1 << 16
"""Read in all; the memory of a card is about 32 KB (facts: vitale.md §2.1)."""

_POINTERS = MappedFile("POINTERS", VITALE, MAP_FID)
_BESIDES = (MappedFile("DIR", MF_VITALE, 0x2F00), MappedFile("PAN", MF_VITALE, 0x2F02))

_RAW = (b"\x00", b"\x04\x00")
"""How files begin that are no data objects (facts: vitale.md §2.6)."""


class FileState(Enum):
    """What came of asking for a file; the words are stable."""

    READABLE = "readable"
    NEEDS_PROFESSIONAL_CARD = "needs-professional-card"
    ABSENT = "absent"
    REFUSED = "refused"


class FileKind(Enum):
    """What a file holds; the words are stable."""

    TLV = "tlv"
    RAW = "raw"
    EMPTY = "empty"


_STATES = {
    int(SECURITY_STATUS_NOT_SATISFIED): FileState.NEEDS_PROFESSIONAL_CARD,
    int(FILE_NOT_FOUND): FileState.ABSENT,
}
"""6982 is what protected files are taken to answer: that of real cards is not public."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file: its place, whether the map names it, and what the card answered.

    A readable one has its `content`; of any other `status` says why not (SW1-SW2).
    """

    name: str
    application: bytes
    fid: int
    in_map: bool
    state: FileState
    status: int = 0x9000
    content: bytes = field(default=b"", repr=False)

    @property
    def size(self) -> int | None:
        """Bytes read; None for a file that was not."""
        return len(self.content) if self.state is FileState.READABLE else None

    @property
    def kind(self) -> FileKind | None:
        """None for a file that was not read."""
        if self.state is not FileState.READABLE:
            return None
        if not self.content:
            return FileKind.EMPTY
        is_raw = self.content.startswith(_RAW) or not self.objects.templates
        return FileKind.RAW if is_raw else FileKind.TLV

    @property
    def objects(self) -> FileContent:
        """The data objects of a readable file, up to the first damage."""
        return FileContent.decode(self.content)


def read_inventory(channel: Channel) -> tuple[FileEntry, ...]:
    """Ask for every file, one application after the other, the map first.

    At most `MOST_FILES` files are asked for and about `MOST_BYTES` bytes read. Raises
    `TransportError`s only.
    """
    visit = _Visit(channel)
    pointers = visit.file(_POINTERS, in_map=False)
    try:
        mapped = decode_map(pointers.content)
    except MalformedData:
        mapped = ()
    places = {(file.aid, file.fid) for file in mapped}
    others = [file for file in mapped if (file.aid, file.fid) != (VITALE, MAP_FID)]
    others += (file for file in _BESIDES if (file.aid, file.fid) not in places)
    wanted = _by_application(others)[: MOST_FILES - 1]
    pointers = replace(pointers, in_map=(VITALE, MAP_FID) in places)
    return (pointers, *(visit.file(file, in_map=file in mapped) for file in wanted))


def _by_application(files: Iterable[MappedFile]) -> list[MappedFile]:
    """VITALE first, as it is selected; the others in the order they come in."""
    order = dict.fromkeys((VITALE, *(file.aid for file in files)))
    return [file for aid in order for file in files if file.aid == aid]


class _Visit:
    """Asks for files, selecting an application when another one is the current one."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._current: bytes | None = None
        self._bytes_left = MOST_BYTES

    def file(self, file: MappedFile, *, in_map: bool) -> FileEntry:
        state, status, content = FileState.READABLE, 0x9000, b""
        try:
            self._select(file)
            content = self._read()
        except UnexpectedStatus as refusal:
            status = refusal.status
            state = _STATES.get(status, FileState.REFUSED)
        return FileEntry(file.name, file.aid, file.fid, in_map, state, status, content)

    def _select(self, file: MappedFile) -> None:
        if self._current != file.aid:
            self._current = None
            self._channel.run(select_application(file.aid))
            self._current = file.aid
        self._channel.run(select_file(file.fid))

    def _read(self) -> bytes:
        block = read_first(self._channel, read_binary(0, SHORT_MAX_LE))
        content = read_on(self._channel, block) if self._bytes_left > 0 else block
        self._bytes_left -= len(content)
        return content
