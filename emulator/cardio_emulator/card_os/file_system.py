"""The files of a card at run time: look-up, FCP, and what clients have written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cardio.iso7816.fcp import Fcp
from cardio.iso7816.path import ROOT, Path
from cardio.iso7816.tlv import Tlv
from cardio_emulator.image import Access, DedicatedFile, ElementaryFile, File

_ACTIVATED = 0x05
_TRANSPARENT = 0x01
_DF = 0x38
_CONTACT_RULE, _CONTACTLESS_RULE, _RULES = 0x8C, 0x9C, 0xA1
_SFI = 0x88
_FCI_TEMPLATE, _DF_NAME = 0x6F, 0x84

Template = Callable[[File], bytes]
"""Builds what SELECT tells of a file."""


@dataclass(slots=True)
class StoredFile:
    """An EF in use. What is written to its content outlives a reset, as in a card's EEPROM."""

    access: Access
    content: bytes = field(repr=False)

    def update(self, offset: int, data: bytes) -> None:
        """Overwrite within the size of the file."""
        self.content = self.content[:offset] + data + self.content[offset + len(data) :]


class FileSystem:
    """All files by absolute path. Which there are never changes; contents do."""

    def __init__(self, root: DedicatedFile) -> None:
        self._files: dict[Path, File] = dict(_walk(ROOT, root))
        self._stored: dict[Path, StoredFile] = {}
        self._short: dict[tuple[Path, int], Path] = {}
        for path, file in self._files.items():
            if isinstance(file, ElementaryFile):
                self._stored[path] = StoredFile(file.access, file.content)
                if file.sfi:
                    self._short.setdefault((parent(path), file.sfi), path)
        self._templates: dict[tuple[Path, Template], bytes] = {}

    def get(self, path: Path) -> File | None:
        return self._files.get(path)

    def named(self, name: bytes) -> Path | None:
        """The first DF whose name is, or else begins with, `name` (ISO/IEC 7816-4 §7.3.1)."""
        names = [
            (file.name, path)
            for path, file in self._files.items()
            if isinstance(file, DedicatedFile) and file.name
        ]
        exact = (path for known, path in names if known == name)
        begun = (path for known, path in names if name and known.startswith(name))
        return next(exact, None) or next(begun, None)

    def short(self, df: Path, sfi: int) -> Path | None:
        """The EF of `df` with this short identifier."""
        return self._short.get((df, sfi))

    def stored(self, path: Path) -> StoredFile:
        """The EF at a path known to lead to one."""
        return self._stored[path]

    def template(self, path: Path, build: Template) -> bytes:
        """What SELECT tells of a file, built once: sizes and rules never change."""
        found = self._templates.get((path, build))
        if found is None:
            found = self._templates[path, build] = build(self._files[path])
        return found


def parent(path: Path) -> Path:
    return Path(path.fids[:-1] or path.fids)


def fcp(file: File) -> bytes:
    """The 62 template of a file with its access rules (facts: iasecc_opensc.md §1.5)."""
    return _fcp(file, security=(_rules(file.access),)).encode()


def plain_fci(file: File) -> bytes:
    """The 6F template of a DF with its name alone; of an EF, size, kind and identifier in a 62."""
    if isinstance(file, DedicatedFile):
        name = (Tlv.of(_DF_NAME, file.name),) if file.name else ()
        return Tlv.of(_FCI_TEMPLATE, *name).encode()
    return _fcp(file, security=()).encode()


def _fcp(file: File, *, security: tuple[Tlv, ...]) -> Fcp:
    if isinstance(file, DedicatedFile):
        return Fcp(
            descriptor=_DF,
            fid=file.fid,
            df_name=file.name,
            security=security,
            life_cycle=_ACTIVATED,
        )
    no_sfi = () if file.sfi else (Tlv.of(_SFI),)
    return Fcp(
        size=len(file.content),
        descriptor=_TRANSPARENT,
        fid=file.fid,
        sfi=file.sfi,
        security=(*no_sfi, *security),
        life_cycle=_ACTIVATED,
    )


def _rules(access: Access) -> Tlv:
    parts = [Tlv.of(_CONTACT_RULE, access.contact.encode())]
    if access.contactless:
        parts.append(Tlv.of(_CONTACTLESS_RULE, access.contactless.encode()))
    return Tlv.of(_RULES, *parts)


def _walk(path: Path, file: File) -> Iterator[tuple[Path, File]]:
    yield path, file
    if isinstance(file, DedicatedFile):
        for child in file.children:
            yield from _walk(path / child.fid, child)
