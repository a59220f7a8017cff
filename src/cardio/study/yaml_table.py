"""A YAML file as the tables that TOML files are read by, with the lines of its keys."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from cardio.catalogue.lines import Place
from cardio.catalogue.table import Table
from cardio.errors import ConfigurationError


def parse_yaml(text: str, file: str) -> Table:
    """A whole file's text; `file` is its name in errors. Raises `ConfigurationError`."""
    try:
        import yaml
    except ImportError as error:
        raise ConfigurationError(
            f"{file}: YAML files need PyYAML (pip install 'cardio-sante[yaml]'); TOML does not"
        ) from error
    try:
        _refuse_aliases(yaml.parse(text, yaml.SafeLoader), file)
        values: object = yaml.safe_load(text)
        lines = dict(_lines(yaml.compose(text, yaml.SafeLoader), ()))
    except yaml.MarkedYAMLError as error:
        where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigurationError(f"{file}{where}: no YAML") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"{file}: no YAML") from error
    if not isinstance(values, dict):
        raise ConfigurationError(f"{file}: must hold keys and values")
    return Table(cast(dict[str, object], values), file, lines)


def _refuse_aliases(events: Iterable[Any], file: str) -> None:
    """A few lines of them stand for more than any memory holds."""
    for event in events:
        if type(event).__name__ == "AliasEvent":
            line = event.start_mark.line + 1
            raise ConfigurationError(f"{file}, line {line}: '*' (an alias) is not read")


def _lines(node: Any, place: Place) -> Iterator[tuple[Place, int]]:  # noqa: ANN401
    """The line (from 1) of every key and list item of a node of whatever kind."""
    if type(node).__name__ == "MappingNode":
        for key, value in node.value:
            here = (*place, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _lines(value, here)
    elif type(node).__name__ == "SequenceNode":
        for number, item in enumerate(node.value):
            yield (*place, number), item.start_mark.line + 1
            yield from _lines(item, (*place, number))
