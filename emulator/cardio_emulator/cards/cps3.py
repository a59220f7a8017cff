"""The emulated CPS3, contact side: its files, its PINs, its keys.

What is `STAND_IN` below is not public: identifiers of the directory files and of most data files.
"""

from functools import cache
from pathlib import Path as FilePath

from cardio.iso7816.path import ROOT
from cardio.iso7816.tlv import Tlv
from cardio_emulator import certificates, persona
from cardio_emulator.card_os import IAS_ECC, Card
from cardio_emulator.cards import cps3_directory as directory
from cardio_emulator.cards import cps3_records as records
from cardio_emulator.cards.cps3_directory import DataObject
from cardio_emulator.image import (
    ALWAYS,
    EF_MODES,
    FREE_READING,
    NEVER,
    NO_ACCESS,
    Access,
    AccessRule,
    CardImage,
    Confidence,
    DedicatedFile,
    ElementaryFile,
    KeyImage,
    Manners,
    Origin,
    PinImage,
    PlainSelect,
)
from cardio_emulator.persona import Persona

ATR = bytes.fromhex("3BAC00402A001225006480000310009000")
"""Contact, T=0 (facts: cps.md §1)."""
ROOT_NAME = bytes.fromhex("8025000001FF0100")
CONTACTLESS_APPLICATION = bytes.fromhex("E828BD080F8025000001FF0020")
ISSUER = bytes.fromhex("8025000001")
"""Issuer number of the ANS, before the serial in EF.SN.ICC (facts: iasecc_opensc.md §1.6)."""

_CONTACT_DF = ROOT / 0x0001
_PUBLISHED_FILE = Origin(Confidence.PUBLISHED, "iasecc_opensc.md §1.3-1.6")
_EF_DIR_ORIGIN = Origin(Confidence.INFERRED, "iasecc_opensc.md §2.2: order and tag 51")
_DIRECTORY = Origin(Confidence.STAND_IN, "iasecc_opensc.md §2.3: accepted, not a card's own")
_RECORD = Origin(Confidence.OBSERVED, "cps_records.md §1; file identifier a stand-in")
_LANGUAGE = Origin(Confidence.STAND_IN, "cps_records.md §2: never seen read")
_CPS_DATA = Origin(Confidence.INFERRED, "cps.md §2.2; vendor_library.md §2; content unknown")
_ACTIVITY = Origin(Confidence.OBSERVED, "cps_records.md §1; file identifier: cps.md §2.2")
_CERTIFICATE = Origin(
    Confidence.STAND_IN, "certificates_identifiers_services.md §1; look-alike, own hierarchy"
)

_PIN_SE, _PUK_SE = 1, 3
"""Security environments of the PIN and, as a real PIN's reset rule says, of the PUK
(facts: iasecc_opensc.md §1.7; SE 1 for the PIN is inferred)."""
_USER = 0x10 | _PIN_SE
_AFTER_PIN = AccessRule(EF_MODES, bytes((NEVER,) * 5 + (_USER,)))
_PRIVATE_FILE = Access(_AFTER_PIN, NO_ACCESS)
_WRITABLE_FILE = Access(AccessRule(EF_MODES, bytes((NEVER,) * 4 + (_USER, ALWAYS))), FREE_READING)
_FACTORY_FILE = Access(AccessRule(EF_MODES, bytes.fromhex("45FFFFFF4500")), FREE_READING)
"""EF.ATR and EF.DIR: delete and update under secure messaging (facts: iasecc_opensc.md §1.5)."""

_PIN_RULE = AccessRule(0xF3, bytes.fromhex("000013FF00"))
_PUK_RULE = AccessRule(0xF3, bytes.fromhex("FF00FFFF00"))
_PIN_TRIES, _PUK_TRIES, _PUK_USES = 3, 10, 100
"""facts: iasecc_opensc.md §1.7."""
_SIGNATURE_RULE = AccessRule(0x43, bytes((_USER, ALWAYS, ALWAYS)))
_AUTHENTICATION_RULE = AccessRule(0x33, bytes((_USER, _USER, ALWAYS, ALWAYS)))

