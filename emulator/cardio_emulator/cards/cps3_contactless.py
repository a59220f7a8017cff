"""The emulated CPS3 as a contactless reader sees it: technical certificate and key, and no PIN.

facts: cps.md §3 and vendor_library.md §2 "contactless". The files of the contact application are
there and refused; which of them a real card would let be read is not public, so none is.
"""

from functools import cache

from cardio.iso7816.path import MASTER_FILE
from cardio_emulator import certificates, persona
from cardio_emulator.card_os import IAS_ECC, Card
from cardio_emulator.cards import cps3, pkcs15
from cardio_emulator.cards.cps_files import (
    CERTIFICATE,
    CONTACT_APPLICATION,
    CONTACT_DF,
    CONTACTLESS_APPLICATION,
    CONTACTLESS_DF,
    PUBLISHED_FILE,
    ROOT_NAME,
    data_files,
    directory_files,
    serial_file,
    serial_number,
)
from cardio_emulator.holder import Persona
from cardio_emulator.image import (
    ALWAYS,
    FREE_READING,
    NO_ACCESS,
    Access,
    AccessRule,
    CardImage,
    DedicatedFile,
    Delivery,
    ElementaryFile,
    Interface,
    KeyImage,
    Manners,
    PlainSelect,
)
from cardio_emulator.persona_files import PersonaSource

ATR = bytes.fromhex("3B8F80010031B86404B0ECC1739401808290000E")
"""ISO 14443-4 as PC/SC shows it (facts: cps.md §1)."""
TECHNICAL_KEY = 3
"""A stand-in, unlike the references of the contact keys."""

_MANNERS = Manners(PlainSelect.ROOT_ONLY, Delivery.AT_ONCE, silent_root_path=True)
_REFUSED = Access(FREE_READING, NO_ACCESS)
_KEY_RULE = AccessRule(0x23, bytes((ALWAYS,) * 3))
"""INTERNAL AUTHENTICATE without PIN (facts: vendor_library.md §2)."""
_IDENTIFIER = CONTACTLESS_APPLICATION + bytes((TECHNICAL_KEY,))
_ODF = ((0xA0, 0x7002), (0xA4, 0x7005), (0xA7, 0x7006))
"""PrKDF, CDF, DODF; no AODF (facts: vendor_library.md §2)."""
_NO_OBJECTS = bytes(16)
"""A DODF without entries: padding."""
_ALGORITHMS = (pkcs15.Algorithm(0x01, "sign", "2A864886F70D010101", 0x02),)


def make(source: PersonaSource = "medecin") -> Card:
    """A fresh contactless CPS3 of a persona. Raises `ConfigurationError`."""
    return Card(image(persona.load(source)), IAS_ECC)


@cache
def image(holder: Persona) -> CardImage:
    """The card image of a persona, with its technical certificate."""
    technical = certificates.technical_credential(holder)
    return CardImage(
        kind="cps3-contactless",
        atr=ATR,
        serial=holder.chip_serial,
        root=DedicatedFile(
            fid=MASTER_FILE,
            name=ROOT_NAME,
            label="ROOT",
            origin=PUBLISHED_FILE,
            children=(
                *cps3.factory_files(),
                serial_file(holder),
                _contact_application(holder),
                _contactless_application(holder, technical.der),
            ),
        ),
        manners=_MANNERS,
        interface=Interface.CONTACTLESS,
        keys=(KeyImage(TECHNICAL_KEY, technical.key, _KEY_RULE, False, CONTACTLESS_DF),),
        certificates=certificates.with_issuers(technical=technical),
    )


def _contact_application(holder: Persona) -> DedicatedFile:
    """Selectable; nothing in it can be read (7001: facts: cps.md §2.2)."""
    fids = (0x7001, *(file.fid for file in data_files(holder)))
    return DedicatedFile(
        fid=CONTACT_DF.fids[-1],
        name=CONTACT_APPLICATION,
        label="CPX IAS, refused in contactless mode",
        origin=PUBLISHED_FILE,
        children=tuple(ElementaryFile(fid, bytes(1), _REFUSED, label="refused") for fid in fids),
    )


def _contactless_application(holder: Persona, certificate: bytes) -> DedicatedFile:
    key = pkcs15.PrivateKey(
        "CPS_PRIV_TECH_AUT", _IDENTIFIER, cps3.LOCAL | TECHNICAL_KEY, pkcs15.SIGN
    )
    entry = pkcs15.Certificate("Certificat Technique CPS", _IDENTIFIER, CONTACTLESS_DF / 0xC003)
    info = pkcs15.token_info(
        serial_number(holder.chip_serial), f"CPS3v3-{holder.card_number}", _ALGORITHMS
    )
    files = directory_files(
        (
            (0x5031, "ODF", pkcs15.object_directory(_ODF)),
            (0x5032, "TokenInfo", info),
            (0x7002, "PrKDF", pkcs15.private_keys((key,))),
            (0x7005, "CDF", pkcs15.certificates((entry,))),
            (0x7006, "DODF", _NO_OBJECTS),
        )
    )
    technical = ElementaryFile(0xC003, certificate, label="technical", origin=CERTIFICATE)
    return DedicatedFile(
        fid=CONTACTLESS_DF.fids[-1],
        name=CONTACTLESS_APPLICATION,
        label="CPX IAS CL",
        origin=PUBLISHED_FILE,
        children=(*files, technical),
    )
