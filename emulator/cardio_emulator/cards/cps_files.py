"""Files that CPx cards of several generations have: serial number, records, PKCS#15 directory.

What is `STAND_IN` below is not public: identifiers of the directory files and of most data files.
"""

from collections.abc import Iterable

from cardio.iso7816.path import ROOT, Path
from cardio.iso7816.tlv import Tlv
from cardio_emulator.cards import cps_records as records
from cardio_emulator.cards import pkcs15
from cardio_emulator.holder import Persona
from cardio_emulator.image import (
    ALWAYS,
    EF_MODES,
    FREE_FILE,
    FREE_READING,
    NEVER,
    NO_ACCESS,
    Access,
    AccessRule,
    Confidence,
    ElementaryFile,
    Origin,
)

ROOT_NAME = bytes.fromhex("8025000001FF0100")
CONTACT_APPLICATION = bytes.fromhex("E828BD080F8025000001FF0010")
CONTACTLESS_APPLICATION = bytes.fromhex("E828BD080F8025000001FF0020")
"""Names of the root and of the PKCS#15 applications (facts: cps.md §2.1)."""
ISSUER = bytes.fromhex("8025000001")
"""Issuer number of the ANS, before the serial in EF.SN.ICC (facts: iasecc_opensc.md §1.6)."""
CONTACT_DF, CONTACTLESS_DF = ROOT / 0x0001, ROOT / 0x0002
"""facts: iasecc_opensc.md §2.2."""

PIN_SE, PUK_SE = 1, 3
"""Security environments of the PIN and, as a real PIN's reset rule says, of the PUK
(facts: iasecc_opensc.md §1.7; SE 1 for the PIN is inferred)."""
SECURITY_ENVIRONMENTS = {PIN_SE: pkcs15.PIN_REFERENCE, PUK_SE: pkcs15.PUK_REFERENCE}
USER = 0x10 | PIN_SE
"""Security byte: after the PIN."""
PIN_TRIES, PUK_TRIES, PUK_USES = 3, 10, 100
"""facts: iasecc_opensc.md §1.7."""
PRIVATE_FILE = Access(AccessRule(EF_MODES, bytes((NEVER,) * 5 + (USER,))), NO_ACCESS)
WRITABLE_FILE = Access(AccessRule(EF_MODES, bytes((NEVER,) * 4 + (USER, ALWAYS))), FREE_READING)

PUBLISHED_FILE = Origin(Confidence.PUBLISHED, "iasecc_opensc.md §1.3-1.6")
DIRECTORY = Origin(Confidence.STAND_IN, "iasecc_opensc.md §2.3: accepted, not a card's own")
CERTIFICATE = Origin(
    Confidence.STAND_IN, "certificates_identifiers_services.md §1; look-alike, own hierarchy"
)
_RECORD = Origin(Confidence.OBSERVED, "cps_records.md §1; file identifier a stand-in")
_LANGUAGE = Origin(Confidence.STAND_IN, "cps_records.md §2: never seen read")
_CPS_DATA = Origin(Confidence.INFERRED, "cps.md §2.2; vendor_library.md §2; content unknown")
_ACTIVITY = Origin(Confidence.OBSERVED, "cps_records.md §1; file identifier: cps.md §2.2")

_CPS_DATA_SIZE = 64
"""facts: cps_records.md §2 ("keep 64 bytes of 00")."""
_FIRST_ACTIVITY = 0xD120
_CERTIFICATE_FIDS = (0xC001, 0xC002)
_ODF = ((0xA0, 0x7002), (0xA4, 0x7005), (0xA7, 0x7006), (0xA8, 0x7001))
"""PrKDF, CDF, DODF, AODF (facts: iasecc_opensc.md §2.3)."""
_LABEL_TAG, _AID_TAG, _PATH_TAG, _APPLICATION_TAG, _DISCRETIONARY = 0x50, 0x4F, 0x51, 0x61, 0x73


def serial_number(chip_serial: str) -> bytes:
    """10 bytes: issuer, serial, Luhn digit of both, F (facts: cps.md §2.2)."""
    digits = ISSUER.hex() + chip_serial
    return bytes.fromhex(f"{digits}{_luhn(digits)}F")


