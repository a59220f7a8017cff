"""What the card answered: CARD-13xx."""

from cardio.errors.base import CardioError, Where


class CardError(CardioError):
    code = "CARD-1300"


class UnexpectedStatus(CardError):
    """The card answered another status word; `status` is SW1-SW2 as one 16-bit number."""

    code = "CARD-1301"

    def __init__(self, message: str, *, status: int, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.status = status


class FileNotFound(UnexpectedStatus):
    code, hint = "CARD-1302", "The card lacks this file: it is of another kind or half made."


class SecurityStatusNotSatisfied(UnexpectedStatus):
    code, hint = "CARD-1303", "The card wants its PIN, or the professional's card, first."


class AuthenticationBlocked(UnexpectedStatus):
    code, hint = "CARD-1304", "The PIN is blocked: unblock it with the PUK."


class TruncatedAnswer(CardError):
    code, hint = "CARD-1305", "The card gave less than it announced; read it again."
    retryable = True


class UnsupportedCard(CardError):
    code, hint = "CARD-1306", "cardio does not read this kind of card."
