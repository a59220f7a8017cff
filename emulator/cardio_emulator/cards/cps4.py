"""The emulated CPS4: ChipDoc on logical channel 1, the CPS2ter part in class A0.

facts: cps.md §2.1 and §3, vendor_library.md §2 "CPS4". The files of ChipDoc are not public: but
for their names they are those of the CPS3, and the CPS2TER_* objects are copies.
"""

from enum import Enum
from functools import cache

from cardio.iso7816.path import MASTER_FILE
from cardio_emulator import certificates, persona
from cardio_emulator.card_os import CHIPDOC, Card
from cardio_emulator.cards import cps2ter, pkcs15
from cardio_emulator.cards.cps_files import (
    CERTIFICATE,
    CONTACT_APPLICATION,
    CONTACT_DF,
    DIRECTORY,
    PIN_TRIES,
    PUK_TRIES,
    ROOT_NAME,
    SECURITY_ENVIRONMENTS,
    USER,
    contact_directory,
    data_files,
    directory_entry,
    serial_file,
    serial_number,
)
from cardio_emulator.holder import Persona
from cardio_emulator.image import (
    ALWAYS,
    NEVER,
    AccessRule,
    CardImage,
    Confidence,
    DedicatedFile,
    Delivery,
    ElementaryFile,
    KeyImage,
    Manners,
    Origin,
    PinImage,
    PlainSelect,
)
from cardio_emulator.persona_files import PersonaSource

ATR = bytes.fromhex("3B9B188001001225006480040100009044")
"""T=0 and T=1 offered; readers take T=1 (facts: cps.md §1)."""
ATR_T0 = bytes.fromhex("3BDC18FF00001225006480000401009000")
"""The release candidate with T=0 only."""
CHANNEL = 1

SIGNATURE_KEY, AUTHENTICATION_KEY = 0x10, 0x20
"""Key and PKCS#15 identifiers (facts: cps.md §2.4)."""

ALGORITHMS = (
    pkcs15.Algorithm(0x06, "sign", "2A864886F70D010105", 0x0A),
    pkcs15.Algorithm(0x40, "sign", "2A864886F70D01010B", 0x28),
    pkcs15.Algorithm(0x0E, "sign", "2A864886F70D01010A", 0x15),
    pkcs15.Algorithm(0x43, "sign", "2A864886F70D01010A", 0x2C),
    pkcs15.Algorithm(0x01, "sign", "2A864886F70D010101", 0x00),
    pkcs15.Algorithm(0x01, "decipher", "2A864886F70D010101", 0x00),
)
"""Mechanisms and octets of cps.md §2.4 and §7; that TokenInfo lists them is a stand-in."""

_ROOT_ORIGIN = Origin(Confidence.PUBLISHED, "cps.md §2.1")
_RESET = 0x13
_PIN_RULE = AccessRule(0xF3, bytes((USER, ALWAYS, _RESET, NEVER, ALWAYS)))
"""Change after the PIN, verify always, reset after the PUK (facts: cps.md §3; form a stand-in)."""
_PUK_RULE = AccessRule(0xF3, bytes((NEVER, ALWAYS, NEVER, NEVER, ALWAYS)))
_SIGNATURE_RULE = AccessRule(0x40, bytes((USER,)))
_AUTHENTICATION_RULE = AccessRule(0x10, bytes((USER,)))
_FIRST_CPS2TER, _FIRST_CPS2TER_ACTIVITY, _BILLING = 0xD131, 0xD140, 0xD150
"""File identifiers of the CPS2TER_* objects and CPS_SIT_FACT in ChipDoc: stand-ins."""


class Protocol(Enum):
    """Which protocol the card's ATR makes readers speak."""

    T0 = "T=0"
    T1 = "T=1"


def make(source: PersonaSource = "medecin") -> Card:
    """A fresh CPS4 of a persona, for T=1. Raises `ConfigurationError`."""
    return Card(image(persona.load(source), Protocol.T1), CHIPDOC)


def make_t0(source: PersonaSource = "medecin") -> Card:
    """A fresh CPS4 release candidate of a persona, for T=0. Raises `ConfigurationError`."""
    return Card(image(persona.load(source), Protocol.T0), CHIPDOC)


