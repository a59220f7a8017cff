"""What comes in the place of an identity: of the same length, right by the same rules, a test one.

An invention hangs on the secret and on what it replaces. Whoever has no secret can neither invert
it nor try all numbers; the same person gets the same inventions everywhere the secret is the same.
"""

import re
from collections.abc import Callable, Collection

from stdnum import luhn

from cardio.anonymise import words
from cardio.anonymise.stream import Stream
from cardio.identity.nir import NUMBER_SIZE, key_of

TEST_MONTH = "19"
"""Of test numbers (facts: vitale.md §5)."""
_TEST_RPPS = "997"
"""Facts: certificates_identifiers_services.md §2."""
_TEST_COMMUNE = "99"
"""No department has communes from 990 on; ours to mark an invented place of birth."""
_AGRICULTURAL = "555555"
_OVERSEAS, _ABROAD, _CORSICA = ("97", "98"), ("99",), ("2A", "2B")
_MOST_YEARS = 9
_DAYS = 28
_KEYS = 97
_CABINET_RPPS, _CABINET_ADELI = 11, 9
_ATTEMPTS = 200
_LEAST_NUMBER = 6
"""Digits of a number within a text from which on it tells who by itself."""
_LETTERS_AS_DIGITS = str.maketrans("AB", "12")
_NIR = re.compile(r"\d{5}(?:\d{5}|2[AB]\d{3})\d{3}", re.ASCII)
_TOKEN_LABEL = re.compile(r"(CPS\dv\d+-)(\d{10})", re.ASCII)

Make = Callable[[Stream], str]


