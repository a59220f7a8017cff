"""The PINs of a recorded card: simulated, never replayed, since a trace holds none.

How many tries there were and how long a PIN is comes from the recording; its value from whoever
plays it, or it is the test PIN of every invented card.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cardio.errors import MalformedData
from cardio.iso7816 import tlv
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.tlv import Tlv
from cardio_emulator.card_os.pin_state import PinState
from cardio_emulator.image import NO_ACCESS, PinImage
from cardio_emulator.recorded.context import REFERENCE_BITS, decoded
from cardio_emulator.recorded.steps import GET_DATA, Step

VERIFY, CHANGE, RESET_RETRY_COUNTER = 0x20, 0x24, 0x2C
PIN_COMMANDS = frozenset({VERIFY, CHANGE, RESET_RETRY_COUNTER})

PIN, PUK = 1, 2
"""References on every CPS (facts: cps.md §3)."""
TEST_CODES: Mapping[int, bytes] = {PIN: b"1234", PUK: b"12345678"}
"""Those of the personas that come with cardio."""
USUAL_TRIES = 3
"""Of a PIN whose counter the recording does not show (facts: cps.md §3)."""

_DIGITS = b"123456789012345"
_CPS2TER = 0xA0
_PADDING = b"\xff"
_CPS2TER_SIZE = 8

_SDO_TEMPLATE, _PARAMETERS = 0x70, 0xA0
_PIN_OBJECT, _PIN_OBJECTS = 0xBF8100, 0xFFFF00
_TRIES_MAX, _TRIES_LEFT, _USES_LEFT = 0x9A, 0x9B, 0x9D
"""Tags of a PIN's data object (facts: iasecc_opensc.md §1.7)."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a card words what became of a PIN; `wrong` and `waiting` may be a counter's base."""

    blocked: int
    wrong: int
    waiting: int
    counts: bool


ISO = Words(blocked=0x6983, wrong=0x63C0, waiting=0x63C0, counts=True)
CPS2TER = Words(blocked=0x9840, wrong=0x9804, waiting=0x9802, counts=False)
"""Facts: cps.md §2.3; without data, `waiting` is the emulated card's stand-in."""

_DONE, _BAD_LENGTH, _BAD_P1 = 0x9000, 0x6700, 0x6A86
_NOT_ALLOWED, _NO_SUCH_PIN = 0x6982, 0x6A88


