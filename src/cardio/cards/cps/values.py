"""How single values are coded in the card's records (facts: cps_records.md §0, §1).

Three codings live side by side: numbers, BCD and text. All that decode raise `MalformedData`.
"""

from collections.abc import Callable
from datetime import date, datetime

from cardio.errors import RecordError
from cardio.iasecc import der
from cardio.identity.nomenclature import Code, Table
from cardio.identity.ps_idnat import PsIdNat, StructIdNat

_FIRST_TEST_CATEGORY = 0x80
_FILLING = "f"


def text(raw: bytes) -> str | None:
    """UTF-8 or Latin-1; None when only filling is there."""
    return der.text(raw) or None


def binary(table: Table) -> Callable[[bytes], Code]:
    """A code held as a number of one byte (`0A` = code 10)."""
    return lambda raw: table.number(byte(raw))


def text_code(table: Table) -> Callable[[bytes], Code | None]:
    """A code held as text."""

    def decode(raw: bytes) -> Code | None:
        code = text(raw)
        return table.code(code) if code else None

    return decode


def byte(raw: bytes) -> int:
    """A number of one byte."""
    if len(raw) != 1:
        raise RecordError(f"{len(raw)} bytes where one is due")
    return raw[0]


def digits(raw: bytes) -> str:
    """BCD; F fills an odd number of digits up."""
    digits = raw.hex().rstrip(_FILLING)
    if not digits.isdigit():
        raise RecordError("not BCD digits")
    return digits


def day(raw: bytes) -> date:
    """4 bytes of BCD, yyyymmdd."""
    if len(raw) != 4:
        raise RecordError(f"{len(raw)} bytes where four are due")
    try:
        return datetime.strptime(digits(raw), "%Y%m%d").date()  # noqa: DTZ007 (a day only)
    except ValueError:
        raise RecordError("not a date") from None


def category(raw: bytes) -> Code:
    """The card's category: the two digits of its code in one byte, BCD."""
    return Table.CARD_CATEGORY.code(f"{byte(raw):02X}")


def is_test(category: Code | None) -> bool | None:
    """Whether a category of table G01 is that of test cards: 80 and above, read in hex."""
    return None if category is None else int(category.code, 16) >= _FIRST_TEST_CATEGORY


def adeli_speciality(raw: bytes) -> Code:
    """The second of two bytes, BCD; the first is not understood."""
    if len(raw) != 2:
        raise RecordError(f"{len(raw)} bytes where two are due")
    return Table.ADELI_SPECIALITY.code(digits(raw[1:]))


def ps_idnat(raw: bytes) -> PsIdNat:
    """The holder's identifier, as text."""
    return PsIdNat.parse(der.text(raw))


def struct_idnat(raw: bytes) -> StructIdNat:
    """The structure's identifier, as text."""
    return StructIdNat.parse(der.text(raw))


def encode_text(value: object) -> bytes:
    """Text and identifiers, as UTF-8: the form that `text` tries first."""
    return str(value).encode("utf-8")


def encode_text_code(code: Code) -> bytes:
    """See `text_code`."""
    return code.code.encode("ascii")


def encode_binary(code: Code) -> bytes:
    """See `binary`."""
    return encode_byte(int(code.code))


def encode_byte(number: int) -> bytes:
    """See `byte`."""
    return number.to_bytes(1, "big")


def encode_digits(digits: str) -> bytes:
    """See `digits`."""
    return bytes.fromhex(digits + _FILLING[: len(digits) % 2])


def encode_day(day: date) -> bytes:
    """See `day`."""
    return bytes.fromhex(f"{day:%Y%m%d}".zfill(8))


def encode_category(code: Code) -> bytes:
    """See `category`."""
    return bytes.fromhex(code.code)


def encode_adeli_speciality(code: Code) -> bytes:
    """See `adeli_speciality`; the first byte is 00."""
    return b"\x00" + bytes.fromhex(code.code.zfill(2))
