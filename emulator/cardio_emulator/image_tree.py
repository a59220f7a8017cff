"""The files of a card image as a flat list, and back as the tree that a card plays."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cardio.iso7816.path import ROOT, Path
from cardio_emulator.image import Access, AccessRule, DedicatedFile, ElementaryFile, File

MAIN, CPS2TER = PARTS = ("main", "cps2ter")
"""The files of a card's own class, and those that are reached in class A0."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file by its absolute path; `content` is None for a folder. `place` is told in errors."""

    path: Path
    contact: AccessRule
    contactless: AccessRule | None = None
    content: bytes | None = field(default=None, repr=False)
    name: bytes | None = None
    sfi: int | None = None
    label: str = ""
    part: str = MAIN
    place: str = ""

    @property
    def access(self) -> Access:
        return Access(self.contact, self.contactless)


class TreeError(ValueError):
    """Two entries of one path, or one without the folder it is in; `place` is the entry's."""

    def __init__(self, message: str, place: str) -> None:
        super().__init__(message)
        self.place = place


def build(entries: Iterable[Entry]) -> dict[str, DedicatedFile]:
    """The root of each part there is. Raises `TreeError`."""
    places: dict[tuple[str, Path], Entry] = {}
    children: dict[tuple[str, Path], list[Entry]] = {}
    for entry in entries:
        if places.setdefault((entry.part, entry.path), entry) is not entry:
            raise TreeError(f"there are two {entry.path} in part {entry.part!r}", entry.place)
    for entry in places.values():
        if entry.path == ROOT:
            if entry.content is not None:
                raise TreeError(f"{entry.path} must be a folder", entry.place)
            continue
        above = places.get((entry.part, Path(entry.path.fids[:-1])))
        if above is None or above.content is not None:
            raise TreeError(f"{entry.path} is in no folder", entry.place)
        children.setdefault((entry.part, above.path), []).append(entry)
    roots = (entry for entry in places.values() if entry.path == ROOT)
    return {root.part: _folder(root, children) for root in roots}


def _folder(entry: Entry, children: dict[tuple[str, Path], list[Entry]]) -> DedicatedFile:
    inside = children.get((entry.part, entry.path), [])
    return DedicatedFile(
        fid=entry.path.fids[-1],
        name=entry.name,
        children=tuple(_file(child, children) for child in inside),
        access=entry.access,
        label=entry.label,
    )


def _file(entry: Entry, children: dict[tuple[str, Path], list[Entry]]) -> File:
    if entry.content is None:
        return _folder(entry, children)
    fid = entry.path.fids[-1]
    return ElementaryFile(fid, entry.content, entry.access, entry.sfi, entry.label)


def entries(root: DedicatedFile, part: str = MAIN) -> Iterator[Entry]:
    """Every file below a root, the root first."""
    yield from _entries(root, ROOT, part)


def _entries(file: File, path: Path, part: str) -> Iterator[Entry]:
    is_folder = isinstance(file, DedicatedFile)
    yield Entry(
        path=path,
        contact=file.access.contact,
        contactless=file.access.contactless,
        content=None if is_folder else file.content,
        name=file.name if is_folder else None,
        sfi=None if is_folder else file.sfi,
        label=file.label,
        part=part,
    )
    if is_folder:
        for child in file.children:
            yield from _entries(child, path / child.fid, part)
