"""Examine an identity as it was typed: all that is wrong with it at once, and what it tells."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Self, TypeVar

from cardio.errors import IdentifierError
from cardio.identity.birth_date import BirthDate
from cardio.identity.birth_place import BirthPlace
from cardio.identity.characters import NameKind, NameRule, name_faults, transliterate
from cardio.identity.coherence import Incoherence, incoherences
from cardio.identity.deduction import Deduced, deduce
from cardio.identity.environment import Environment
from cardio.identity.matricule import InsOid, Matricule
from cardio.identity.nir import NUMBER_SIZE, Nir, Sex
from cardio.identity.status import IdentityAttribute, IdentityStatus, broken_rule
from cardio.identity.traits import is_first, parse_sex

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GivenIdentity:
    """An identity as typed, field by field; None was not given. `repr()` shows nothing."""

    matricule: str | None = field(default=None, repr=False)
    oid: str | None = field(default=None, repr=False)
    birth_name: str | None = field(default=None, repr=False)
    given_names: str | None = field(default=None, repr=False)
    first_given_name: str | None = field(default=None, repr=False)
    birth_date: str | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    birth_place: str | None = field(default=None, repr=False)
    status: str | None = field(default=None, repr=False)
    attributes: tuple[str, ...] = field(default=(), repr=False)


class FindingCode(Enum):
    """What can be found; the words are stable."""

    NOTHING_GIVEN = "nothing-given"
    MALFORMED = "malformed"
    WRONG_KEY = "wrong-key"
    OID_MISMATCH = "oid-mismatch"
    TEST_IDENTITY = "test-identity"
    UNMAPPED_CHARACTER = "unmapped-character"
    NAME_RULE = "name-rule"
    NOT_FIRST = "not-first"
    INCOMPLETE_DATE = "incomplete-date"
    FUTURE_DATE = "future-date"
    RULE = "rule"
    MATRICULE_NOT_EXPECTED = "matricule-not-expected"
    MATRICULE_MISSING = "matricule-missing"
    MISSING = "missing"
    NOT_QUALIFIED = "not-qualified"
    DISAGREES = "disagrees"

    @property
    def is_error(self) -> bool:
        """Whether the identity cannot be used so; what is no error wants to be looked at."""
        return self not in (FindingCode.OID_MISMATCH, FindingCode.DISAGREES)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, in a field of `GivenIdentity`.

    `offset` counts characters from the field's start. `detail` is the word of the broken rule, or
    the character as `U+0142`; never a value.
    """

    code: FindingCode
    field: str
    offset: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, and what the number tells; None where there is no readable one.

    `names` are the names in the INSi's characters, by field.
    """

    findings: tuple[Finding, ...]
    deduced: Deduced | None = None
    names: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def is_valid(self) -> bool:
        return not any(finding.code.is_error for finding in self.findings)


_DISAGREEING = {
    Incoherence.SEX: "sex",
    Incoherence.YEAR: "birth_date",
    Incoherence.MONTH: "birth_date",
    Incoherence.PLACE: "birth_place",
}

_ON_DOCUMENTS = ("matricule", "oid", "birth_name", "given_names", "sex", "birth_date")

_NAMES = {
    "birth_name": NameKind.BIRTH_NAME,
    "given_names": NameKind.GIVEN_NAMES,
    "first_given_name": NameKind.GIVEN_NAME,
}


def examine(
    given: GivenIdentity, today: date, environment: Environment = Environment.PRODUCTION
) -> Examination:
    """All that is wrong with what was given. Names are put into the INSi's characters first."""
    found: list[Finding] = []
    read = _Read.of(given, found)
    names = {
        name: transliterate(text.strip()).text for name in _NAMES if (text := getattr(given, name))
    }
    if given == GivenIdentity():
        found.append(Finding(FindingCode.NOTHING_GIVEN, "matricule"))
    found += _of_names(given, names)
    found += _of_number(read, environment)
    found += _of_date(read, today)
    found += _of_state(given, read)
    found += _disagreements(read, today)
    return Examination(tuple(found), deduce(read.nir, today) if read.nir else None, names)


def lacking(given: GivenIdentity, *, qualified: bool = True) -> tuple[Finding, ...]:
    """What a document's datamatrix needs and the identity lacks: fields, or the right status.

    With `qualified` false the status is not asked for.
    """
    missing = [
        Finding(FindingCode.MISSING, name) for name in _ON_DOCUMENTS if not getattr(given, name)
    ]
    if qualified and _status(given) is not IdentityStatus.QUALIFIED:
        missing.append(Finding(FindingCode.NOT_QUALIFIED, "status"))
    return tuple(missing)


