"""Every file a card lets anybody read, as far as cardio knows where they are.

The places are those of the readers of each card: fixed files, what the directories or the map
name, nothing guessed. A file that is refused is told of, without content.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cardio.cards.atrs import CardKind
from cardio.cards.cps import cps2ter
from cardio.cards.cps.generation import GENERATIONS, Generation
from cardio.cards.identify import Match
from cardio.cards.vitale.commands import select_application, select_file, select_root
from cardio.cards.vitale.inventory import FileState, read_inventory
from cardio.cards.vitale.layout import LIST_SFI, MF_VITALE, VITALE
from cardio.errors import (
    CardError,
    FileNotFound,
    MalformedData,
    SecurityStatusNotSatisfied,
    UnsupportedCard,
)
from cardio.iasecc import chipdoc
from cardio.iasecc.application import ODF, TOKEN_INFO, Application
from cardio.iasecc.chipdoc import CHIPDOC
from cardio.iasecc.commands import read_by_sfi, select_path
from cardio.iasecc.files import IAS_ECC, Dialect, read_file
from cardio.iso7816 import tlv
from cardio.iso7816.apdu import SHORT_MAX_LE
from cardio.iso7816.fcp import Fcp
from cardio.iso7816.path import EF_ATR, EF_DIR, ROOT, Path
from cardio.transport.channel import Channel

_RULES, _CONTACT, _CONTACTLESS = 0xA1, 0x8C, 0x9C
_APPLICATION, _AID, _PATH = 0x61, 0x4F, 0x51
_FIRST_FOLDER, _FOLDER_STEP = 0x0100, 0x0100
"""STAND_IN: folders of a Vitale are selected by name, their identifiers are not public."""
_NAMELESS = 0x3FF0
"""STAND_IN: of a list that a short identifier gave and the map does not name."""


@dataclass(frozen=True, slots=True)
class CardFile:
    """An elementary file. `content` is None where it was refused; `size` is what the card told.

    `old_part` says that it is in class A0. `rules` are the access rules in contact and contactless
    mode, as bytes, where the card told them.
    """

    path: Path
    label: str
    content: bytes | None = field(default=None, repr=False)
    size: int = 0
    sfi: int | None = None
    old_part: bool = False
    rules: tuple[bytes, bytes | None] | None = None


@dataclass(frozen=True, slots=True)
class CardFolder:
    """A DF and its name; the root has the path 3F00."""

    path: Path
    name: bytes | None = None
    old_part: bool = False


@dataclass(frozen=True, slots=True)
class CardDump:
    """One card: its kind and answer to reset, folders and files."""

    match: Match
    atr: bytes
    folders: tuple[CardFolder, ...]
    files: tuple[CardFile, ...]

    def with_contents(self, contents: "tuple[bytes | None, ...]") -> "CardDump":
        """The same files with other contents."""
        pairs = zip(self.files, contents, strict=True)
        return replace(self, files=tuple(replace(one, content=made) for one, made in pairs))


def read_card(channel: Channel, match: Match) -> CardDump:
    """Read all of it. Raises `UnsupportedCard` for a kind that is not read, `TransportError`s."""
    if match.kind is CardKind.VITALE1:
        return CardDump(match, channel.atr, (CardFolder(ROOT),), ())
    with channel.transaction():
        if match.kind is CardKind.VITALE2:
            folders, files = _vitale(channel)
        elif match.kind in GENERATIONS:
            folders, files = _cps(channel, GENERATIONS[match.kind])
        else:
            raise UnsupportedCard(f"a card of kind {match.kind.value} is not read")
    return CardDump(match, channel.atr, tuple(folders), tuple(files))


def _cps(channel: Channel, generation: Generation) -> tuple[list[CardFolder], list[CardFile]]:
    wanted: dict[tuple[Path, bool], tuple[str, Dialect]] = {}
    for path, label, dialect in _places(channel, generation):
        wanted.setdefault((path, dialect is cps2ter.CPS2TER), (label, dialect))
    found = (_file(channel, path, *told) for (path, _), told in wanted.items())
    files = [one for one in found if one]
    return _folders(generation, files), files


def _places(channel: Channel, generation: Generation) -> Iterator[tuple[Path, str, Dialect]]:
    """Path, label and dialect of every file that may be there."""
    home, dialect = generation.home, generation.dialect
    if home is not None:
        yield EF_DIR, "EF.DIR", dialect
        yield EF_ATR, "EF.ATR", dialect
    yield generation.serial_file, "EF.SN.ICC", dialect
    if generation.update_file:
        yield generation.update_file, "EF_ACTUA", dialect
    if home is not None:
        application = Application(channel, home, dialect)
        yield home.path / ODF, "ODF", dialect
        yield home.path / TOKEN_INFO, "TokenInfo", dialect
        for entry in application.directories.entries:
            yield entry.path, entry.kind, dialect
        for certificate in application.certificates.entries:
            yield certificate.path, certificate.label, dialect
        for data in application.data_objects.entries:
            yield data.path, data.label, dialect
    for label, place in generation.places.items():
        yield place.path, label, place.dialect


def _file(channel: Channel, path: Path, label: str, dialect: Dialect) -> CardFile | None:
    """None for a file that is not there."""
    old_part = dialect is cps2ter.CPS2TER
    try:
        told = _control_information(channel, path, dialect)
    except FileNotFound:
        return None
    except (CardError, MalformedData):
        told = Fcp()
    file = CardFile(path, label, None, told.size or 0, told.sfi, old_part, _rules(told))
    try:
        content = read_file(channel, path, dialect)
    except SecurityStatusNotSatisfied:
        return file
    except (CardError, MalformedData):
        return file if file.size and old_part else None
    return replace(file, content=content, size=len(content))


def _control_information(channel: Channel, path: Path, dialect: Dialect) -> Fcp:
    if dialect is IAS_ECC:
        return Fcp.decode(channel.run(select_path(path, fcp=True)))
    if dialect is CHIPDOC:
        command = chipdoc.select_path(path)
        answer = chipdoc.recovering(channel, command)
        if not answer.status.is_success:
            raise channel.error(command, answer.status)
        return Fcp.decode(answer.data)
    return Fcp(size=dialect.select(channel, path, sized=True))


def _rules(told: Fcp) -> tuple[bytes, bytes | None] | None:
    template = tlv.first(told.security, _RULES)
    contact = template.get(_CONTACT) if template else None
    return (contact, template.get(_CONTACTLESS)) if template and contact else None


def _folders(generation: Generation, files: list[CardFile]) -> list[CardFolder]:
    """Root and application, those that EF.DIR tells of, and whatever folder a file is in."""
    names: dict[tuple[Path, bool], bytes | None] = {(ROOT, False): None}
    if generation.home is not None:
        names = {(ROOT, False): chipdoc.ROOT_APPLICATION}
        names[generation.home.path, False] = generation.home.aid
    directory = next((one.content for one in files if one.path == EF_DIR), None)
    names = {**{(path, False): aid for path, aid in _listed(directory or b"")}, **names}
    if any(one.old_part for one in files):
        names[ROOT, True] = cps2ter.HOME.aid if generation.dialect is CHIPDOC else None
    for one in files:
        for size in range(1, len(one.path.fids)):
            names.setdefault((Path(one.path.fids[:size]), one.old_part), None)
    return [CardFolder(path, name, old) for (path, old), name in names.items()]


def _listed(directory: bytes) -> Iterator[tuple[Path, bytes]]:
    """Path and name of each application of EF.DIR."""
    try:
        entries = tlv.parse_all(directory, padding=True)
    except MalformedData:
        return
    for entry in entries:
        aid, path = entry.get(_AID), entry.get(_PATH)
        if entry.tag == _APPLICATION and aid and path and len(path) % 2 == 0:
            yield Path.decode(path), aid


def _vitale(channel: Channel) -> tuple[list[CardFolder], list[CardFile]]:
    """The files of the map and the two lists that short identifiers give."""
    entries = [one for one in read_inventory(channel) if one.state is not FileState.ABSENT]
    aids = dict.fromkeys((VITALE, *(one.application for one in entries)))
    paths = {MF_VITALE: ROOT}
    for number, aid in enumerate(one for one in aids if one != MF_VITALE):
        paths[aid] = ROOT / (_FIRST_FOLDER + number * _FOLDER_STEP)
    files = [
        CardFile(
            paths[one.application] / one.fid,
            one.name,
            one.content if one.state is FileState.READABLE else None,
            one.size or 0,
            _short_identifier(channel, one.application, one.fid),
        )
        for one in entries
    ]
    for aid in (MF_VITALE, VITALE):
        files = _with_list(channel, paths[aid], aid, files)
    return [CardFolder(path, aid) for aid, path in paths.items()], files


def _short_identifier(channel: Channel, aid: bytes, fid: int) -> int | None:
    """As SELECT tells it; what it tells on real cards is not public."""
    try:
        channel.run(select_application(aid))
        return Fcp.decode(channel.run(select_file(fid))).sfi
    except (CardError, MalformedData):
        return None


def _with_list(channel: Channel, folder: Path, aid: bytes, files: list[CardFile]) -> list[CardFile]:
    """The file that short identifier 2 gives, where no file of the folder says it is that one."""
    inside = [one for one in files if one.path.fids[:-1] == folder.fids]
    if any(one.sfi == LIST_SFI for one in inside):
        return files
    channel.send(select_root() if aid == MF_VITALE else select_application(aid))
    answer = channel.send(read_by_sfi(LIST_SFI, SHORT_MAX_LE))
    if not answer.status.is_success or not answer.data:
        return files
    for one in inside:
        if one.content and one.content.startswith(answer.data):
            return [replace(other, sfi=LIST_SFI) if other is one else other for other in files]
    found = CardFile(folder / _NAMELESS, "", answer.data, len(answer.data), LIST_SFI)
    return [*files, found]
