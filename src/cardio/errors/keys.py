"""The card's keys and the PKCS#11 road: CARD-17xx."""

from cardio.errors.base import CardioError, Where
from cardio.errors.card import CardError
from cardio.errors.configuration import ConfigurationError
from cardio.errors.workstation import SelectionError


class CardKeyError(CardioError):
    code = "CARD-1700"


class KeyMissing(CardKeyError):
    code, hint = "CARD-1701", "Use the key or the card that the message names."


class KeyMisuse(CardKeyError, ValueError):
    """The key cannot do what was asked; also a ValueError, as of any `cryptography` key."""

    code, hint = "CARD-1702", "Use the key, padding or hash that the message names."


class KeyNotExportable(KeyMisuse):
    code, hint = "CARD-1703", "A card's private key never leaves it: hand the key object itself on."


class CertificateMissing(CardKeyError):
    code, hint = "CARD-1704", "Have the card checked: it shows no certificate for this key."


class KeyMismatch(CardKeyError):
    code = "CARD-1705"
    hint = "Give the certificate of this key; if it is the card's own, have the card replaced."


class CertificateExpired(CardKeyError):
    code, hint = "CARD-1706", "Check the computer's clock; if it is right, have the card renewed."


class DecryptionFailed(CardKeyError, ValueError):
    """Also a ValueError, as of any `cryptography` key; it tells no reason on purpose."""

    code, hint = "CARD-1707", "The message was encrypted for another key, or is damaged."


class WrongSignature(CardKeyError):
    """What the card gave does not fit its certificate: it was spoilt, and is handed to nobody."""

    code = "CARD-1708"
    hint = "Sign again; if it stays wrong, try another reader, then have the card replaced."
    retryable = True


class Pkcs11Missing(ConfigurationError):
    code, hint = "CARD-1720", "Install PKCS#11 support: pip install 'cardio-sante[pkcs11]'."


class Pkcs11ModuleMissing(ConfigurationError):
    code, hint = "CARD-1721", "Install the Cryptolib CPS, or name another PKCS#11 module."


class Pkcs11Failure(CardError):
    """The module answered something else; `reason` is its name for it (`CKR_…`)."""

    code, hint = "CARD-1722", "Take the card out and insert it again; else go without the module."

    def __init__(self, message: str, *, reason: str, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.reason = reason


class NoRoad(SelectionError):
    """A CPS was reached neither directly nor through PKCS#11; both errors tell why."""

    code, hint = "CARD-1723", "Mend one of the two: PC/SC and the card, or the PKCS#11 module."

    def __init__(self, *, direct: CardioError, pkcs11: CardioError) -> None:
        message = f"no CPS: directly, {direct}; through PKCS#11, {pkcs11}"
        super().__init__(message, reason="no-road")
        self.direct, self.pkcs11 = direct, pkcs11
