"""What sets the kinds of CPS cards apart for whoever reads them, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cardio.cards.cps import cps2ter
from cardio.cards.cps.key_layout import (
    CPS3_CONTACTLESS_KEYS,
    CPS3_KEYS,
    CPS4_KEYS,
    CardKey,
)
from cardio.cards.cps.layout import (
    CPX_IAS,
    CPX_IAS_CONTACTLESS,
    FREE_DATA_OBJECTS,
    SERIAL_FILE,
    UPDATE_FILE,
)
from cardio.cards.cps.pin_cps2ter import Cps2terPin
from cardio.cards.cps.pin_cps3 import Cps3Pin
from cardio.cards.cps.pin_cps4 import Cps4Pin
from cardio.cards.cps.records import HolderInfo, HolderName, IdCard, Record
from cardio.cards.identify import CardKind
from cardio.iasecc.chipdoc import CHIPDOC
from cardio.iasecc.files import IAS_ECC, Dialect
from cardio.iasecc.pkcs15 import Home
from cardio.iso7816.path import ROOT, Path
from cardio.transport.channel import Channel

ACTIVITIES = tuple(f"CPS_ACTIVITY_{number:02d}_PS" for number in range(1, 17))
CPS2TER_ACTIVITIES = tuple(f"CPS2TER_{label.removeprefix('CPS_')}" for label in ACTIVITIES)
CPS_SIT_FACT = "CPS_SIT_FACT"
"""Labels of the data objects behind the PIN (facts: cps.md §2.4)."""

CPS2TER_FREE = tuple(
    f"CPS2TER_{name}" for name in ("ATR", "ID", "ICC", "NAME", "LANG", "PSINFO", "DIRAMO")
)
"""Labels of the free data objects that only a CPS4 lists (facts: cps.md §2.4)."""

Commands = Cps3Pin | Cps4Pin | Cps2terPin


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is, and how it is selected there."""

    path: Path
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Generation:
    """One kind of card. Data objects not in `places` are found through its directories.

    `home` is None for a card without directories, `update_file` for one without EF_ACTUA, `pin`
    for one without PIN. `record_labels` are its data objects that
    hold the three free records. `situation_labels` those that hold one activity each.
    """

    dialect: Dialect
    home: Home | None
    serial_file: Path
    update_file: Path | None = None
    pin: Callable[[Channel], Commands] | None = None
    keys: tuple[CardKey, ...] = ()
    free_labels: tuple[str, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict[str, Place])
    record_labels: Mapping[type[Record], str] = field(default_factory=dict[type[Record], str])
    situation_labels: tuple[str, ...] = ()


_ACTIVITY_FILES = {label: CPX_IAS.path / (0xD120 + index) for index, label in enumerate(ACTIVITIES)}
"""3F00/0001/D120 to D12F, published for the CPS3 (facts: cps.md §2.2); INFERRED for the CPS4."""


def _in(dialect: Dialect, files: Mapping[str, Path]) -> dict[str, Place]:
    return {label: Place(path, dialect) for label, path in files.items()}


_CPS2TER_FILES = {
    CPS_SIT_FACT: cps2ter.BILLING_FILE,
    **{label: cps2ter.activity_file(n) for n, label in enumerate(CPS2TER_ACTIVITIES, start=1)},
}
"""Not in the directories of a CPS3, but in those of a CPS4 (facts: vendor_library.md §2)."""

_CPS2TER_FREE_FILES = {label: ROOT / (0x4001 + n) for n, label in enumerate(CPS2TER_FREE)}
"""STAND_IN: the fids are not public (facts: cps.md §2.3, §8)."""

_RECORDS: dict[type[Record], str] = {kind: kind.name for kind in (IdCard, HolderName, HolderInfo)}
_CPS2TER_RECORDS: dict[type[Record], str] = {
    IdCard: "CPS2TER_ID",
    HolderName: "CPS2TER_NAME",
    HolderInfo: "CPS2TER_PSINFO",
}
"""STAND_IN: that these hold the records of a CPS3 is our invention (facts: cps.md §8)."""

GENERATIONS: Mapping[CardKind, Generation] = {
    CardKind.CPS3: Generation(
        dialect=IAS_ECC,
        home=CPX_IAS,
        serial_file=SERIAL_FILE,
        update_file=UPDATE_FILE,
        pin=Cps3Pin,
        keys=CPS3_KEYS,
        free_labels=FREE_DATA_OBJECTS,
        places=_in(IAS_ECC, _ACTIVITY_FILES) | _in(cps2ter.CPS2TER, _CPS2TER_FILES),
        record_labels=_RECORDS,
        situation_labels=ACTIVITIES,
    ),
    CardKind.CPS3_CONTACTLESS: Generation(
        dialect=IAS_ECC,
        home=CPX_IAS_CONTACTLESS,
        serial_file=SERIAL_FILE,
        keys=CPS3_CONTACTLESS_KEYS,
    ),
    CardKind.CPS4: Generation(
        dialect=CHIPDOC,
        home=CPX_IAS,
        serial_file=SERIAL_FILE,
        pin=Cps4Pin,
        keys=CPS4_KEYS,
        free_labels=(*FREE_DATA_OBJECTS, *CPS2TER_FREE),
        places=_in(CHIPDOC, _ACTIVITY_FILES),
        record_labels=_RECORDS,
        situation_labels=ACTIVITIES,
    ),
    CardKind.CPS2TER: Generation(
        dialect=cps2ter.CPS2TER,
        home=None,
        serial_file=_CPS2TER_FREE_FILES["CPS2TER_ICC"],
        pin=Cps2terPin,
        free_labels=CPS2TER_FREE,
        places=_in(cps2ter.CPS2TER, _CPS2TER_FILES | _CPS2TER_FREE_FILES),
        record_labels=_CPS2TER_RECORDS,
        situation_labels=CPS2TER_ACTIVITIES,
    ),
}
"""That a CPS4 has its application in 3F00/0001, as the CPS3, is INFERRED."""
