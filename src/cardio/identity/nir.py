"""The NIR, number of a person in the national register, and its key (facts: vitale.md §5).

13 characters: sex 1, year 2, month 2, place 5, order 3; then a key of 2 digits.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Self

from stdnum.fr.nir import calc_check_digits

from cardio.errors import IdentifierError
from cardio.identity.birth_place import BirthPlace

NUMBER_SIZE = 13
SIZE = 15
"""Characters of a number with its key (facts: vitale.md §5)."""

_LETTER_AT = 6
"""Where Corsican departments have their letter (2A, 2B)."""
_PROVISIONAL_PREFIX = "555555"
"""Provisional numbers of the agricultural scheme (facts: vitale.md §5, one source)."""
_TEST_MONTH = 19


class Sex(Enum):
    """Sex as registered, where the first digit tells it."""

    MALE = "M"
    FEMALE = "F"


class NumberKind(Enum):
    """What the number is, as its first digit tells (facts: vitale.md §5).

    The words NIA and temporary are INFERRED; that all of them are provisional is published.
    """

    REGISTERED = "registered"
    """1 or 2: a NIR, the number of the register."""
    WAITING = "waiting"
    """3 or 4: a NIA, numéro identifiant d'attente."""
    TEMPORARY = "temporary"
    """7 or 8: given until a number is known."""
    AGRICULTURAL = "agricultural"
    """555555: provisional in the agricultural scheme."""
    UNKNOWN = "unknown"


_KINDS = {
    **dict.fromkeys("12", NumberKind.REGISTERED),
    **dict.fromkeys("34", NumberKind.WAITING),
    **dict.fromkeys("78", NumberKind.TEMPORARY),
}


class MonthKind(Enum):
    """What the two digits of the month say (facts: vitale.md §5)."""

    CALENDAR = "calendar"
    INCOMPLETE = "incomplete"
    TEST = "test"
    UNASSIGNED = "unassigned"


_MONTHS = {
    **dict.fromkeys(range(1, 13), MonthKind.CALENDAR),
    **dict.fromkeys((20, *range(30, 43), *range(50, 100)), MonthKind.INCOMPLETE),
    _TEST_MONTH: MonthKind.TEST,
}


@dataclass(frozen=True, slots=True, repr=False)
class Nir:
    """A NIR of 15 characters; `str()` gives them, `repr()` hides them.

    Made directly, its key may be wrong. Raises `IdentifierError` for any other fault.
    """

    value: str

    def __post_init__(self) -> None:
        if len(self.value) != SIZE:
            raise IdentifierError(
                f"a NIR has {SIZE} characters with its key", offset=len(self.value)
            )
        _check_digits(self.value)

    @classmethod
    def parse(cls, text: str, *, check_key: bool = True) -> Self:
        """Read 15 characters, spaces between them allowed.

        With `check_key` false a wrong key is kept, for `has_valid_key` to tell: cards with one
        exist (facts: vitale.md §5). Raises `IdentifierError` with the offset, spaces left out.
        """
        nir = cls("".join(text.split()).upper())
        if check_key and not nir.has_valid_key:
            raise IdentifierError("the key of the NIR does not fit its number", offset=NUMBER_SIZE)
        return nir

    @property
    def number(self) -> str:
        """The 13 characters before the key."""
        return self.value[:NUMBER_SIZE]

    @property
    def key(self) -> str:
        """The 2 digits of the key."""
        return self.value[NUMBER_SIZE:]

    @property
    def has_valid_key(self) -> bool:
        return self.key == key_of(self.number)

    @property
    def sex(self) -> Sex | None:
        """From first digit 1 or 2; provisional numbers do not tell it."""
        return {"1": Sex.MALE, "2": Sex.FEMALE}.get(self.value[0])

    @property
    def kind(self) -> NumberKind:
        """A NIR, a NIA, or another number that waits for one of them."""
        if self.value.startswith(_PROVISIONAL_PREFIX):
            return NumberKind.AGRICULTURAL
        return _KINDS.get(self.value[0], NumberKind.UNKNOWN)

    @property
    def is_provisional(self) -> bool:
        """Whether the number waits for a registered one."""
        return self.kind not in (NumberKind.REGISTERED, NumberKind.UNKNOWN)

    @property
    def year(self) -> int:
        """Year of birth without its century, 0 to 99."""
        return int(self.value[1:3])

    @property
    def month(self) -> int:
        """Month of birth or its stand-in, 0 to 99; see `month_kind`."""
        return int(self.value[3:5])

    @property
    def month_kind(self) -> MonthKind:
        return _MONTHS.get(self.month, MonthKind.UNASSIGNED)

    @property
    def is_test(self) -> bool:
        """Month 19, the convention of test cards; no real NIR has it."""
        return self.month == _TEST_MONTH

    @property
    def birth_place(self) -> str:
        """Department and commune, or 99 and the country (5 characters)."""
        return self.value[5:10]

    @property
    def place(self) -> BirthPlace:
        """The same as a place, with what it can mean."""
        return BirthPlace(self.birth_place)

    @property
    def order(self) -> str:
        """Rank among the births of that place and month (3 digits)."""
        return self.value[10:NUMBER_SIZE]

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return "Nir(***)"


def key_of(number: str) -> str:
    """The key of 13 characters: 97 - (number mod 97), 2A read as 19 and 2B as 18.

    Month 19 has a key like any other. Raises `IdentifierError`.
    """
    if len(number) != NUMBER_SIZE:
        raise IdentifierError(
            f"the number of a NIR has {NUMBER_SIZE} characters", offset=len(number)
        )
    _check_digits(number)
    return calc_check_digits(number)


def _check_digits(value: str) -> None:
    for offset, character in enumerate(value):
        corsican = offset == _LETTER_AT and value[offset - 1] == "2" and character in "AB"
        if not corsican and character not in "0123456789":
            raise IdentifierError("a NIR has digits, but for 2A and 2B", offset=offset)
