"""A command that failed: what happened, where, what to do; and the exit code."""

from collections.abc import Generator
from contextlib import contextmanager

import click

from cardio.cli.exit_codes import ExitCode
from cardio.cli.output import print_json
from cardio.cli.settings import Settings
from cardio.errors import (
    AccessRefused,
    AuthenticationBlocked,
    BenchUnreachable,
    CardioError,
    CardRemoved,
    ConfigurationError,
    MalformedData,
    NoCard,
    NoReader,
    PcscMissing,
    PinStateLost,
    ReaderUnavailable,
    RigUnavailable,
    SelectionError,
    ServiceUnavailable,
    TraceError,
)
from cardio.locale import Translator
from cardio.workstation.selection import SelectionReason

_BY_CLASS: dict[type[CardioError], ExitCode] = {
    ConfigurationError: ExitCode.USAGE,
    TraceError: ExitCode.USAGE,
    PcscMissing: ExitCode.NO_SERVICE,
    ServiceUnavailable: ExitCode.NO_SERVICE,
    BenchUnreachable: ExitCode.NO_SERVICE,
    AccessRefused: ExitCode.NO_SERVICE,
    RigUnavailable: ExitCode.NO_SERVICE,
    NoReader: ExitCode.NO_READER,
    ReaderUnavailable: ExitCode.NO_READER,
    NoCard: ExitCode.NO_CARD,
    CardRemoved: ExitCode.NO_CARD,
    AuthenticationBlocked: ExitCode.PIN,
    PinStateLost: ExitCode.PIN,
}

_BY_REASON = {
    SelectionReason.NO_READER.value: ExitCode.NO_READER,
    SelectionReason.NO_CARD.value: ExitCode.NO_CARD,
    SelectionReason.NOT_FOUND.value: ExitCode.NO_CARD,
    SelectionReason.SEVERAL.value: ExitCode.NO_CARD,
}


def exit_code(error: CardioError) -> ExitCode:
    """The exit code of a command that ended with `error`."""
    if isinstance(error, SelectionError):
        return _BY_REASON.get(error.reason, ExitCode.CARD_ERROR)
    return _BY_CLASS.get(type(error), ExitCode.CARD_ERROR)


def show(error: CardioError, settings: Settings) -> None:
    """On standard error as text; with `--json`, on standard output as an object too."""
    if settings.as_json:
        print_json({"error": _as_json(error, settings.text)})
    click.echo(as_text(error, settings.text), err=True)


def as_text(error: CardioError, text: Translator) -> str:
    """What happened, and what to do about it; the English message is a detail elsewhere."""
    if text.language == "en":
        happened = f"{error.code}: {error}"
    else:
        happened = f"{error.code} : {text.title(error)}\n{click.style(f'  {error}', dim=True)}"
    return f"{happened}\n→ {text.hint(error)}"


@contextmanager
def reading(name: str) -> Generator[None, None, None]:
    """A file of the user's that is damaged is a wrong argument, not a fault of a card."""
    try:
        yield
    except MalformedData as error:
        raise ConfigurationError(f"{name}: {error}") from error


def _as_json(error: CardioError, text: Translator) -> dict[str, str | bool | int | None]:
    return {
        "code": error.code,
        "title": text.title(error),
        "message": error.message,
        "hint": text.hint(error),
        "retryable": error.retryable,
        "reader": error.where.reader,
        "apdu_index": error.where.apdu_index,
    }
