"""The identity that an `ins` command is given: options, or a file or standard input."""

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from cardio.cli.commands import option
from cardio.errors import ConfigurationError
from cardio.identity.datamatrix import GS, HEADER, InsDatamatrix
from cardio.identity.examination import GivenIdentity
from cardio.identity.matricule import Matricule
from cardio.identity.traits import StrictTraits

_LARGEST = 8 * 1024 * 1024
"""Bytes: a photograph of a document."""

_TYPED_GS = b"<GS>"
"""What some scanners type for a character that no keyboard has."""

_FIELDS = tuple(field.name for field in fields(GivenIdentity))
_LIST = "attributes"
C = TypeVar("C", bound=Callable[..., Any])


def identity_options(command: C) -> C:
    """`SOURCE`, and an option for each field; the command gets them as keywords."""
    for name in reversed(_FIELDS):
        flag = "--attribute" if name == _LIST else f"--{name.replace('_', '-')}"
        command = option(
            flag, name, multiple=name == _LIST, metavar="TEXT", help=f"ins.option.{name}"
        )(command)
    return click.argument("source", required=False, metavar="[FILE|-]")(command)


def given_identity(source: str | None, typed: dict[str, Any]) -> GivenIdentity:
    """What the options say, over what the JSON of the source says. Raises `ConfigurationError`."""
    read = _from_json(bytes_of(source)) if source else {}
    return GivenIdentity(**{**read, **{name: value for name, value in typed.items() if value}})


def bytes_of(source: str) -> bytes:
    """What is in a file, or on standard input for `-`. Raises `ConfigurationError`."""
    try:
        with click.open_file(source, "rb") as stream:
            raw = stream.read(_LARGEST + 1)
    except OSError as error:
        message = f"{Path(source).name} cannot be read: {error.strerror}"
        raise ConfigurationError(message) from error
    if len(raw) > _LARGEST:
        raise ConfigurationError(f"{Path(source).name} is too large")
    return raw


def scanned_text(raw: bytes) -> str | None:
    """The text of a datamatrix as a scanner types it; None where this is a picture."""
    text = raw.strip(b"\r\n")
    if not text.startswith(HEADER[:2].encode()):
        return None
    return text.replace(_TYPED_GS, GS.encode()).decode("latin-1")


def given_of(found: InsDatamatrix) -> GivenIdentity:
    """The same as if it had been typed."""
    traits = found.traits
    return GivenIdentity(
        matricule=str(found.matricule),
        oid=found.matricule.oid.value,
        birth_name=traits.birth_name,
        given_names=traits.given_names,
        birth_date=traits.birth_date.isoformat(),
        sex=traits.sex.value,
        birth_place=str(traits.birth_place) if traits.birth_place else None,
    )


def to_document(given: GivenIdentity) -> InsDatamatrix:
    """What is put on a document. Raises `IdentifierError`."""
    traits = StrictTraits.typed(
        birth_name=given.birth_name or "",
        given_names=given.given_names or "",
        sex=given.sex or "",
        birth_date=given.birth_date or "",
        birth_place=given.birth_place,
    )
    return InsDatamatrix(Matricule.parse(given.matricule or "", given.oid or ""), traits)


def _from_json(raw: bytes) -> dict[str, Any]:
    """Half a surrogate pair is no text either: it could not be printed."""
    try:
        data = json.loads(raw)
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ConfigurationError("the identity is not JSON") from error
    if not isinstance(data, dict):
        raise ConfigurationError("the identity is not a JSON object")
    found = cast("dict[str, object]", data)
    return {name: _value(name, value) for name, value in found.items() if value is not None}


def _value(name: str, value: object) -> str | tuple[str, ...]:
    if name not in _FIELDS:
        raise ConfigurationError(f"an identity has the fields {', '.join(_FIELDS)} and no other")
    if name != _LIST and isinstance(value, str):
        return value
    if name == _LIST and isinstance(value, list):
        texts = cast("list[object]", value)
        if all(isinstance(text, str) for text in texts):
            return tuple(cast("list[str]", texts))
    raise ConfigurationError(f"{name} is not a text; {_LIST} is a list of texts")
