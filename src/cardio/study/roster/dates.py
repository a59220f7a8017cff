"""Days as people and spreadsheets write them."""

import re
from datetime import date, timedelta

_DAY_FIRST = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{2}|\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_SERIAL = re.compile(r"\d{5}")
_SERIAL_EPOCH = date(1899, 12, 30)
"""Day 0 of a spreadsheet that counts 1900-02-29 too; right for days since 1900-03-01."""

_CENTURY = 2000


def day(text: str) -> date | None:
    """`01/02/2025` (day first), `2025-02-01`, or a spreadsheet's number; None for anything else."""
    try:
        if found := _DAY_FIRST.fullmatch(text):
            year = int(found[3])
            return date(year if year >= 100 else _CENTURY + year, int(found[2]), int(found[1]))
        if found := _YEAR_FIRST.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return _SERIAL_EPOCH + timedelta(days=int(text)) if _SERIAL.fullmatch(text) else None
