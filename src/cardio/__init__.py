"""Hardware abstraction for French health cards: the CPS family and the carte Vitale.

    with cardio.Workstation.open() as workstation:
        print(workstation.cps().holder.ps_idnat)

Importing cardio touches no reader and loads nothing: each name comes with its first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cardio._version import __version__

if TYPE_CHECKING:
    from cardio import authentication
    from cardio.cards.cps.card import CpsCard
    from cardio.cards.cps.holder import CardDescription, Holder
    from cardio.cards.cps.situation import PracticeSituation, choose_situation
    from cardio.cards.identify import CardKind, Interface, Match
    from cardio.cards.layout import Confidence
    from cardio.cards.vitale.beneficiary import Beneficiary
    from cardio.cards.vitale.card import VitaleCard
    from cardio.cards.vitale.draft.model import PatientDraft
    from cardio.errors import (
        CardChanged,
        CardioError,
        CardRemoved,
        ConfigurationError,
        PinStateLost,
        SelectionError,
        SharingViolation,
    )
    from cardio.identity.nir import Nir
    from cardio.identity.ps_idnat import PsIdNat
    from cardio.identity.rpps import Rpps
    from cardio.pin.entry import PinEntryMode
    from cardio.pin.guard import Allow
    from cardio.pin.outcomes import (
        Blocked,
        Changed,
        RefusalReason,
        Refused,
        Verified,
        WrongPin,
    )
    from cardio.pin.pin import Pin
    from cardio.trace.recorder import Recorder, recording
    from cardio.transport.monitor import Monitor
    from cardio.workstation.consultation import Consultation
    from cardio.workstation.open_cps import open_cps
    from cardio.workstation.selection import SelectionReason
    from cardio.workstation.workstation import Workstation

_HOMES = {
    "cardio.cards.cps.card": ("CpsCard",),
    "cardio.cards.cps.holder": ("CardDescription", "Holder"),
    "cardio.cards.cps.situation": ("PracticeSituation", "choose_situation"),
    "cardio.cards.identify": ("CardKind", "Interface", "Match"),
    "cardio.cards.layout": ("Confidence",),
    "cardio.cards.vitale.beneficiary": ("Beneficiary",),
    "cardio.cards.vitale.card": ("VitaleCard",),
    "cardio.cards.vitale.draft.model": ("PatientDraft",),
    "cardio.errors": (
        "CardChanged",
        "CardRemoved",
        "CardioError",
        "ConfigurationError",
        "PinStateLost",
        "SelectionError",
        "SharingViolation",
    ),
    "cardio.identity.nir": ("Nir",),
    "cardio.identity.ps_idnat": ("PsIdNat",),
    "cardio.identity.rpps": ("Rpps",),
    "cardio.pin.entry": ("PinEntryMode",),
    "cardio.pin.guard": ("Allow",),
    "cardio.pin.outcomes": (
        "Blocked",
        "Changed",
        "RefusalReason",
        "Refused",
        "Verified",
        "WrongPin",
    ),
    "cardio.pin.pin": ("Pin",),
    "cardio.trace.recorder": ("Recorder", "recording"),
    "cardio.transport.monitor": ("Monitor",),
    "cardio.workstation.consultation": ("Consultation",),
    "cardio.workstation.open_cps": ("open_cps",),
    "cardio.workstation.selection": ("SelectionReason",),
    "cardio.workstation.workstation": ("Workstation",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Allow",
    "Beneficiary",
    "Blocked",
    "CardChanged",
    "CardDescription",
    "CardKind",
    "CardRemoved",
    "CardioError",
    "Changed",
    "Confidence",
    "ConfigurationError",
    "Consultation",
    "CpsCard",
    "Holder",
    "Interface",
    "Match",
    "Monitor",
    "Nir",
    "PatientDraft",
    "Pin",
    "PinEntryMode",
    "PinStateLost",
    "PracticeSituation",
    "PsIdNat",
    "Recorder",
    "RefusalReason",
    "Refused",
    "Rpps",
    "SelectionError",
    "SelectionReason",
    "SharingViolation",
    "Verified",
    "VitaleCard",
    "Workstation",
    "WrongPin",
    "__version__",
    "authentication",
    "choose_situation",
    "open_cps",
    "recording",
]


def __getattr__(name: str) -> Any:
    """Load the home of a public name at its first use (PEP 562)."""
    if name == "authentication":
        return import_module("cardio.authentication")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'cardio' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
