"""The number a professional bills the health insurance under (identifiant de facturation)."""

from dataclasses import dataclass
from typing import Self

from cardio.errors import IdentifierError

_SIZE = 9


@dataclass(frozen=True, slots=True)
class AmBillingId:
    """9 letters and digits: 8 and a key (INFERRED; facts: certificates_identifiers_services.md §2).

    How the key is made is not public: it is not checked.
    """

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `IdentifierError` for anything but 9 ASCII letters and digits."""
        if not (text.isascii() and text.isalnum() and len(text) == _SIZE):
            message = "an AM billing number has 9 letters and digits"
            raise IdentifierError(message, offset=min(len(text), _SIZE))
        return cls(text)

    def __str__(self) -> str:
        return self.value
