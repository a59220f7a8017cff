"""A certificate issued anew: an invented subject and a fresh key in the same places, byte for byte.

Everything else stays: issuer, dates, policies, the codes of profession and speciality
(facts: certificates_identifiers_services.md §1). The signature is the fresh key's of that issuer.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from cardio.anonymise.draft import Draft, Report
from cardio.anonymise.inventions import Inventions
from cardio.anonymise.keys import KeyRing
from cardio.anonymise.nodes import Node, is_constructed
from cardio.anonymise.records import Rewrite, text_by
from cardio.anonymise.words import rewrite
from cardio.errors import TlvError
from cardio.iasecc import der

_VERSION, _UNIQUE_IDS, _EXTENSIONS = 0xA0, (0x81, 0x82), 0xA3
_STRINGS = {
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "latin-1",
    der.T61_STRING: "latin-1",
    der.IA5_STRING: "latin-1",
    der.BMP_STRING: "utf-16-be",
}
_ENCODINGS = {**_STRINGS, 0x81: "latin-1", 0x82: "latin-1", 0x86: "latin-1"}
"""With the names of SubjectAltName that are text: address, host, URI (RFC 5280 §4.2.1.6)."""

_COUNTRY, _TITLE, _COMMON_NAME = "2.5.4.6", "2.5.4.12", "2.5.4.3"
_ORGANISATION, _UNIT = "2.5.4.10", "2.5.4.11"
_PUBLIC_ATTRIBUTES = (_COUNTRY, _TITLE)
_AGENCIES = ("GIP-CPS", "ASIP-SANTE", "ANS", "TEST")
"""O of subjects that name the issuer and no employer (facts: §1.2)."""
_ATTRIBUTES = {
    _COMMON_NAME: Inventions.common_name,
    _ORGANISATION: Inventions.text,
    _UNIT: Inventions.structure,
}

_SUBJECT_KEY, _AUTHORITY_KEY, _ALTERNATIVE, _CARD_ID = (
    "2.5.29.14",
    "2.5.29.35",
    "2.5.29.17",
    "1.2.250.1.71.1.2.3",
)
_BASIC = "2.5.29.19"
_PUBLIC_EXTENSIONS = frozenset(
    (
        "2.5.29.15",  # key usage
        "2.5.29.16",  # period of the private key
        _BASIC,
        "2.5.29.31",  # where revocations are
        "2.5.29.32",  # policies
        "2.5.29.37",  # extended key usage
        "2.5.29.46",  # where fresh revocations are
        "1.3.6.1.5.5.7.1.1",  # where the issuer is
        "1.3.6.1.5.5.7.1.3",  # statements of a qualified certificate
        "2.16.840.1.113730.1.1",  # Netscape's type
        "1.2.250.1.71.1.2.2",  # type of the card
        "1.2.250.1.71.1.2.5",  # category
        "1.2.250.1.71.1.2.7",  # profession
        "1.2.250.1.71.1.2.8",  # future profession
        "1.2.250.1.71.4.2.5",  # speciality
    )
)
"""Extensions that tell nobody from another (facts: §1.3 and §1.4)."""
_KEY_IDENTIFIER = 0x80
_SHORT = 4

_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "1.2.840.113549.1.1.5": hashes.SHA1(),  # noqa: S303 (that of CPS2ter certificates)
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}
_RSA = "1.2.840.113549.1.1.1"


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a certificate, as far as it was read."""

    serial: Node
    issuer: Node
    subject: Node
    subject_key: Node | None
    unique_ids: tuple[Node, ...]
    extensions: tuple[Node, ...]


def is_certificate(raw: bytes, node: Node) -> bool:
    """Whether this looks like a certificate, and not like an entry of a directory."""
    body = next(iter(node.children(raw)), None)
    if node.tag != der.SEQUENCE or body is None or body.tag != der.SEQUENCE:
        return False
    first = next(iter(body.children(raw)), None)
    return first is not None and first.tag in (_VERSION, der.INTEGER)


