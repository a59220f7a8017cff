"""The CPS2ter part of CPx cards, and the emulated CPS2ter, which has nothing else.

Identifiers of activities and billing data are published (facts: cps.md §2.3). All contents, the
other identifiers and the PIN's coding are stand-ins: docs/reference/emulated-cps2ter.md.
"""

from cardio.iso7816.path import MASTER_FILE
from cardio_emulator import persona
from cardio_emulator.card_os import Card
from cardio_emulator.cards import cps_records as records
from cardio_emulator.cards import pkcs15
from cardio_emulator.cards.cps_files import (
    PIN_TRIES,
    PRIVATE_FILE,
    PUK_TRIES,
    SECURITY_ENVIRONMENTS,
    serial_number,
)
from cardio_emulator.holder import Persona
from cardio_emulator.image import (
    ALWAYS,
    AccessRule,
    CardImage,
    Confidence,
    DedicatedFile,
    ElementaryFile,
    Manners,
    Origin,
    PinImage,
    PlainSelect,
)
from cardio_emulator.persona_files import PersonaSource

ATR = bytes.fromhex("3BAC00402A001225006480820212009000")
"""T=0; that it is a CPS2ter is inferred (facts: cps.md §1)."""
NAME = bytes.fromhex("8025000001FF0002")
"""Of the CPS2ter application on a CPS4 (facts: cps.md §2.1)."""

_RECORD_SIZE = 60
"""Of an activity, in the traced prototype (facts: vendor_library.md §4)."""
_BILLING = b"SITFACT" + bytes(range(250)) * 2
"""507 bytes without a sense, those of the traced prototype (facts: vendor_library.md §4)."""
_OPAQUE = b"STAND-IN".ljust(_RECORD_SIZE, b"\x00")
_FIRST_ACTIVITY = 0x4010

_FREE_RECORD = Origin(Confidence.STAND_IN, "cps.md §2.3: identifier and format unknown")
_ACTIVITY = Origin(Confidence.STAND_IN, "cps.md §2.3: identifier published, format unknown")
_MF = Origin(Confidence.PUBLISHED, "cps.md §2.3")
_BILLING_FILE = Origin(Confidence.STAND_IN, "vendor_library.md §4: identifier published")
_PIN_RULE = AccessRule(0x73, bytes((ALWAYS,) * 5))


def make(source: PersonaSource = "medecin") -> Card:
    """A fresh CPS2ter of a shipped persona, or of one's own file. Raises `ConfigurationError`."""
    return Card(image(persona.load(source)), {})


def image(holder: Persona) -> CardImage:
    """The card image of a persona: no keys, no certificates, no interindustry command."""
    return CardImage(
        kind="cps2ter",
        atr=ATR,
        serial=holder.chip_serial,
        root=DedicatedFile(MASTER_FILE),
        manners=Manners(
            PlainSelect.NAME, channel=None, security_environments=SECURITY_ENVIRONMENTS
        ),
        pins=(
            PinImage(pkcs15.PIN_REFERENCE, holder.pin, PIN_TRIES, _PIN_RULE),
            PinImage(pkcs15.PUK_REFERENCE, holder.puk, PUK_TRIES, _PIN_RULE),
        ),
        cps2ter=root(*free_files(holder, ATR), *activity_files(holder)),
    )


def root(*files: ElementaryFile, name: bytes | None = None) -> DedicatedFile:
    """The part: the files given in the MF, and the billing data in 7F01."""
    billing = DedicatedFile(0x7F01, children=(billing_file(0x4000),), label="DAM", origin=_MF)
    return DedicatedFile(MASTER_FILE, name, (*files, billing), label="CPS2ter part", origin=_MF)


def free_files(holder: Persona, atr: bytes, first: int = 0x4001) -> tuple[ElementaryFile, ...]:
    """CPS2TER_ATR and the six others, from one identifier on; the records are a CPS3's."""
    contents = (
        ("ATR", atr),
        ("ID", _padded(records.id_card(holder))),
        ("ICC", b"\x5a\x0a" + serial_number(holder.chip_serial)),
        ("NAME", _padded(records.name(holder))),
        ("LANG", _padded(records.language(holder))),
        ("PSINFO", _padded(records.info(holder))),
        ("DIRAMO", _OPAQUE),
    )
    return tuple(
        ElementaryFile(first + index, content, label=f"CPS2TER_{label}", origin=_FREE_RECORD)
        for index, (label, content) in enumerate(contents)
    )


def activity_files(holder: Persona, first: int = _FIRST_ACTIVITY) -> tuple[ElementaryFile, ...]:
    """CPS2TER_ACTIVITY_nn_PS, each in the file of its number, behind the PIN."""
    return tuple(
        ElementaryFile(
            first + situation.number - 1,
            _padded(records.activity(situation)),
            PRIVATE_FILE,
            label=f"CPS2TER_ACTIVITY_{situation.number:02}_PS",
            origin=_ACTIVITY,
        )
        for situation in holder.activities
    )


def billing_file(fid: int) -> ElementaryFile:
    """CPS_SIT_FACT, behind the PIN."""
    return ElementaryFile(fid, _BILLING, PRIVATE_FILE, label="CPS_SIT_FACT", origin=_BILLING_FILE)


def _padded(record: bytes) -> bytes:
    return record.ljust(_RECORD_SIZE, b"\x00")
