"""From the bytes of a file to its templates, from templates to beneficiaries.

Damage never hides what stands before it, and a bad field never hides the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cardio.cards.vitale.beneficiary import Beneficiary, Problem, ProblemCode
from cardio.cards.vitale.layout import Tag
from cardio.cards.vitale.pairs import check_pairs
from cardio.errors import IdentifierError, TlvError
from cardio.identity.nir import Nir
from cardio.iso7816 import tlv
from cardio.iso7816.tlv import Tlv

_PADDING = b"\x00\xff"
_TEXT_PADDING = " \x00"
_DATE_SIZE = 8
_DATE_SIZE_WITHOUT_CENTURY = 6
"""Birth dates of old cards (facts: vitale.md §5)."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """The data objects of a file, and whether something unreadable follows them."""

    templates: tuple[Tlv, ...] = ()
    is_damaged: bool = False

    @classmethod
    def decode(cls, raw: bytes) -> "FileContent":
        """Read data objects, padding between them skipped, up to the end or the first damage."""
        found: list[Tlv] = []
        while raw := raw.lstrip(_PADDING):
            try:
                node, size = tlv.parse_prefix(raw)
            except TlvError:
                return cls(tuple(found), is_damaged=True)
            found.append(node)
            raw = raw[size:]
        return cls(tuple(found))

    @property
    def people(self) -> tuple[Tlv, ...]:
        """The templates of persons, in the order of the card."""
        return tuple(node for node in self.templates if node.tag == Tag.PERSON)


def decode_beneficiaries(
    people: Sequence[Tlv], numbers: Sequence[Tlv]
) -> tuple[tuple[Beneficiary, ...], tuple[Problem, ...]]:
    """Pair two lists of templates by position, as the card means them (facts: vitale.md §2.4).

    Lists of different lengths, or plainly of another order, cannot be paired safely: then nobody
    gets a NIR.
    """
    problems: list[Problem] = []
    if not people:
        problems.append(Problem(ProblemCode.NO_BENEFICIARY))
    paired = len(people) == len(numbers)
    if not paired:
        problems.append(Problem(ProblemCode.COUNTS_DIFFER))
    beneficiaries: list[Beneficiary] = []
    for index, person in enumerate(people):
        decoder = _Decoder(index, problems)
        beneficiaries.append(decoder.beneficiary(person, numbers[index] if paired else None))
    checked, doubts = check_pairs(beneficiaries)
    return checked, (*problems, *doubts)


def decode_date(raw: bytes) -> date | None:
    """`AAAAMMJJ` as a date, None where it is no day of the calendar."""
    text = decode_text(raw)
    if len(text) != _DATE_SIZE or not _is_digits(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def decode_text(raw: bytes) -> str:
    """Latin-1 text without its padding (facts: vitale.md §2.6)."""
    return raw.decode("latin-1").strip(_TEXT_PADDING)


def printable(text: str) -> str:
    """Control characters could drive a terminal: they become U+FFFD."""
    return "".join("\ufffd" if _is_control(character) else character for character in text)


class _Decoder:
    """Decodes the fields of one person, adding to `problems`."""

    def __init__(self, index: int, problems: list[Problem]) -> None:
        self._index = index
        self._problems = problems

    def beneficiary(self, person: Tlv, number: Tlv | None) -> Beneficiary:
        written = self._text(person, Tag.BIRTH_DATE)
        if written and not _is_written_date(written):
            self._note(ProblemCode.MALFORMED_DATE, Tag.BIRTH_DATE)
        return Beneficiary(
            family_name=self._text(person, Tag.FAMILY_NAME),
            given_name=self._text(person, Tag.GIVEN_NAME),
            birth_date=decode_date(person.get(Tag.BIRTH_DATE) or b""),
            birth_date_as_written=written,
            nationality_or_country=self._country(number) if number else None,
            nir=self._nir(number) if number else None,
        )

    def _text(self, node: Tlv, tag: Tag) -> str | None:
        text = decode_text(node.get(tag) or b"")
        if not text:
            self._note(ProblemCode.MISSING_FIELD, tag)
            return None
        return self._printable(text, tag)

    def _country(self, number: Tlv) -> str | None:
        tag = Tag.NATIONALITY_OR_COUNTRY
        return self._printable(decode_text(number.get(tag) or b""), tag) or None

    def _nir(self, number: Tlv) -> Nir | None:
        text = self._text(number, Tag.NIR)
        if text is None:
            return None
        try:
            nir = Nir(text)
        except IdentifierError:
            self._note(ProblemCode.MALFORMED_NIR, Tag.NIR)
            return None
        if not nir.has_valid_key:
            self._note(ProblemCode.WRONG_NIR_KEY, Tag.NIR)
        return nir

    def _printable(self, text: str, tag: Tag) -> str:
        clean = printable(text)
        if clean != text:
            self._note(ProblemCode.UNREADABLE_TEXT, tag)
        return clean

    def _note(self, code: ProblemCode, tag: Tag) -> None:
        self._problems.append(Problem(code, self._index, tag))


def _is_control(character: str) -> bool:
    return ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_written_date(text: str) -> bool:
    return _is_digits(text) and len(text) in (_DATE_SIZE, _DATE_SIZE_WITHOUT_CENTURY)
