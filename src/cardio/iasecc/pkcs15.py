"""The directories of a card: which keys, certificates, data objects and PINs it has.

ISO/IEC 7816-15:2016 §8, as far as CPS cards use it (facts: iasecc_opensc.md §2). Each entry is
read by itself: one that is broken is reported and costs none of the others.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Generic, TypeVar

from cardio.errors import CardioError, MalformedData, TlvError
from cardio.iasecc import der
from cardio.iso7816 import tlv
from cardio.iso7816.path import Path
from cardio.iso7816.tlv import Tlv

EntryT = TypeVar("EntryT")

_CLASS_ATTRIBUTES, _SUBCLASS_ATTRIBUTES, _TYPE_ATTRIBUTES = 1, 0xA0, 0xA1
_PRIVATE, _MODIFIABLE = 1 << 0, 1 << 1
"""CommonObjectFlags."""
_CONTEXT_0 = 0x80

ODF_TAGS = {0xA0: "PrKDF", 0xA4: "CDF", 0xA7: "DODF", 0xA8: "AODF"}
"""The directories this module reads, by their tag in the ODF (ISO/IEC 7816-15 §8.3)."""


class KeyUsage(IntFlag):
    """KeyUsageFlags, bit n as 1 << n."""

    ENCRYPT = 1 << 0
    DECRYPT = 1 << 1
    SIGN = 1 << 2
    NON_REPUDIATION = 1 << 9


class PinFlags(IntFlag):
    """PasswordFlags, bit n as 1 << n."""

    CASE_SENSITIVE = 1 << 0
    LOCAL = 1 << 1
    INITIALIZED = 1 << 4
    NEEDS_PADDING = 1 << 5
    UNBLOCKING = 1 << 6
    SECURITY_OFFICER = 1 << 7


@dataclass(frozen=True, slots=True)
class Home:
    """The application the directories belong to: its AID, and its DF as relative paths' root."""

    aid: bytes
    path: Path

    def resolve(self, raw: bytes) -> Path:
        """The absolute path these octets mean: relative, absolute, or after the AID.

        Raises `MalformedData` on an odd length.
        """
        return self.path / Path.decode(raw.removeprefix(self.aid))


