"""How sure an identity is: its status, its attributes, and what they allow together.

Facts: certificates_identifiers_services.md §2, identity status and attributes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Self, TypeVar

from cardio.errors import IdentifierError, IdentityRuleError
from cardio.identity.characters import transliterate

WordT = TypeVar("WordT", bound=Enum)


class IdentityStatus(Enum):
    """From the least sure to the surest; the words are stable."""

    PROVISIONAL = "provisoire"
    RETRIEVED = "recuperee"
    VALIDATED = "validee"
    QUALIFIED = "qualifiee"

    @classmethod
    def parse(cls, text: str) -> "IdentityStatus":
        """Read `qualifiée`, `Qualifiee` … Raises `IdentifierError`."""
        return _word(cls, text)

    @property
    def has_matricule(self) -> bool:
        """Whether such an identity has the matricule the INSi gave.

        Récupérée and qualifiée do; the other two do not (as users of the national guide cite it).
        """
        return self in (IdentityStatus.RETRIEVED, IdentityStatus.QUALIFIED)


class IdentityAttribute(Enum):
    """What calls for care with an identity; the words are stable."""

    HOMONYM = "homonyme"
    DOUBTFUL = "douteux"
    FICTITIOUS = "fictif"

    @classmethod
    def parse(cls, text: str) -> "IdentityAttribute":
        """Raises `IdentifierError`."""
        return _word(cls, text)

    @property
    def forces_provisional(self) -> bool:
        """Doubtful and fictitious identities stay provisional and never ask the INSi."""
        return self is not IdentityAttribute.HOMONYM


class StateRule(Enum):
    """A rule that a status and attributes can break; the words are stable."""

    ATTRIBUTES = "attributes"
    PROVISIONAL = "provisional"


_SENTENCES = {
    StateRule.ATTRIBUTES: "only douteux and homonyme may stand together",
    StateRule.PROVISIONAL: "a doubtful or fictitious identity is provisoire",
}
_MAY_COEXIST = frozenset({IdentityAttribute.DOUBTFUL, IdentityAttribute.HOMONYM})


@dataclass(frozen=True, slots=True)
class IdentityState:
    """A status with its attributes; raises `IdentityRuleError` for a pair that cannot be."""

    status: IdentityStatus = IdentityStatus.PROVISIONAL
    attributes: frozenset[IdentityAttribute] = frozenset()

    def __post_init__(self) -> None:
        if broken := broken_rule(self.status, self.attributes):
            raise IdentityRuleError(_SENTENCES[broken])

    @classmethod
    def of(cls, status: IdentityStatus, *attributes: IdentityAttribute) -> Self:
        return cls(status, frozenset(attributes))

    @property
    def may_ask_insi(self) -> bool:
        """Whether the INSi may be called for this identity."""
        return not any(attribute.forces_provisional for attribute in self.attributes)

    @property
    def may_share_matricule(self) -> bool:
        """Whether the matricule may leave the house: on a document, in a message."""
        return self.status is IdentityStatus.QUALIFIED


def broken_rule(
    status: IdentityStatus, attributes: Iterable[IdentityAttribute]
) -> StateRule | None:
    """The rule these break together; None where they may stand."""
    present = frozenset(attributes)
    if len(present) > 1 and present != _MAY_COEXIST:
        return StateRule.ATTRIBUTES
    forced = any(attribute.forces_provisional for attribute in present)
    if forced and status is not IdentityStatus.PROVISIONAL:
        return StateRule.PROVISIONAL
    return None


def _word(kind: type[WordT], text: str) -> WordT:
    plain = transliterate(text.strip()).text.lower()
    for member in kind:
        if member.value == plain:
            return member
    raise IdentifierError(f"one of {', '.join(str(member.value) for member in kind)} is wanted")