@cache
def image(holder: Persona, protocol: Protocol = Protocol.T1) -> CardImage:
    """The card image of a persona, with its certificates."""
    is_t1 = protocol is Protocol.T1
    atr = ATR if is_t1 else ATR_T0
    signature = certificates.signature_credential(holder)
    authentication = certificates.authentication_credential(holder)
    return CardImage(
        kind="cps4" if is_t1 else "cps4-t0",
        atr=atr,
        serial=holder.chip_serial,
        root=_root(holder, atr, signature.der, authentication.der),
        manners=Manners(
            PlainSelect.NAME,
            Delivery.AT_ONCE if is_t1 else Delivery.STEPWISE,
            channel=CHANNEL,
            security_environments=SECURITY_ENVIRONMENTS,
        ),
        pins=(
            PinImage(pkcs15.PIN_REFERENCE, holder.pin, PIN_TRIES, _PIN_RULE),
            PinImage(pkcs15.PUK_REFERENCE, holder.puk, PUK_TRIES, _PUK_RULE),
        ),
        keys=(
            KeyImage(SIGNATURE_KEY, signature.key, _SIGNATURE_RULE, True, CONTACT_DF),
            KeyImage(
                AUTHENTICATION_KEY,
                authentication.key,
                _AUTHENTICATION_RULE,
                False,
                CONTACT_DF,
            ),
        ),
        cps2ter=cps2ter.root(
            *cps2ter.free_files(holder, atr),
            *cps2ter.activity_files(holder),
            name=cps2ter.NAME,
        ),
        certificates=certificates.with_issuers(signature=signature, authentication=authentication),
    )


def _root(holder: Persona, atr: bytes, signature: bytes, authentication: bytes) -> DedicatedFile:
    files = (*data_files(holder), *_cps2ter_objects(holder, atr))
    entry = directory_entry(CONTACT_APPLICATION, "CPX IAS", CONTACT_DF)
    application = DedicatedFile(
        fid=CONTACT_DF.fids[-1],
        name=CONTACT_APPLICATION,
        label="ChipDoc",
        origin=DIRECTORY,
        children=(
            *_directory(holder, files),
            ElementaryFile(0xC001, signature, label="signature", origin=CERTIFICATE),
            ElementaryFile(0xC002, authentication, label="authentication", origin=CERTIFICATE),
            *files,
        ),
    )
    return DedicatedFile(
        fid=MASTER_FILE,
        name=ROOT_NAME,
        label="ROOT",
        origin=_ROOT_ORIGIN,
        children=(
            ElementaryFile(0x2F00, entry, label="EF.DIR", origin=DIRECTORY),
            serial_file(holder),
            application,
        ),
    )


def _cps2ter_objects(holder: Persona, atr: bytes) -> tuple[ElementaryFile, ...]:
    """The data objects that only a CPS4 lists (facts: cps.md §2.4)."""
    return (
        cps2ter.billing_file(_BILLING),
        *cps2ter.free_files(holder, atr, _FIRST_CPS2TER),
        *cps2ter.activity_files(holder, _FIRST_CPS2TER_ACTIVITY),
    )


def _directory(holder: Persona, files: tuple[ElementaryFile, ...]) -> tuple[ElementaryFile, ...]:
    info = pkcs15.token_info(
        serial_number(holder.chip_serial), f"CPS4v1-{holder.card_number}", ALGORITHMS
    )
    ids = (bytes((SIGNATURE_KEY,)), bytes((AUTHENTICATION_KEY,)))
    return contact_directory(holder, info, _private_keys(), ids, files)


def _private_keys() -> bytes:
    signature = pkcs15.PrivateKey(
        "CPS_PRIV_SIG",
        bytes((SIGNATURE_KEY,)),
        SIGNATURE_KEY,
        pkcs15.NON_REPUDIATION,
        (pkcs15.SIGNATURE_RULE,),
    )
    authentication = pkcs15.PrivateKey(
        "CPS_PRIV_AUT",
        bytes((AUTHENTICATION_KEY,)),
        AUTHENTICATION_KEY,
        pkcs15.SIGN_AND_DECIPHER,
        (pkcs15.DECIPHER_RULE,),
    )
    return pkcs15.private_keys((signature, authentication))
