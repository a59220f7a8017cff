"""The last look: no identity that was replaced is left, however it is written."""

from collections.abc import Iterable, Iterator

from cardio.anonymise.inventions import AsWritten, Inventions
from cardio.anonymise.words import folded
from cardio.errors import ConfigurationError

LEAST = 4
"""Characters from which on a text is looked for: shorter ones are anywhere."""
_LEAST_DIGITS = 8
"""The same for digits in hexadecimal, where random bytes have shorter ones by chance."""
_LEAST_BYTES = 8
_ENCODINGS = ("ascii", "latin-1", "utf-8", "utf-16-le", "utf-16-be")
_HEXADECIMAL = frozenset("0123456789abcdef")


class Sweep:
    """Looks for texts in any encoding, case and form of accent, and for bytes."""

    def __init__(
        self, inventions: Inventions, public: Iterable[str], secrets: Iterable[bytes] = ()
    ) -> None:
        """`public` are words, without accents, that say nothing when they stand by themselves.

        `secrets` are bytes that name somebody: moduli, serial numbers of certificates.
        """
        texts = dict.fromkeys(inventions.originals)
        texts.update(dict.fromkeys(inventions.names))
        known = set(public)
        wanted = [one for one in texts if _tells(one) and folded(one) not in known]
        if isinstance(inventions, AsWritten):
            wanted = []
        self._needles = {needle for text in wanted for needle in _needles(text)}
        self._needles.update(secret for secret in secrets if len(secret) >= _LEAST_BYTES)
        self._digits = {digits for text in wanted for digits in _digits(text)}

    def finds(self, content: bytes) -> bool:
        """Whether something is left in it."""
        lowered = content.lower()
        if any(needle in content or needle in lowered for needle in self._needles):
            return True
        spelled = content.hex()
        return any(digits in spelled for digits in self._digits)

    def require_clean(self, contents: Iterable[tuple[str, bytes]]) -> None:
        """Raises `ConfigurationError` naming the place, but not what was found there."""
        for place, content in contents:
            if self.finds(content):
                raise ConfigurationError(
                    f"nothing was written: {place} still holds an identity after rewriting"
                )


def _tells(text: str) -> bool:
    """Whether it is worth looking for; one character repeated is filling."""
    return len(text) >= LEAST and len(set(text)) > 1


def _needles(text: str) -> Iterator[bytes]:
    forms = {text, text.lower(), folded(text), folded(text).lower(), text.upper()}
    for form in forms:
        for encoding in _ENCODINGS:
            try:
                yield form.encode(encoding)
            except UnicodeEncodeError:
                continue
    yield text.encode().hex().encode()


def _digits(text: str) -> Iterator[str]:
    """As BCD spells it, at whatever half byte it begins."""
    lowered = text.lower()
    if len(lowered) >= _LEAST_DIGITS and _HEXADECIMAL.issuperset(lowered):
        yield lowered
