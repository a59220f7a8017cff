"""Names of the applications, files, objects and templates that traces of these cards show.

Facts: cps.md §2.1-§2.3, iasecc_opensc.md §1.5-§1.7 and §2.3, cps_records.md, vitale.md §2.2, §2.4.
"""

from cardio.iso7816.path import Path

APPLICATIONS = {
    bytes.fromhex("E828BD080F8025000001FF0010"): "CPX IAS",
    bytes.fromhex("E828BD080F8025000001FF0020"): "CPX IAS CL",
    bytes.fromhex("8025000001FF0100"): "CPS root",
    bytes.fromhex("8025000001FF0002"): "CPS2ter",
    bytes.fromhex("A0000001510000"): "card manager",
    bytes.fromhex("D250000002564954414C45"): "VITALE",
    bytes.fromhex("D2500000024D465F564954414C45"): "MF_VITALE",
    bytes.fromhex("D2500000044164E86C650101"): "Adèle",
    bytes.fromhex("E828BD080FD2500000044164E86C65"): "Adèle PKCS#15",
}
"""By DF name (AID)."""

_FILES = {
    "3F00": "MF",
    "3F00/2F00": "EF.DIR",
    "3F00/2F01": "EF.ATR",
    "3F00/D003": "EF.SN.ICC",
    "3F00/D010": "EF_ACTUA",
    "3F00/0001": "DF CPX IAS",
    "3F00/0002": "DF CPX IAS CL",
    "3F00/0001/5031": "EF.ODF",
    "3F00/0001/5032": "EF.TokenInfo",
    "3F00/0002/5031": "EF.ODF",
    "3F00/0002/5032": "EF.TokenInfo",
    "3F00/0001/D107": "CPS_DATA",
    **{f"3F00/0001/D1{0x1F + n:02X}": f"CPS_ACTIVITY_{n:02}_PS" for n in range(1, 17)},
}
_BY_PATH = {Path.parse(text): name for text, name in _FILES.items()}

_WELL_KNOWN = {
    0x2001: "POINTERS",
    0x2F00: "EF.DIR",
    0x2F01: "EF.ATR",
    0x3F00: "MF",
    0x5031: "EF.ODF",
    0x5032: "EF.TokenInfo",
    0xD003: "EF.SN.ICC",
    0xD010: "EF_ACTUA",
}
"""Identifiers that mean the same wherever these cards have them."""

_CPS2TER = {
    0x3F00: "MF",
    0x4000: "CPS_SIT_FACT",
    **{0x400F + n: f"CPS2TER_ACTIVITY_{n:02}_PS" for n in range(1, 17)},
}

SHORT_IDENTIFIERS = {0x1C: "EF.SN.ICC", 0x1D: "EF.ATR", 0x1E: "EF.DIR"}
"""Of the CPS3 (tag 88 of its FCPs)."""

SDO_CLASSES = {
    0x01: "sdo.pin",
    0x0A: "sdo.symmetric",
    0x10: "sdo.private",
    0x20: "sdo.public",
    0x7B: "sdo.environment",
}
"""Phrase keys, by the class in the header of a security data object."""

SDO_PARTS = {
    0xA0: "part.docp",
    0x7F41: "part.contents",
    0x7F48: "part.contents",
    0x7F49: "part.contents",
    0xA2: "part.contents",
    0x7B: "part.contents",
}
"""Phrase keys, by the tag asked for within the object."""

TEMPLATES = {0xA4: "AT", 0xA6: "KAT", 0xAA: "HT", 0xB4: "CCT", 0xB6: "DST", 0xB8: "CT"}
"""Control reference templates (ISO/IEC 7816-4:2020 §10.3.2)."""


def file_name(path: Path) -> str | None:
    """The name of the file at this path, absolute or not."""
    last = path.fids[-1] if path.fids else None
    return _BY_PATH.get(path) or (None if last is None else _WELL_KNOWN.get(last))


def cps2ter_file_name(fid: int) -> str | None:
    """The name of a file of the older CPS."""
    return _CPS2TER.get(fid)
