"""The rights on an emulated card. Where a real one keeps them is not public.

The records are loaded with the first rights that are read: who reads identities waits for none.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cardio.cards.layout import Confidence
from cardio.cards.vitale.commands import select_application, select_file
from cardio.cards.vitale.files import read_first, read_on
from cardio.cards.vitale.layout import MAP_FID, VITALE
from cardio.cards.vitale.map import MappedFile, decode_map
from cardio.errors import MalformedData, UnexpectedStatus
from cardio.iasecc.commands import read_binary
from cardio.iso7816.apdu import SHORT_MAX_LE
from cardio.transport.channel import Channel

if TYPE_CHECKING:
    from cardio.cards.vitale.rights.model import Rights

NAME = "STANDIN"
"""The name in the map, under VITALE, of a file that no real card has."""


@dataclass(frozen=True, slots=True)
class CardRights:
    """What a card tells of rights: on a real one nothing, with the reason why.

    `confidence` is STAND_IN where there are any: the file is an invention of the emulator.
    """

    rights: "Rights | None" = field(default=None, repr=False)

    @property
    def confidence(self) -> Confidence | None:
        return Confidence.STAND_IN if self.rights else None

    @property
    def why(self) -> str:
        """Where the rights come from, or why there are none, as an English sentence."""
        if self.rights:
            return "They come from a stand-in file, which no real card has."
        return "Where a card keeps rights is not public: nothing was read."


def is_stand_in(file: MappedFile) -> bool:
    return file.aid == VITALE and file.name == NAME


def read_stand_in(channel: Channel) -> CardRights:
    """3 commands for the map; where it names our file, 2 more and one for every further 256 bytes.

    Raises `RecordError` for a damaged stream, and `TransportError`s.
    """
    try:
        content = _content(channel)
    except UnexpectedStatus:
        content = None
    if content is None:
        return CardRights()
    from cardio.cards.vitale.rights.grammar import decode_records

    return CardRights(decode_records(content))


def _content(channel: Channel) -> bytes | None:
    channel.run(select_application(VITALE))
    try:
        files = decode_map(_file(channel, MAP_FID))
    except MalformedData:
        return None
    found = next(filter(is_stand_in, files), None)
    return None if found is None else _file(channel, found.fid)


def _file(channel: Channel, fid: int) -> bytes:
    channel.run(select_file(fid))
    return read_on(channel, read_first(channel, read_binary(0, SHORT_MAX_LE)))
