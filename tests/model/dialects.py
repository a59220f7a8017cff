"""How each generation spells the same few operations, in raw commands.

Shapes: facts: cps.md §2.3 and §3, vendor_library.md §2; of the CPS2ter's PIN and of the CPS4's
files, the stand-ins of docs/reference/emulated-cps2ter.md and emulated-cps4.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.model.reference import ReferenceCard, Verdict

from cardio.errors import ApduError
from cardio.iso7816.apdu import CommandApdu

Send = Callable[[bytes], bytes]

_SUCCESS = b"\x90\x00"
_VERDICTS = {
    0x9000: Verdict.DONE,
    0x6982: Verdict.DENIED,
    0x6983: Verdict.BLOCKED,
    0x9802: Verdict.DENIED,
    0x9804: Verdict.WRONG,
    0x9808: Verdict.BLOCKED,
    0x9840: Verdict.BLOCKED,
}
ROOT_NAME = bytes.fromhex("8025000001FF0100")


@dataclass(frozen=True)
class Told:
    """A verdict, and the tries left where the card tells them."""

    verdict: Verdict
    tries: int | None = None


def told(answer: bytes) -> Told:
    """What a status word alone says; fails on any other answer."""
    status = int.from_bytes(answer, "big")
    if status & 0xFFF0 == 0x63C0:
        return Told(Verdict.WRONG, status & 0xF)
    return Told(_VERDICTS[status])


def command(header: str, data: bytes = b"", le: int | None = None) -> bytes:
    lc = bytes((len(data),)) if data else b""
    return bytes.fromhex(header) + lc + data + (b"" if le is None else bytes((le & 0xFF,)))


class Ias:
    """CPS3, contact: paths from 3F00, codes of the root, change in one command."""

    kind = "cps3"
    cla = "00"
    tells_tries = True
    blocks_with_last_try = False
    puk_is_verified_apart = True
    puk_uses: int | None = 100
    free, protected, writable = "3F00D003", "3F000001D120", "3F000001D107"

    def power_on(self, send: Send) -> None:
        """A CPS3 is ready at once."""

    def status(self, send: Send) -> Told:
        """By VERIFY without data; what it says of the tries is no wrong try."""
        return told(send(command(f"{self.cla}200001")))

    def verify(self, send: Send, value: bytes) -> Told:
        return told(send(command(f"{self.cla}200001", value)))

    def verify_puk(self, send: Send, value: bytes) -> Told:
        return told(send(command(f"{self.cla}200002", value)))

    def change(self, send: Send, old: bytes, new: bytes) -> Told:
        return told(send(command(f"{self.cla}240001", old + new)))

    def renew(self, send: Send, new: bytes) -> Told:
        """What follows VERIFY of the PUK in an unblock."""
        return told(send(command(f"{self.cla}2C0201", new)))

    def unblock(self, send: Send, puk: bytes, new: bytes) -> Told:
        answer = self.verify_puk(send, puk)
        return answer if answer.verdict is not Verdict.DONE else self.renew(send, new)

    def follow(self, model: ReferenceCard, raw: bytes) -> bool:
        """Have the model do what this command has done; whether it presented a code."""
        try:
            apdu = CommandApdu.decode(raw)
        except ApduError:
            return False
        return apdu.cla == int(self.cla, 16) and bool(apdu.data) and self._follow(model, apdu)

    def _follow(self, model: ReferenceCard, apdu: CommandApdu) -> bool:
        match apdu.ins, apdu.p2:
            case 0x20, 0x01:
                model.pin.present(apdu.data)
            case 0x20, 0x02:
                model.puk.present(apdu.data)
            case 0x24, 0x01:
                model.change(apdu.data[:4], apdu.data[4:])
            case 0x2C, 0x01:
                model.unblock(apdu.data)
                return False
            case _:
                return False
        return True

    def read(self, send: Send, path: str, size: int) -> bytes | None:
        """None where the card refuses for want of the PIN."""
        self.select(send, path)
        answer = send(command(f"{self.cla}B00000", le=size))
        if answer[-2:] != _SUCCESS:
            assert told(answer).verdict is Verdict.DENIED
            return None
        return answer[:-2]

    def write(self, send: Send, offset: int, data: bytes) -> Told:
        self.select(send, self.writable)
        return told(send(command(f"{self.cla}D600{offset:02X}", data)))

    def select(self, send: Send, path: str) -> None:
        assert send(command(f"{self.cla}A4090C", bytes.fromhex(path))) == _SUCCESS


class ChipDoc(Ias):
    """CPS4: logical channel 1, VERIFY before a change, paths without 3F00."""

    kind = "cps4"
    cla = "01"
    puk_uses = None
    free, protected, writable = "D003", "0001D120", "0001D107"

    def power_on(self, send: Send) -> None:
        """The CPS2ter part answers first (facts: cps.md §2.1)."""
        assert send(command("01A4040C", ROOT_NAME)) == _SUCCESS

    def change(self, send: Send, old: bytes, new: bytes) -> Told:
        answer = self.verify(send, old)
        if answer.verdict is Verdict.DONE:
            answer = told(send(command("01240101", new)))
        return answer

    def renew(self, send: Send, new: bytes) -> Told:
        """The tries given back, then the new PIN alone."""
        answer = told(send(command("012C0381")))
        return (
            answer if answer.verdict is not Verdict.DONE else told(send(command("01240101", new)))
        )

    def follow(self, model: ReferenceCard, raw: bytes) -> bool:
        """As for the others; here the tries come back by a command without data."""
        if raw == command("012C0381") and model.puk.is_verified:
            model.pin.renew(model.pin.value)
        return super().follow(model, raw)

    def _follow(self, model: ReferenceCard, apdu: CommandApdu) -> bool:
        if apdu.ins != 0x24:
            return super()._follow(model, apdu)
        if model.pin.is_verified or model.puk.is_verified:
            model.pin.renew(apdu.data)
        return False

    def select(self, send: Send, path: str) -> None:
        assert send(command("01A4080C", bytes.fromhex(path))) == _SUCCESS


class Cps2ter(Ias):
    """Class A0 alone: one identifier at a time, 98xx, unblock in one command."""

    kind = "cps2ter"
    cla = "A0"
    tells_tries = False
    blocks_with_last_try = True
    puk_is_verified_apart = False
    puk_uses = None
    free, protected, writable = "3F004003", "3F004010", ""

    def status(self, send: Send) -> Told:
        return told(send(command("A0200001")))

    def verify(self, send: Send, value: bytes) -> Told:
        return told(send(command("A0200001", _filled(value))))

    def change(self, send: Send, old: bytes, new: bytes) -> Told:
        return told(send(command("A0240001", _filled(old) + _filled(new))))

    def unblock(self, send: Send, puk: bytes, new: bytes) -> Told:
        return told(send(command("A02C0001", _filled(puk) + _filled(new))))

    def _follow(self, model: ReferenceCard, apdu: CommandApdu) -> bool:
        code, new = (apdu.data[at : at + 8].rstrip(b"\xff") for at in (0, 8))
        match apdu.ins:
            case 0x20:
                model.pin.present(code)
            case 0x24:
                model.change(code, new)
            case 0x2C if model.puk.present(code) is Verdict.DONE:
                model.unblock(new)
                model.power_on()
            case 0x2C:
                pass
            case _:
                return False
        return True

    def read(self, send: Send, path: str, size: int) -> bytes | None:
        self.select(send, path)
        answer = send(command("A0B00000", le=size))
        return answer[:-2] if told(answer[-2:]).verdict is Verdict.DONE else None

    def select(self, send: Send, path: str) -> None:
        for at in range(0, len(path), 4):
            assert send(command("A0A40000", bytes.fromhex(path[at : at + 4]))) == b"\x9f\x07"


def _filled(value: bytes) -> bytes:
    return value.ljust(8, b"\xff")


PART = Cps2ter()


class ChipDocT0(ChipDoc):
    """A CPS4 that speaks T=0: the same."""

    kind = "cps4-t0"


class Mirror(Ias):
    """The CPS2ter part of a CPS3, which the same VERIFY opens (facts: vendor_library.md §2)."""

    protected = "3F004010"

    def read(self, send: Send, path: str, size: int) -> bytes | None:
        """What is not of the mirror as on any CPS3."""
        return (PART if path == self.protected else super()).read(send, path, size)


DIALECTS: tuple[Ias, ...] = (Ias(), ChipDoc(), PART)
VARIANTS: tuple[Ias, ...] = (*DIALECTS, ChipDocT0(), Mirror())
