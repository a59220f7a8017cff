"""Several readers as one workstation: find the right card, whichever reader it is in."""

from cardio.workstation.scan import Slot
from cardio.workstation.selection import SelectionReason
from cardio.workstation.workstation import Workstation

__all__ = ["SelectionReason", "Slot", "Workstation"]
