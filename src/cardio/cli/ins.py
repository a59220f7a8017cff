"""`cardio ins`: check an identity, write and read the datamatrix of a document.

The identity is shown to who typed it; given by file or `-`, it stays out of the list of processes.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from cardio.cli.commands import group, option
from cardio.cli.exit_codes import ExitCode
from cardio.cli.failure import reading
from cardio.cli.ins_input import (
    bytes_of,
    given_identity,
    given_of,
    identity_options,
    scanned_text,
    to_document,
)
from cardio.cli.ins_view import as_json, identity_as_json, show, show_identity
from cardio.cli.output import print_json
from cardio.cli.settings import Settings, with_settings
from cardio.errors import ConfigurationError
from cardio.identity import datamatrix_image
from cardio.identity.datamatrix import InsDatamatrix
from cardio.identity.environment import Environment
from cardio.identity.examination import Examination, GivenIdentity, examine, lacking

_PICTURES = (".png", ".svg")


@group(help="ins.help")
def ins() -> None:
    """Commands on an identity of the INS."""


@ins.command(help="ins.check.help")
@identity_options
@option("--test", is_flag=True, help="ins.option.test")
@with_settings
def check(settings: Settings, source: str | None, *, test: bool, **typed: Any) -> None:  # noqa: ANN401
    """Exits with 1 when the identity cannot be used so."""
    given = given_identity(source, typed)
    _report(settings, given, _examined(given, test=test))


@ins.command(help="ins.datamatrix.help")
@identity_options
@option("--out", required=True, metavar="FILE.png|svg", help="ins.option.out")
@option("--scale", type=click.IntRange(2, 100), default=6, help="ins.option.scale")
@option("--unqualified", is_flag=True, help="ins.option.unqualified")
@option("--test", is_flag=True, help="ins.option.test")
@with_settings
def datamatrix(
    settings: Settings,
    source: str | None,
    *,
    out: str,
    scale: int,
    unqualified: bool,
    test: bool,
    **typed: Any,  # noqa: ANN401
) -> None:
    """Exits with 1, and writes nothing, when the identity may not be on a document."""
    place = Path(out)
    if place.suffix.lower() not in _PICTURES:
        raise ConfigurationError("--out ends with .png or .svg")
    given = given_identity(source, typed)
    if unqualified:
        given = replace(given, status=None, attributes=())
    done = _examined(given, test=test)
    done = replace(done, findings=done.findings + lacking(given, qualified=not unqualified))
    if not done.is_valid:
        _report(settings, given, done)
    _write(place, to_document(given).encode(), scale)
    if settings.as_json:
        print_json({"out": out})
    else:
        click.echo(settings.text("ins.written", out=out))


@ins.command(help="ins.read.help")
@click.argument("source", metavar="FILE|-")
@option("--test", is_flag=True, help="ins.option.test")
@with_settings
def read(settings: Settings, source: str, *, test: bool) -> None:
    """Exits with 1 when what the datamatrix says cannot be used so."""
    raw = bytes_of(source)
    with reading(source):
        found = InsDatamatrix.decode(scanned_text(raw) or datamatrix_image.read(raw))
    given = given_of(found)
    if not settings.as_json:
        show_identity(given, settings.text)
    _report(settings, given, _examined(given, test=test), identity_as_json(given))


def _examined(given: GivenIdentity, *, test: bool) -> Examination:
    environment = Environment.TEST if test else Environment.PRODUCTION
    return examine(given, datetime.now(UTC).date(), environment)


def _write(place: Path, text: str, scale: int) -> None:
    if place.suffix.lower() == ".png":
        picture = datamatrix_image.png(text, scale=scale)
    else:
        picture = datamatrix_image.svg(text, scale=scale).encode()
    try:
        place.write_bytes(picture)
    except OSError as error:
        message = f"{place.name} cannot be written: {error.strerror}"
        raise ConfigurationError(message) from error


def _report(
    settings: Settings,
    given: GivenIdentity,
    done: Examination,
    more: dict[str, Any] | None = None,
) -> NoReturn:
    """Print what was found, and end the command."""
    if settings.as_json:
        print_json({**(more or {}), **as_json(done)})
    else:
        show(done, given, settings.text)
    raise SystemExit(ExitCode.FINE if done.is_valid else ExitCode.CHECK_FAILED)
