"""The robot that is a person: told what to do, and seen to have done it."""

import sys
from collections.abc import Callable

from cardio.errors import RobotFailed
from cardio.locale import Translator, translator

Say = Callable[[str], None]
"""Shows a line to the person at the readers."""


class ManualRobot:
    """Asks the person at `reader` through `say`; None where nobody is there to be asked.

    It speaks the user's language, or that of `text`. Nothing is typed: the card that moves is the
    answer, and `CardHandler` waits for it.
    """

    def __init__(self, reader: str, say: Say | None, text: Translator | None = None) -> None:
        self._reader = reader
        self._say = say
        self._text = text or translator()

    def insert(self) -> None:
        """See `Robot.insert`."""
        self._ask("robot.insert")

    def remove(self) -> None:
        """See `Robot.remove`."""
        self._ask("robot.remove")

    def close(self) -> None:
        """See `Robot.close`."""

    def _ask(self, key: str) -> None:
        if self._say is None:
            raise RobotFailed("nobody can be asked: this is no terminal").at(self._reader)
        self._say(self._text(key, reader=self._reader))


def on_terminal() -> Say | None:
    """A `Say` for the terminal this program runs in; None if it runs in none, as in CI."""
    return _to_stderr if sys.stderr.isatty() else None


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
