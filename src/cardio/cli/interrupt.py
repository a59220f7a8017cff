"""Ctrl-C: a quiet end, with the exit code that shells have for it."""

import os
import signal

from cardio.cli.exit_codes import ExitCode


def ends_at_once() -> None:
    """Until a command begins: nothing is open, and what is imported bears no exception.

    An interrupt that is ignored stays so.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raises() -> None:
    """From now on it is a `KeyboardInterrupt`, for there is something to close."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(*_: object) -> None:
    os._exit(ExitCode.INTERRUPTED)
