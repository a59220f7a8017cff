"""What is compared, and what a comparison says."""

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Self

from cardio.identity.birth_date import BirthDate
from cardio.identity.birth_place import BirthPlace
from cardio.identity.ins import InsIdentity
from cardio.identity.matricule import InsOid, Matricule
from cardio.identity.nir import Nir, Sex
from cardio.identity.traits import StrictTraits


@dataclass(frozen=True, slots=True)
class Traits:
    """What one source says of a person: a card, an answer of the INSi, a form. None is not said.

    Names are as written there. `family_name` is for a source that does not tell whether it is the
    birth name or the used one, as the names on a Vitale. `given_names` may be the first or all.
    `former` are superseded numbers (INSHISTO). `repr()` shows nothing.
    """

    birth_name: str | None = field(default=None, repr=False)
    used_name: str | None = field(default=None, repr=False)
    family_name: str | None = field(default=None, repr=False)
    given_names: str | None = field(default=None, repr=False)
    used_given_name: str | None = field(default=None, repr=False)
    birth_date: BirthDate | None = field(default=None, repr=False)
    sex: Sex | None = field(default=None, repr=False)
    birth_place: BirthPlace | None = field(default=None, repr=False)
    nir: Nir | None = field(default=None, repr=False)
    oid: InsOid | None = field(default=None, repr=False)
    former: tuple[Nir, ...] = field(default=(), repr=False)

    @classmethod
    def of_strict(
        cls,
        traits: StrictTraits,
        matricule: Matricule | None = None,
        former: tuple[Matricule, ...] = (),
    ) -> Self:
        """The traits of an answer of the INSi."""
        return cls(
            birth_name=traits.birth_name,
            given_names=traits.given_names,
            birth_date=BirthDate.of(traits.birth_date),
            sex=traits.sex,
            birth_place=traits.birth_place,
            nir=matricule.number if matricule else None,
            oid=matricule.oid if matricule else None,
            former=tuple(old.number for old in former),
        )

    @classmethod
    def of_identity(cls, identity: InsIdentity) -> Self:
        """The traits of a patient's record, used names included."""
        strict = cls.of_strict(identity.traits, identity.matricule, identity.former)
        used = identity.complementary
        return replace(strict, used_name=used.used_name, used_given_name=used.used_given_name)


class Trait(Enum):
    """The traits that are compared; the words are stable."""

    NAME = "name"
    GIVEN_NAMES = "given-names"
    BIRTH_DATE = "birth-date"
    SEX = "sex"
    BIRTH_PLACE = "birth-place"
    MATRICULE = "matricule"
    OID = "oid"


class Cause(Enum):
    """How two values differ, as seen in the field; the words are stable."""

    CASE = "case"
    ACCENTS = "accents"
    SEPARATORS = "separators"
    USED_NAME = "used-name"
    """One side has the birth name, the other the used name."""
    DOUBLE_NAME = "double-name"
    """One side has one name of the other's double name."""
    FEWER_GIVEN_NAMES = "fewer-given-names"
    """One side has only the first of the other's given names."""
    PART_OF_COMPOSED = "part-of-composed"
    """One side has only a part of a composed given name."""
    OTHER_GIVEN_NAME = "other-given-name"
    """One side has a given name that is not the other's first."""
    ORDER = "order"
    TRUNCATED = "truncated"
    TYPING = "typing"
    """One letter or digit is missing, added or changed, or two are swapped."""
    CENTURY_MISSING = "century-missing"
    INCOMPLETE = "incomplete"
    """One side has a lunar or incomplete date."""
    DAY_AND_MONTH = "day-and-month"
    """Day and month have changed places."""
    COMMUNE = "commune"
    """The same département: perhaps a commune that merged or got a new code."""
    ARRONDISSEMENT = "arrondissement"
    CORSICA = "corsica"
    """20 on one side, 2A or 2B on the other."""
    INDEPENDENCE = "independence"
    """A former département on one side, the country of today on the other."""
    KEY = "key"
    """The same number with another key: one of them is wrong."""
    SUPERSEDED = "superseded"
    """One side has a number that the other lists as superseded."""
    PROVISIONAL = "provisional"
    """One side has a provisional number."""
    TEST = "test"
    """One side is a test or demonstration identity."""
    OTHER = "other"


class Severity(Enum):
    """What a person has to do about it."""

    EQUIVALENT = "equivalent"
    """The same by the rules of identity vigilance: nothing."""
    CLOSE = "close"
    """Perhaps the same: look, and ask for a proof of identity."""
    DIFFERENT = "different"
    """Nothing known explains it: take it for another person until shown."""


class Side(Enum):
    """One of the two identities compared."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Side":
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


@dataclass(frozen=True, slots=True)
class Difference:
    """One trait that is not written the same on both sides.

    `less` is the side that has less or worse of it, where the causes have such a side: the cut
    name, the superseded number, the date without its century. `repr()` shows no value.
    """

    trait: Trait
    causes: tuple[Cause, ...]
    severity: Severity
    left: str = field(repr=False)
    right: str = field(repr=False)
    less: Side | None = None

    def mirrored(self) -> "Difference":
        """The same seen from the other side."""
        less = self.less.other if self.less else None
        return replace(self, left=self.right, right=self.left, less=less)


@dataclass(frozen=True, slots=True)
class Why:
    """Why two values of a trait differ; None in its place where they do not."""

    causes: tuple[Cause, ...]
    severity: Severity
    less: Side | None = None