def _status(given: GivenIdentity) -> IdentityStatus | None:
    try:
        return IdentityStatus.parse(given.status) if given.status else None
    except IdentifierError:
        return None


@dataclass(frozen=True, slots=True)
class _Read:
    """What could be read of the fields."""

    nir: Nir | None
    oid: InsOid | None
    sex: Sex | None
    birth_date: BirthDate | None
    birth_place: BirthPlace | None
    status: IdentityStatus | None
    attributes: tuple[IdentityAttribute, ...]

    @classmethod
    def of(cls, given: GivenIdentity, found: list[Finding]) -> Self:
        """Read each field; one that cannot be is a finding."""

        def field_of(name: str, text: str | None, reader: Callable[[str], T]) -> T | None:
            try:
                return reader(text) if text else None
            except IdentifierError as error:
                found.append(Finding(FindingCode.MALFORMED, name, error.offset))
                return None

        attributes = (
            field_of("attributes", text, IdentityAttribute.parse) for text in given.attributes
        )
        return cls(
            field_of("matricule", given.matricule, _number),
            field_of("oid", given.oid, InsOid.parse),
            field_of("sex", given.sex, parse_sex),
            field_of("birth_date", given.birth_date, BirthDate.parse),
            field_of("birth_place", given.birth_place, BirthPlace.parse),
            field_of("status", given.status, IdentityStatus.parse),
            tuple(attribute for attribute in attributes if attribute),
        )


def _number(text: str) -> Nir:
    return Nir.parse(text, check_key=False)


def _of_names(given: GivenIdentity, names: Mapping[str, str]) -> Iterator[Finding]:
    for name, text in names.items():
        typed = getattr(given, name).strip()
        unmapped = transliterate(typed).unmapped
        for one in unmapped:
            code = f"U+{ord(one.character):04X}"
            yield Finding(FindingCode.UNMAPPED_CHARACTER, name, one.offset, code)
        for fault in name_faults(text, _NAMES[name]):
            if fault.rule is not NameRule.CHARACTER:
                yield Finding(FindingCode.NAME_RULE, name, fault.offset, fault.rule.value)
    first, every = names.get("first_given_name"), names.get("given_names")
    if first and every and not is_first(first, every):
        yield Finding(FindingCode.NOT_FIRST, "first_given_name")


def _of_number(read: _Read, environment: Environment) -> Iterator[Finding]:
    nir, oid = read.nir, read.oid
    if nir and not nir.has_valid_key:
        yield Finding(FindingCode.WRONG_KEY, "matricule", NUMBER_SIZE)
    if nir and oid and not Matricule(nir, oid).oid_fits:
        yield Finding(FindingCode.OID_MISMATCH, "oid")
    if environment is Environment.PRODUCTION:
        if oid and oid.is_for_tests:
            yield Finding(FindingCode.TEST_IDENTITY, "oid")
        if nir and nir.is_test:
            yield Finding(FindingCode.TEST_IDENTITY, "matricule")


def _of_date(read: _Read, today: date) -> Iterator[Finding]:
    """The INSi takes days of the calendar only."""
    if read.birth_date and not read.birth_date.exact:
        yield Finding(FindingCode.INCOMPLETE_DATE, "birth_date")
    if read.birth_date and read.birth_date.exact and read.birth_date.exact > today:
        yield Finding(FindingCode.FUTURE_DATE, "birth_date")


def _of_state(given: GivenIdentity, read: _Read) -> Iterator[Finding]:
    status = read.status
    if broken := broken_rule(status or IdentityStatus.PROVISIONAL, read.attributes):
        yield Finding(FindingCode.RULE, "attributes", detail=broken.value)
    if status and given.matricule and not status.has_matricule:
        yield Finding(FindingCode.MATRICULE_NOT_EXPECTED, "matricule", detail=status.value)
    if status and status.has_matricule and not given.matricule:
        yield Finding(FindingCode.MATRICULE_MISSING, "matricule", detail=status.value)


def _disagreements(read: _Read, today: date) -> Iterator[Finding]:
    if read.nir:
        for what in incoherences(
            read.nir,
            today,
            sex=read.sex,
            birth_date=read.birth_date,
            birth_place=read.birth_place,
        ):
            yield Finding(FindingCode.DISAGREES, _DISAGREEING[what], detail=what.value)
