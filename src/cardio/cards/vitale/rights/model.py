"""All records of one card, and what they say of each person on a day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import TypeVar

from cardio.cards.vitale.rights.periods import covered, covers
from cardio.cards.vitale.rights.records import (
    AnyRecord,
    BeneficiaryRecord,
    ComplementaryRecord,
    CoverageRecord,
    EntitlementRecord,
    FamilyServiceRecord,
    InsuredRecord,
    MutualPeriodRecord,
    MutualRecord,
    ReadingApiRecord,
    WorkAccidentsRecord,
)

RecordT = TypeVar("RecordT")


class Source(Enum):
    """Who told the rights; the words are stable."""

    RECORDS = "records"
    READING_API = "api-de-lecture"


@dataclass(frozen=True, slots=True)
class RightsAt:
    """What the records say of one person on one day; online rights may say otherwise.

    `entitled` is the compulsory insurance, `mutual` and `complementary` the two kinds of
    complementary one: None where the records do not tell, False where they tell the contrary.
    `is_contradictory`: both kinds at once, the error F0F0 of SSV (facts: vitale.md §4.5).
    """

    day: date
    entitled: bool | None
    mutual: bool | None
    complementary: bool | None
    is_contradictory: bool
    coverage: tuple[CoverageRecord, ...] = field(default=(), repr=False)
    service_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """The records of one person: a 104 and those after it, up to the next one."""

    beneficiary: BeneficiaryRecord
    records: tuple[AnyRecord, ...] = ()

    @property
    def entitlements(self) -> tuple[EntitlementRecord, ...]:
        return tuple(_of(EntitlementRecord, self.records))

    @property
    def coverages(self) -> tuple[CoverageRecord, ...]:
        return tuple(_of(CoverageRecord, self.records))

    @property
    def mutual(self) -> MutualRecord | None:
        return next(_of(MutualRecord, self.records), None)

    @property
    def mutual_periods(self) -> tuple[MutualPeriodRecord, ...]:
        return tuple(_of(MutualPeriodRecord, self.records))

    @property
    def complementary(self) -> ComplementaryRecord | None:
        return next(_of(ComplementaryRecord, self.records), None)

    @property
    def work_accidents(self) -> WorkAccidentsRecord | None:
        """Told of this person alone, as the API de lecture does; see `Rights.work_accidents`."""
        return next(_of(WorkAccidentsRecord, self.records), None)

    @property
    def api(self) -> ReadingApiRecord | None:
        return next(_of(ReadingApiRecord, self.records), None)

    def rights_at(self, day: date) -> RightsAt:
        """What the records say of that day.

        A stream without 107 or 109 says that there is none, the API de lecture then says nothing.
        """
        mutual, complementary = self.mutual, self.complementary
        none = None if self.api else False
        return RightsAt(
            day=day,
            entitled=covered(self.entitlements, day),
            mutual=covered(self.mutual_periods, day) if mutual else none,
            complementary=covers(complementary, day) if complementary else none,
            is_contradictory=bool(mutual and complementary),
            coverage=tuple(one for one in self.coverages if covers(one, day)),
            service_code=self._service(day),
        )

    def _service(self, day: date) -> str | None:
        one = self.beneficiary
        period = EntitlementRecord(one.service_start, one.service_end)
        return one.service_code if covers(period, day) else None


@dataclass(frozen=True, slots=True)
class Rights:
    """The records in the order of their source, which is all there is to them.

    `unread` names the elements of an XML document that have no place in the model.
    """

    records: tuple[AnyRecord, ...] = ()
    source: Source = Source.RECORDS
    unread: tuple[str, ...] = field(default=(), compare=False)

    @property
    def insured(self) -> InsuredRecord | None:
        return next(_of(InsuredRecord, self.records), None)

    @property
    def family_service(self) -> FamilyServiceRecord | None:
        return next(_of(FamilyServiceRecord, self.records), None)

    @property
    def work_accidents(self) -> WorkAccidentsRecord | None:
        """Of the whole family, as a stream tells them."""
        return next(_of(WorkAccidentsRecord, self.records[: self._first_person]), None)

    @property
    def persons(self) -> tuple[Person, ...]:
        starts = [at for at, one in enumerate(self.records) if isinstance(one, BeneficiaryRecord)]
        ends = [*starts, len(self.records)][1:]
        return tuple(
            Person(one, self.records[start + 1 : end])
            for start, end in zip(starts, ends, strict=True)
            if isinstance(one := self.records[start], BeneficiaryRecord)
        )

    def rights_at(self, day: date) -> tuple[RightsAt, ...]:
        """What the records say of that day, of each person in their order."""
        return tuple(person.rights_at(day) for person in self.persons)

    @property
    def _first_person(self) -> int:
        kinds = (isinstance(record, BeneficiaryRecord) for record in self.records)
        return next((at for at, is_person in enumerate(kinds) if is_person), len(self.records))


def _of(type_: type[RecordT], records: tuple[AnyRecord, ...]) -> Iterator[RecordT]:
    return (record for record in records if isinstance(record, type_))
