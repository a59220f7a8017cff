"""Which APDUs of a line are run, and a whole line as the page shows it."""

import os
from zlib import crc32

from tests.faults.matrix import Row, run, sound
from tests.faults.matrix_faults import FAULTS
from tests.faults.matrix_page import LETTERS

STEP = 20
"""One APDU in so many is run by default: 50 s of CPU, where all of them take ten minutes."""


def apdus(row: Row, fault: str, count: int) -> range:
    """The ones to run; another start for each line, so that all APDUs have their turn."""
    if not FAULTS[fault].per_apdu:
        return range(1)
    if "CARDIO_NIGHTLY" in os.environ:
        return range(count)
    return range(crc32(f"{row}: {fault}".encode()) % STEP, count, STEP)


def strip(row: Row, fault: str) -> str:
    """One letter for each APDU."""
    count = sound(row).apdus if FAULTS[fault].per_apdu else 1
    return "".join(LETTERS[run(row, fault, at).word] for at in range(count))
