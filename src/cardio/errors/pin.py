"""The PIN: CARD-15xx."""

from cardio.errors.base import CardioError, Where
from cardio.errors.card import CardError


class PinStateLost(CardioError):
    """The PIN had been verified, and the card no longer knows: another program reset it."""

    code, hint = "CARD-1501", "Another program reset the card: give the PIN again."


class PinNotVerified(CardError):
    """A PIN asked for on demand did not open the card; `outcome` is a value of `cardio.pin`."""

    code, hint = "CARD-1502", "See how many tries are left (`cardio pin status`), then try again."

    def __init__(self, message: str, *, outcome: object, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.outcome = outcome
