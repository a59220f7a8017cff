"""PKCS#15 files of CPx cards: ODF, TokenInfo, AODF, PrKDF, CDF, DODF (ISO/IEC 7816-15).

The bytes are those that OpenSC and the ANS library were seen to accept
(facts: iasecc_opensc.md §2.3, vendor_library.md §2); what a genuine card holds is not public.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cardio.iso7816.path import ROOT, Path
from cardio.iso7816.tlv import Tlv

PIN_REFERENCE, PUK_REFERENCE = 1, 2

SIGN_AND_DECIPHER, SIGN, NON_REPUDIATION = "0560", "0520", "060040"
"""Usages of a key: PKCS#15 bits, behind the count of unused ones."""
SIGNATURE_RULE, AUTHENTICATION_RULE, DECIPHER_RULE = "0204", "060040", "0001"
"""Operations of a key that want the PIN: pso_cds, int_auth, pso_decrypt (facts: cps.md §2.4)."""

_INTEGER, _BITS, _OCTETS, _NULL, _OID = 0x02, 0x03, 0x04, 0x05, 0x06
_ENUMERATED, _UTF8, _SEQUENCE = 0x0A, 0x0C, 0x30
_FIRST, _TYPE_ATTRIBUTES = 0x80, 0xA1
_MANUFACTURER = "EMULATEUR CARDIO"
_PRIVATE = bytes.fromhex("0780")
_PRIVATE_MODIFIABLE = bytes.fromhex("06C0")
_MODIFIABLE = bytes.fromhex("0640")
_OPERATIONS = {"sign": "0640", "decipher": "0204", "hash": "0102"}


@dataclass(frozen=True, slots=True)
class Algorithm:
    """An algorithm the card offers: PKCS#11 mechanism, operation, OID and the card's octet."""

    mechanism: int
    operation: str
    oid: str
    octet: int


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """An entry of the PrKDF. `rules` are the operations that want the PIN; none: it is free.

    `modifiable` is as one real card's directory says of its keys (facts: cps.md §2.4).
    """

    label: str
    identifier: bytes
    reference: int
    usage: str
    rules: tuple[str, ...] = ()
    modifiable: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """An entry of the CDF, with the identifier of its key."""

    label: str
    identifier: bytes
    path: Path


@dataclass(frozen=True, slots=True)
class DataObject:
    """An entry of the DODF. `private` ones want the PIN; CPS_DATA alone is `modifiable`."""

    label: str
    path: Path
    private: bool = False
    modifiable: bool = False


def object_directory(files: Iterable[tuple[int, int]]) -> bytes:
    """ODF: context tag and file identifier of each directory file below."""
    return b"".join(
        Tlv.of(tag, _sequence(_octets(fid.to_bytes(2, "big")))).encode() for tag, fid in files
    )


def token_info(serial: bytes, label: str, algorithms: Iterable[Algorithm]) -> bytes:
    """TokenInfo: login required, eID compliant, and the algorithms the card offers."""
    rows = (_algorithm(number, row) for number, row in enumerate(algorithms, start=1))
    return _sequence(
        _integer(1),
        _octets(serial),
        _text(_MANUFACTURER),
        Tlv.of(_FIRST, label.encode()),
        _bits("0450"),
        Tlv.of(0xA2, *rows),
    ).encode()


def _algorithm(number: int, algorithm: Algorithm) -> Tlv:
    return _sequence(
        _integer(number),
        _integer(algorithm.mechanism),
        Tlv.of(_NULL),
        _bits(_OPERATIONS[algorithm.operation]),
        Tlv.of(_OID, bytes.fromhex(algorithm.oid)),
        _integer(algorithm.octet),
    )


def authentication_objects(pin_length: int, puk_length: int) -> bytes:
    """AODF: the PIN, unblocked by the PUK; the PUK says soPin, which the ANS library wants."""
    pin_label = _sequence(
        _text("PIN CPS"), _bits(_PRIVATE_MODIFIABLE), _octets(bytes((PUK_REFERENCE,)))
    )
    puk_label = _sequence(_text("PUK CPS"), _bits(_PRIVATE))
    pin = _pin(pin_label, PIN_REFERENCE, flags="0388", length=pin_length)
    puk = _pin(puk_label, PUK_REFERENCE, flags="008B", length=puk_length)
    return pin.encode() + puk.encode()


def _pin(label: Tlv, reference: int, *, flags: str, length: int) -> Tlv:
    lengths = (_integer(length),) * 3
    return _sequence(
        label,
        _sequence(_octets(bytes((reference,)))),
        Tlv.of(
            _TYPE_ATTRIBUTES,
            _sequence(
                _bits(flags),
                Tlv.of(_ENUMERATED, b"\x01"),
                *lengths,
                Tlv.of(_FIRST, bytes((reference,))),
                _octets(b"\xff"),
                _sequence(_octets(ROOT.encode())),
            ),
        ),
    )


def private_keys(keys: Iterable[PrivateKey]) -> bytes:
    """PrKDF: RSA-2048 keys."""
    return b"".join(_key(key).encode() for key in keys)


def _key(key: PrivateKey) -> Tlv:
    return _sequence(
        _sequence(_text(key.label), *_key_rules(key)),
        _sequence(
            _octets(key.identifier), _bits(key.usage), _bits("04B0"), _integer(key.reference)
        ),
        Tlv.of(_TYPE_ATTRIBUTES, _sequence(_sequence(_octets(b"")), _integer(2048))),
    )


def _key_rules(key: PrivateKey) -> tuple[Tlv, ...]:
    if not key.rules:
        return ()
    pin = _octets(bytes((PIN_REFERENCE,)))
    flags = _PRIVATE_MODIFIABLE if key.modifiable else _PRIVATE
    rules = (_sequence(_bits(operation), pin) for operation in key.rules)
    return _bits(flags), pin, _sequence(*rules)


def certificates(entries: Iterable[Certificate]) -> bytes:
    """CDF: X.509 certificates, with the identifiers of their keys."""
    return b"".join(
        _sequence(
            _sequence(_text(entry.label)),
            _sequence(_octets(entry.identifier)),
            _located(entry.path, wrapped=True),
        ).encode()
        for entry in entries
    )


def data_objects(objects: Iterable[DataObject]) -> bytes:
    """DODF: the data objects of the card, all of application "CPS"."""
    return b"".join(
        _sequence(
            _sequence(_text(item.label), *_flags(item)),
            _sequence(_text("CPS")),
            _located(item.path, wrapped=False),
        ).encode()
        for item in objects
    )


def _flags(item: DataObject) -> tuple[Tlv, ...]:
    if not item.private and not item.modifiable:
        return ()
    flags = _PRIVATE if item.private else _MODIFIABLE
    return _bits(flags), _octets(bytes((PIN_REFERENCE,)))


def _located(path: Path, *, wrapped: bool) -> Tlv:
    where = _sequence(_octets(path.encode()))
    return Tlv.of(_TYPE_ATTRIBUTES, _sequence(where) if wrapped else where)


def _sequence(*parts: Tlv) -> Tlv:
    return Tlv.of(_SEQUENCE, *parts)


def _octets(value: bytes) -> Tlv:
    return Tlv.of(_OCTETS, value)


def _text(value: str) -> Tlv:
    return Tlv.of(_UTF8, value.encode())


def _bits(value: str | bytes) -> Tlv:
    """A BIT STRING: count of unused bits, then the bits."""
    return Tlv.of(_BITS, bytes.fromhex(value) if isinstance(value, str) else value)


def _integer(value: int) -> Tlv:
    return Tlv.of(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))
