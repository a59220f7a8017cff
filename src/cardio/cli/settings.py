"""The options every command takes, before its name or after it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from cardio.cli.localized import LocalOption, current_text
from cardio.locale import LANGUAGES, Translator

if TYPE_CHECKING:
    from cardio.cli.file_recorder import FileRecorder

_META = "cardio.settings."
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Settings:
    """The global options of one call of `cardio`; `recorder` is that of `cardio trace record`."""

    workstation: str
    as_json: bool
    verbose: bool
    text: Translator
    recorder: "FileRecorder | None" = None

    @classmethod
    def current(cls) -> "Settings":
        """Those of the call under way."""
        meta = click.get_current_context().meta
        return cls(
            workstation=meta.get(_META + "workstation", "pcsc"),
            as_json=meta.get(_META + "as_json", False),
            verbose=meta.get(_META + "verbose", False),
            text=current_text(),
            recorder=meta.get(_META + "recorder"),
        )


def record_with(context: click.Context, recorder: "FileRecorder") -> None:
    """Have every command of this call give it all that is said to cards."""
    context.meta[_META + "recorder"] = recorder


def with_settings(command: Callable[..., R]) -> Callable[..., R]:
    """Give the command its `Settings` as first argument."""

    @wraps(command)
    def call(*args: Any, **kwargs: Any) -> R:
        return command(Settings.current(), *args, **kwargs)

    return call


def global_options() -> list[click.Parameter]:
    """`--workstation`, `--json`, `--lang` and `-v`, for one more command."""
    shared: dict[str, Any] = {"expose_value": False, "callback": _remember}
    return [
        LocalOption(
            ["--workstation"],
            metavar="pcsc|demo|FILE|tcp://HOST:PORT",
            envvar="CARDIO_WORKSTATION",
            help="cli.option.workstation",
            **shared,
        ),
        LocalOption(["--json", "as_json"], is_flag=True, help="cli.option.json", **shared),
        LocalOption(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            is_eager=True,
            expose_value=False,
            help="cli.option.lang",
        ),
        LocalOption(["-v", "--verbose"], is_flag=True, help="cli.option.verbose", **shared),
    ]


def _remember(context: click.Context, option: click.Parameter, value: str | bool | None) -> None:
    """The option nearest to the end of the command line wins; one not given changes nothing."""
    if value:
        context.meta[f"{_META}{option.name}"] = value
