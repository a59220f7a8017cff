"""SIREN and SIRET, the numbers of a legal person and of its establishments."""

from dataclasses import dataclass
from typing import Self

from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.fr import siren, siret

from cardio.errors import IdentifierError


@dataclass(frozen=True, slots=True)
class Siren:
    """9 digits, the last a Luhn key (facts: certificates_identifiers_services.md §2)."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the digits, spaces or dots between them allowed. Raises `IdentifierError`."""
        try:
            return cls(siren.validate(text))
        except ValidationError as error:
            raise _refused("SIREN", 9, error) from None

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Siret:
    """14 digits: a SIREN, the establishment and a key over both.

    The key is Luhn's, but for La Poste (356000000), whose digits add up to a multiple of 5;
    python-stdnum knows.
    """

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the digits, spaces or dots between them allowed. Raises `IdentifierError`."""
        try:
            return cls(siret.validate(text))
        except ValidationError as error:
            raise _refused("SIRET", 14, error) from None

    @property
    def siren(self) -> Siren:
        """The legal person it belongs to."""
        return Siren(self.value[:9])

    def __str__(self) -> str:
        return self.value


def _refused(name: str, size: int, error: ValidationError) -> IdentifierError:
    if isinstance(error, InvalidChecksum):
        return IdentifierError(f"the key of the {name} is wrong", offset=size - 1)
    return IdentifierError(f"a {name} has {size} digits")
