"""Which card a token is, by what its module shows of it."""

import re

from stdnum import luhn

from cardio.cards.cps.pkcs11.cryptoki import PinFlag, TokenState
from cardio.cards.cps.serial import ISSUER
from cardio.cards.identify import CardKind, Interface, Match, Reason
from cardio.cards.layout import Confidence

_BY_LABEL = {"CPS3v": (CardKind.CPS3, "3"), "CPS4v": (CardKind.CPS4, "4")}
_BY_MODEL = {"IAS ECC": (CardKind.CPS3, "3"), "ChipDoc": (CardKind.CPS4, "4")}
"""facts: cps.md §2.4. OpenSC puts the PIN's name after the label."""

_NUMBER = re.compile(rf"([0-9]{{8}})|{ISSUER[-6:]}([0-9]{{8}})[0-9][fF]")
_HEADER = bytes.fromhex("5A0A")


def match_of(state: TokenState) -> Match | None:
    """What kind of CPS it is; None for any other token.

    A CPS3 whose token has no PIN is its contactless side: INFERRED from what the Cryptolib
    answers there (facts: vendor_library.md §2).
    """
    by_label = (found for prefix, found in _BY_LABEL.items() if state.label.startswith(prefix))
    kind, generation = next(by_label, None) or _BY_MODEL.get(state.model, (None, ""))
    if kind is None:
        return None
    interface = Interface.CONTACT
    if kind is CardKind.CPS3 and PinFlag.USER_PIN_INITIALIZED not in state.flags:
        kind, interface = CardKind.CPS3_CONTACTLESS, Interface.CONTACTLESS
    key = card_key(state.serial)
    return Match(kind, generation, interface, Confidence.OBSERVED, Reason.PKCS11, key)


def chip_number(serial: str) -> str | None:
    """The 8 digits of the chip's number; None for the serial of a token that is no card.

    The Cryptolib shows just these (facts: vendor_library.md §2); OpenSC the last 8 bytes of the
    number with issuer, check digit and filling (facts: iasecc_opensc.md §1.6).
    """
    found = _NUMBER.fullmatch(serial)
    return found[1] or found[2] if found else None


def card_key(serial: str) -> bytes:
    """EF.SN.ICC as the card has it, made again from the token's serial; else the serial itself.

    So a PIN that was wrong on one road is known to be wrong on the other.
    """
    number = chip_number(serial)
    if number is None:
        return serial.encode()
    digits = ISSUER + number
    return _HEADER + bytes.fromhex(f"{digits}{luhn.calc_check_digit(digits)}F")
