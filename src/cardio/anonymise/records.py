"""The records of cards, field by field: CPS containers, Vitale templates, serial numbers.

facts: cps_records.md §1 and vitale.md §2.6. A field that is not known becomes other words where it
looks like words, and 00 where it does not.
"""

from collections.abc import Callable, Mapping

from cardio.anonymise.draft import Draft
from cardio.anonymise.inventions import Inventions
from cardio.anonymise.nodes import Node
from cardio.anonymise.words import is_text, rewrite

Rewrite = Callable[[Inventions, bytes], bytes]


def keep(_inventions: Inventions, raw: bytes) -> bytes:
    """A code, a date of the card: says nothing of who."""
    return raw


def text_by(invent: Callable[[Inventions, str], str], encoding: str | None = None) -> Rewrite:
    """A field of text."""
    return lambda inventions, raw: rewrite(raw, lambda text: invent(inventions, text), encoding)


def bcd(inventions: Inventions, raw: bytes) -> bytes:
    """Digits two to a byte, F at the end where their number is odd; other bytes without a sense."""
    digits = raw.hex().rstrip("f")
    if not digits.isdecimal():
        return inventions.octets(raw)
    if len(digits) == _ICC_DIGITS and digits.startswith(_ISSUER):
        made = inventions.chip_serial(digits)
    else:
        made = inventions.number(digits)
    return bytes.fromhex(made + raw.hex()[len(digits) :])


def unknown(inventions: Inventions, raw: bytes) -> bytes:
    """Something nobody has told of."""
    if is_text(raw):
        return rewrite(raw, inventions.name)
    return bytes(len(raw))


_ISSUER, _ICC_DIGITS = "8025000001", 19
"""Facts: cps.md §2.2: issuer, 8 digits, a Luhn digit."""

NAME = text_by(Inventions.name)
_TEXT = text_by(Inventions.text)
_PS_IDNAT, _STRUCTURE = text_by(Inventions.ps_idnat), text_by(Inventions.structure)
_BIRTH_DATE, _NIR = text_by(Inventions.birth_date), text_by(Inventions.nir)

FIELDS: Mapping[int, Mapping[int, Rewrite]] = {
    0xE3: {0x80: keep, 0x81: bcd, 0x82: keep, 0x83: keep, 0x84: keep},
    0xE4: {0x80: keep, 0x84: NAME},
    0xE5: {0x80: keep},
    0xEC: {0x81: keep, 0x82: keep},
    0xED: {0x80: keep, 0x81: _PS_IDNAT, 0x82: keep, 0x83: keep, 0x84: NAME, 0x85: keep},
    0xEE: {
        0x80: keep,
        0x81: keep,
        0x82: keep,
        0x83: keep,
        0x84: _TEXT,
        0x85: _STRUCTURE,
        0x86: keep,
    },
    0x65: {0x80: NAME, 0x81: NAME, 0x82: _BIRTH_DATE, 0x90: keep, 0x93: _NIR},
    0x66: {0x80: keep},
    0x7F21: {0x5F37: Inventions.octets, 0x5F38: Inventions.octets},
}
"""By container, then by tag. What is in a card-verifiable certificate is not public."""

PRIMITIVES: Mapping[int, Rewrite] = {0x5A: bcd}
"""Objects that are no containers: EF.SN.ICC, and the number of a Vitale."""


def record(draft: Draft, node: Node) -> None:
    """A container of primitive fields."""
    fields = FIELDS[node.tag]
    draft.keep_header(node)
    for one in node.children(draft.raw):
        draft.keep_header(one)
        rewritten = fields.get(one.tag, unknown)(draft.inventions, one.of(draft.raw))
        draft.put(one.start, rewritten)


def primitive(draft: Draft, node: Node) -> None:
    """One object that is not in a container."""
    draft.keep_header(node)
    draft.put(node.start, PRIMITIVES[node.tag](draft.inventions, node.of(draft.raw)))
