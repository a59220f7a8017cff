"""On which line of a TOML file a key stands, which `tomllib` does not tell."""

import re
from collections.abc import Mapping

Place = tuple[str | int, ...]
"""The way to a key: names of tables and keys, and positions in arrays of tables (from 0)."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*[\w-]+)*)\s*=")
_MULTI_LINE = re.compile(r'"""|\'\'\'')


def key_lines(text: str) -> Mapping[Place, int]:
    """The line (from 1) of every table header and key of a valid TOML text.

    Keys within inline tables have the line of the key that holds them: see `line_of`.
    """
    lines: dict[Place, int] = {}
    table: Place = ()
    counts: dict[tuple[str, ...], int] = {}
    is_inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        was_inside = is_inside
        is_inside ^= len(_MULTI_LINE.findall(line)) % 2 == 1
        if was_inside:
            continue
        if header := _HEADER.fullmatch(line):
            table = _table(_names(header[2]), counts, is_array=header[1] == "[[")
            lines[table] = number
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_names(key[1])), number)
    return lines


def line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """The line of what stands there, or of the nearest table around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip().strip("\"'") for name in dotted.split("."))


def _table(names: tuple[str, ...], counts: dict[tuple[str, ...], int], *, is_array: bool) -> Place:
    """Where the table is, with the positions of the arrays it lies in."""
    if is_array:
        counts[names] = counts.get(names, -1) + 1
        for longer in [known for known in counts if known[: len(names)] == names != known]:
            del counts[longer]
    place: list[str | int] = []
    for end, name in enumerate(names, start=1):
        place.append(name)
        if names[:end] in counts:
            place.append(counts[names[:end]])
    return tuple(place)
