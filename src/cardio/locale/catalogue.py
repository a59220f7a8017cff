"""The message files: one directory a language, one TOML file a topic.

The topic is the first word of a key: `cli.readers.help` is `readers.help` of `cli.toml`. A file
is read when its first message is wanted, so that a short command does not pay for all of them.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def messages(language: str, topic: str) -> Mapping[str, str]:
    """Every message of one topic by its dotted key; empty when the language lacks the topic."""
    file = files(__name__.rpartition(".")[0]) / language / f"{topic}.toml"
    if not file.is_file():
        return {}
    return dict(_flat(topic, tomllib.loads(file.read_text(encoding="utf-8"))))


def _flat(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, str):
            yield key, value
        else:
            yield from _flat(key, value)
