"""The Smart Card Removinator: a board of 8 card slots, one of them wired to a reader's contacts.

It is driven through its own library, `removinator` on PyPI (extra `rig`), over a serial port.
Read in that library (0.1.0.dev3), and made up for here: a controller that says nothing within a
second counts as success, and an answer that comes fast enough is thrown away unread.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import RawIOBase
from subprocess import CalledProcessError
from typing import TYPE_CHECKING

from cardio.errors import ConfigurationError, RobotFailed

if TYPE_CHECKING:
    from removinator.removinator import Removinator

SLOTS = range(1, 9)

_SUCCESS = "OK"
_ATTEMPTS = 3
"""Times a command is sent until an answer is read; sending it again changes nothing."""


class RemovinatorRobot:
    """Moves the card in one slot (1 to 8) of the controller at `port`, found on USB if None.

    Raises `ConfigurationError` without the library or for another slot, and `RobotFailed` where
    there is no controller.
    """

    def __init__(self, port: str | None = None, *, slot: int = 1) -> None:
        if slot not in SLOTS:
            raise ConfigurationError(f"a Removinator has slots 1 to 8, not {slot}")
        self._slot = slot
        self._controller: Removinator | None = _open(port)

    def insert(self) -> None:
        """See `Robot.insert`."""
        self._run(lambda controller: controller.insert_card(self._slot))

    def remove(self) -> None:
        """See `Robot.remove`."""
        self._run(lambda controller: controller.remove_card())

    def close(self) -> None:
        """See `Robot.close`; the card stays in the reader if it is there."""
        controller, self._controller = self._controller, None
        if controller:
            controller.connection.close()
            with suppress(OSError):  # or its two buffers close the port again, and complain
                RawIOBase.close(controller.connection)

    def _run(self, command: "Callable[[Removinator], None]") -> None:
        if self._controller is None:
            raise RobotFailed("the Removinator was closed")
        for _ in range(_ATTEMPTS):
            _translated(partial(command, self._controller), self._slot)
            if self._controller.last_result == _SUCCESS:
                return
        raise RobotFailed("the Removinator does not answer")


def _open(port: str | None) -> "Removinator":
    try:
        from removinator.removinator import Removinator
    except ImportError:
        message = "the removinator library is missing: pip install 'cardio-sante[rig]'"
        raise ConfigurationError(message) from None
    opened: list[Removinator] = []
    _translated(lambda: opened.append(Removinator(port)))
    return opened[0]


def _translated(work: Callable[[], None], slot: int | None = None) -> None:
    """Do it; what the library raises becomes `RobotFailed`."""
    from removinator import removinator

    try:
        work()
    except removinator.SlotError:
        raise RobotFailed(f"the Removinator has no card in slot {slot}") from None
    except removinator.Error as error:
        raise RobotFailed(f"the Removinator: {error.msg}") from None
    except (OSError, ValueError, CalledProcessError) as error:  # port gone; no text; no udev
        raise RobotFailed(f"the Removinator cannot be reached: {error}") from None
