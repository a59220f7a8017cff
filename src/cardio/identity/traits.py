"""The traits that identify a patient in the INS: strict ones, and those that complete them."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from cardio.errors import IdentifierError, IdentityRuleError
from cardio.identity.birth_date import BirthDate
from cardio.identity.birth_place import BirthPlace
from cardio.identity.characters import NameKind, check_name, insi_name
from cardio.identity.nir import Sex

_SEPARATORS = re.compile(r"[ '-]+")


@dataclass(frozen=True, slots=True)
class StrictTraits:
    """What the INSi looks a person up by and answers.

    Facts: certificates_identifiers_services.md §2. Names are in the INSi's characters (see
    `cardio.identity.characters`), the sex is M or F only, the date a day of the calendar.
    `first_given_name` is None where nobody told it apart from the list. Raises `IdentifierError`,
    `IdentityRuleError` where the list does not begin with the first given name. The repr shows
    none of it.
    """

    birth_name: str = field(repr=False)
    given_names: str = field(repr=False)
    sex: Sex = field(repr=False)
    birth_date: date = field(repr=False)
    birth_place: BirthPlace | None = field(default=None, repr=False)
    first_given_name: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_name(self.birth_name, NameKind.BIRTH_NAME)
        check_name(self.given_names, NameKind.GIVEN_NAMES)
        if self.first_given_name is not None:
            check_name(self.first_given_name, NameKind.GIVEN_NAME)
            require_first(self.first_given_name, self.given_names)

    @classmethod
    def typed(
        cls,
        *,
        birth_name: str,
        given_names: str,
        sex: str,
        birth_date: str,
        birth_place: str | None = None,
        first_given_name: str | None = None,
    ) -> Self:
        """The traits as a person types them: names are put into the INSi's characters.

        The sex is M or F; for the date see `BirthDate.parse`. Raises `IdentifierError`,
        `UnmappableCharacter` for a character that has no equal.
        """
        first = first_given_name
        return cls(
            insi_name(birth_name.strip(), NameKind.BIRTH_NAME),
            insi_name(given_names.strip(), NameKind.GIVEN_NAMES),
            parse_sex(sex),
            calendar_date(birth_date),
            BirthPlace.parse(birth_place) if birth_place else None,
            insi_name(first.strip(), NameKind.GIVEN_NAME) if first else None,
        )

    @property
    def insi_given_name(self) -> str:
        """The given name to ask the INSi with: the first one, or the first word of the list."""
        return self.first_given_name or self.given_names.split(" ", 1)[0]


@dataclass(frozen=True, slots=True)
class ComplementaryTraits:
    """What helps to find a person and proves nothing: used names, where to write or call.

    Free text, kept as typed: only the strict traits go to the INSi. Which of them exist is common
    knowledge of identity vigilance (INFERRED).
    """

    used_name: str | None = field(default=None, repr=False)
    used_given_name: str | None = field(default=None, repr=False)
    address: tuple[str, ...] = field(default=(), repr=False)
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


def parse_sex(text: str) -> Sex:
    """M or F, as the INSi has no other. Raises `IdentifierError`."""
    for sex in Sex:
        if text.strip().upper() == sex.value:
            return sex
    raise IdentifierError("the sex of an INS is M or F")


def calendar_date(text: str) -> date:
    """A day of the calendar, `AAAA-MM-JJ` and the like. Raises `IdentifierError` for a lunar one.

    `BirthDate.completed` says under which day a lunar or incomplete date is kept.
    """
    if day := BirthDate.parse(text).exact:
        return day
    raise IdentifierError("not a day of the calendar")


def is_first(name: str, given_names: str) -> bool:
    """Whether the list begins with the name; hyphen, apostrophe and space are the same here.

    The national guide's rule EXI ID 10, as its public users cite it: JEAN-CHRISTOPHE and
    JEAN CHRISTOPHE both begin JEAN CHRISTOPHE PIERRE.
    """
    first, every = (_SEPARATORS.split(text.strip()) for text in (name, given_names))
    return every[: len(first)] == first


def require_first(name: str, given_names: str) -> None:
    """Raises `IdentityRuleError` where the list does not begin with the name."""
    if not is_first(name, given_names):
        raise IdentityRuleError("the list of given names does not begin with the first one")
