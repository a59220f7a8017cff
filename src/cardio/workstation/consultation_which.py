"""Which cards a consultation is for, among those on the desk."""

from collections.abc import Sequence
from dataclasses import dataclass

from cardio.cards.cps.serial import ChipSerial
from cardio.errors import NoReader, RecordError, SelectionError
from cardio.transport.readers import choose_reader
from cardio.workstation.consultation_desk import CpsSlot, PatientSlot
from cardio.workstation.scan import Looked
from cardio.workstation.selection import READABLE_CPS, READABLE_VITALE, SelectionReason, select

CHOICE_ERRORS = (SelectionError, NoReader)
"""What `Which` raises, and a person can set right at the desk."""


@dataclass(frozen=True, slots=True)
class Which:
    """Parts of readers' names, and a chip's number as `cardio cps show` prints it.

    Without them there must be one card of each kind, in whichever reader. A CPS2ter cannot be
    chosen by its serial, which it does not show before it is read.
    """

    cps_reader: str | None = None
    cps_serial: str | None = None
    vitale_reader: str | None = None

    def cps(self, slots: Sequence[Looked]) -> CpsSlot:
        """The CPS. Raises `SelectionError`, `NoReader`, `ConfigurationError`."""
        slots = _in_reader(slots, self.cps_reader)
        if self.cps_serial is not None:
            fits = [slot for slot in slots if _serial(slot) == self.cps_serial]
            slots = fits or [slot for slot in slots if not isinstance(slot, CpsSlot)]
        found = select(slots, READABLE_CPS, "CPS")
        if isinstance(found, CpsSlot):
            return found
        raise SelectionError("the CPS was not read", reason=SelectionReason.NOT_READABLE.value)

    def patient(self, slots: Sequence[Looked]) -> PatientSlot:
        """The Vitale. Raises as `cps`."""
        found = select(_in_reader(slots, self.vitale_reader), READABLE_VITALE, "Vitale")
        if isinstance(found, PatientSlot):
            return found
        raise SelectionError("the Vitale was not read", reason=SelectionReason.NOT_READABLE.value)

    def patients(self, slots: Sequence[Looked]) -> list[PatientSlot]:
        """Every Vitale that may be the patient's."""
        return [slot for slot in self.may_be_patients(slots) if isinstance(slot, PatientSlot)]

    def may_be_patients(self, slots: Sequence[Looked]) -> Sequence[Looked]:
        """The readers in which the patient's Vitale may be."""
        return _if_any(slots, self.vitale_reader)

    def may_be_cps(self, slots: Sequence[Looked]) -> Sequence[Looked]:
        """The readers in which the CPS may be."""
        return _if_any(slots, self.cps_reader)


def _if_any(slots: Sequence[Looked], fragment: str | None) -> Sequence[Looked]:
    try:
        return _in_reader(slots, fragment)
    except CHOICE_ERRORS:
        return ()


def _in_reader(slots: Sequence[Looked], fragment: str | None) -> Sequence[Looked]:
    if fragment is None:
        return slots
    wanted = choose_reader(fragment, [slot.status for slot in slots])
    return [slot for slot in slots if slot.status.name == wanted.name]


def _serial(slot: Looked) -> str | None:
    raw = slot.match.serial if slot.match else None
    try:
        return ChipSerial.decode(raw).number if raw else None
    except RecordError:
        return None
