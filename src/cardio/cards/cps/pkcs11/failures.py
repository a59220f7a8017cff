"""PKCS#11 return values (PKCS#11 v2.40 §5.1) as cardio errors: one table."""

import re

from cardio.errors import (
    CardioError,
    CardRemoved,
    Pkcs11Failure,
    SecurityStatusNotSatisfied,
)
from cardio.iso7816.status import SECURITY_STATUS_NOT_SATISFIED

_GONE = frozenset(
    {
        "CKR_DEVICE_REMOVED",
        "CKR_SESSION_CLOSED",
        "CKR_SESSION_HANDLE_INVALID",
        "CKR_SLOT_ID_INVALID",
        "CKR_TOKEN_NOT_PRESENT",
    }
)
"""The session is dead. The Cryptolib gives SESSION_HANDLE_INVALID after another program's reset
(facts: vendor_library.md §2), so these alone do not tell a reset from a removal."""

_CLOSED = frozenset({"CKR_USER_NOT_LOGGED_IN", "SC_ERROR_SECURITY_STATUS_NOT_SATISFIED"})

_UNMAPPED = re.compile(r"0x[0-9a-f]+", re.IGNORECASE)
_OTHER_NAMES = {
    0x68: "CKR_KEY_FUNCTION_NOT_PERMITTED",
    0x80000001: "CKR_ASIP_BAD_EF_ACTUA",
    0xFFFFFB45: "SC_ERROR_SECURITY_STATUS_NOT_SATISFIED",
}
"""32-bit values that python-pkcs11 has no name for. The last two are the Cryptolib's own (facts:
cps.md §2.2): -1211 is how OpenSC, on which it is built, calls 6982 inside (OBSERVED)."""
_32_BITS = 0xFFFFFFFF

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def failure(exception: str, text: str) -> CardioError:
    """The error for an exception of python-pkcs11, by its class name and text."""
    name = _name(exception, text)
    if name in _GONE:
        return CardRemoved(f"the card or its session is gone ({name})")
    if name in _CLOSED:
        status = int(SECURITY_STATUS_NOT_SATISFIED)
        return SecurityStatusNotSatisfied(f"the PIN is needed first ({name})", status=status)
    return Pkcs11Failure(f"the PKCS#11 module answered {name}", reason=name)


def _name(exception: str, text: str) -> str:
    """`PinIncorrect` is CKR_PIN_INCORRECT; values without a class are in the text."""
    if exception != "PKCS11Error":
        return "CKR_" + _WORD_START.sub("_", exception).upper()
    if found := _UNMAPPED.search(text):
        return _OTHER_NAMES.get(int(found[0], 16) & _32_BITS, found[0])
    return text
