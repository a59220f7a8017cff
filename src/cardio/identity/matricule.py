"""The INS matricule: a NIR or a NIA with the OID that says which it is.

Facts: certificates_identifiers_services.md §2.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Self

from cardio.errors import IdentifierError, LeakedTestIdentity
from cardio.identity.environment import Environment
from cardio.identity.nir import Nir, NumberKind


class InsOid(Enum):
    """Under which authority the number was given."""

    NIR = "1.2.250.1.213.1.4.8"
    NIA = "1.2.250.1.213.1.4.9"
    TEST = "1.2.250.1.213.1.4.10"
    DEMO = "1.2.250.1.213.1.4.11"

    @classmethod
    def parse(cls, text: str) -> "InsOid":
        """Raises `IdentifierError` for any other OID."""
        for oid in cls:
            if text.strip() == oid.value:
                return oid
        raise IdentifierError("not the OID of an INS matricule")

    @property
    def is_for_tests(self) -> bool:
        """Whether it must never be seen in production."""
        return self in (InsOid.TEST, InsOid.DEMO)


@dataclass(frozen=True, slots=True)
class Matricule:
    """A number of 15 characters and its OID; neither travels without the other.

    A wrong key is kept, for `number.has_valid_key` to tell. `str()` gives the 15 characters;
    `repr()` hides them.
    """

    number: Nir
    oid: InsOid

    @classmethod
    def parse(cls, text: str, oid: str | InsOid, *, check_key: bool = True) -> Self:
        """Read the number as `Nir.parse` does. Raises `IdentifierError`."""
        known = oid if isinstance(oid, InsOid) else InsOid.parse(oid)
        return cls(Nir.parse(text, check_key=check_key), known)

    @property
    def is_test(self) -> bool:
        """Whether the OID or the number says that it is nobody's.

        False proves nothing: the published identities of the INSi's validation have the OID of
        real NIRs and numbers that look real.
        """
        return self.oid.is_for_tests or self.number.is_test

    @property
    def oid_fits(self) -> bool:
        """Whether the first digit is that of what the OID says (INFERRED for the NIA).

        A NIA starts with 3 or 4, a temporary number with 7 or 8: the OID of a NIA takes both.
        """
        if self.oid.is_for_tests:
            return True
        return (self.oid is InsOid.NIR) == (self.number.kind is NumberKind.REGISTERED)

    def require(self, environment: Environment) -> Self:
        """The matricule itself, where it may be used there.

        Raises `LeakedTestIdentity` for a test or demonstration OID, or a number of a test card
        (month 19), in production.
        """
        if environment is Environment.PRODUCTION and self.is_test:
            what = "OID" if self.oid.is_for_tests else "number"
            raise LeakedTestIdentity(f"the {what} of a test matricule is used in production")
        return self

    def __str__(self) -> str:
        return str(self.number)
