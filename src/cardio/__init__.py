"""Hardware abstraction for French health cards: the CPS family and the carte Vitale.

    with cardio.Workstation.open() as workstation:
        print(workstation.cps().holder.ps_idnat)

Importing cardio touches no reader; PC/SC is loaded when a workstation is opened.
"""

from cardio._version import __version__
from cardio.cards.cps.card import CpsCard
from cardio.cards.cps.differences import Difference
from cardio.cards.cps.holder import CardDescription, Holder
from cardio.cards.identify import CardKind, Interface, Match, identify
from cardio.cards.layout import Confidence
from cardio.cards.vitale.beneficiary import Beneficiary
from cardio.cards.vitale.card import VitaleCard
from cardio.errors import (
    CardChanged,
    CardioError,
    CardRemoved,
    ConfigurationError,
    SelectionError,
    SharingViolation,
)
from cardio.identity.nir import Nir
from cardio.identity.ps_idnat import PsIdNat
from cardio.identity.rpps import Rpps
from cardio.trace.recorder import Recorder, recording
from cardio.transport.monitor import Monitor
from cardio.workstation import SelectionReason, Slot, Workstation

__all__ = [
    "Beneficiary",
    "CardChanged",
    "CardDescription",
    "CardKind",
    "CardRemoved",
    "CardioError",
    "Confidence",
    "ConfigurationError",
    "CpsCard",
    "Difference",
    "Holder",
    "Interface",
    "Match",
    "Monitor",
    "Nir",
    "PsIdNat",
    "Recorder",
    "Rpps",
    "SelectionError",
    "SelectionReason",
    "SharingViolation",
    "Slot",
    "VitaleCard",
    "Workstation",
    "__version__",
    "identify",
    "recording",
]
