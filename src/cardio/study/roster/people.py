"""Somebody of a roster, with what is right and a word on what is not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cardio.identity.adeli import Adeli
from cardio.identity.finess import Finess
from cardio.identity.rpps import Rpps
from cardio.study.roster.fields import Field
from cardio.study.roster.mistakes import Mistake, Severity
from cardio.study.roster.spelling import folded

_REFERENT = frozenset({"BSI", "REFERENT"})


@dataclass(frozen=True, slots=True)
class Person:
    """One line. What is missing or wrong is None, and a mistake tells; `repr()` names nobody.

    `civility` is a code of table G03, `profession` one of G15, or `STAFF` (somebody with an
    employer's card). `unread` holds the cells that could not be used, as they stand.
    """

    line: int
    civility: str | None = field(default=None, repr=False)
    family_name: str | None = field(default=None, repr=False)
    birth_name: str | None = field(default=None, repr=False)
    given_name: str | None = field(default=None, repr=False)
    rpps: Rpps | None = field(default=None, repr=False)
    adeli: Adeli | None = field(default=None, repr=False)
    finess: Finess | None = None
    fund: str | None = None
    profession: str | None = None
    role: str | None = field(default=None, repr=False)
    structure: str | None = None
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    start_date: date | None = field(default=None, repr=False)
    end_date: date | None = field(default=None, repr=False)
    unread: Mapping[Field, str] = field(default_factory=dict[Field, str], repr=False)
    mistakes: tuple[Mistake, ...] = ()

    @property
    def name(self) -> str | None:
        """The family name somebody goes by."""
        return self.family_name or self.birth_name

    @property
    def name_key(self) -> str | None:
        """Both names without case, accents and separators, the same for each way to write them."""
        if not (self.name and self.given_name):
            return None
        return f"{folded(self.name)}|{folded(self.given_name)}"

    @property
    def is_bsi_referent(self) -> bool:
        """Whether the role says so: `infirmière référente BSI`."""
        return self.role is not None and _stems(self.role) >= _REFERENT

    @property
    def errors(self) -> tuple[Mistake, ...]:
        """The mistakes that keep something from being used."""
        return tuple(one for one in self.mistakes if one.severity is Severity.ERROR)

    def is_here(self, day: date) -> bool:
        """Whether the dates of the roster say that this person works there on that day."""
        return (self.start_date or day) <= day <= (self.end_date or day)


def _stems(text: str) -> set[str]:
    return {word.removesuffix("E") for word in folded(text).split()}
