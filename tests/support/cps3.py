"""Emulated CPS3 cards as the reading tests want them: counted, and with files replaced."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from tests.support.around import AroundCard
from tests.support.personas import dated

from cardio.cards.cps import CpsCard
from cardio.cards.identify import identify
from cardio.errors import CardRemoved
from cardio.iasecc.der import header
from cardio.iso7816.apdu import CommandApdu, ResponseApdu
from cardio.iso7816.fcp import Fcp
from cardio.iso7816.path import Path
from cardio.iso7816.status import FILE_NOT_FOUND, SUCCESS
from cardio.transport.base import Disposition, TransmissionProtocol
from cardio.transport.channel import Channel
from cardio.transport.stack import stack
from cardio_emulator.card_os import IAS_ECC, Card
from cardio_emulator.cards import cps3
from cardio_emulator.virtual_card import VirtualCard


class Wire:
    """The lowest connection: counts every exchange, GET RESPONSE included."""

    reader = "Reader"
    protocol = TransmissionProtocol.T0

    def __init__(self, card: VirtualCard) -> None:
        self._card = card
        card.reset()
        self.commands: list[bytes] = []
        self.is_removed = False

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        if self.is_removed:
            raise CardRemoved("the card was taken out")
        self.commands.append(command)
        return self._card.transmit(command)

    def transaction(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        pass


@dataclass
class Replaced(AroundCard):
    """A card some of whose files have other contents, or are missing (None).

    Answers reads of those files itself, with the data at once; passes all else on.
    """

    files: dict[str, bytes | None]
    announced: dict[str, int] = field(default_factory=dict[str, int])
    _current: bytes | None = None

    def transmit(self, command: bytes) -> bytes:
        apdu = CommandApdu.decode(command)
        if apdu.ins == 0xA4 and apdu.data[:2] == b"\x3f\x00":
            path = str(Path.decode(apdu.data))
            self._current = self.files.get(path)
            if path in self.files:
                return self._select(path, wants_fcp=apdu.p2 == 0x04)
        if apdu.ins == 0xB0 and self._current is not None:
            offset = apdu.p1 << 8 | apdu.p2
            return ResponseApdu(self._current[offset : offset + (apdu.le or 0)]).encode()
        return self.card.transmit(command)

    def _select(self, path: str, *, wants_fcp: bool) -> bytes:
        content = self.files[path]
        if content is None:
            return ResponseApdu(status=FILE_NOT_FOUND).encode()
        size = self.announced.get(path, len(content))
        fcp = Fcp(size=size, descriptor=0x01, fid=int(path[-4:], 16)).encode()
        return ResponseApdu(fcp if wants_fcp else b"", SUCCESS).encode()


def open_card(card: VirtualCard) -> tuple[Wire, CpsCard]:
    """A card just inserted, identified, over the layers a workstation uses."""
    wire = Wire(card)
    channel = Channel(stack(wire))
    return wire, CpsCard(channel, identify(channel))


def emulated(persona: str = "medecin", **files: bytes | None) -> tuple[Wire, CpsCard]:
    """`files` are by short name: `odf`, `cdf`, `dodf`, `token_info`, or a data object's fid."""
    card = Card(cps3.image(dated(persona)), IAS_ECC)
    if not files:
        return open_card(card)
    where = locations(card)
    return open_card(Replaced(card, {where[name]: content for name, content in files.items()}))


def locations(card: VirtualCard) -> dict[str, str]:
    """Where this card keeps the files that tests replace, as its own directories tell."""
    _, cps = open_card(card)
    application = cps.application
    paths = {entry.kind.lower(): entry.path for entry in application.directories.entries}
    paths |= {entry.label: entry.path for entry in application.data_objects.entries}
    paths |= {
        f"certificate{index}": entry.path
        for index, entry in enumerate(application.certificates.entries)
    }
    home = application.home.path
    paths |= {"odf": home / 0x5031, "token_info": home / 0x5032, "serial": Path.parse("3F00/D003")}
    return {name: str(path) for name, path in paths.items()}


def certificate_of(persona: str = "medecin") -> bytes:
    """The DER of an emulated card's first certificate."""
    _, card = emulated(persona)
    raw = card.certificates[0].der
    assert header(raw)[2] == len(raw)
    return raw
