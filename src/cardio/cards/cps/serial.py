"""The chip's serial number, which is not the number printed on the card."""

from dataclasses import dataclass, field
from typing import Self

from stdnum import luhn

from cardio.cards.cps.layout import SERIAL_SIZE
from cardio.errors import RecordError

ISSUER = "8025000001"
"""80 health, 250 France, 00001 the agency that issues the CPS cards (facts: cps.md §2.1)."""

_HEADER = bytes.fromhex("5A0A")
_FILLING = "f"


@dataclass(frozen=True, slots=True)
class ChipSerial:
    """Issuer (10 digits) and number (8 digits) of the chip; `str()` gives the number."""

    issuer: str
    number: str = field(repr=False)

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Parse EF.SN.ICC: `5A 0A`, issuer, 8 digits, Luhn digit over all, F.

        Source: facts: cps.md §2.2. Raises `RecordError` on a wrong shape, another issuer
        or a wrong Luhn digit.
        """
        if len(raw) != SERIAL_SIZE or not raw.startswith(_HEADER):
            raise RecordError("EF.SN.ICC has not the shape of a CPS card's", offset=len(raw))
        digits = raw[len(_HEADER) :].hex()
        if not digits.startswith(ISSUER):
            raise RecordError("the card is of another issuer", offset=len(_HEADER))
        number, filling = digits[:-1], digits[-1]
        if filling != _FILLING or not number.isdigit() or not luhn.is_valid(number):
            raise RecordError("the chip's serial number fails its check", offset=len(raw) - 1)
        return cls(ISSUER, number[len(ISSUER) : -1])

    def __str__(self) -> str:
        return self.number
