"""What happens in a consultation, as data; what happens to readers is told as the monitor does."""

from dataclasses import dataclass
from enum import StrEnum

from cardio.cards.identify import CardKind
from cardio.errors import CardioError
from cardio.transport import monitor
from cardio.workstation.consultation_nature import Nature


class EndReason(StrEnum):
    """Why a consultation is over: the stable values of `ConsultationEnded.why`."""

    CPS_LEFT = "cps-left"
    CPS_CHANGED = "cps-changed"
    READERS_LOST = "readers-lost"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CardFound:
    """A card that was put in has been identified."""

    reader: str
    kind: CardKind


@dataclass(frozen=True, slots=True)
class CardUnreadable:
    """A card that was put in cannot be read; it may be a patient's."""

    reader: str
    error: CardioError


@dataclass(frozen=True, slots=True)
class VitaleWasThere:
    """The patient's Vitale was in the reader before the consultation began.

    `left_in`: it has not moved since the last one, whose patient it is of.
    """

    reader: str
    left_in: bool


@dataclass(frozen=True, slots=True)
class NatureDoubtful:
    """One card is a test card, and the other does not tell whether it is one."""

    cps: Nature
    vitale: Nature


@dataclass(frozen=True, slots=True)
class VitaleLeft:
    """The patient's Vitale was taken out; what was read of it stays."""

    reader: str


@dataclass(frozen=True, slots=True)
class VitaleBack:
    """The patient's Vitale is there again, and was read anew."""

    reader: str


@dataclass(frozen=True, slots=True)
class PatientChanged:
    """Another Vitale is there: the consultation gives no patient until `change_patient`."""

    reader: str


@dataclass(frozen=True, slots=True)
class CpsLeft:
    """The CPS was taken out, or its reader or the service is gone: the consultation is over."""

    reader: str


ConsultationEvent = (
    monitor.Event
    | CardFound
    | CardUnreadable
    | VitaleWasThere
    | NatureDoubtful
    | VitaleLeft
    | VitaleBack
    | PatientChanged
    | CpsLeft
)