def certificate(draft: Draft, node: Node, keys: KeyRing, report: Report) -> None:
    """Issue it anew; one that was read in part gets what is there replaced, and no signature."""
    top = node.children(draft.raw)
    parts = _parts(draft, top[0])
    draft.keep_header(node)
    if parts is None:
        return
    draft.keep(top[0].at, top[0].end)
    draft.keep_public(parts.issuer.start, parts.issuer.end)
    draft.put(parts.serial.start, _serial(draft.inventions, parts.serial.of(draft.raw)))
    is_authority = _is_authority(draft, parts)
    if not is_authority:
        _name(draft, parts.subject)
    key = _put_key(draft, parts, keys, is_authority=is_authority)
    for one in parts.unique_ids:
        draft.put(one.start, draft.inventions.octets(one.of(draft.raw)))
    signature = top[2] if len(top) > 2 and node.is_whole else None
    issuer_key = _issuer_key(draft, parts, keys, signature)
    for extension in parts.extensions:
        _extension(draft, extension, key, issuer_key)
    if signature:
        _sign(draft, top[0], top[1], signature, issuer_key, report)


def _parts(draft: Draft, body: Node) -> _Parts | None:
    fields = body.children(draft.raw)
    if fields and fields[0].tag == _VERSION:
        fields = fields[1:]
    if len(fields) < 5 or [one.tag for one in fields[:5]] != [der.INTEGER, *[der.SEQUENCE] * 4]:
        return None
    wrapped = next((one for one in fields[5:] if one.tag == _EXTENSIONS), None)
    listed = wrapped.children(draft.raw)[:1] if wrapped else []
    return _Parts(
        serial=fields[0],
        issuer=fields[2],
        subject=fields[4],
        subject_key=fields[5] if len(fields) > 5 and fields[5].tag == der.SEQUENCE else None,
        unique_ids=tuple(one for one in fields[5:] if one.tag in _UNIQUE_IDS),
        extensions=tuple(one for node in listed for one in node.children(draft.raw)),
    )


def _serial(inventions: Inventions, raw: bytes) -> bytes:
    """As many bytes, positive, and in its shortest form."""
    made = inventions.octets(raw)
    if made == raw:
        return raw
    return bytes((made[0] & 0x7F or 0x01,)) + made[1:]


def _is_authority(draft: Draft, parts: _Parts) -> bool:
    for extension in parts.extensions:
        oid, value = _opened(draft, extension)
        if oid == _BASIC and value:
            basic = next(iter(value.children(draft.raw)), None)
            return basic is not None and b"\x01\x01\xff" in basic.of(draft.raw)
    return False


def _name(draft: Draft, name: Node) -> None:
    """Every attribute, whatever set it is in."""
    for rdn in name.children(draft.raw):
        for attribute in rdn.children(draft.raw):
            pair = attribute.children(draft.raw)
            if len(pair) != 2:
                draft.put(attribute.start, bytes(attribute.end - attribute.start))
                continue
            oid, value = _oid(draft, pair[0]), pair[1]
            if oid in _PUBLIC_ATTRIBUTES or value.of(draft.raw).decode("latin-1") in _AGENCIES:
                draft.keep_public(value.start, value.end)
            else:
                invent = _ATTRIBUTES.get(oid, Inventions.name)
                _put_string(draft, value, text_by(invent, _ENCODINGS.get(value.tag)))


def _put_string(draft: Draft, node: Node, rewritten: Rewrite) -> None:
    raw = node.of(draft.raw)
    if node.tag in _ENCODINGS:
        draft.put(node.start, rewritten(draft.inventions, raw))
    else:
        draft.put(node.start, draft.inventions.octets(raw))


def _put_key(
    draft: Draft, parts: _Parts, keys: KeyRing, *, is_authority: bool
) -> RSAPrivateKey | None:
    """A fresh modulus; bytes without a sense in a key that is not RSA, or was cut."""
    fields = parts.subject_key.children(draft.raw) if parts.subject_key else []
    if len(fields) < 2:
        return None
    bits = fields[1]
    algorithm = next(iter(fields[0].children(draft.raw)), None)
    numbers = _rsa_numbers(draft, bits) if algorithm and _oid(draft, algorithm) == _RSA else None
    if numbers is None:
        draft.put(bits.start + 1, draft.inventions.octets(bits.of(draft.raw)[1:]))
        return None
    modulus, exponent = (int.from_bytes(one.of(draft.raw), "big") for one in numbers)
    size = (modulus.bit_length() + 7) // 8
    if is_authority:
        key = keys.issuer(draft.raw[parts.subject.at : parts.subject.end], size)
        if key is not None and key.public_key().public_numbers().e != exponent:
            key = None
    else:
        key = keys.replace(modulus, exponent)
    if key is None:
        true = numbers[0].of(draft.raw)
        draft.put(numbers[0].end - size, draft.inventions.octets(true)[len(true) - size :])
        return None
    made = key.public_key().public_numbers().n.to_bytes(size, "big")
    draft.put(numbers[0].end - size, made)
    return key


