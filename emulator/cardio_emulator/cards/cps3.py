"""The emulated CPS3, contact side: its files, its PINs, its keys, its CPS2ter part."""

from functools import cache

from cardio.iso7816.path import MASTER_FILE
from cardio_emulator import certificates, persona
from cardio_emulator.card_os import IAS_ECC, Card
from cardio_emulator.cards import cps2ter, pkcs15
from cardio_emulator.cards import cps_records as records
from cardio_emulator.cards.cps_files import (
    CERTIFICATE,
    CONTACT_APPLICATION,
    CONTACT_DF,
    CONTACTLESS_APPLICATION,
    CONTACTLESS_DF,
    PIN_TRIES,
    PUBLISHED_FILE,
    PUK_TRIES,
    PUK_USES,
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
    EF_MODES,
    FREE_READING,
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
from cardio_emulator.persona_files import PersonaSource

ATR = bytes.fromhex("3BAC00402A001225006480000310009000")
"""Contact, T=0 (facts: cps.md §1)."""
SIGNATURE_KEY, AUTHENTICATION_KEY = 1, 2

MANNERS = Manners(
    plain_select=PlainSelect.ROOT_ONLY,
    silent_root_path=True,
    security_environments=SECURITY_ENVIRONMENTS,
)
ALGORITHMS = (
    pkcs15.Algorithm(0x220, "hash", "2B0E03021A", 0x10),
    pkcs15.Algorithm(0x250, "hash", "608648016503040201", 0x40),
    pkcs15.Algorithm(0x06, "sign", "2A864886F70D010105", 0x12),
    pkcs15.Algorithm(0x40, "sign", "2A864886F70D01010B", 0x42),
    pkcs15.Algorithm(0x01, "sign", "2A864886F70D010101", 0x02),
    pkcs15.Algorithm(0x01, "decipher", "2A864886F70D010101", 0x0A),
)
"""facts: iasecc_opensc.md §2.3."""
LOCAL = 0x80
"""Bit of a key's reference that says it belongs to its DF (facts: iasecc_opensc.md §1.7)."""

_EF_DIR_ORIGIN = Origin(Confidence.INFERRED, "iasecc_opensc.md §2.2: order and tag 51")
_EF_ACTUA_ORIGIN = Origin(Confidence.PUBLISHED, "cps.md §2.2; vendor_library.md §2")
_FACTORY_FILE = Access(AccessRule(EF_MODES, bytes.fromhex("45FFFFFF4500")), FREE_READING)
"""EF.ATR and EF.DIR: delete and update under secure messaging (facts: iasecc_opensc.md §1.5)."""
_CONTACT_ONLY = Access(FREE_READING, NO_ACCESS)

_PIN_RULE = AccessRule(0xF3, bytes.fromhex("000013FF00"))
_PUK_RULE = AccessRule(0xF3, bytes.fromhex("FF00FFFF00"))
"""facts: iasecc_opensc.md §1.7."""
_SIGNATURE_RULE = AccessRule(0x43, bytes((USER, ALWAYS, ALWAYS)))
_AUTHENTICATION_RULE = AccessRule(0x33, bytes((USER, USER, ALWAYS, ALWAYS)))

_EF_ATR = bytes.fromhex(
    "80 4301B8 460404B0ECC1 4703940180 4F088025000001FF0100"
    "E01002020104020201040202010002020100 780806062B8122F87802 82029000"
)
"""A real card's, 57 bytes (facts: iasecc_opensc.md §1.3)."""


def make(source: PersonaSource = "medecin") -> Card:
    """A fresh CPS3 of a shipped persona, or of one's own file. Raises `ConfigurationError`.

    Keys and certificates are made once per card number in a process.
    """
    return Card(image(persona.load(source)), IAS_ECC)


@cache
def image(holder: Persona) -> CardImage:
    """The card image of a persona, with its certificates."""
    signature = certificates.signature_credential(holder)
    authentication = certificates.authentication_credential(holder)
    return CardImage(
        kind="cps3",
        atr=ATR,
        serial=holder.chip_serial,
        root=_root(holder, signature.der, authentication.der),
        manners=MANNERS,
        pins=(
            PinImage(pkcs15.PIN_REFERENCE, holder.pin, PIN_TRIES, _PIN_RULE),
            PinImage(pkcs15.PUK_REFERENCE, holder.puk, PUK_TRIES, _PUK_RULE, PUK_USES),
        ),
        keys=(
            _key(SIGNATURE_KEY, signature, _SIGNATURE_RULE, non_repudiation=True),
            _key(AUTHENTICATION_KEY, authentication, _AUTHENTICATION_RULE),
        ),
        cps2ter=cps2ter.root(*cps2ter.activity_files(holder)),
        certificates=certificates.with_issuers(signature=signature, authentication=authentication),
    )


def _key(
    reference: int,
    credential: certificates.Credential,
    rule: AccessRule,
    *,
    non_repudiation: bool = False,
) -> KeyImage:
    return KeyImage(reference, credential.key, rule, non_repudiation, CONTACT_DF)


def _root(holder: Persona, signature: bytes, authentication: bytes) -> DedicatedFile:
    contactless = DedicatedFile(
        CONTACTLESS_DF.fids[-1],
        CONTACTLESS_APPLICATION,
        label="CPX IAS CL, empty in contact mode",
        origin=Origin(Confidence.INFERRED, "iasecc_opensc.md §2.2"),
    )
    return DedicatedFile(
        fid=MASTER_FILE,
        name=ROOT_NAME,
        label="ROOT",
        origin=PUBLISHED_FILE,
        children=(
            *factory_files(),
            serial_file(holder),
            *_update_file(holder),
            _contact_application(holder, signature, authentication),
            contactless,
        ),
    )


def factory_files() -> tuple[ElementaryFile, ...]:
    """EF.DIR, contactless application first as OpenSC swaps the two, and EF.ATR.

    facts: iasecc_opensc.md §2.2.
    """
    directory = directory_entry(
        CONTACTLESS_APPLICATION, "CPX IAS CL", CONTACTLESS_DF
    ) + directory_entry(CONTACT_APPLICATION, "CPX IAS", CONTACT_DF)
    return (
        ElementaryFile(
            0x2F00, directory, _FACTORY_FILE, 0x1E, label="EF.DIR", origin=_EF_DIR_ORIGIN
        ),
        ElementaryFile(0x2F01, _EF_ATR, _FACTORY_FILE, 0x1D, label="EF.ATR", origin=PUBLISHED_FILE),
    )


def _update_file(holder: Persona) -> tuple[ElementaryFile, ...]:
    """EF_ACTUA, which a card that was never updated does not have."""
    if holder.update is None:
        return ()
    content = records.update(holder.update)
    return (
        ElementaryFile(0xD010, content, _CONTACT_ONLY, label="EF_ACTUA", origin=_EF_ACTUA_ORIGIN),
    )


def _contact_application(holder: Persona, signature: bytes, authentication: bytes) -> DedicatedFile:
    files = data_files(holder)
    return DedicatedFile(
        fid=CONTACT_DF.fids[-1],
        name=CONTACT_APPLICATION,
        label="CPX IAS",
        origin=PUBLISHED_FILE,
        children=(
            *_directory(holder, files),
            ElementaryFile(0xC001, signature, label="signature", origin=CERTIFICATE),
            ElementaryFile(0xC002, authentication, label="authentication", origin=CERTIFICATE),
            *files,
        ),
    )


def _directory(holder: Persona, files: tuple[ElementaryFile, ...]) -> tuple[ElementaryFile, ...]:
    info = pkcs15.token_info(
        serial_number(holder.chip_serial), f"CPS3v3-{holder.card_number}", ALGORITHMS
    )
    ids = (_identifier(SIGNATURE_KEY), _identifier(AUTHENTICATION_KEY))
    return contact_directory(holder, info, _private_keys(), ids, files)


def _private_keys() -> bytes:
    """Signature key (non-repudiation), authentication key (decrypt, sign)."""
    signature = pkcs15.PrivateKey(
        "CPS_PRIV_SIG",
        _identifier(SIGNATURE_KEY),
        LOCAL | SIGNATURE_KEY,
        pkcs15.NON_REPUDIATION,
        (pkcs15.SIGNATURE_RULE,),
    )
    authentication = pkcs15.PrivateKey(
        "CPS_PRIV_AUT",
        _identifier(AUTHENTICATION_KEY),
        LOCAL | AUTHENTICATION_KEY,
        pkcs15.SIGN_AND_DECIPHER,
        (pkcs15.DECIPHER_RULE, pkcs15.AUTHENTICATION_RULE),
        modifiable=True,
    )
    return pkcs15.private_keys((signature, authentication))


def _identifier(reference: int) -> bytes:
    """PKCS#15 id: AID and key number (facts: iasecc_opensc.md §2.1)."""
    return CONTACT_APPLICATION + bytes((reference,))
