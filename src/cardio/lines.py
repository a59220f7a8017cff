"""On which line of a TOML or YAML text a key stands, which their readers do not tell."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from cardio.errors import ConfigurationError

Place = tuple[str | int, ...]
"""The way to a key: names of tables and keys, and positions in arrays of tables (from 0)."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*[\w-]+)*)\s*=")
_PYYAML_FAILS_WITH = (ValueError, AttributeError, LookupError, TypeError, OverflowError)
"""For a tag that does not fit its value: `!!timestamp x`, `!!bool x`, `!!int ""`."""
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


def read_yaml(text: str, file: str) -> tuple[dict[str, object], Mapping[Place, int]]:
    """The keys and values of a YAML text, and the line of each key and list item.

    `file` is its name in errors. Raises `ConfigurationError`.
    """
    try:
        import yaml
    except ImportError as error:
        raise ConfigurationError(
            f"{file}: YAML files need PyYAML (pip install 'cardio-sante[yaml]'); TOML does not"
        ) from error
    try:
        _refuse_aliases(yaml.parse(text, yaml.SafeLoader), file)
        values: object = yaml.safe_load(text)
        lines = _once(_node_lines(yaml.compose(text, yaml.SafeLoader), ()), file)
    except yaml.MarkedYAMLError as error:
        where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigurationError(f"{file}{where}: no YAML") from error
    except (yaml.YAMLError, RecursionError, *_PYYAML_FAILS_WITH) as error:
        raise ConfigurationError(f"{file}: no YAML") from error
    if not isinstance(values, dict):
        raise ConfigurationError(f"{file}: must hold keys and values")
    return cast(dict[str, object], values), lines


def _refuse_aliases(events: Iterable[Any], file: str) -> None:
    """A few lines of them stand for more than any memory holds."""
    for event in events:
        if type(event).__name__ == "AliasEvent":
            line = event.start_mark.line + 1
            raise ConfigurationError(f"{file}, line {line}: '*' (an alias) is not read")


def _once(found: Iterable[tuple[Place, int]], file: str) -> Mapping[Place, int]:
    """Refuses a key that stands twice in one table: YAML's reader takes the last one, silently."""
    lines: dict[Place, int] = {}
    for place, line in found:
        if place in lines:
            raise ConfigurationError(f"{file}, line {line}: {place[-1]!r} stands twice")
        lines[place] = line
    return lines


def _node_lines(node: Any, place: Place) -> Iterator[tuple[Place, int]]:  # noqa: ANN401
    """The line (from 1) of every key and list item of a node of whatever kind."""
    if type(node).__name__ == "MappingNode":
        for key, value in node.value:
            here = (*place, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _node_lines(value, here)
    elif type(node).__name__ == "SequenceNode":
        for number, item in enumerate(node.value):
            yield (*place, number), item.start_mark.line + 1
            yield from _node_lines(item, (*place, number))
