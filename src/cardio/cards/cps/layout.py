"""The files of a CPS3, contact side, as data.

Only the first five have published places. The rest is found through the directories that
EF.ODF names; their identifiers are not public (facts: cps.md §2.2, iasecc_opensc.md §2.1).
"""

from cardio.cards.layout import Access, CardFile, Confidence
from cardio.iasecc.pkcs15 import Home
from cardio.iso7816.path import ROOT

CPX_IAS = Home(aid=bytes.fromhex("E828BD080F8025000001FF0010"), path=ROOT / 0x0001)
"""The application of the contact side, label `CPX IAS` (facts: cps.md §2.1)."""

CPX_IAS_CONTACTLESS = Home(aid=bytes.fromhex("E828BD080F8025000001FF0020"), path=ROOT / 0x0002)
"""The application of the contactless side, label `CPX IAS CL` (facts: cps.md §2.1,
vendor_library.md §2)."""

SERIAL_FILE = ROOT / 0xD003
SERIAL_SIZE = 12
"""EF.SN.ICC and its bytes (facts: cps.md §2.2)."""

UPDATE_FILE = ROOT / 0xD010
"""EF_ACTUA, absent until the card is first updated (facts: cps.md §2.2)."""

PIN_REFERENCE, PUK_REFERENCE = 1, 2
"""Security data objects of the code porteur and of the code de déblocage, in the MF
(facts: cps.md §2.2)."""

TECHNICAL_CERTIFICATE = "Certificat Technique CPS"
"""Label of the contactless certificate, which is not the holder's (facts: cps.md §2.4)."""

CPS_DATA, CPS_ID_CARD, CPS_NAME_PS, CPS_LANG_PS, CPS_INFO_PS = FREE_DATA_OBJECTS = (
    "CPS_DATA",
    "CPS_ID_CARD",
    "CPS_NAME_PS",
    "CPS_LANG_PS",
    "CPS_INFO_PS",
)
"""Labels of the data objects free to read (facts: cps.md §2.4)."""

FILES = (
    CardFile(
        "EF.SN.ICC",
        SERIAL_FILE,
        "chip serial number",
        Confidence.PUBLISHED,
        "cps.md §2.2",
        Access.FREE,
    ),
    CardFile("DF CPX IAS", CPX_IAS.path, "the application", Confidence.PUBLISHED, "cps.md §2.2"),
    CardFile(
        "EF.ODF",
        CPX_IAS.path / 0x5031,
        "list of directories",
        Confidence.PUBLISHED,
        "cps.md §2.2",
        Access.FREE,
    ),
    CardFile(
        "EF.TokenInfo",
        CPX_IAS.path / 0x5032,
        "label with the printed card number",
        Confidence.PUBLISHED,
        "cps.md §2.2, §2.4",
        Access.FREE,
    ),
    CardFile(
        "CPS_DATA",
        CPX_IAS.path / 0xD107,
        "free for applications; found by its label all the same",
        Confidence.INFERRED,
        "cps.md §2.2",
        Access.FREE,
        Access.PIN,
    ),
    *(
        CardFile(
            f"EF.{kind}", None, f"directory of {what}", Confidence.OBSERVED, source, Access.FREE
        )
        for kind, what, source in (
            ("PrKDF", "private keys", "iasecc_opensc.md §2.1"),
            ("CDF", "certificates", "iasecc_opensc.md §2.1"),
            ("DODF", "data objects", "cps.md §2.4"),
            ("AODF", "PIN and PUK", "iasecc_opensc.md §2.1"),
        )
    ),
    CardFile(
        "certificates",
        None,
        "X.509, one per key",
        Confidence.PUBLISHED,
        "cps.md §2.4",
        Access.FREE,
    ),
    CardFile(
        "CPS_ID_CARD",
        None,
        "number, category and dates",
        Confidence.OBSERVED,
        "cps_records.md §1",
        Access.FREE,
    ),
    CardFile(
        "CPS_NAME_PS",
        None,
        "civility and given name",
        Confidence.OBSERVED,
        "cps_records.md §1",
        Access.FREE,
    ),
    CardFile(
        "CPS_INFO_PS",
        None,
        "card type, PS_IdNat, profession, name, speciality",
        Confidence.OBSERVED,
        "cps_records.md §1",
        Access.FREE,
    ),
    CardFile(
        "CPS_LANG_PS",
        None,
        "languages; layout not public",
        Confidence.PUBLISHED,
        "cps.md §2.5",
        Access.FREE,
    ),
)
"""What `cardio card layout` shows; the confidence is that of place and content together."""
