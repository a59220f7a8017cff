"""A property that is read from the card when first asked for, and kept."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class ReadOnce(Generic[T]):
    """As `functools.cached_property`, but without its lock.

    Up to Python 3.11 that lock is shared by all objects of the class: cards in several readers
    would be read one after the other, and one that hangs would block them all. One card is not
    for use by two threads at once anyway (see `Connection`).
    """

    def __init__(self, read: Callable[[Any], T]) -> None:
        self._read = read
        self._name = ""
        self.__doc__ = read.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, card: None, _owner: type) -> Self: ...
    @overload
    def __get__(self, card: object, _owner: type) -> T: ...
    def __get__(self, card: object, _owner: type) -> Self | T:
        if card is None:
            return self
        value = vars(card)[self._name] = self._read(card)
        return value
