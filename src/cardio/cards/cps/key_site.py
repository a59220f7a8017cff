"""Where the keys of a card are used: in their DF, behind the PIN, one transaction each."""

from collections.abc import Callable
from typing import Protocol

from cardio.errors import UnexpectedStatus
from cardio.iasecc import chipdoc
from cardio.iasecc.commands import select_path
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.path import Path
from cardio.transport.channel import Channel

_STATE_LOST = frozenset({0x6881, 0x6982, 0x6985, 0x6A80, 0x6A86, 0x6A88, 0x6E00})
"""How a card answers when DF or security environment are not what we left, so that another
program changed them. 6982 too: an environment may name a key that must not do this. Setting up
again spends no PIN try."""


class Unlocked(Protocol):
    """`PinSession.read`, or a plain call where there is no PIN."""

    def __call__(self, read: Callable[[], bytes], /) -> bytes: ...


class Entrance(Protocol):
    """How the keys of one kind of card are reached."""

    @property
    def is_left(self) -> bool:
        """Whether our other commands leave the place where the keys are."""
        ...

    def enter(self, channel: Channel) -> None:
        """Go there; the security environment is empty then."""
        ...


class InDirectory:
    """A CPS3: the DF of the application is current (facts: vendor_library.md §4)."""

    is_left = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def enter(self, channel: Channel) -> None:
        """See `Entrance.enter`."""
        channel.run(select_path(self._path, fcp=False))


class InChipDoc:
    """A CPS4: the application is selected, as it is since the card was identified."""

    is_left = False

    def enter(self, channel: Channel) -> None:
        """See `Entrance.enter`."""
        channel.run(chipdoc.select_root())


class KeySite:
    """Keeps account of the security environment, so that it is not set up twice.

    What we set stands as long as we sent no other command: `Channel.exchanged` tells. Another
    program may change it between two transactions all the same. So a choice is relied on only
    where the card refuses a wrong one (one key and one algorithm can do the operation), and after
    such a refusal all is set up again, once. See docs/decisions/0009-keys.md.
    """

    def __init__(self, channel: Channel, entrance: Entrance, unlocked: Unlocked) -> None:
        self.channel = channel
        self._entrance = entrance
        self._unlocked = unlocked
        self._chosen: dict[bytes, bytes] = {}
        self._left_at: int | None = None

    def use(self, task: Callable[[], bytes]) -> bytes:
        """What `task`, some `choose` and one operation, gives; it may be called again."""
        return self._unlocked(lambda: self._locked(task))

    def choose(self, command: CommandApdu, *, always: bool = False) -> None:
        """MSE SET, unless it stands; `always` where the card would not refuse a wrong one."""
        if always or self._chosen.get(command.header) != command.data:
            self.channel.run(command)
            self._chosen[command.header] = command.data

    def _locked(self, task: Callable[[], bytes]) -> bytes:
        with self.channel.transaction():
            if self._is_there():
                try:
                    return self._run(task)
                except UnexpectedStatus as error:
                    if error.status not in _STATE_LOST:
                        raise
            self._chosen.clear()
            self._entrance.enter(self.channel)
            return self._run(task)

    def _is_there(self) -> bool:
        if self._left_at == self.channel.exchanged:
            return True
        self._chosen.clear()
        return not self._entrance.is_left

    def _run(self, task: Callable[[], bytes]) -> bytes:
        self._left_at = None
        answer = task()
        self._left_at = self.channel.exchanged
        return answer
