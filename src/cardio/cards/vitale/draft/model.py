"""The draft: values of one patient, each with where it came from and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self
from unicodedata import category

from cardio.cards.vitale.beneficiary import Beneficiary
from cardio.errors import DraftError

MAX_LENGTH = 1000
"""Characters of one value; those of a card have a few dozen."""
MAX_ENTRIES = 1000
"""Entries of one draft, all corrections included."""

_LINE_END = "\n"
_NO_TEXT = ("Cc", "Cs")
"""Control characters, and halves of a character."""


class DraftUse(StrEnum):
    """What the draft is for."""

    PSE = "pse"
    """Protocole de soins électronique, on amelipro "Affections de longue durée"."""
    DMT = "dmt"
    """Déclaration de choix du médecin traitant."""


class Origin(StrEnum):
    """Where a value came from."""

    CARD = "card"
    """The free data of the Vitale."""
    RIGHTS = "rights"
    """Rights that a homologated reading component returned."""
    RIGHTS_STAND_IN = "rights-stand-in"
    """Rights in the invented file of an emulated card."""
    INS = "ins"
    """The answer of the INSi."""
    TYPED = "typed"
    """Somebody typed it."""


class DraftField(StrEnum):
    """What a draft can hold; each value is text as its source wrote it."""

    FAMILY_NAME = "family_name"
    """As on the card, which does not say whether it is the birth name or the used one."""
    GIVEN_NAME = "given_name"
    BIRTH_NAME = "birth_name"
    USED_NAME = "used_name"
    GIVEN_NAMES = "given_names"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    """`AAAAMMJJ` from a card, lunar dates unchanged; `AAAA-MM-JJ` from the INSi."""
    BIRTH_PLACE = "birth_place"
    BIRTH_RANK = "birth_rank"
    NIR = "nir"
    NATIONALITY_OR_COUNTRY = "nationality_or_country"
    INS_MATRICULE = "ins_matricule"
    INS_OID = "ins_oid"
    QUALITY = "quality"
    REGIME = "regime"
    FUND = "fund"
    CENTRE = "centre"
    MANAGEMENT_CODE = "management_code"
    ADDRESS = "address"
    """Lines, ended by line feeds."""


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """One value; the repr shows neither it nor when. `at` is UTC, to the second.

    An empty value says that there is none. Raises `DraftError` for text that is no line of a
    form: control characters, lone surrogates, more than 1000 characters.
    """

    name: DraftField
    value: str = field(repr=False)
    origin: Origin
    at: datetime = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.value) > MAX_LENGTH:
            raise DraftError(f"{self.name}: more than {MAX_LENGTH} characters")
        kinds = {category(character) for character in self.value if character != _LINE_END}
        if not kinds.isdisjoint(_NO_TEXT):
            raise DraftError(f"{self.name}: a character that is no text")
        check_time(self.at)


@dataclass(frozen=True, slots=True)
class CardSource:
    """Which read of a Vitale the draft began with: one person of `beneficiaries`, from 0.

    `is_test` is True for a test card; None where the card does not tell.
    """

    read_at: datetime
    beneficiary: int
    beneficiaries: int
    is_test: bool | None = None

    def __post_init__(self) -> None:
        check_time(self.read_at)
        if not 0 <= self.beneficiary < self.beneficiaries:
            raise DraftError("the beneficiary is none of the card's")


@dataclass(frozen=True, slots=True)
class PatientDraft:
    """Values of one patient in the order they came; never a PIN, and nothing of the professional.

    A draft does not change: `filled` and `corrected` give another one, which keeps every former
    value. Of a field the last entry counts. `card` is None for one begun without a card.
    """

    use: DraftUse
    created: datetime
    card: CardSource | None = None
    entries: tuple[DraftEntry, ...] = ()

    def __post_init__(self) -> None:
        check_time(self.created)
        if len(self.entries) > MAX_ENTRIES:
            raise DraftError(f"more than {MAX_ENTRIES} entries")

    @classmethod
    def begin(cls, use: DraftUse, *, now: datetime | None = None) -> Self:
        """An empty draft."""
        return cls(use, to_second(now))

    @classmethod
    def of_beneficiary(
        cls, person: Beneficiary, use: DraftUse, card: CardSource, *, now: datetime | None = None
    ) -> Self:
        """What the card says of one of its people; fields it leaves empty are left out."""
        values = {
            DraftField.FAMILY_NAME: person.family_name,
            DraftField.GIVEN_NAME: person.given_name,
            DraftField.BIRTH_DATE: person.birth_date_as_written,
            DraftField.NIR: person.nir.value if person.nir else None,
            DraftField.NATIONALITY_OR_COUNTRY: person.nationality_or_country,
        }
        draft = replace(cls.begin(use, now=now), card=card)
        return draft.filled(values, Origin.CARD, at=card.read_at)

    def filled(
        self,
        values: Mapping[DraftField, str | None],
        origin: Origin,
        *,
        at: datetime | None = None,
    ) -> Self:
        """With these values too; None is left out, and so is what this origin has just said."""
        when = to_second(at)
        new = [
            DraftEntry(name, value, origin, when)
            for name, value in values.items()
            if value is not None and not self._says(name, value, origin)
        ]
        return replace(self, entries=(*self.entries, *new))

    def corrected(self, name: DraftField, value: str, *, at: datetime | None = None) -> Self:
        """With a value that somebody typed; what was there before is kept as `original`."""
        return self.filled({name: value}, Origin.TYPED, at=at)

    def history(self, name: DraftField) -> tuple[DraftEntry, ...]:
        """Every entry of a field, the oldest first."""
        return tuple(entry for entry in self.entries if entry.name is name)

    def entry(self, name: DraftField) -> DraftEntry | None:
        """The entry that counts."""
        return next(reversed(self.history(name)), None)

    def value(self, name: DraftField) -> str | None:
        """The value that counts."""
        entry = self.entry(name)
        return entry.value if entry else None

    def original(self, name: DraftField) -> str | None:
        """The value that was there first."""
        return next((entry.value for entry in self.history(name)), None)

    def is_corrected(self, name: DraftField) -> bool:
        """Whether somebody typed another value over one that came from elsewhere."""
        history = self.history(name)
        typed = bool(history) and history[-1].origin is Origin.TYPED
        return typed and history[0].origin is not Origin.TYPED

    def _says(self, name: DraftField, value: str, origin: Origin) -> bool:
        entry = self.entry(name)
        return entry is not None and (entry.value, entry.origin) == (value, origin)


def to_second(moment: datetime | None) -> datetime:
    """A moment, by default now, in UTC and to the second. Raises `DraftError` without a zone."""
    moment = moment or datetime.now(UTC)
    if moment.tzinfo is None:
        raise DraftError("a time without its zone")
    return moment.astimezone(UTC).replace(microsecond=0)


def check_time(moment: datetime) -> None:
    """Raises `DraftError` unless it is UTC, to the second."""
    if moment.tzinfo != UTC or moment.microsecond:
        raise DraftError("a time that is not in UTC, to the second")