_MANNERS = Manners(
    plain_select=PlainSelect.ROOT_ONLY,
    silent_root_path=True,
    security_environments={
        _PIN_SE: directory.PIN_REFERENCE,
        _PUK_SE: directory.PUK_REFERENCE,
    },
)
_EF_ATR = bytes.fromhex(
    "80 4301B8 460404B0ECC1 4703940180 4F088025000001FF0100"
    "E01002020104020201040202010002020100 780806062B8122F87802 82029000"
)
"""A real card's, 57 bytes (facts: iasecc_opensc.md §1.3)."""
_CPS_DATA_SIZE = 64
"""facts: cps_records.md §2 ("keep 64 bytes of 00")."""
_FIRST_ACTIVITY = 0xD120
_ODF = ((0xA0, 0x7002), (0xA4, 0x7005), (0xA7, 0x7006), (0xA8, 0x7001))
"""PrKDF, CDF, DODF, AODF (facts: iasecc_opensc.md §2.3)."""


def make(source: str | FilePath = "medecin") -> Card:
    """A fresh CPS3 of a shipped persona, or of one's own file. Raises `ConfigurationError`.

    Keys and certificates are made once per card number in a process.
    """
    return Card(image(persona.load(source)), IAS_ECC)


@cache
def image(holder: Persona) -> CardImage:
    """The card image of a persona, with its certificates."""
    signature = certificates.signature_credential(holder)
    authentication = certificates.authentication_credential(holder)
    issuers = certificates.hierarchy()
    return CardImage(
        kind="cps3",
        atr=ATR,
        serial=holder.chip_serial,
        root=_root(holder, signature.der, authentication.der),
        manners=_MANNERS,
        pins=(
            PinImage(directory.PIN_REFERENCE, holder.pin, _PIN_TRIES, _PIN_RULE),
            PinImage(directory.PUK_REFERENCE, holder.puk, _PUK_TRIES, _PUK_RULE, _PUK_USES),
        ),
        keys=(
            _key(directory.SIGNATURE_KEY, signature, _SIGNATURE_RULE, non_repudiation=True),
            _key(directory.AUTHENTICATION_KEY, authentication, _AUTHENTICATION_RULE),
        ),
        certificates={
            "signature": signature.der,
            "authentication": authentication.der,
            "ca": issuers.persons.der,
            "root": issuers.root.der,
        },
    )


def _key(
    reference: int,
    credential: certificates.Credential,
    rule: AccessRule,
    *,
    non_repudiation: bool = False,
) -> KeyImage:
    return KeyImage(reference, credential.key, rule, non_repudiation, _CONTACT_DF)


def _root(holder: Persona, signature: bytes, authentication: bytes) -> DedicatedFile:
    return DedicatedFile(
        fid=0x3F00,
        name=ROOT_NAME,
        label="ROOT",
        origin=_PUBLISHED_FILE,
        children=(
            ElementaryFile(
                0x2F00, _ef_dir(), _FACTORY_FILE, 0x1E, label="EF.DIR", origin=_EF_DIR_ORIGIN
            ),
            ElementaryFile(
                0x2F01, _EF_ATR, _FACTORY_FILE, 0x1D, label="EF.ATR", origin=_PUBLISHED_FILE
            ),
            ElementaryFile(
                0xD003,
                b"\x5a\x0a" + serial_number(holder.chip_serial),
                sfi=0x1C,
                label="EF.SN.ICC",
                origin=_PUBLISHED_FILE,
            ),
            _contact_application(holder, signature, authentication),
            DedicatedFile(
                0x0002,
                CONTACTLESS_APPLICATION,
                label="CPX IAS CL, empty in contact mode",
                origin=Origin(Confidence.INFERRED, "iasecc_opensc.md §2.2"),
            ),
        ),
    )


