"""The failures of real workstations that faults stand for.

facts: certificates_identifiers_services.md §6, by number; those no fault of a card, reader or
service can stand for are left out.
"""

from collections.abc import Mapping

FIELD_CASES: Mapping[int, str] = {
    2: "billing and DMP use a homologated reader at once, and access breaks down",
    3: "unstable reader: the connection and the PIN are lost, from USB power or sleep",
    4: "reader unplugged or inserted again, and its state is wrong or stale",
    5: "temporary silence of a reader: the card is not detected",
    8: "certificates do not fit the card that is in",
    10: "a card mistaken for another; what the one before said is given again",
    11: "corrupt cached data; cached situations outdated by an update of the card (EF_ACTUA)",
    12: "card upside down, wrongly reported",
    13: "CPS4 not recognised after a change of card, status 6985",
    14: "PIN blocked or PUK used up: three wrong PINs block the CPS",
    16: "no smart-card service: remote session without redirection, service not running",
    17: "sharing violation: redirected readers, or another program that keeps the card",
    19: "the system itself owns the card (macOS CryptoTokenKit), and APDUs fail",
    20: "another PKCS#11 module took the card first",
}
