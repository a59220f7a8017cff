"""A fact that could be had, one that is not there, and one that nobody let us read.

"Access denied" is never "absent", and unknown is never "no" (facts: workstation_systems.md §0).
"""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, NoReturn, TypeAlias, TypeVar

if TYPE_CHECKING:
    from typing_extensions import TypeIs

T = TypeVar("T")


class Why(StrEnum):
    """Why a fact is not readable. `NO_WAY`: this system shows it to no program like ours."""

    DENIED = "denied"
    TIMEOUT = "timeout"
    FAILED = "failed"
    MALFORMED = "malformed"
    NO_WAY = "no_way"


class Absent(Enum):
    """The type of `ABSENT`: looked for, and not there."""

    ABSENT = "absent"

    def __bool__(self) -> NoReturn:
        raise TypeError("absent is neither yes nor no: ask is_known() first")


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class NotReadable:
    """It may be there or not. `detail` holds technical words only, never personal data."""

    why: Why
    detail: str = ""

    def __bool__(self) -> NoReturn:
        raise TypeError("not readable is neither yes nor no: ask is_known() first")


Unknown: TypeAlias = Absent | NotReadable
Known: TypeAlias = T | Unknown
"""The value itself, `ABSENT`, or `NotReadable`. Truth of the two latter raises `TypeError`."""


def is_known(fact: Known[T]) -> "TypeIs[T]":
    """Whether there is a value."""
    return not isinstance(fact, Absent | NotReadable)


def value_or(fact: Known[T], other: T) -> T:
    """The value, or `other`; only where being absent and being unreadable are the same."""
    return fact if is_known(fact) else other


def is_yes(fact: Known[bool]) -> bool:
    """Whether it is known, and true."""
    return fact is True


def is_no(fact: Known[bool]) -> bool:
    """Whether it is known, and false."""
    return fact is False
