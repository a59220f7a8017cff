"""What may be wrong along a chain, as stable words."""

from enum import StrEnum


class Flaw(StrEnum):
    """What is wrong with a certificate of the chain; any one is enough for no trust."""

    ISSUER_MISSING = "issuer-missing"
    WRONG_SIGNATURE = "wrong-signature"
    UNKNOWN_ANCHOR = "unknown-anchor"
    FALSE_ANCHOR = "false-anchor"
    TEST_ANCHOR = "test-anchor"
    MIXED = "mixed"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    WRONG_ROLE = "wrong-role"
    WRONG_EXTENDED_USAGE = "wrong-extended-usage"
    NOT_AN_AUTHORITY = "not-an-authority"
    WEAK = "weak"
    UNSUPPORTED_EXTENSION = "unsupported-extension"
    DAMAGED_EXTENSIONS = "damaged-extensions"
