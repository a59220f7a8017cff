"""Which file is current in a card, as far as the commands sent to it tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from cardio.errors import ApduError
from cardio.iso7816.apdu import CommandApdu
from cardio_emulator.image import DedicatedFile

ShortIdentifiers: TypeAlias = Mapping[tuple[bytes, int], bytes]
"""The identifier of each file that has a short one, by `Selection.folder` and that one."""

_SELECT = b"\xa4"
_BINARY = (b"\xb0", b"\xd6")
_BY_SHORT, _SHORT = b"\x80", 0x7F
"""In P1 of READ and UPDATE BINARY (ISO/IEC 7816-4:2020 §11.3.2)."""
_NO_SHORT: ShortIdentifiers = {}
_MASTER_FILE = b"\x3f\x00"
_CHILD_DF = 1
_FID = 2
_DONE = (0x90, 0x61)


@dataclass(frozen=True, slots=True)
class Selection:
    """The path of the current file, of its DF, and the name its application was selected by.

    P1=00 (ISO/IEC 7816-4:2020 §11.2.2) does not tell an EF from a DF: it is taken for an EF.
    """

    path: bytes = _MASTER_FILE
    df: bytes = _MASTER_FILE
    name: bytes = b""

    def is_of(self, file: bytes) -> bool:
        """Whether `file` is the end of the current path, or the name of its application."""
        return file == self.name or self.path.endswith(file)

    @property
    def folder(self) -> bytes:
        """The path of the DF from the root, or else the name of an application and from there."""
        return self.df if self.df.startswith(_MASTER_FILE) else self.name + self.df

    def after(self, command: bytes, short: ShortIdentifiers = _NO_SHORT) -> "Selection":
        """The selection once the card has carried the command out."""
        if is_by_short_identifier(command):
            fid = short.get((self.folder, command[2] & _SHORT))
            return Selection(self.df + fid, self.df, self.name) if fid else self
        if not is_select(command):
            return self
        try:
            apdu = CommandApdu.decode(command)
        except ApduError:
            return self
        match apdu.p1:
            case 0 | 1 | 2:
                return self._by_identifier(apdu.data or _MASTER_FILE, is_df=apdu.p1 == _CHILD_DF)
            case 3:
                return Selection(self.df[:-_FID], self.df[:-_FID], self.name)
            case 4:
                return Selection(b"", b"", apdu.data)
            case 8:
                path = _from_root(apdu.data)
                return Selection(path, path[:-_FID] or path)
            case 9:
                return Selection(self.df + apdu.data, self.df, self.name)
            case _:
                return self

    def _by_identifier(self, fid: bytes, *, is_df: bool) -> "Selection":
        if fid == _MASTER_FILE:
            return Selection()
        path = self.df + fid
        return Selection(path, path if is_df else self.df, self.name)


def is_select(command: bytes) -> bool:
    return command[1:2] == _SELECT


def is_by_short_identifier(command: bytes) -> bool:
    """Whether it reads or writes a file that becomes current by that."""
    return command[1:2] in _BINARY and command[2:3] >= _BY_SHORT


def short_identifiers(root: DedicatedFile) -> ShortIdentifiers:
    """Those of all files of a card."""
    return dict(_short(root, (_MASTER_FILE,)))


def _short(
    df: DedicatedFile, folders: tuple[bytes, ...]
) -> Iterator[tuple[tuple[bytes, int], bytes]]:
    """`folders` are the ways to the DF: from the root, and from each application above it."""
    for child in df.children:
        fid = child.fid.to_bytes(_FID, "big")
        if isinstance(child, DedicatedFile):
            names = (child.name,) if child.name else ()
            yield from _short(child, (*(folder + fid for folder in folders), *names))
        elif child.sfi:
            yield from (((folder, child.sfi), fid) for folder in folders)


def is_done(answer: bytes) -> bool:
    """Whether the card found the file: 9000, or 61xx for an answer that waits."""
    return len(answer) > 1 and answer[-2] in _DONE


def _from_root(data: bytes) -> bytes:
    return data if data.startswith(_MASTER_FILE) else _MASTER_FILE + data
