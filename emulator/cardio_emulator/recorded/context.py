"""What the answer to a command depends on: what was selected, prepared and proved before.

The same bytes ask for different things in different contexts: READ BINARY of the file selected
last, a path from the current DF, a signature of the hash given before. The context follows the
commands of a recording, and later those of whoever the recording is played to.
"""

from dataclasses import dataclass

from cardio.errors import ApduError, MalformedData
from cardio.iso7816.apdu import CHAINING_BIT, CommandApdu
from cardio.iso7816.fcp import Fcp
from cardio.iso7816.path import MASTER_FILE
from cardio.trace.trace import MaskedBytes
from cardio_emulator.recorded.steps import Step

Key = tuple[object, ...]

REFERENCE_BITS = 0x7F
"""Of P2 of a PIN command: bit 80 says where the PIN belongs (ISO/IEC 7816-4 §11.5.1)."""

_PROPRIETARY = 0x80
_SELECT, _VERIFY, _MANAGE, _PERFORM, _AUTHENTICATE, _CHALLENGE = 0xA4, 0x20, 0x22, 0x2A, 0x88, 0x84
_READING = frozenset({0xB0, 0xB1, 0xB2, 0xB3})
_SHORT_IDENTIFIER, _SFI_BITS = 0x80, 0x1F

_BY_ID, _EF, _PARENT, _BY_NAME, _FROM_MF = 0x00, 0x02, 0x03, 0x04, 0x08
_MF = MASTER_FILE.to_bytes(2, "big")
_CPS2TER_DESCRIPTION, _CPS2TER_EF = b"\x85\x05", 0x04
"""What class A0 says of a file, its kind in the last byte (facts: cps.md §2.3)."""

_RESTORE, _HASH = 0xF3, 0x90
_TEMPLATES = {0x9E: 0xB6, 0x80: 0xB8, _HASH: 0xAA}
"""By P1 of PERFORM SECURITY OPERATION: the template of MSE that counts (ISO/IEC 7816-4 §10.3)."""
_AUTHENTICATION = 0xA4
_HASHED = -1


@dataclass(frozen=True, slots=True)
class Place:
    """The current DF, as the steps that lead to it, and the current EF."""

    df: tuple[bytes, ...] = ()
    ef: bytes | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """What opens a card: an application selected by name, and the PINs verified."""

    named: bool = False
    verified: frozenset[int] = frozenset()

    def cover(self, other: "Rights") -> bool:
        """Whether all that `other` opens is open."""
        return self.named >= other.named and self.verified >= other.verified


class Context:
    """The state of one card since it was powered on, as its commands tell."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """The card is powered on."""
        self.rights = Rights()
        self._places: dict[int, Place] = {}
        self._prepared: dict[int, tuple[MaskedBytes, ...]] = {}
        self._chain: tuple[MaskedBytes, ...] = ()

    def key(self, raw: bytes) -> Key:
        """What tells this command now from the same bytes sent at another moment."""
        command = decoded(raw)
        if command is None:
            return ()
        return (*self._where(command), self._preparation(command), self._chain)

    def break_chain(self) -> None:
        """Another command came in between."""
        self._chain = ()

    def follow(self, step: Step) -> None:
        """Take in what a recorded command changed."""
        command, before = decoded(step.raw), self._chain
        self._chain = ()
        if command is None:
            return
        if command.ins == _VERIFY and command.data:
            self._verify(command, step)
        elif not step.is_done:
            return
        elif command.is_chained:
            self._chain = (*before, step.command)
        else:
            self._change(command, step, (*before, step.command))

    def _change(self, command: CommandApdu, step: Step, sent: tuple[MaskedBytes, ...]) -> None:
        if command.ins == _SELECT:
            self._select(command, step)
        elif command.ins in _READING and command.p1 & _SHORT_IDENTIFIER:
            df, sfi = self._place(command).df, command.p1 & _SFI_BITS
            self._places[family(command)] = Place(df, bytes((sfi,)))
        elif command.ins == _MANAGE and command.p1 == _RESTORE:
            self._prepared = {_RESTORE: sent}
        elif command.ins == _MANAGE:
            self._prepared[command.p2] = sent
        elif command.ins == _PERFORM and command.p1 == _HASH:
            self._prepared[_HASHED] = sent

    def _verify(self, command: CommandApdu, step: Step) -> None:
        reference = command.p2 & REFERENCE_BITS
        verified = self.rights.verified - {reference}
        if step.is_done:
            verified |= {reference}
        self.rights = Rights(self.rights.named, verified)

    def _place(self, command: CommandApdu) -> Place:
        return self._places.get(family(command), Place())

    def _where(self, command: CommandApdu) -> Key:
        place, cla = self._place(command), family(command)
        if command.ins == _CHALLENGE or (command.ins == _SELECT and _is_absolute(command)):
            return (cla,)
        if command.ins in _READING and not command.p1 & _SHORT_IDENTIFIER:
            return (cla, place)
        return (cla, place.df)

    def _preparation(self, command: CommandApdu) -> Key:
        if command.ins == _AUTHENTICATE:
            wanted = (_RESTORE, _AUTHENTICATION)
        elif command.ins == _PERFORM and command.p1 in _TEMPLATES:
            hashed = () if command.p1 == _HASH or command.data else (_HASHED,)
            wanted = (_RESTORE, _TEMPLATES[command.p1], *hashed)
        else:
            return ()
        return tuple(self._prepared.get(one) for one in wanted)

    def _select(self, command: CommandApdu, step: Step) -> None:
        if command.p1 == _BY_NAME:
            self.rights = Rights(True, self.rights.verified)
            for cla in [cla for cla in self._places if cla & _PROPRIETARY]:
                self._places[cla] = Place((*self._places[cla].df, command.data))
            self._places[family(command)] = Place((command.data,))
            return
        path = _path(command, self._place(command).df)
        is_ef = command.p1 == _EF or _tells_ef(step.data)
        self._places[family(command)] = (
            Place(path[:-1], path[-1]) if is_ef and path else Place(path)
        )


def decoded(raw: bytes) -> CommandApdu | None:
    """The command, None for bytes that are none."""
    try:
        return CommandApdu.decode(raw)
    except ApduError:
        return None


def family(command: CommandApdu) -> int:
    """The class without its chaining bit: files are selected apart on each logical channel."""
    return command.cla if command.cla & _PROPRIETARY else command.cla & ~CHAINING_BIT


def _is_absolute(command: CommandApdu) -> bool:
    if command.p1 in (_BY_NAME, _FROM_MF):
        return True
    return command.data[:2] == _MF or (command.p1 == _BY_ID and not command.data)


def _path(command: CommandApdu, df: tuple[bytes, ...]) -> tuple[bytes, ...]:
    data = command.data
    fids = tuple(data[at : at + 2] for at in range(0, len(data), 2))
    if fids[:1] == (_MF,):
        return fids
    if command.p1 == _PARENT:
        return df[:-1]
    if command.p1 == _FROM_MF or not fids:
        return (_MF, *fids)
    return (*df, *fids)


def _tells_ef(answer: bytes) -> bool:
    """Whether the answer to SELECT describes an EF; what is not told counts as a DF."""
    if answer.startswith(_CPS2TER_DESCRIPTION):
        return answer[-1] == _CPS2TER_EF
    try:
        told = Fcp.decode(answer)
    except MalformedData:
        return False
    return told.descriptor is not None and not told.is_df
