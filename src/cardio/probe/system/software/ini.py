"""INI files as Windows programs write them, whatever their line ends and letters."""

from dataclasses import dataclass
from enum import StrEnum


class LineEnds(StrEnum):
    """How lines end. `CR` alone is what old Mac programs write (facts: vitale.md §7.3)."""

    CRLF = "crlf"
    LF = "lf"
    CR = "cr"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Section:
    """A section: keys in lower case; of a key given twice the first counts, as Windows reads."""

    name: str
    values: dict[str, str]

    def __getitem__(self, key: str) -> str:
        """The value, or "" for none; upper and lower case are the same."""
        return self.values.get(key.lower(), "")


def sections(text: str) -> tuple[Section, ...]:
    """All sections in their order, also those with the same name.

    Lines that are neither a header nor `key=value` are passed over; so is what stands before the
    first header.
    """
    found: list[Section] = []
    for raw in text.replace("\r", "\n").split("\n"):
        line = raw.strip(" \t\0\ufeff")
        if line.startswith("[") and "]" in line:
            found.append(Section(line[1 : line.index("]")].strip(), {}))
        elif found and line[:1] not in ("", ";", "#"):
            key, separator, value = line.partition("=")
            if separator and key.strip():
                found[-1].values.setdefault(key.strip().lower(), value.strip())
    return tuple(found)


def section(text: str, name: str) -> Section:
    """The first section of this name; an empty one if there is none."""
    wanted = name.lower()
    return next((one for one in sections(text) if one.name.lower() == wanted), Section(name, {}))


def decode(data: bytes) -> str:
    """The text of a file that does not say its encoding: UTF-16 with its mark, UTF-8, Latin-1."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def line_ends(text: str) -> LineEnds:
    """How the lines of a text end; a text of one line as LF."""
    crlf = text.count("\r\n")
    cr, lf = text.count("\r") - crlf, text.count("\n") - crlf
    kinds = [kind for kind, n in ((LineEnds.CRLF, crlf), (LineEnds.CR, cr), (LineEnds.LF, lf)) if n]
    return LineEnds.MIXED if len(kinds) > 1 else kinds[0] if kinds else LineEnds.LF
