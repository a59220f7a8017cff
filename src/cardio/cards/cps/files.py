"""The files of each kind of CPS card: what `cardio card layout` shows.

What a card is read by stands in `layout` and `generation`; a test holds both together.
"""

from cardio.cards.cps.cps2ter import BILLING_FILE, activity_file
from cardio.cards.cps.generation import CPS2TER_FREE
from cardio.cards.cps.layout import (
    CPX_IAS,
    CPX_IAS_CONTACTLESS,
    FILES,
    FREE_DATA_OBJECTS,
    SERIAL_FILE,
    TECHNICAL_CERTIFICATE,
    UPDATE_FILE,
)
from cardio.cards.layout import Access, CardFile, Confidence
from cardio.iasecc.pkcs15 import Home
from cardio.iso7816.path import ROOT

_ACTIVITIES = "CPS_ACTIVITY_nn_PS"
_SITUATIONS = "a situation of practice each, 01 to 16; there may be holes"
_SERIAL = CardFile(
    "EF.SN.ICC", SERIAL_FILE, "chip serial number", Confidence.PUBLISHED, "cps.md §2.2", Access.FREE
)

_BEHIND_CLASS_A0 = (
    CardFile(
        "CPS2TER_ACTIVITY_nn_PS",
        activity_file(1),
        f"{_SITUATIONS}; the last is 401F; class A0",
        Confidence.PUBLISHED,
        "cps.md §2.3",
        Access.PIN,
    ),
    CardFile(
        "CPS_SIT_FACT",
        BILLING_FILE,
        "billing situations; layout not public; class A0",
        Confidence.PUBLISHED,
        "cps.md §2.3, vendor_library.md §2",
        Access.PIN,
    ),
)

CPS3 = (
    *FILES,
    CardFile(
        "EF_ACTUA",
        UPDATE_FILE,
        "start and end of the last update; absent before the first",
        Confidence.PUBLISHED,
        "cps.md §2.2",
        Access.FREE,
    ),
    CardFile(
        _ACTIVITIES,
        CPX_IAS.path / 0xD120,
        f"{_SITUATIONS}; the last is D12F",
        Confidence.PUBLISHED,
        "cps.md §2.2, cps_records.md §1",
        Access.PIN,
    ),
    *_BEHIND_CLASS_A0,
)


def _directories(home: Home, confidence: Confidence, source: str) -> tuple[CardFile, ...]:
    """The application, the two files of fixed place in it, and what EF.ODF names."""
    odf, token_info = home.path / 0x5031, home.path / 0x5032
    return (
        CardFile("application", home.path, f"AID {home.aid.hex().upper()}", confidence, source),
        CardFile("EF.ODF", odf, "list of directories", confidence, source, Access.FREE),
        CardFile("EF.TokenInfo", token_info, "label", confidence, source, Access.FREE),
        CardFile(
            "EF.PrKDF, EF.CDF, EF.DODF",
            None,
            "directories of keys, certificates, data objects",
            confidence,
            source,
            Access.FREE,
        ),
    )


CPS3_CONTACTLESS = (
    _SERIAL,
    *_directories(CPX_IAS_CONTACTLESS, Confidence.PUBLISHED, "cps.md §2.1, vendor_library.md §2"),
    CardFile(
        TECHNICAL_CERTIFICATE,
        None,
        "X.509 of the chip, not of its holder",
        Confidence.PUBLISHED,
        "cps.md §2.4",
        Access.FREE,
    ),
    CardFile(
        "EF_ACTUA, data objects",
        None,
        "of the contact side: refused here",
        Confidence.PUBLISHED,
        "cps.md §3",
        Access.NEVER,
    ),
)

CPS4 = (
    _SERIAL,
    *_directories(CPX_IAS, Confidence.INFERRED, "cps.md §2.1"),
    CardFile(
        "certificates", None, "X.509, one per key", Confidence.PUBLISHED, "cps.md §2.4", Access.FREE
    ),
    *(
        CardFile(
            label,
            None,
            "as on the CPS3",
            Confidence.PUBLISHED,
            "cps.md §2.4",
            Access.FREE,
            Access.PIN if label == "CPS_DATA" else Access.UNKNOWN,
        )
        for label in FREE_DATA_OBJECTS
    ),
    *(
        CardFile(
            label,
            None,
            "of the CPS2ter part; layout not public",
            Confidence.PUBLISHED,
            "cps.md §2.4",
            Access.FREE,
        )
        for label in CPS2TER_FREE
    ),
    CardFile(
        _ACTIVITIES,
        CPX_IAS.path / 0xD120,
        f"{_SITUATIONS}; the place is that of the CPS3",
        Confidence.INFERRED,
        "cps.md §2.2, §2.4",
        Access.PIN,
    ),
    *_BEHIND_CLASS_A0,
)

CPS2TER = (
    *(
        CardFile(
            label,
            ROOT / (0x4001 + index),
            "place and layout not public",
            Confidence.STAND_IN,
            "cps.md §2.3, §8",
            Access.FREE,
        )
        for index, label in enumerate(CPS2TER_FREE)
    ),
    *_BEHIND_CLASS_A0,
)
