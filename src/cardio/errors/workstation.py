"""Choosing a card, a consultation and its drafts: CARD-14xx."""

from cardio.errors.base import CardioError, Where
from cardio.errors.transport import CardRemoved


class SelectionError(CardioError):
    """No single card fits. `reason` is one of the stable words of `cardio.workstation`."""

    code, hint = "CARD-1400", "Insert exactly one card of the kind asked for, or name its reader."

    def __init__(self, message: str, *, reason: str, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.reason = reason


class SituationNotChosen(SelectionError):
    """No single situation of practice fits. `reason` is one of `cardio.cards.cps.situation`."""

    code, hint = "CARD-1401", "Choose one of the situations of practice that the card has."


class ConsultationEnded(CardRemoved):
    """The consultation is over, and its CPS with it; `why` is a word of `cardio.workstation`."""

    code, hint = "CARD-1402", "The CPS was taken out: insert it and begin a new consultation."

    def __init__(self, message: str, *, why: str, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.why = why


class StaleRead(CardioError):
    """The patient's card was read too long ago for the service; seconds in `age`, `limit`."""

    code, hint = "CARD-1403", "Insert the patient's Vitale again and read it anew."

    def __init__(self, message: str, *, age: float, limit: float) -> None:
        super().__init__(message)
        self.age, self.limit = age, limit


class MixedTestAndReal(SelectionError):
    code, hint = "CARD-1404", "Use two test cards or two real ones, never one of each."


class PatientNotConfirmed(SelectionError):
    """The Vitale was there before; `reason` says since when."""

    code, hint = "CARD-1405", "Ask whose Vitale this is: it was in the reader before. Then confirm."


class VitaleTooOld(SelectionError):
    code, hint = "CARD-1408", "This Vitale is too old to be read here: have its holder renew it."


class DraftError(CardioError):
    code, hint = "CARD-1406", "The draft is damaged: take the copy before it, or begin it anew."


class DraftTooNew(DraftError):
    code, hint = "CARD-1407", "A newer cardio wrote this draft: open it with that one, or update."