@dataclass(frozen=True, slots=True)
class Listing(Generic[EntryT]):
    """The entries that could be read, and why others could not."""

    entries: tuple[EntryT, ...] = ()
    problems: tuple[CardioError, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One line of the ODF: which directory (`PrKDF`, `CDF`, `DODF`, `AODF`) and its file."""

    kind: str
    path: Path


@dataclass(frozen=True, slots=True)
class PrivateKeyEntry:
    """`reference` as MSE SET takes it (0x81); `auth_id` names the PIN that guards the key."""

    label: str
    id: bytes
    usage: KeyUsage
    reference: int
    modulus_bits: int | None
    auth_id: bytes | None


@dataclass(frozen=True, slots=True)
class CertificateEntry:
    """`id` is that of its private key."""

    label: str
    id: bytes
    path: Path


@dataclass(frozen=True, slots=True)
class DataEntry:
    """`is_private`: readable after the PIN `auth_id` only."""

    label: str
    application: str
    path: Path
    is_private: bool
    is_modifiable: bool
    auth_id: bytes | None


@dataclass(frozen=True, slots=True)
class PinEntry:
    """Lengths in digits; `unblocked_by` is the id of the PUK; `reference` as VERIFY takes it."""

    label: str
    id: bytes
    reference: int
    min_length: int
    stored_length: int
    max_length: int | None
    flags: PinFlags
    unblocked_by: bytes | None


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What the card calls itself; the label of a CPS ends with its printed number."""

    serial: bytes = field(repr=False)
    manufacturer: str | None
    label: str | None = field(repr=False)

    @classmethod
    def decode(cls, raw: bytes) -> "TokenInfo":
        """Parse EF.TokenInfo (ISO/IEC 7816-15 §8.10). Raises `TlvError`."""
        sequence, _ = tlv.parse_prefix(raw)
        if sequence.tag != der.SEQUENCE:
            raise TlvError("TokenInfo is not a SEQUENCE")
        maker, label = sequence.find(der.UTF8_STRING), sequence.get(_CONTEXT_0)
        return cls(
            serial=_required(sequence, der.OCTET_STRING),
            manufacturer=der.string(maker) if maker else None,
            label=der.text(label) if label is not None else None,
        )


def read_odf(raw: bytes, home: Home) -> Listing[DirectoryEntry]:
    """EF.ODF: where the other directories are. Unknown kinds of directory are left out."""

    def entry(node: Tlv) -> DirectoryEntry | None:
        kind = ODF_TAGS.get(node.tag)
        path = node.get(der.SEQUENCE, der.OCTET_STRING)
        if kind is None:
            return None
        if path is None:
            raise TlvError(f"{kind} without a path")
        return DirectoryEntry(kind, home.resolve(path))

    return _read(raw, entry)


def read_private_keys(raw: bytes, _home: Home) -> Listing[PrivateKeyEntry]:
    """EF.PrKDF (ISO/IEC 7816-15 §8.4)."""
    return _read(raw, _private_key)


def read_certificates(raw: bytes, home: Home) -> Listing[CertificateEntry]:
    """EF.CDF (§8.7)."""
    return _read(raw, lambda node: _certificate(node, home))


def read_data_objects(raw: bytes, home: Home) -> Listing[DataEntry]:
    """EF.DODF (§8.8)."""
    return _read(raw, lambda node: _data_object(node, home))


def read_pins(raw: bytes, _home: Home) -> Listing[PinEntry]:
    """EF.AODF (§8.9)."""
    return _read(raw, _pin)


def _read(raw: bytes, entry: Callable[[Tlv], EntryT | None]) -> Listing[EntryT]:
    entries: list[EntryT] = []
    problems: list[CardioError] = []
    for _, node in der.objects(raw):
        if isinstance(node, TlvError):
            problems.append(node)
            continue
        try:
            found = entry(node)
        except MalformedData as error:
            problems.append(error)
        else:
            entries += [] if found is None else [found]
    return Listing(tuple(entries), tuple(problems))


def _private_key(node: Tlv) -> PrivateKeyEntry:
    common, key = _common(node), _class_attributes(node)
    reference = key.get(der.INTEGER)
    modulus = node.get(_TYPE_ATTRIBUTES, der.SEQUENCE, der.INTEGER)
    return PrivateKeyEntry(
        label=common.label,
        id=_required(key, der.OCTET_STRING),
        usage=KeyUsage(der.bits(_required(key, der.BIT_STRING))),
        reference=0 if reference is None else der.integer(reference) & 0xFF,
        modulus_bits=None if modulus is None else der.integer(modulus),
        auth_id=common.auth_id,
    )


def _certificate(node: Tlv, home: Home) -> CertificateEntry:
    path = node.get(_TYPE_ATTRIBUTES, der.SEQUENCE, der.SEQUENCE, der.OCTET_STRING)
    if path is None:
        raise TlvError("certificate entry without a path")
    identifier = _required(_class_attributes(node), der.OCTET_STRING)
    return CertificateEntry(_common(node).label, identifier, home.resolve(path))


def _data_object(node: Tlv, home: Home) -> DataEntry:
    common = _common(node)
    application = _class_attributes(node).find(der.UTF8_STRING)
    path = node.get(_TYPE_ATTRIBUTES, der.SEQUENCE, der.OCTET_STRING)
    if path is None:
        raise TlvError("data object entry without a path")
    return DataEntry(
        label=common.label,
        application=der.string(application) if application else "",
        path=home.resolve(path),
        is_private=bool(common.flags & _PRIVATE),
        is_modifiable=bool(common.flags & _MODIFIABLE),
        auth_id=common.auth_id,
    )


def _pin(node: Tlv) -> PinEntry:
    common = _common(node)
    attributes = node.find(_TYPE_ATTRIBUTES, der.SEQUENCE)
    if attributes is None:
        raise TlvError("PIN entry without attributes")
    lengths = [der.integer(n.value) for n in attributes.children if n.tag == der.INTEGER]
    if len(lengths) < 2:
        raise TlvError("PIN entry without lengths")
    reference = attributes.get(_CONTEXT_0)
    return PinEntry(
        label=common.label,
        id=_required(_class_attributes(node), der.OCTET_STRING),
        reference=0 if reference is None else der.integer(reference) & 0xFF,
        min_length=lengths[0],
        stored_length=lengths[1],
        max_length=lengths[2] if len(lengths) > 2 else None,
        flags=PinFlags(der.bits(_required(attributes, der.BIT_STRING))),
        unblocked_by=common.auth_id,
    )


@dataclass(frozen=True, slots=True)
class _Common:
    """CommonObjectAttributes (§8.2.8)."""

    label: str
    flags: int
    auth_id: bytes | None


def _common(node: Tlv) -> _Common:
    if node.tag != der.SEQUENCE or not node.children:
        raise TlvError(f"entry of an unknown type, tag {node.tag:X}")
    attributes = node.children[0]
    label = attributes.find(der.UTF8_STRING)
    return _Common(
        label=der.string(label) if label else "",
        flags=der.bits(attributes.get(der.BIT_STRING) or b"\x00"),
        auth_id=attributes.get(der.OCTET_STRING),
    )


def _class_attributes(node: Tlv) -> Tlv:
    if len(node.children) <= _CLASS_ATTRIBUTES:
        raise TlvError("entry without class attributes")
    return node.children[_CLASS_ATTRIBUTES]


def _required(node: Tlv, tag: int) -> bytes:
    raw = node.get(tag)
    if raw is None:
        raise TlvError(f"tag {tag:02X} is missing")
    return raw
