"""Small readers of ASN.1 values, lenient where real cards are (facts: iasecc_opensc.md §2.1)."""

import unicodedata
from collections.abc import Iterator

from cardio.errors import TlvError
from cardio.iso7816.tlv import Tlv, parse_prefix

INTEGER, BIT_STRING, OCTET_STRING, OID, ENUMERATED = 0x02, 0x03, 0x04, 0x06, 0x0A
UTF8_STRING, SEQUENCE, SET = 0x0C, 0x30, 0x31
PRINTABLE_STRING, T61_STRING, IA5_STRING, BMP_STRING = 0x13, 0x14, 0x16, 0x1E
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18

MAX_INTEGER, MAX_OID = 8, 64
"""Sizes read, in bytes: our choice, far above what the cards hold."""

FILLING = (0x00, 0xFF)
"""Bytes allowed around data objects (ISO/IEC 7816-4 §6.3)."""

_ENCODINGS = {
    UTF8_STRING: "utf-8",
    PRINTABLE_STRING: "ascii",
    T61_STRING: "latin-1",
    IA5_STRING: "ascii",
    BMP_STRING: "utf-16-be",
}


def header(raw: bytes) -> tuple[int, int, int]:
    """Tag (one byte), start and end of the value of the object at the start of `raw`.

    The value is not looked into, nor need it be there. Raises `TlvError`.
    """
    if len(raw) < 2:
        raise TlvError("tag and length expected", offset=len(raw))
    if raw[1] < 0x80:
        return raw[0], 2, 2 + raw[1]
    start = 2 + (raw[1] & 0x7F)
    if not 3 <= start <= 6 or len(raw) < start:
        raise TlvError("length is cut short, indefinite or oversized", offset=1)
    return raw[0], start, start + int.from_bytes(raw[2:start], "big")


def objects(raw: bytes) -> Iterator[tuple[int, Tlv | TlvError]]:
    """The data objects of a file with their offsets, filling (00 and FF) skipped.

    In place of a damaged one comes the error; what follows it is still given where its length
    tells where that starts.
    """
    at = 0
    while at < len(raw):
        if raw[at] in FILLING:
            at += 1
            continue
        try:
            node, size = parse_prefix(raw[at:])
        except TlvError:
            yield at, TlvError("damaged data object", offset=at)
            size = _apparent_size(raw[at:])
        else:
            yield at, node
        at += size


def _apparent_size(raw: bytes) -> int:
    try:
        return header(raw)[2]
    except TlvError:
        return len(raw)


def bits(raw: bytes) -> int:
    """The value of a BIT STRING as a mask whose bit n (1 << n) is ASN.1 bit n.

    The count of unused bits is not held against the card: CPS3 files are not strict DER there.
    """
    numbered = (f"{byte:08b}" for byte in raw[1:])
    return sum(1 << at for at, bit in enumerate("".join(numbered)) if bit == "1")


def integer(raw: bytes) -> int:
    """An INTEGER or ENUMERATED, signed. Raises `TlvError` unless it has 1 to 8 bytes."""
    if not 1 <= len(raw) <= MAX_INTEGER:
        raise TlvError(f"INTEGER of {len(raw)} bytes")
    return int.from_bytes(raw, "big", signed=True)


def oid(raw: bytes) -> str:
    """An OBJECT IDENTIFIER in dotted form (ISO/IEC 8825-1 §8.19). Raises `TlvError`."""
    if len(raw) > MAX_OID:
        raise TlvError(f"OBJECT IDENTIFIER of {len(raw)} bytes")
    arcs: list[int] = []
    arc = 0
    for byte in raw:
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs or raw[-1] & 0x80:
        raise TlvError("OBJECT IDENTIFIER is cut short", offset=len(raw))
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def string(node: Tlv) -> str:
    """A character string of any of the usual types. Raises `TlvError`.

    T61String holds Latin-1 in CPS2ter certificates
    (facts: certificates_identifiers_services.md §1.2).
    """
    encoding = _ENCODINGS.get(node.tag)
    if encoding is None:
        raise TlvError(f"tag {node.tag:X} is not a character string")
    try:
        return printable(node.value.decode(encoding))
    except UnicodeDecodeError as error:
        raise TlvError("character string in another encoding", offset=error.start) from None


def text(raw: bytes) -> str:
    """Text without declared encoding: UTF-8 where it is valid, else Latin-1.

    Filling at the end (NUL, FF and spaces) goes (facts: cps_records.md §1).
    """
    raw = raw.rstrip(b"\x00\xff ")
    try:
        return printable(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return printable(raw.decode("latin-1"))


def printable(value: str) -> str:
    """The same with control characters replaced: card text ends up on terminals."""
    return "".join(char if _is_shown(char) else "\ufffd" for char in value)


def _is_shown(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Zs"
