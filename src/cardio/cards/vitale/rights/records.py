"""The groups of the rights data as typed records (facts: vitale.md §4.2).

Fields stand in the order of their numbers in the stream, and hold what the source wrote: an
empty text where the card's field is empty, None where the source does not tell the field.
"""

from dataclasses import astuple, dataclass, field
from typing import ClassVar, TypeAlias

from cardio.cards.vitale.rights.dates import CardDate
from cardio.errors import IdentifierError
from cardio.identity.nir import Nir

Text: TypeAlias = str | None
Date: TypeAlias = CardDate | None


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """One record of a group. The repr shows no field: they name people."""

    GROUP: ClassVar[int]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


@dataclass(frozen=True, slots=True, repr=False)
class InsuredRecord(Record):
    """101, the insured person and the card. `card_type` T is a test card; others not public."""

    GROUP: ClassVar[int] = 101
    card_type: Text = None
    serial: Text = None
    valid_until: Date = None
    ruf1_admin: Text = None
    ruf2: Text = None
    ruf_admin: Text = None
    holder_identification: Text = None
    nir_number: Text = None
    nir_key: Text = None
    regime: Text = None
    fund: Text = None
    centre: Text = None
    management_code: Text = None
    ruf_family: Text = None


@dataclass(frozen=True, slots=True, repr=False)
class FamilyServiceRecord(Record):
    """102, a service of the compulsory insurance for the whole family."""

    GROUP: ClassVar[int] = 102
    code: Text = None
    start: Date = None
    end: Date = None


@dataclass(frozen=True, slots=True)
class WorkAccident:
    """One accident of a 103: body in charge (régime, caisse, centre), code BGDH, identifier."""

    organism: Text = field(repr=False)
    bgdh: Text = field(repr=False)
    identifier: Text = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class WorkAccidentsRecord(Record):
    """103, work accidents: the body in charge of any, and two accidents at most."""

    GROUP: ClassVar[int] = 103
    organism: Text = None
    unused_2: Text = None
    unused_3: Text = None
    organism_1: Text = None
    bgdh_1: Text = None
    identifier_1: Text = None
    organism_2: Text = None
    bgdh_2: Text = None
    identifier_2: Text = None

    @property
    def accidents(self) -> tuple[WorkAccident, ...]:
        """Those that are told, two at most."""
        both = (
            WorkAccident(self.organism_1, self.bgdh_1, self.identifier_1),
            WorkAccident(self.organism_2, self.bgdh_2, self.identifier_2),
        )
        return tuple(one for one in both if any(astuple(one)))


@dataclass(frozen=True, slots=True, repr=False)
class BeneficiaryRecord(Record):
    """104, one person. The address is the holder's (facts: vitale.md §4.4)."""

    GROUP: ClassVar[int] = 104
    used_name: Text = None
    birth_name: Text = None
    given_name: Text = None
    address_1: Text = None
    address_2: Text = None
    address_3: Text = None
    address_4: Text = None
    address_5: Text = None
    certified_number: Text = None
    certified_key: Text = None
    certified_on: Date = None
    birth_date: Date = None
    birth_rank: Text = None
    quality: Text = None
    service_code: Text = None
    service_start: Date = None
    service_end: Date = None
    ruf_amo: Text = None

    @property
    def address(self) -> tuple[str, ...]:
        """The lines that are not empty."""
        lines = (
            self.address_1,
            self.address_2,
            self.address_3,
            self.address_4,
            self.address_5,
        )
        return tuple(line for line in lines if line)


@dataclass(frozen=True, slots=True, repr=False)
class EntitlementRecord(Record):
    """105, a period of rights to compulsory insurance; without end it is open."""

    GROUP: ClassVar[int] = 105
    start: Date = None
    end: Date = None


@dataclass(frozen=True, slots=True, repr=False)
class CoverageRecord(Record):
    """106, a period of a code couverture. The meaning of its codes is not public."""

    GROUP: ClassVar[int] = 106
    start: Date = None
    end: Date = None
    ald: Text = None
    situation: Text = None


@dataclass(frozen=True, slots=True, repr=False)
class MutualRecord(Record):
    """107, a mutuelle; its periods are in 108. `guarantees` is 8 times O or N."""

    GROUP: ClassVar[int] = 107
    identification: Text = None
    guarantees: Text = None
    indicator: Text = None
    services_type: Text = None
    services: Text = None
    sts_routing: Text = None


@dataclass(frozen=True, slots=True, repr=False)
class MutualPeriodRecord(Record):
    """108, a period of rights to the mutuelle."""

    GROUP: ClassVar[int] = 108
    start: Date = None
    end: Date = None


@dataclass(frozen=True, slots=True, repr=False)
class ComplementaryRecord(Record):
    """109, a complementary insurance (AMC) that is no mutuelle of 107."""

    GROUP: ClassVar[int] = 109
    b2_number: Text = None
    edi_number: Text = None
    member_number: Text = None
    indicator: Text = None
    start: Date = None
    end: Date = None
    flow_routing: Text = None
    host: Text = None
    domain: Text = None
    sts_routing: Text = None
    services_type: Text = None
    services: Text = None


@dataclass(frozen=True, slots=True, repr=False)
class CommonZoneRecord(Record):
    """111, the zone common to complementary insurances: free or packed text."""

    GROUP: ClassVar[int] = 111
    text: Text = None


@dataclass(frozen=True, slots=True, repr=False)
class ReadingApiRecord(Record):
    """What only the API de lecture tells of a person; no group of the stream holds it.

    `regime` to `management_code` stand in 101 of a stream, once for all. `exoneration` comes with
    a CPx only. `birth_date_shown` is the date of display, where the card's own was given too.
    """

    GROUP: ClassVar[int] = 0
    nir: Text = None
    birth_date_shown: Date = None
    regime: Text = None
    fund: Text = None
    centre: Text = None
    card_centre: Text = None
    management_code: Text = None
    exoneration: Text = None
    treating_doctor: Text = None
    cmu_type: Text = None


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A group that is not typed, or whose fields do not fit its type: kept as it came."""

    group: int
    content: bytes = field(repr=False)


AnyRecord: TypeAlias = Record | RawRecord

STREAM_TYPES: tuple[type[Record], ...] = (
    InsuredRecord,
    FamilyServiceRecord,
    WorkAccidentsRecord,
    BeneficiaryRecord,
    EntitlementRecord,
    CoverageRecord,
    MutualRecord,
    MutualPeriodRecord,
    ComplementaryRecord,
    CommonZoneRecord,
)
"""The typed groups of a stream. 110 is not described anywhere public."""

RAW_GROUPS = {
    40: "data before version 1.40",
    41: "data before version 1.40",
    **dict.fromkeys((60, 61, 62, 63, 64), "configuration"),
    67: "PC/SC reader",
}
"""Groups known by name only (facts: vitale.md §4.2)."""


def nir_of(number: Text, key: Text) -> Nir | None:
    """The NIR of two fields, its key right or wrong; None where they hold none."""
    try:
        return Nir(f"{number or ''}{key or ''}")
    except IdentifierError:
        return None