def serial_number(chip_serial: str) -> bytes:
    """10 bytes: issuer, serial, Luhn digit of both, F (facts: cps.md §2.2)."""
    digits = ISSUER.hex() + chip_serial
    return bytes.fromhex(f"{digits}{_luhn(digits)}F")


def _luhn(digits: str) -> int:
    doubled = (int(d) * 2 for d in digits[::-2])
    return -(sum(n - 9 * (n > 9) for n in doubled) + sum(int(d) for d in digits[-2::-2])) % 10


def _ef_dir() -> bytes:
    """Contactless application first: OpenSC swaps the two (facts: iasecc_opensc.md §2.2)."""
    entries = (
        (CONTACTLESS_APPLICATION, "CPX IAS CL", 0x0002),
        (directory.APPLICATION, "CPX IAS", 0x0001),
    )
    return b"".join(
        Tlv.of(
            0x61,
            Tlv.of(0x4F, name),
            Tlv.of(0x50, label.encode()),
            Tlv.of(0x51, (ROOT / fid).encode()),
            Tlv.of(0x73, Tlv.of(0x4F, directory.APPLICATION)),
        ).encode()
        for name, label, fid in entries
    )


def _contact_application(holder: Persona, signature: bytes, authentication: bytes) -> DedicatedFile:
    data_files = _data_files(holder)
    return DedicatedFile(
        fid=0x0001,
        name=directory.APPLICATION,
        label="CPX IAS",
        origin=_PUBLISHED_FILE,
        children=(
            *_directory_files(holder, data_files),
            ElementaryFile(0xC001, signature, label="signature", origin=_CERTIFICATE),
            ElementaryFile(0xC002, authentication, label="authentication", origin=_CERTIFICATE),
            *data_files,
        ),
    )


def _directory_files(
    holder: Persona, data_files: tuple[ElementaryFile, ...]
) -> tuple[ElementaryFile, ...]:
    entries = (
        DataObject(
            file.label,
            _CONTACT_DF / file.fid,
            private=file.access is _PRIVATE_FILE,
            modifiable=file.access is _WRITABLE_FILE,
        )
        for file in data_files
    )
    token_label = f"CPS3v3-{holder.card_number}"
    serial = serial_number(holder.chip_serial)
    contents = (
        (0x5031, "ODF", directory.object_directory(_ODF)),
        (0x5032, "TokenInfo", directory.token_info(serial, token_label)),
        (0x7001, "AODF", directory.authentication_objects(len(holder.pin), len(holder.puk))),
        (0x7002, "PrKDF", directory.private_keys()),
        (0x7005, "CDF", directory.certificates(_CONTACT_DF / 0xC001, _CONTACT_DF / 0xC002)),
        (0x7006, "DODF", directory.data_objects(entries)),
    )
    return tuple(
        ElementaryFile(fid, content, label=label, origin=_DIRECTORY)
        for fid, label, content in contents
    )


def _data_files(holder: Persona) -> tuple[ElementaryFile, ...]:
    activities = (
        ElementaryFile(
            _FIRST_ACTIVITY + number,
            records.activity(situation),
            _PRIVATE_FILE,
            label=f"CPS_ACTIVITY_{number + 1:02}_PS",
            origin=_ACTIVITY,
        )
        for number, situation in enumerate(holder.activities)
    )
    return (
        ElementaryFile(
            0xD107, bytes(_CPS_DATA_SIZE), _WRITABLE_FILE, label="CPS_DATA", origin=_CPS_DATA
        ),
        ElementaryFile(0xD101, records.id_card(holder), label="CPS_ID_CARD", origin=_RECORD),
        ElementaryFile(0xD102, records.name(holder), label="CPS_NAME_PS", origin=_RECORD),
        ElementaryFile(0xD103, records.language(holder), label="CPS_LANG_PS", origin=_LANGUAGE),
        ElementaryFile(0xD104, records.info(holder), label="CPS_INFO_PS", origin=_RECORD),
        *activities,
    )