def _luhn(digits: str) -> int:
    doubled = (int(d) * 2 for d in digits[::-2])
    return -(sum(n - 9 * (n > 9) for n in doubled) + sum(int(d) for d in digits[-2::-2])) % 10


def serial_file(holder: Persona) -> ElementaryFile:
    """EF.SN.ICC, free in every mode."""
    return ElementaryFile(
        0xD003,
        b"\x5a\x0a" + serial_number(holder.chip_serial),
        sfi=0x1C,
        label="EF.SN.ICC",
        origin=PUBLISHED_FILE,
    )


def directory_entry(name: bytes, label: str, path: Path) -> bytes:
    """An application of EF.DIR; its template 73 names the contact one (facts: cps.md §2.1)."""
    return Tlv.of(
        _APPLICATION_TAG,
        Tlv.of(_AID_TAG, name),
        Tlv.of(_LABEL_TAG, label.encode()),
        Tlv.of(_PATH_TAG, path.encode()),
        Tlv.of(_DISCRETIONARY, Tlv.of(_AID_TAG, CONTACT_APPLICATION)),
    ).encode()


def data_files(holder: Persona) -> tuple[ElementaryFile, ...]:
    """The holder's data objects, CPS_DATA first; activities behind the PIN."""
    return (
        ElementaryFile(
            0xD107, bytes(_CPS_DATA_SIZE), WRITABLE_FILE, label="CPS_DATA", origin=_CPS_DATA
        ),
        ElementaryFile(0xD101, records.id_card(holder), label="CPS_ID_CARD", origin=_RECORD),
        ElementaryFile(0xD102, records.name(holder), label="CPS_NAME_PS", origin=_RECORD),
        ElementaryFile(0xD103, records.language(holder), label="CPS_LANG_PS", origin=_LANGUAGE),
        ElementaryFile(0xD104, records.info(holder), label="CPS_INFO_PS", origin=_RECORD),
        *_activity_files(holder),
    )


def _activity_files(holder: Persona) -> Iterable[ElementaryFile]:
    for situation in holder.activities:
        yield ElementaryFile(
            _FIRST_ACTIVITY + situation.number - 1,
            records.activity(situation),
            PRIVATE_FILE,
            label=f"CPS_ACTIVITY_{situation.number:02}_PS",
            origin=_ACTIVITY,
        )


def directory_files(
    contents: Iterable[tuple[int, str, bytes]], access: Access = FREE_FILE
) -> tuple[ElementaryFile, ...]:
    """PKCS#15 files of identifier, label and content."""
    return tuple(
        ElementaryFile(fid, content, access, label=label, origin=DIRECTORY)
        for fid, label, content in contents
    )


def data_object_directory(files: Iterable[ElementaryFile], df: Path) -> bytes:
    """The DODF of the data files of an application."""
    return pkcs15.data_objects(
        pkcs15.DataObject(
            file.label,
            df / file.fid,
            private=file.access is PRIVATE_FILE,
            modifiable=file.access is WRITABLE_FILE,
        )
        for file in files
    )


def contact_directory(
    holder: Persona,
    token_info: bytes,
    private_keys: bytes,
    certificate_ids: tuple[bytes, bytes],
    files: tuple[ElementaryFile, ...],
) -> tuple[ElementaryFile, ...]:
    """The six PKCS#15 files of a contact application.

    `certificate_ids` are those of the signature certificate in C001 and the authentication
    certificate in C002; `files` are the data files.
    """
    labels = ("Certificat de Signature CPS", "Certificat d'Authentification CPS")
    certificates = pkcs15.certificates(
        pkcs15.Certificate(label, identifier, CONTACT_DF / fid)
        for label, identifier, fid in zip(labels, certificate_ids, _CERTIFICATE_FIDS, strict=True)
    )
    authentication = pkcs15.authentication_objects(len(holder.pin), len(holder.puk))
    return directory_files(
        (
            (0x5031, "ODF", pkcs15.object_directory(_ODF)),
            (0x5032, "TokenInfo", token_info),
            (0x7001, "AODF", authentication),
            (0x7002, "PrKDF", private_keys),
            (0x7005, "CDF", certificates),
            (0x7006, "DODF", data_object_directory(files, CONTACT_DF)),
        )
    )