def _rsa_numbers(draft: Draft, bits: Node) -> tuple[Node, Node] | None:
    inner = Node(bits.tag, bits.at, bits.start + 1, bits.end, bits.is_whole)
    sequence = next(iter(inner.children(draft.raw)), None)
    numbers = sequence.children(draft.raw) if sequence else []
    if len(numbers) != 2 or not numbers[1].is_whole:
        return None
    return numbers[0], numbers[1]


def _issuer_key(
    draft: Draft, parts: _Parts, keys: KeyRing, signature: Node | None
) -> RSAPrivateKey | None:
    if signature is None:
        return None
    name = draft.raw[parts.issuer.at : parts.issuer.end]
    return keys.issuer(name, signature.end - signature.start - 1)


def _extension(
    draft: Draft, extension: Node, key: RSAPrivateKey | None, issuer_key: RSAPrivateKey | None
) -> None:
    oid, value = _opened(draft, extension)
    if oid in _PUBLIC_EXTENSIONS or value is None:
        return
    for inner in value.children(draft.raw):
        if oid == _SUBJECT_KEY:
            draft.put(inner.start, _key_identifier(draft, inner, key))
        elif oid == _AUTHORITY_KEY:
            _authority_key(draft, inner, issuer_key)
        elif oid == _CARD_ID:
            _put_string(draft, inner, text_by(Inventions.card_identifier, "latin-1"))
        else:
            _unknown(draft, inner, in_names=oid == _ALTERNATIVE)


def _key_identifier(draft: Draft, node: Node, key: RSAPrivateKey | None) -> bytes:
    """The hash of the key's bits, where it is as long as that (RFC 5280 §4.2.1.2, method 1)."""
    raw = node.of(draft.raw)
    random = draft.inventions.octets(raw)
    if key is None:
        return random
    numbers = key.public_key().public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    integers = b"".join(
        _der(der.INTEGER, number)
        for number in (b"\x00" + numbers.n.to_bytes(size, "big"), _shortest(numbers.e))
    )
    digest = hashlib.sha1(_der(der.SEQUENCE, integers), usedforsecurity=False).digest()
    return digest if len(raw) == len(digest) else random


def _shortest(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _der(tag: int, value: bytes) -> bytes:
    size = len(value)
    if size < 0x80:
        return bytes((tag, size)) + value
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + value


def _authority_key(draft: Draft, node: Node, issuer_key: RSAPrivateKey | None) -> None:
    for one in node.children(draft.raw):
        if one.tag == _KEY_IDENTIFIER:
            draft.put(one.start, _key_identifier(draft, one, issuer_key))


def _unknown(draft: Draft, node: Node, *, in_names: bool = False) -> None:
    """Text becomes other text, bytes other bytes; structure and codes stay."""
    raw = node.of(draft.raw)
    if is_constructed(node.tag):
        for child in node.children(draft.raw):
            _unknown(draft, child, in_names=in_names)
    elif node.tag in _STRINGS or (in_names and node.tag in _ENCODINGS):
        made = rewrite(raw, draft.inventions.principal, _ENCODINGS[node.tag])
        draft.put(node.start, made)
    elif node.tag != der.OID and node.end - node.start >= _SHORT:
        draft.put(node.start, draft.inventions.octets(raw))


def _opened(draft: Draft, extension: Node) -> tuple[str, Node | None]:
    """Its OID, and its value."""
    fields = extension.children(draft.raw)
    if not fields:
        return "", None
    value = next((one for one in fields if one.tag == der.OCTET_STRING), None)
    return _oid(draft, fields[0]), value


def _oid(draft: Draft, node: Node) -> str:
    try:
        return der.oid(node.of(draft.raw)) if node.tag == der.OID else ""
    except TlvError:
        return ""


def _sign(
    draft: Draft,
    body: Node,
    algorithm: Node,
    signature: Node,
    key: RSAPrivateKey | None,
    report: Report,
) -> None:
    draft.keep(algorithm.at, signature.start + 1)
    oid = next(iter(algorithm.children(draft.raw)), None)
    function = _HASHES.get(_oid(draft, oid)) if oid else None
    if key is None or function is None:
        draft.put(signature.start + 1, draft.inventions.octets(signature.of(draft.raw)[1:]))
        return
    made = key.sign(draft.made(body.at, body.end), PKCS1v15(), function)
    draft.put(signature.start + 1, made)
    report.certificates += 1
