"""Where a PIN comes from: never from the arguments of a program, which all others can see."""

import os
import warnings
from getpass import GetPassWarning, getpass

from cardio.errors import ConfigurationError

_LONGEST_LINE = 64
"""Far beyond any PIN or PUK (8 bytes, facts: cps.md §3)."""


def hidden_line(question: str) -> str:
    """One line typed at the terminal without echo; empty at its end (Ctrl-D).

    Raises `ConfigurationError` where the line could be seen: no terminal, no way to hide.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        try:
            return getpass(question)
        except EOFError:
            return ""
        except GetPassWarning:
            message = "there is no terminal on which a PIN can be typed unseen"
            raise ConfigurationError(message) from None


def descriptor_line(descriptor: int) -> bytearray:
    """One line without its end, read byte by byte so that the next one stays there.

    Raises `ConfigurationError` when it cannot be read or has no end within 64 bytes.
    """
    line = bytearray()
    try:
        while len(line) <= _LONGEST_LINE:
            byte = os.read(descriptor, 1)
            if byte in (b"", b"\n"):
                return line.removesuffix(b"\r")
            line += byte
    except OSError as error:
        message = f"file descriptor {descriptor} cannot be read: {error.strerror}"
        raise ConfigurationError(message) from None
    line[:] = bytes(len(line))
    raise ConfigurationError(f"the line in file descriptor {descriptor} is too long for a PIN")


def environment_variable(name: str) -> str:
    """The value of a variable. Raises `ConfigurationError` when it is not set."""
    try:
        return os.environ[name]
    except KeyError:
        message = f"there is no environment variable {name!r} to take the PIN from"
        raise ConfigurationError(message) from None