class Inventions:
    """Invents, and remembers what for. No invention is one of `avoid`, nor used twice."""

    def __init__(self, secret: bytes, avoid: Collection[str] = ()) -> None:
        self._secret = secret
        self._avoid = frozenset(avoid)
        self._made: dict[tuple[str, str], str] = {}
        self._taken: set[tuple[str, str]] = set()
        self.originals: dict[str, None] = {}
        """Every whole identity replaced, as text."""
        self.names: dict[str, None] = {}
        """The words of people's names."""
        self.replaced: dict[bytes, None] = {}
        """Bytes without a sense that are in no text."""

    def stream(self, *about: str | bytes | int) -> Stream:
        """For inventions that are no text."""
        return Stream(self._secret, *about)

    def octets(self, raw: bytes) -> bytes:
        """Bytes without a sense of their own."""
        self.replaced.setdefault(raw)
        return self.stream("octets", raw).octets(len(raw))

    def text(self, text: str) -> str:
        """Any text, word by word."""
        self._note(text)
        return words.each_word(text, self._word)

    def serial(self, text: str) -> str:
        """A serial number that may have letters: digits become others, and letters A to F."""
        self._note(text)
        if text.isdecimal():
            return self.number(text)
        return self._invent("serial", text, lambda stream: _serial(stream, text))

    def name(self, text: str) -> str:
        """A person's name; none of its words may be left anywhere."""
        self.names.update(dict.fromkeys(words.words_of(text)))
        return self.text(text)

    def _word(self, word: str) -> str:
        if word.isdecimal():
            return self.number(word) if len(word) >= _LEAST_NUMBER else self._number(word)
        size = len(word)
        made = self._invent("word", words.folded(word), lambda stream: words.invented(stream, size))
        return words.dressed(made, word)

    def number(self, digits: str) -> str:
        """Digits without a rule. Numbers that end alike for 8 digits do so when replaced, too.

        So a serial number and its last digits in another record still belong together.
        """
        self._note(digits)
        return self._number(digits)

    def _number(self, digits: str) -> str:
        tail = digits[-8:]
        size = len(digits) - len(tail)

        def make(stream: Stream) -> str:
            made = stream.digits(len(tail))
            return (stream.digits(size)[::-1] if size else "") + made

        return self._invent("number", tail, make, size=len(digits))

    def nir(self, written: str) -> str:
        """13 characters, or 15: the first stays, month 19, a place that is none; wrong keys too.

        Anything else is taken as text.
        """
        number, key = written[:NUMBER_SIZE], written[NUMBER_SIZE:]
        if not _NIR.fullmatch(number):
            return self.text(written)
        self._note(number)
        made = self._invent("nir", number, lambda stream: self._nir(stream, number))
        return made + self.nir_key(number, made, key) if key else made

    def _nir(self, stream: Stream, number: str) -> str:
        if number.startswith(_AGRICULTURAL):
            return _AGRICULTURAL + stream.digits(NUMBER_SIZE - len(_AGRICULTURAL))
        year = f"{(int(number[1:3]) + self._years) % 100:02}"
        return number[0] + year + TEST_MONTH + _place(stream, number[5:10]) + stream.digits(3)

    def nir_key(self, number: str, made: str, key: str) -> str:
        """The key of the invented number; one that was wrong stays as far from the right one."""
        if not key.isdecimal():
            return key
        wrong_by = int(key) - int(key_of(number))
        return f"{(int(key_of(made)) + wrong_by - 1) % _KEYS + 1:02}"

    def birth_date(self, written: str) -> str:
        """8 digits, year first, or 6: all years shifted alike, month 19, another day.

        So ages stay about right and fit the numbers. Month and day 00, of unknown ones, stay.
        """
        if not (written.isascii() and written.isdecimal() and len(written) in (6, 8)):
            return self.text(written)
        self._note(written)
        return self._invent("birth", written, lambda stream: self._birth_date(stream, written))

    def _birth_date(self, stream: Stream, written: str) -> str:
        year, month, day = written[:-4], written[-4:-2], written[-2:]
        years = len(year)
        shifted = f"{(int(year) + self._years) % 10**years:0{years}}"
        invented_day = f"{stream.below(_DAYS) + 1:02}"
        return (
            shifted
            + (month if month == "00" else TEST_MONTH)
            + (day if day == "00" else invented_day)
        )

    @property
    def _years(self) -> int:
        shift = self.stream("years").below(2 * _MOST_YEARS)
        return shift - _MOST_YEARS if shift < _MOST_YEARS else shift - _MOST_YEARS + 1

    def rpps(self, number: str) -> str:
        """11 digits: 997, 7 others, a Luhn key; wrong where it was."""
        self._note(number)

        def make(stream: Stream) -> str:
            return _with_luhn(_TEST_RPPS + stream.digits(7), like=number)

        return self._invent("rpps", number, make)

    def adeli(self, number: str) -> str:
        """9 characters: letters stay where they are, all digits change."""
        self._note(number)

        def make(stream: Stream) -> str:
            return "".join(stream.digits(1) if one.isdecimal() else one for one in number)

        return self._invent("adeli", number, make)

    def registered(self, number: str) -> str:
        """A FINESS, SIREN or SIRET: other digits, the Luhn key right where it was.

        A FINESS gets B in second place, as test numbers have (facts: cps_records.md §5).
        """
        self._note(number)
        finess = len(number) == 9 and number[1:2] in ("A", "B")

        def make(stream: Stream) -> str:
            digits = stream.digits(len(number) - 1)
            return _with_luhn(digits[0] + "B" + digits[2:] if finess else digits, like=number)

        return self._invent("registered", number, make)

    def ps_idnat(self, written: str) -> str:
        """Type digit and identifier (facts: certificates_identifiers_services.md §2)."""
        self._note(written)
        kind, identifier = written[:1], written[1:]
        structure, slash, register = identifier.partition("/")
        if slash:
            types = {"1": "0", "3": "1", "4": "2", "5": "3", "6": "4"}
            inner = self._structure(types.get(kind, ""), structure)
            return kind + inner + slash + self.text(register)
        if kind == "8" and _is_digits(identifier, 11):
            return kind + self.rpps(identifier)
        if kind == "0" and len(identifier) == _CABINET_ADELI:
            return kind + self.adeli(identifier)
        return kind + self.text(identifier)

    def structure(self, written: str) -> str:
        """Type digit and identifier of a structure (facts: the same)."""
        if not written[:1].isdecimal():
            return self.text(written)
        self._note(written)
        return written[:1] + self._structure(written[:1], written[1:])

    def _structure(self, kind: str, identifier: str) -> str:
        if kind == "4" and _is_digits(identifier[:_CABINET_RPPS], _CABINET_RPPS):
            return self.rpps(identifier[:_CABINET_RPPS]) + identifier[_CABINET_RPPS:]
        if kind == "0" and len(identifier) >= _CABINET_ADELI:
            return self.adeli(identifier[:_CABINET_ADELI]) + identifier[_CABINET_ADELI:]
        if kind in ("1", "2", "3") and re.fullmatch(r"\d[0-9AB]\d{7}|\d{14}", identifier, re.ASCII):
            return self.registered(identifier)
        return self.text(identifier)

    def principal(self, written: str) -> str:
        """`8.99700982178@carte-cps.fr`: the PS_IdNat in it; another address as text."""
        found = re.fullmatch(r"(\d)\.([^@]+)(@carte-cps\.fr)", written, re.ASCII)
        if not found:
            return self.text(written)
        self._note(written)
        made = self.ps_idnat(found[1] + found[2])
        return f"{made[0]}.{made[1:]}{found[3]}"

    def common_name(self, written: str) -> str:
        """The holder's PS_IdNat, the card's number, or a name."""
        if re.fullmatch(r"\d{10}/\d{10}", written, re.ASCII):
            return self.card_identifier(written)
        if re.fullmatch(r"\d[0-9A-Z]{8,}(/[0-9A-Za-z]+)?", written, re.ASCII):
            return self.ps_idnat(written)
        return self.name(written)

    def card_identifier(self, written: str) -> str:
        """Issuer, which stays, and number of the card: `8025000001/2909821700`."""
        issuer, slash, number = written.partition("/")
        return f"{issuer}{slash}{self.number(number)}" if slash else self.text(written)

    def token_label(self, written: str) -> str | None:
        """`CPS3v3-2909821700`, the card's number replaced; None for any other label."""
        found = _TOKEN_LABEL.fullmatch(written)
        return found[1] + self.number(found[2]) if found else None

    def chip_serial(self, digits: str) -> str:
        """8 digits and the Luhn digit over the issuer and them; `digits` has all 19."""
        made = digits[:10] + self.number(digits[10:18])
        return _with_luhn(made, like=digits)

    def _note(self, original: str) -> None:
        self.originals.setdefault(original)

    def _invent(self, kind: str, original: str, make: Make, *, size: int = 0) -> str:
        """The first invention that is new; as many attempts as short words may need."""
        known = self._made.get((kind, f"{original} {size}"))
        if known is not None:
            return known
        made = original
        for attempt in range(_ATTEMPTS):
            made = make(self.stream(kind, original, attempt))
            if made not in self._avoid and made != original and (kind, made) not in self._taken:
                break
        self._taken.add((kind, made))
        self._made[kind, f"{original} {size}"] = made
        return made


