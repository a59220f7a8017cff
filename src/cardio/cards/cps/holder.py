"""Who holds a CPS, and what card it is: one model for every place of the card that tells it."""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Self, TypeVar

from cardio.cards.cps.certificate import CpsCertificate
from cardio.cards.cps.records import HolderInfo, HolderName, IdCard
from cardio.cards.identify import Interface, Match
from cardio.errors import IdentifierError
from cardio.identity.adeli import Adeli
from cardio.identity.nomenclature import Code
from cardio.identity.ps_idnat import PsIdNat, StructIdNat
from cardio.identity.rpps import Rpps


@dataclass(frozen=True, slots=True)
class Holder:
    """The professional, employee or service. What was not told is None; the repr shows nothing.

    A certificate tells no civility, and mostly no speciality. On a CPE and CPA there is no
    profession and no RPPS: the holder is a number in a structure's register; a CPE may be that
    of a service and name nobody, or a `pseudonym`. A `future_profession` is on a CPF only.
    """

    ps_idnat: PsIdNat | None = field(default=None, repr=False)
    civility: Code | None = field(default=None, repr=False)
    family_name: str | None = field(default=None, repr=False)
    given_name: str | None = field(default=None, repr=False)
    pseudonym: str | None = field(default=None, repr=False)
    profession: Code | None = field(default=None, repr=False)
    future_profession: Code | None = field(default=None, repr=False)
    speciality: Code | None = field(default=None, repr=False)

    @classmethod
    def of_certificate(cls, certificate: CpsCertificate) -> Self:
        """As a certificate tells it; of several specialities the first."""
        return cls(
            ps_idnat=certificate.ps_idnat,
            family_name=certificate.family_name,
            given_name=certificate.given_name,
            pseudonym=certificate.pseudonym,
            profession=certificate.profession,
            future_profession=certificate.future_profession,
            speciality=next(iter(certificate.specialities), None),
        )

    @classmethod
    def of_records(cls, info: HolderInfo | None, name: HolderName | None) -> Self:
        """As CPS_INFO_PS and CPS_NAME_PS tell it."""
        holder = cls()
        if info:
            holder = cls(
                ps_idnat=info.ps_idnat,
                family_name=info.family_name,
                profession=info.profession,
                future_profession=info.future_profession,
                speciality=info.speciality,
            )
        if name:
            holder = replace(holder, civility=name.civility, given_name=name.given_name)
        return holder

    @property
    def is_nominative(self) -> bool | None:
        """Whether the card names a person; None when nothing at all is told of the holder."""
        return None if self == type(self)() else self.family_name is not None

    @property
    def structure(self) -> StructIdNat | None:
        """The structure in whose register the holder is (CPE, CPA); None for a professional."""
        return self.ps_idnat.register_structure if self.ps_idnat else None

    @property
    def rpps(self) -> Rpps | None:
        """The RPPS number; None if the holder has another identifier, or its key is wrong."""
        try:
            return self.ps_idnat.rpps if self.ps_idnat else None
        except IdentifierError:
            return None

    @property
    def adeli(self) -> Adeli | None:
        """The ADELI number; None if the holder has another identifier, or it is malformed."""
        try:
            return self.ps_idnat.adeli if self.ps_idnat else None
        except IdentifierError:
            return None


@dataclass(frozen=True, slots=True)
class CardDescription:
    """The card itself. What was not told is None.

    `type` is that of table G02, which has one code for CPE and CDE (the director's), and one
    for CPA and CDA.
    `chip_serial` (8 digits) is the chip's, `card_number` (10 digits) is printed on the card.
    `valid_until` is the last day in UTC: that of the certificate, else of CPS_ID_CARD, where
    its place is INFERRED (facts: cps_records.md §1).
    """

    generation: str
    interface: Interface
    type: Code | None = None
    category: Code | None = None
    is_test: bool | None = None
    issuer: str | None = None
    chip_serial: str | None = field(default=None, repr=False)
    card_number: str | None = field(default=None, repr=False)
    issued: date | None = None
    valid_until: date | None = None

    @classmethod
    def of_certificate(cls, match: Match, certificate: CpsCertificate) -> Self:
        """As a certificate tells it; it does not tell the chip's number."""
        return cls(
            match.generation,
            match.interface,
            type=certificate.card_type,
            category=certificate.category,
            is_test=certificate.is_test,
            issuer=certificate.card_issuer,
            card_number=certificate.card_number,
            valid_until=certificate.not_after.date(),
        )

    @classmethod
    def of_records(cls, match: Match, card: IdCard | None, info: HolderInfo | None) -> Self:
        """As CPS_ID_CARD and CPS_INFO_PS tell it."""
        description = cls(match.generation, match.interface, type=info.card_type if info else None)
        if card is None:
            return description
        return replace(
            description,
            category=card.category,
            is_test=card.is_test,
            card_number=card.card_number,
            issued=card.issued,
            valid_until=card.valid_until,
        )


ModelT = TypeVar("ModelT", Holder, CardDescription)


def complete(one: ModelT, other: ModelT) -> ModelT:
    """`one`, with what it lacks taken from `other`."""
    lacking = [part.name for part in fields(one) if getattr(one, part.name) is None]
    return replace(one, **{name: getattr(other, name) for name in lacking})
