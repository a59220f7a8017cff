"""PS_IdNat and Struct_IdNat: a type digit, then the identifier of a person or structure."""

from dataclasses import dataclass, field
from typing import Self

from cardio.errors import IdentifierError
from cardio.identity.adeli import Adeli
from cardio.identity.finess import Finess
from cardio.identity.nomenclature import Code, Table
from cardio.identity.rpps import Rpps
from cardio.identity.siret import Siren, Siret

_ADELI, _RPPS = "0", "8"
_FINESS, _SIREN, _SIRET = "1", "2", "3"
_STRUCTURE_TYPES = {"1": "0", "3": "1", "4": "2", "5": "3", "6": "4"}
"""Types of table G08 that name a structure and its register, with the structure's in G07."""

_UPN_DOMAIN = "@carte-cps.fr"
_UPN_SEPARATOR = "."
_REGISTER_SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class PsIdNat:
    """The national identifier of a card's holder (facts: certificates_identifiers_services.md §2).

    `type_code` is a digit of table G08: `8` RPPS, `0` ADELI, `3` FINESS and register number …
    `str()` gives the whole, `repr()` hides the identifier.
    """

    type_code: str
    identifier: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `899700982178`, `30B0309829/CPET00001` … Types not in G08 are kept.

        Raises `IdentifierError`; an RPPS or ADELI number is not checked here, see `rpps`.
        """
        return cls(*_split(text))

    @classmethod
    def parse_upn(cls, text: str) -> Self:
        """Parse the principal name of a certificate, `8.99700982178@carte-cps.fr`.

        Raises `IdentifierError`.
        """
        name = text.removesuffix(_UPN_DOMAIN)
        if name == text or name[1:2] != _UPN_SEPARATOR:
            raise IdentifierError("not the principal name of a CPS holder")
        return cls.parse(name.replace(_UPN_SEPARATOR, "", 1))

    @property
    def type(self) -> Code:
        """What kind of identifier it is (table G08)."""
        return Table.PERSON_ID_TYPE.code(self.type_code)

    @property
    def rpps(self) -> Rpps | None:
        """The RPPS number; None for another type. Raises `IdentifierError` on a wrong key."""
        return Rpps.parse(self.identifier) if self.type_code == _RPPS else None

    @property
    def adeli(self) -> Adeli | None:
        """The ADELI number; None for another type. Raises `IdentifierError`."""
        return Adeli.parse(self.identifier) if self.type_code == _ADELI else None

    @property
    def structure(self) -> str | None:
        """The structure's identifier before the `/` of a register number."""
        structure, slash, _ = self.identifier.partition(_REGISTER_SEPARATOR)
        return structure if slash else None

    @property
    def register_structure(self) -> "StructIdNat | None":
        """The same with its type (table G07); None where the type has no counterpart there."""
        kind = _STRUCTURE_TYPES.get(self.type_code)
        return StructIdNat(kind, self.structure) if kind and self.structure else None

    @property
    def register_number(self) -> str | None:
        """The number in the structure's own register, behind the `/`."""
        _, slash, number = self.identifier.partition(_REGISTER_SEPARATOR)
        return number if slash else None

    def __str__(self) -> str:
        return self.type_code + self.identifier


@dataclass(frozen=True, slots=True)
class StructIdNat:
    """The national identifier of a structure; `type_code` is a digit of table G07."""

    type_code: str
    identifier: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `10B0309829` (FINESS), `3` and a SIRET … Raises `IdentifierError`."""
        return cls(*_split(text))

    @property
    def type(self) -> Code:
        """What kind of identifier it is (table G07)."""
        return Table.STRUCTURE_ID_TYPE.code(self.type_code)

    @property
    def finess(self) -> Finess | None:
        """The FINESS number; None for another type. Raises `IdentifierError`."""
        return Finess.parse(self.identifier) if self.type_code == _FINESS else None

    @property
    def siren(self) -> Siren | None:
        """The SIREN, that of the SIRET too; None for another type. Raises `IdentifierError`."""
        if self.siret:
            return self.siret.siren
        return Siren.parse(self.identifier) if self.type_code == _SIREN else None

    @property
    def siret(self) -> Siret | None:
        """The SIRET; None for another type. Raises `IdentifierError`."""
        return Siret.parse(self.identifier) if self.type_code == _SIRET else None

    def __str__(self) -> str:
        return self.type_code + self.identifier


def _split(text: str) -> tuple[str, str]:
    if not (text[:1].isascii() and text[:1].isdigit()):
        raise IdentifierError("a national identifier starts with its type digit")
    identifier = text[1:]
    if not identifier or not identifier.isprintable() or " " in identifier:
        raise IdentifierError("nothing readable behind the type digit", offset=1)
    return text[0], identifier