class AsWritten(Inventions):
    """Invents nothing: for who wants a card's image with its identities."""

    def __init__(self) -> None:
        super().__init__(b"")

    def octets(self, raw: bytes) -> bytes:
        return raw

    def text(self, text: str) -> str:
        return text

    def number(self, digits: str) -> str:
        return digits

    def birth_date(self, written: str) -> str:
        return written

    def nir_key(self, number: str, made: str, key: str) -> str:  # noqa: ARG002
        return key

    def chip_serial(self, digits: str) -> str:
        return digits

    def _invent(self, kind: str, original: str, make: Make, *, size: int = 0) -> str:  # noqa: ARG002
        return original


def _serial(stream: Stream, like: str) -> str:
    made = (stream.digits(1) if one.isdecimal() else stream.choice("ABCDEF") for one in like)
    return "".join(
        one.lower() if known.islower() else one for one, known in zip(made, like, strict=True)
    )


def _place(stream: Stream, place: str) -> str:
    """Department and a commune that is none; abroad, overseas and Corsica stay what they are."""
    department = place[:2]
    if department in _OVERSEAS:
        return f"{department}{stream.below(6) + 1}{_TEST_COMMUNE}"
    if department not in (*_ABROAD, *_CORSICA):
        department = f"{stream.choice([n for n in range(1, 96) if n != 20]):02}"
    return department + _TEST_COMMUNE + stream.digits(1)


def _with_luhn(made: str, *, like: str) -> str:
    """With its last digit, which is right where that of `like` is."""
    right = int(luhn.calc_check_digit(made.translate(_LETTERS_AS_DIGITS)))
    is_right = luhn.is_valid(like.translate(_LETTERS_AS_DIGITS))
    return made + str(right if is_right else (right + 1) % 10)


def _is_digits(text: str, size: int) -> bool:
    return len(text) == size and text.isascii() and text.isdecimal()
