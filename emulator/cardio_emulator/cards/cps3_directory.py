"""PKCS#15 files of a CPS3: ODF, TokenInfo, AODF, PrKDF, CDF, DODF (ISO/IEC 7816-15).

The bytes are those that OpenSC and the ANS library were seen to accept
(facts: iasecc_opensc.md §2.3, vendor_library.md §2); what a genuine card holds is not public.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cardio.iso7816.path import ROOT, Path
from cardio.iso7816.tlv import Tlv

APPLICATION = bytes.fromhex("E828BD080F8025000001FF0010")
"""AID of the contact PKCS#15 application (facts: cps.md §2.1)."""

PIN_REFERENCE, PUK_REFERENCE = 1, 2
SIGNATURE_KEY, AUTHENTICATION_KEY = 1, 2

_INTEGER, _BITS, _OCTETS, _NULL, _OID = 0x02, 0x03, 0x04, 0x05, 0x06
_ENUMERATED, _UTF8, _SEQUENCE = 0x0A, 0x0C, 0x30
_FIRST, _TYPE_ATTRIBUTES = 0x80, 0xA1
_LOCAL = 0x80
_MANUFACTURER = "EMULATEUR CARDIO"
_PRIVATE = bytes.fromhex("0780")
_PRIVATE_MODIFIABLE = bytes.fromhex("06C0")
_MODIFIABLE = bytes.fromhex("0640")
_OPERATIONS = {"sign": "0640", "decipher": "0204", "hash": "0102"}
_ALGORITHMS = (
    (0x220, "hash", "2B0E03021A", 0x10),
    (0x250, "hash", "608648016503040201", 0x40),
    (0x06, "sign", "2A864886F70D010105", 0x12),
    (0x40, "sign", "2A864886F70D01010B", 0x42),
    (0x01, "sign", "2A864886F70D010101", 0x02),
    (0x01, "decipher", "2A864886F70D010101", 0x0A),
)
"""PKCS#11 mechanism, operation, OID, algorithm octet (facts: iasecc_opensc.md §2.3)."""


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


def token_info(serial: bytes, label: str) -> bytes:
    """TokenInfo: login required, eID compliant, and the algorithms the card offers."""
    algorithms = (_algorithm(number, *row) for number, row in enumerate(_ALGORITHMS, start=1))
    return _sequence(
        _integer(1),
        _octets(serial),
        _text(_MANUFACTURER),
        Tlv.of(_FIRST, label.encode()),
        _bits("0450"),
        Tlv.of(0xA2, *algorithms),
    ).encode()


def _algorithm(number: int, mechanism: int, operation: str, oid: str, octet: int) -> Tlv:
    return _sequence(
        _integer(number),
        _integer(mechanism),
        Tlv.of(_NULL),
        _bits(_OPERATIONS[operation]),
        Tlv.of(_OID, bytes.fromhex(oid)),
        _integer(octet),
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


def private_keys() -> bytes:
    """PrKDF: the signature key (non-repudiation), the authentication key (decrypt, sign)."""
    pin = _octets(bytes((PIN_REFERENCE,)))
    sign_rule = _sequence(_bits("0204"), pin)
    decipher_rule = _sequence(_bits("0001"), pin)
    authenticate_rule = _sequence(_bits("060040"), pin)
    signature = _key(
        _sequence(_text("CPS_PRIV_SIG"), _bits(_PRIVATE), pin, _sequence(sign_rule)),
        SIGNATURE_KEY,
        usage="060040",
    )
    authentication = _key(
        _sequence(
            _text("CPS_PRIV_AUT"),
            _bits(_PRIVATE_MODIFIABLE),
            pin,
            _sequence(decipher_rule, authenticate_rule),
        ),
        AUTHENTICATION_KEY,
        usage="0560",
    )
    return signature.encode() + authentication.encode()


def _key(label: Tlv, reference: int, *, usage: str) -> Tlv:
    return _sequence(
        label,
        _sequence(
            _octets(_identifier(reference)),
            _bits(usage),
            _bits("04B0"),
            _integer(_LOCAL | reference),
        ),
        Tlv.of(_TYPE_ATTRIBUTES, _sequence(_sequence(_octets(b"")), _integer(2048))),
    )


def certificates(signature: Path, authentication: Path) -> bytes:
    """CDF: two certificates, with the identifiers of their keys."""
    entries = (
        ("Certificat de Signature CPS", SIGNATURE_KEY, signature),
        ("Certificat d'Authentification CPS", AUTHENTICATION_KEY, authentication),
    )
    return b"".join(
        _sequence(
            _sequence(_text(label)),
            _sequence(_octets(_identifier(reference))),
            _located(path, wrapped=True),
        ).encode()
        for label, reference, path in entries
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


def _identifier(reference: int) -> bytes:
    """PKCS#15 id: AID and key number (facts: iasecc_opensc.md §2.1)."""
    return APPLICATION + bytes((reference,))


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