class SimulatedPins:
    """The PINs a recording shows, by reference. `codes` gives their values where they are known."""

    def __init__(self, steps: Iterable[Step], codes: Mapping[int, bytes]) -> None:
        shown = _shown(steps)
        self.states = {
            reference: _state(reference, shown.get(reference, _Shown()), codes.get(reference))
            for reference in sorted({*shown, *codes})
        }
        self.verified: set[int] = set()
        self._puk = self.states.get(PUK) or _state(PUK, _Shown(), None)

    def reset(self) -> None:
        """The card is powered on: nothing is verified, counters stay."""
        self.verified.clear()

    def answer(self, raw: bytes) -> bytes | None:
        """The answer to a PIN command; None to all else, and to one on a PIN that is not there."""
        command = decoded(raw)
        if command is None or command.ins not in PIN_COMMANDS:
            return None
        reference = command.p2 & REFERENCE_BITS
        pin = self.states.get(reference)
        if pin is None:
            return None
        words = CPS2TER if command.cla == _CPS2TER else ISO
        work = {VERIFY: self._verify, CHANGE: self._change, RESET_RETRY_COUNTER: self._restore}
        return work[command.ins](command, pin, words).to_bytes(2, "big")

    def answers(self, step: Step) -> list[bytes]:
        """What was recorded, with the counters as they are now."""
        recorded = [answer for _, answer in step.parts]
        if step.command.before[1:2] not in {bytes((one,)) for one in GET_DATA}:
            return recorded
        data = self._with_counters(step.data)
        at, told = 0, list[bytes]()
        for answer in recorded:
            size = max(0, len(answer) - 2)
            told.append(data[at : at + size] + answer[size:])
            at += size
        return told

    def _with_counters(self, data: bytes) -> bytes:
        """The data object of a PIN with its counters; anything else as it is."""
        found = _pin_object(data)
        pin = self.states.get(found[0]) if found else None
        if found is None or pin is None:
            return data
        values = {_TRIES_LEFT: pin.tries_left, _USES_LEFT: pin.usage_left}
        for part in found[1].children:
            value = values.get(part.tag)
            if value is not None:
                old = part.encode()
                new = replace(part, value=value.to_bytes(len(part.value), "big")).encode()
                data = data.replace(old, new, 1)
        return data

    def _verify(self, command: CommandApdu, pin: PinState, words: Words) -> int:
        if command.p1:
            return _BAD_P1
        if not command.data:
            if pin.image.reference in self.verified:
                return _DONE
            return _state_word(pin, words)
        values = _values(command, words, (pin.image.length,))
        return self._present(pin, values[0], words) if values else _BAD_LENGTH

    def _change(self, command: CommandApdu, pin: PinState, words: Words) -> int:
        """Old and new; with P1=01 the new alone, once any PIN is verified (facts: cps.md §3)."""
        if command.p1 == 0:
            values = _values(command, words, (pin.image.length,) * 2)
            done = self._present(pin, values[0], words) if values else _BAD_LENGTH
        elif command.p1 == 1:
            values = _values(command, words, (pin.image.length,))
            done = _BAD_LENGTH if not values else _DONE if self.verified else _NOT_ALLOWED
        else:
            return _BAD_P1
        if done == _DONE:
            pin.restore(values[-1])
        return done

    def _restore(self, command: CommandApdu, pin: PinState, words: Words) -> int:
        """PUK and new PIN; with P1=02 or 03 after VERIFY of the PUK, a new PIN or the old one."""
        new = pin.value
        if command.p1 == 0:
            values = _values(command, words, (self._puk.image.length, pin.image.length))
            done = self._present(self._puk, values[0], words) if values else _BAD_LENGTH
            self.verified.discard(PUK)
            new = values[-1] if values else new
        elif command.p1 in (2, 3):
            new = command.data or new
            done = _DONE if self.verified - {pin.image.reference} else _NOT_ALLOWED
        else:
            return _BAD_P1
        if done == _DONE:
            pin.restore(new)
            self.verified.discard(pin.image.reference)
        return done

    def _present(self, pin: PinState, value: bytes, words: Words) -> int:
        if pin.is_blocked:
            return words.blocked
        if pin.present(value):
            self.verified.add(pin.image.reference)
            return _DONE
        self.verified.discard(pin.image.reference)
        if not words.counts:
            return words.blocked if pin.is_blocked else words.wrong
        return words.wrong | pin.tries_left


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a recording shows of one PIN, as it was at first."""

    tries_left: int | None = None
    tries_max: int | None = None
    uses_left: int | None = None
    length: int | None = None

    def filled(self, later: "_Shown") -> "_Shown":
        """With what a later command shows besides."""
        names = ("tries_left", "tries_max", "uses_left", "length")
        known = {name: getattr(self, name) for name in names}
        return replace(later, **{name: value for name, value in known.items() if value is not None})


def _shown(steps: Iterable[Step]) -> dict[int, _Shown]:
    shown: dict[int, _Shown] = {}
    for step in steps:
        found = _shown_by(step)
        if found is not None:
            reference, told = found
            shown[reference] = shown.get(reference, _Shown()).filled(told)
    return shown


def _shown_by(step: Step) -> tuple[int, _Shown] | None:
    command = decoded(step.raw)
    if command is None:
        return None
    if command.ins in GET_DATA:
        return _shown_by_object(step.data)
    if command.ins not in PIN_COMMANDS:
        return None
    return _shown_by_command(command, step)


def _shown_by_object(data: bytes) -> tuple[int, _Shown] | None:
    found = _pin_object(data)
    if found is None:
        return None
    reference, parameters = found
    numbers = {part.tag: int.from_bytes(part.value, "big") for part in parameters.children}
    return reference, _Shown(
        numbers.get(_TRIES_LEFT), numbers.get(_TRIES_MAX), numbers.get(_USES_LEFT)
    )


def _shown_by_command(command: CommandApdu, step: Step) -> tuple[int, _Shown] | None:
    """None where the answer says that there is no such PIN here, or no right to use it."""
    status, is_cps2ter = step.status, command.cla == _CPS2TER
    tries = None
    if status in (ISO.blocked, CPS2TER.blocked):
        tries = 0
    elif status & ~0xF == ISO.wrong:
        spent = command.ins != RESET_RETRY_COUNTER and bool(command.data)
        tries = (status & 0xF) + spent
    elif status not in (_DONE, CPS2TER.wrong, CPS2TER.waiting):
        return None
    length = None
    if command.ins == VERIFY and command.data and not is_cps2ter and status == _DONE:
        length = len(command.data)
    return command.p2 & REFERENCE_BITS, _Shown(tries, length=length)


def _pin_object(data: bytes) -> tuple[int, Tlv] | None:
    """The reference of the PIN whose data object this is, and its parameters."""
    try:
        template = tlv.parse(data)
    except MalformedData:
        return None
    for node in template.children if template.tag == _SDO_TEMPLATE else ():
        parameters = node.find(_PARAMETERS)
        if node.tag & _PIN_OBJECTS == _PIN_OBJECT and parameters:
            return node.tag & REFERENCE_BITS, parameters
    return None


def _state(reference: int, shown: _Shown, code: bytes | None) -> PinState:
    usual = TEST_CODES.get(reference, TEST_CODES[PIN])
    length = shown.length or len(usual)
    value = code or (usual if len(usual) == length else _DIGITS[:length])
    tries = max(shown.tries_max or USUAL_TRIES, shown.tries_left or 0)
    state = PinState(PinImage(reference, value, tries, NO_ACCESS, shown.uses_left))
    state.tries_left = tries if shown.tries_left is None else shown.tries_left
    return state


def _state_word(pin: PinState, words: Words) -> int:
    if pin.is_blocked:
        return words.blocked
    return words.waiting | pin.tries_left if words.counts else words.waiting


def _values(command: CommandApdu, words: Words, lengths: tuple[int, ...]) -> list[bytes]:
    """The codes in a command, none where its length does not fit; class A0 fills up with FF."""
    is_padded = words is CPS2TER
    sizes = (_CPS2TER_SIZE,) * len(lengths) if is_padded else lengths
    if len(command.data) != sum(sizes):
        return []
    found, at = list[bytes](), 0
    for size in sizes:
        part = command.data[at : at + size]
        found.append(part.rstrip(_PADDING) if is_padded else part)
        at += size
    return found
