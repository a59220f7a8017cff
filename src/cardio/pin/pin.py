"""A PIN or PUK that does not print, copy itself or stay longer than needed."""

from collections.abc import Callable
from hmac import compare_digest
from typing import NoReturn, Self

from cardio.pin import sources

_MASK = "****"
"""Always of this length: how long a PIN is, is not shown either."""


class Pin:
    """What a person typed, up to the moment it is sent: kept in one buffer, wiped at the end.

    Made by `Pin.of`, `Pin.prompt` and the `from_…` methods. Any content is taken: whether the
    card takes it is told by an outcome, before the card is touched. Equal in constant time;
    neither hashable, copyable nor picklable. What Python itself copies on the way to the card
    cannot be wiped (docs/explanation/pin-safety.md).
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytearray) -> None:
        """Take `value` over: it is wiped with this object."""
        self._value = value

    @classmethod
    def of(cls, value: str | bytes | bytearray | memoryview) -> Self:
        """A copy of `value`; text as UTF-8."""
        if isinstance(value, str):
            # Never an exception: it would hold the text.
            return cls(bytearray(value, "utf-8", "replace"))
        return cls(bytearray(value))

    @classmethod
    def prompt(cls, question: str = "PIN: ") -> Self:
        """Ask at the terminal, unseen. Raises `ConfigurationError` where nothing can be hidden."""
        return cls.of(sources.hidden_line(question))

    @classmethod
    def from_callback(cls, ask: Callable[[], str | bytes | bytearray]) -> Self:
        """What `ask()` gives now: before the card is locked, so that a person may take time."""
        return cls.of(ask())

    @classmethod
    def from_descriptor(cls, descriptor: int) -> Self:
        """The next line of a file descriptor; the lines after it can be read in turn.

        Raises `ConfigurationError` when it cannot be read or the line is too long.
        """
        return cls(sources.descriptor_line(descriptor))

    @classmethod
    def from_environment(cls, name: str) -> Self:
        """The environment variable the user named. Raises `ConfigurationError` without it."""
        return cls.of(sources.environment_variable(name))

    def reveal(self) -> bytes:
        """The bytes to send; none once wiped. Not for messages, logs or attributes."""
        return bytes(self._value)

    def wipe(self) -> None:
        """Overwrite with zeros and forget; may be called again."""
        self._value[:] = bytes(len(self._value))
        self._value.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wipe()

    def __del__(self) -> None:
        self.wipe()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pin):
            return NotImplemented
        return compare_digest(self._value, other._value)

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __repr__(self) -> str:
        return f"Pin({_MASK})"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, specification: str) -> str:
        return _MASK

    def __copy__(self) -> NoReturn:
        raise TypeError("a PIN is not copied")

    def __deepcopy__(self, _: object) -> NoReturn:
        raise TypeError("a PIN is not copied")

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a PIN is not stored")
