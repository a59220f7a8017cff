"""The two public ways to the lists of a Vitale 2 (facts: vitale_readers.md §3)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from cardio.cards.vitale.beneficiary import Problem, ProblemCode
from cardio.cards.vitale.commands import select_application, select_file, select_root
from cardio.cards.vitale.files import read_first, read_on
from cardio.cards.vitale.layout import (
    LIST_SFI,
    MAP_FID,
    MF_VITALE,
    NUMBERS_TAGS,
    PEOPLE_TAGS,
    VITALE,
    Tag,
)
from cardio.cards.vitale.map import MappedFile, decode_map
from cardio.cards.vitale.tlvs import FileContent
from cardio.errors import MalformedData, UnexpectedStatus
from cardio.iasecc.commands import read_binary, read_by_sfi
from cardio.iso7816.apdu import SHORT_MAX_LE
from cardio.iso7816.fcp import Fcp
from cardio.iso7816.status import FILE_NOT_FOUND, SECURITY_STATUS_NOT_SATISFIED
from cardio.iso7816.tlv import Tlv, first
from cardio.transport.channel import Channel


class Route(Enum):
    """How the lists are come by. The map is also the way where short identifiers fail."""

    SHORT_ID = "short-id"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Found:
    """What the files read so far hold. `refusal` is the first refusal met."""

    people: tuple[Tlv, ...] = ()
    numbers: tuple[Tlv, ...] = ()
    card: Tlv | None = None
    problems: tuple[Problem, ...] = ()
    refusal: UnexpectedStatus | None = None

    @property
    def has_lists(self) -> bool:
        return bool(self.people and self.numbers)

    def with_file(self, content: FileContent) -> "Found":
        """With one more file; of each list the first one found counts."""
        people = content.people
        return replace(
            self,
            people=self.people or _if_any_has(people, PEOPLE_TAGS),
            numbers=self.numbers or _if_any_has(people, NUMBERS_TAGS),
            card=self.card or first(content.templates, Tag.CARD),
            problems=self.problems + (_DAMAGED if content.is_damaged else ()),
        )

    def without_file(self, refusal: UnexpectedStatus) -> "Found":
        """With one more file refused."""
        return replace(self, refusal=self.refusal or refusal)

    def with_problem(self, code: ProblemCode) -> "Found":
        """With one more thing to tell of the files."""
        return replace(self, problems=(*self.problems, Problem(code)))


_SHORT_ID_BITS = 0x1F
_DAMAGED = (Problem(ProblemCode.DAMAGED_FILE),)
_CLOSED = (int(SECURITY_STATUS_NOT_SATISFIED), int(FILE_NOT_FOUND))
"""What a file that is not open to everybody answers: such files are passed over in silence."""


def _if_any_has(people: tuple[Tlv, ...], tags: frozenset[Tag]) -> tuple[Tlv, ...]:
    """A list is known by its fields, and kept whole: its order pairs it with the other."""
    return people if any(node.find(tag) for node in people for tag in tags) else ()


def read_by_short_id(channel: Channel) -> Found:
    """Short id 2 under the root, then under VITALE: 4 commands for lists of one block each."""
    found = Found()
    for select in (select_root(), select_application(VITALE)):
        try:
            channel.run(select)
            block = read_first(channel, read_by_sfi(LIST_SFI, SHORT_MAX_LE))
            found = found.with_file(FileContent.decode(read_on(channel, block)))
        except UnexpectedStatus as refusal:
            found = found.without_file(refusal)
    return found


class MapWalk:
    """Reads the files that the map names one after the other, none twice.

    Files that the card keeps closed are passed over; any other refusal is a problem. Of a file
    that begins with nothing wanted, only the first block is read.
    """

    def __init__(self, channel: Channel, found: Found) -> None:
        self.found = found
        self._channel = channel
        self._left: list[MappedFile] | None = None

    def read_until(self, is_enough: Callable[[Found], bool]) -> Found:
        """Walk on until that is found, or to the end of the map."""
        if self._left is None:
            self._left = self._read_map()
        application = None
        while self._left and not is_enough(self.found):
            application = self._visit(self._left[0], application)
            del self._left[0]
        return self.found

    def read_lists(self) -> Found:
        """Both lists, wherever the map has them: in 5 commands where it names files of short id 2.

        The identifier of such a file ends with the short one (ISO/IEC 7816-4 §7.4.3), which saves
        selecting it; VITALE is selected only where it is not current since identification.
        """
        self._left = self._read_current_map() or self._read_map()
        for application in (VITALE, MF_VITALE):
            if any(_may_have_list(file, application) for file in self._left):
                self._read_list(application)
        return self.read_until(lambda so_far: so_far.has_lists)

    def _read_list(self, application: bytes) -> None:
        """By its short identifier. A refusal tells nothing yet: the walk asks for the file."""
        try:
            if application != VITALE:  # which has been current since the map was read
                self._channel.run(select_application(application))
            block = read_first(self._channel, read_by_sfi(LIST_SFI, SHORT_MAX_LE))
            content = FileContent.decode(read_on(self._channel, block))
        except UnexpectedStatus:
            return
        self.found = self.found.with_file(content)

    def _read_current_map(self) -> list[MappedFile]:
        """The map of the current application; nothing where that is not VITALE."""
        try:
            self._channel.run(select_file(MAP_FID))
            return list(decode_map(read_on(self._channel, self._first_block())))
        except (UnexpectedStatus, MalformedData):
            return []

    def _read_map(self) -> list[MappedFile]:
        try:
            self._channel.run(select_application(VITALE))
            self._channel.run(select_file(MAP_FID))
            return list(decode_map(read_on(self._channel, self._first_block())))
        except UnexpectedStatus as refusal:
            refused = self.found.without_file(refusal)
            self.found = refused.with_problem(ProblemCode.REFUSED_FILE)
        except MalformedData:
            self.found = self.found.with_file(FileContent(is_damaged=True))
        return []

    def _visit(self, file: MappedFile, selected: bytes | None) -> bytes | None:
        """Read one file, `selected` being the current application; gives the new current one."""
        try:
            if file.aid != selected:
                self._channel.run(select_application(file.aid))
            fcp = self._channel.run(select_file(file.fid))
            if not self._was_read(file, fcp):
                self._read_selected()
        except UnexpectedStatus as refusal:
            if refusal.status not in _CLOSED:
                self.found = self.found.with_problem(ProblemCode.REFUSED_FILE)
            return None
        return file.aid

    def _was_read(self, file: MappedFile, fcp: bytes) -> bool:
        """Whether this is one of the lists, read by its short identifier before the walk."""
        has_list = file.aid in (MF_VITALE, VITALE) and self.found.has_lists
        return has_list and _short_id(fcp) == LIST_SFI

    def _read_selected(self) -> None:
        block = self._first_block()
        if self._is_wanted(block):
            self.found = self.found.with_file(FileContent.decode(read_on(self._channel, block)))

    def _is_wanted(self, block: bytes) -> bool:
        tag = block[0] if block else None
        return tag == Tag.CARD or (tag == Tag.PERSON and not self.found.has_lists)

    def _first_block(self) -> bytes:
        return read_first(self._channel, read_binary(0, SHORT_MAX_LE))


def _may_have_list(file: MappedFile, application: bytes) -> bool:
    return file.aid == application and file.fid & _SHORT_ID_BITS == LIST_SFI


def _short_id(fcp: bytes) -> int | None:
    """From what SELECT answered; real cards' answers are not public, so any is taken."""
    try:
        return Fcp.decode(fcp).sfi
    except MalformedData:
        return None
