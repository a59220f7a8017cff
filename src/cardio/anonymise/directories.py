"""PKCS#15 directories: structure, labels and codes stay; numbers of card and chip are replaced."""

from cardio.anonymise.draft import Draft
from cardio.anonymise.inventions import Inventions
from cardio.anonymise.nodes import Node, is_constructed
from cardio.anonymise.records import bcd
from cardio.anonymise.words import is_text, rewrite
from cardio.iasecc import der

_TOKEN_LABEL = 0x80
_STRINGS = (der.UTF8_STRING, der.PRINTABLE_STRING, der.T61_STRING, der.IA5_STRING, _TOKEN_LABEL)
_PLAIN = (der.INTEGER, der.BIT_STRING, der.OID, der.ENUMERATED, 0x01, 0x05)
_TIMES = (der.UTC_TIME, der.GENERALIZED_TIME)
_ISSUER = bytes.fromhex("8025000001")
_KNOWN_STARTS = tuple(map(bytes.fromhex, ("E828BD080F", "8025000001", "D2500000", "3F00")))
"""Of application identifiers and paths, of which identifiers of objects are made, too."""
_KNOWN_LABELS = ("CPS", "Certificat", "Cl", "PIN", "PUK", "EMULATEUR")
"""How the labels of the cards begin (facts: cps.md §2.4)."""
_EXPECTED = frozenset((*_STRINGS, *_PLAIN, *_TIMES, der.OCTET_STRING, *range(0x80, 0x90)))
"""Primitive tags of the directories; what has another one is not understood."""
_SHORT = 16
_SERIAL_SIZE = 10
_ID_SIZE = 4


def directory(draft: Draft, node: Node) -> None:
    """One object of a directory file, and all in it."""
    if not is_constructed(node.tag) and node.tag not in _EXPECTED:
        return
    draft.keep_header(node)
    if is_constructed(node.tag):
        for child in node.children(draft.raw):
            directory(draft, child)
    elif node.tag in _STRINGS and (node.tag != _TOKEN_LABEL or is_text(node.of(draft.raw))):
        _label(draft, node)
    elif node.tag == der.OCTET_STRING:
        draft.put(node.start, _octets(draft.inventions, node.of(draft.raw)))
    elif node.tag in (*_PLAIN, *_TIMES) or node.end - node.start <= _ID_SIZE:
        draft.keep(node.start, node.end)


def _label(draft: Draft, node: Node) -> None:
    raw = node.of(draft.raw)
    text = raw.decode("latin-1")
    made = draft.inventions.token_label(text)
    if made is not None:
        draft.put(node.start, made.encode("latin-1"))
    elif text.startswith(_KNOWN_LABELS):
        draft.keep_public(node.start, node.end)
    else:
        draft.put(node.start, rewrite(raw, draft.inventions.text))


def _octets(inventions: Inventions, raw: bytes) -> bytes:
    """The chip's number, an application or path, or an identifier of a key."""
    if raw.startswith(_ISSUER) and len(raw) == _SERIAL_SIZE:
        return bcd(inventions, raw)
    if len(raw) < _SHORT or raw.startswith(_KNOWN_STARTS):
        return raw
    return inventions.octets(raw)
