"""STAND-IN: rights as an emulated Vitale carries them, in a file of our own.

The records follow the grammar of the public virtual cards (facts: vitale.md §4.1), which
describe data above the card. Where a real card keeps them, and how, is not public.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from cardio.errors import ConfigurationError

_MAX_LENGTH = 0xFF
_ONE_BYTE_LENGTH = 0x7F
_LONG_FORM = 0x81


@dataclass(frozen=True, slots=True)
class Group:
    """One record: its number (101 to 111) and all its fields, in their order."""

    number: int
    fields: tuple[str, ...] = field(repr=False)

    def encode(self) -> bytes:
        """Number on 2 bytes, length, then each field with its length on 1 byte.

        Raises `ConfigurationError` when the fields are too long for a record.
        """
        content = b"".join(self._field(text) for text in self.fields)
        if len(content) > _MAX_LENGTH:
            raise ConfigurationError(
                f"a record {self.number} takes {len(content)} bytes, more than {_MAX_LENGTH}"
            )
        long_form = (_LONG_FORM,) if len(content) > _ONE_BYTE_LENGTH else ()
        return self.number.to_bytes(2, "big") + bytes((*long_form, len(content))) + content

    def _field(self, text: str) -> bytes:
        value = text.encode("ascii")
        if len(value) > _MAX_LENGTH:
            raise ConfigurationError(f"a field of a record {self.number} is too long")
        return bytes((len(value),)) + value


def encode(groups: Iterable[Group]) -> bytes:
    """The records one after another, as they are in the stand-in file."""
    return b"".join(group.encode() for group in groups)


def without_accents(text: str) -> str | None:
    """The text in ASCII, capitals kept; None where a character is more than a letter with accent.

    Fields of records are ASCII (facts: vitale.md §4.1); names on the card itself are Latin-1.
    """
    letters = (
        letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)
    )
    plain = "".join(letters)
    return plain if plain.isascii() else None
