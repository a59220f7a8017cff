"""The engine: identities of any number of files taken out together, so that they still agree."""

import secrets
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cardio.anonymise.certificates import certificate, is_certificate
from cardio.anonymise.directories import directory
from cardio.anonymise.draft import Draft, Report
from cardio.anonymise.inventions import AsWritten, Inventions
from cardio.anonymise.keys import KeyRing, NewKey, random_key, seeded_key
from cardio.anonymise.nodes import Node, nodes
from cardio.anonymise.records import FIELDS, PRIMITIVES, primitive, record
from cardio.anonymise.rights import FIRST_GROUP, rights
from cardio.anonymise.stream import Stream
from cardio.anonymise.sweep import Sweep
from cardio.anonymise.words import folded

_ATR_STARTS = (b"\x3b", b"\x3f")
_EF_ATR = b"\x80\x43"
"""Category indicator, then card service data (facts: cps.md §2.2)."""
_PUBLIC = (0x61, 0xE0)
"""EF.DIR, and the map of a Vitale."""
_DIRECTORIES = frozenset((0x30, *range(0xA0, 0xAA)))
_SECRET_SIZE = 32
_HALF = 16
"""Bytes of a key or signature that are looked for: an answer may hold its beginning only."""


class Anonymiser:
    """Rewrites files; what it invents for one fits what it invents for another.

    `seed` makes the same inventions every time, and whoever has it can undo them. Files must be
    shown to `look_at` before they are rewritten, lest an invention be somebody's true name.
    """

    def __init__(
        self,
        *,
        seed: bytes | None = None,
        keep_unknown: bool = False,
        new_key: NewKey | None = None,
    ) -> None:
        self._secret = secrets.token_bytes(_SECRET_SIZE) if seed is None else seed
        self._keep_unknown = keep_unknown
        self.inventions = Inventions(self._secret)
        self.keys = KeyRing(new_key or (random_key if seed is None else self._seeded()))
        self.report = Report()
        self.public: set[str] = set()
        """Words that stand in stretches which tell of nobody, without accents, in capitals."""

    @classmethod
    def as_written(cls) -> "Anonymiser":
        """Replaces keys, and so certificates, but no identity."""
        made = cls(keep_unknown=True)
        made.inventions = AsWritten()
        return made

    def _seeded(self) -> NewKey:
        numbers = iter(range(1 << 32))

        def new_key(bits: int, exponent: int) -> RSAPrivateKey:
            return seeded_key(Stream(self._secret, "key", next(numbers)), bits, exponent)

        return new_key

    def look_at(self, contents: Iterable[bytes]) -> None:
        """Learn the identities in these files."""
        for content in contents:
            self._draft(content)
        found = (*self.inventions.originals, *self.inventions.names)
        if not isinstance(self.inventions, AsWritten):
            learnt = self.inventions
            self.inventions = Inventions(self._secret, {folded(one) for one in found})
            self.inventions.originals.update(learnt.originals)
            self.inventions.names.update(learnt.names)
            self.inventions.replaced.update(learnt.replaced)
        self.report = Report()

    def rewrite(self, content: bytes) -> bytes:
        """A file, or what was read of its beginning; as long as before."""
        made, masked = self._draft(content).finish()
        self.report.masked += masked
        return made

    def note_public(self, raw: bytes) -> None:
        """The words in it tell of nobody."""
        self._draft(b"").note_public(raw)

    def sweep(self) -> Sweep:
        """Finds what was to be replaced, in any content."""
        moduli = (one.modulus.to_bytes(one.size, "big") for one in self.keys.replaced)
        halves = (half for raw in moduli for half in (raw[:_HALF], raw[-_HALF:]))
        secrets = (*(raw[:_HALF] for raw in self.inventions.replaced), *halves)
        return Sweep(self.inventions, self.public, secrets)

    def _draft(self, raw: bytes) -> Draft:
        draft = Draft(raw, self.inventions, self.public, keep_unknown=self._keep_unknown)
        if raw.startswith(FIRST_GROUP):
            rights(draft)
        elif raw.startswith(_EF_ATR) or _is_atr(raw):
            draft.keep(0, len(raw))
        else:
            for node in nodes(raw, 0, len(raw)):
                self._object(draft, node)
        return draft

    def _object(self, draft: Draft, node: Node) -> None:
        if node.tag in _PUBLIC:
            draft.keep_public(node.at, node.end)
        elif node.tag in FIELDS:
            record(draft, node)
        elif node.tag in PRIMITIVES:
            primitive(draft, node)
        elif is_certificate(draft.raw, node):
            certificate(draft, node, self.keys, self.report)
        elif node.tag in _DIRECTORIES:
            directory(draft, node)


def _is_atr(raw: bytes) -> bool:
    """A copy of the answer to reset, as a CPS2ter keeps one."""
    return raw[:1] in _ATR_STARTS and len(raw) <= 33 and raw[1:2] not in (b"", b"\x00")
