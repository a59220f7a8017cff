"""Where a command takes a PIN or PUK from; never from its arguments, which others can see."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from cardio.cli.commands import option
from cardio.cli.localized import current_text
from cardio.pin.pin import Pin

_DESCRIPTOR_DIGITS = 3
"""Fewer than the shortest PIN has (4, facts: cps.md §3)."""


@dataclass(frozen=True, slots=True)
class SecretSource:
    """One code: `name` is `pin`, `new_pin` or `puk`; asked for where no place is named.

    `on_pad`: it is typed on the reader, and never taken here.
    """

    name: str
    descriptor: int | None = None
    variable: str | None = None
    on_pad: bool = False

    @property
    def is_named(self) -> bool:
        """Whether the user said where to take it from."""
        return self.on_pad or self.descriptor is not None or self.variable is not None

    def take(self) -> Pin:
        """Read it, or ask without echo. Empty when the person gave none.

        Raises `ConfigurationError` where it cannot be read, or not be typed unseen.
        """
        if self.descriptor is not None:
            return Pin.from_descriptor(self.descriptor)
        if self.variable is not None:
            return Pin.from_environment(self.variable)
        return _chosen() if self.name == "new_pin" else _asked(f"pin.ask.{self.name}")


def _chosen() -> Pin:
    """A code typed twice alike, as nobody sees what is typed."""
    while (first := _asked("pin.ask.new_pin")).reveal():
        with _asked("pin.again.new_pin") as again:
            if first == again:
                break
        click.echo(current_text()("pin.differ"), err=True)
    return first


def _asked(question: str) -> Pin:
    return Pin.prompt(f"{current_text()(question)} ")


def takes_secret(name: str, *, pad: bool = False) -> Callable[..., Any]:
    """Give a command `--NAME-fd`, `--NAME-env` and, with `pad`, `--NAME-pad`.

    It gets a `SecretSource` as `NAME`.
    """
    dashed = name.replace("_", "-")
    by_fd = option(
        f"--{dashed}-fd", callback=_descriptor, metavar="N", help=f"pin.option.{name}_fd"
    )
    by_env = option(
        f"--{dashed}-env", callback=_variable, metavar="NAME", help=f"pin.option.{name}_env"
    )
    by_pad = option(f"--{dashed}-pad", is_flag=True, help=f"pin.option.{name}_pad")

    def decorate(command: Callable[..., Any]) -> Any:  # noqa: ANN401
        @wraps(command)
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            descriptor, variable = kwargs.pop(f"{name}_fd"), kwargs.pop(f"{name}_env")
            on_pad: bool = kwargs.pop(f"{name}_pad", False)
            if (descriptor is not None) + (variable is not None) + on_pad > 1:
                raise click.UsageError(current_text()("cli.usage.one_way", name=dashed))
            source = SecretSource(name, descriptor, variable, on_pad)
            return command(*args, **{name: source}, **kwargs)

        return by_fd(by_env(by_pad(call) if pad else call))

    return decorate


def no_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Have a command refuse arguments without saying them again: one may be a code."""
    stray = click.argument("stray", nargs=-1, metavar="", expose_value=False, callback=_refuse)
    return stray(command)


def _descriptor(_context: click.Context, option: click.Parameter, value: str | None) -> int | None:
    """Not said again when it is none: it may be a code given by mistake."""
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= _DESCRIPTOR_DIGITS):
        raise click.UsageError(current_text()("cli.usage.descriptor", option=option.opts[0]))
    return int(value)


def _variable(_context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Not said again when it is none, as with `_descriptor`."""
    if value is not None and not value.isidentifier():
        raise click.UsageError(current_text()("cli.usage.variable", option=option.opts[0]))
    return value


def _refuse(_context: click.Context, _argument: click.Parameter, value: tuple[str, ...]) -> None:
    if value:
        raise click.UsageError(current_text()("cli.usage.no_argument"))
