from contextlib import AbstractContextManager, nullcontext

import pytest

from cardio.errors import FcpError, FileNotFound, TlvError, TruncatedAnswer, UnexpectedStatus
from cardio.iasecc.files import read_certificate, read_file
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.fcp import Fcp
from cardio.iso7816.path import ROOT
from cardio.transport.base import Disposition, TransmissionProtocol
from cardio.transport.channel import Channel

PATH = ROOT / 0xD003


class OneFile:
    """A card of one file, whatever is selected; `end` is its status word at the file's end."""

    reader, atr, protocol = "Reader", b"", TransmissionProtocol.T1

    def __init__(self, content: bytes, *, size: int | None = None, end: str = "9000") -> None:
        self.content = content
        self.size = len(content) if size is None else size
        self.end = bytes.fromhex(end)
        self.commands: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(command)
        apdu = CommandApdu.decode(command)
        if apdu.ins == 0xA4:
            return (Fcp(size=self.size).encode() if apdu.p2 == 4 else b"") + b"\x90\x00"
        offset = apdu.p1 << 8 | apdu.p2
        data = self.content[offset : offset + (apdu.le or 0)]
        return data + (b"\x90\x00" if len(data) == apdu.le else self.end)

    def transaction(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        pass


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 1024, 2048, 32768])
def test_blocks_of_256_and_no_command_more(size: int) -> None:
    card = OneFile(bytes(i & 0xFF for i in range(size)))
    assert read_file(Channel(card), PATH) == card.content
    assert len(card.commands) == 1 + (size + 255) // 256


def test_the_last_block_is_asked_by_its_size() -> None:
    card = OneFile(bytes(300))
    read_file(Channel(card), PATH)
    assert [command[-1] for command in card.commands[1:]] == [0, 44]


@pytest.mark.parametrize("end", ["9000", "6282"])
@pytest.mark.parametrize("given", [0, 100, 256, 299])
def test_less_than_announced(given: int, end: str) -> None:
    card = OneFile(bytes(given), size=300, end=end)
    with pytest.raises(TruncatedAnswer) as caught:
        read_file(Channel(card), PATH)
    assert caught.value.retryable
    assert caught.value.where.apdu_index == len(card.commands) - 1


def test_end_of_file_with_all_the_data() -> None:
    card = OneFile(b"abc", size=3)
    card.transmit = lambda command: (  # type: ignore[method-assign]
        Fcp(size=3).encode() + b"\x90\x00" if command[1] == 0xA4 else b"abc\x62\x82"
    )
    assert read_file(Channel(card), PATH) == b"abc"


@pytest.mark.parametrize("size", [32769, 0xFFFFFFFF])
def test_a_size_no_command_can_reach(size: int) -> None:
    card = OneFile(b"", size=1)
    fcp = b"\x62\x06\x80\x04" + size.to_bytes(4, "big") + b"\x90\x00"
    card.transmit = lambda command: fcp  # type: ignore[method-assign]
    with pytest.raises(FcpError):
        read_file(Channel(card), PATH)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("6A82", FileNotFound),
        ("6A86", UnexpectedStatus),
        ("9000", TlvError),
        ("62 00 9000", FcpError),
        ("70 00 9000", FcpError),
    ],
)
def test_no_file(answer: str, error: type[Exception]) -> None:
    card = OneFile(b"")
    card.transmit = lambda command: bytes.fromhex(answer)  # type: ignore[method-assign]
    with pytest.raises(error):
        read_file(Channel(card), PATH)


@pytest.mark.parametrize("size", [4, 250, 256, 257, 1500, 2048])
@pytest.mark.parametrize("filling", [0, 7, 600])
def test_a_certificate_tells_its_own_size(size: int, filling: int) -> None:
    head = b"\x30" + (bytes((size - 2,)) if size < 130 else b"")
    if size >= 130:
        head += b"\x82" + (size - 4).to_bytes(2, "big")
    der = head + bytes(size - len(head))
    card = OneFile(der + b"\xff" * filling, end="6282")
    assert read_certificate(Channel(card), PATH) == der
    assert len(card.commands) == 1 + (size + 255) // 256


@pytest.mark.parametrize("content", [b"", b"\x30", b"\x31\x02ab", b"\x30\x85\x01\x01\x01\x01\x01"])
def test_no_certificate(content: bytes) -> None:
    with pytest.raises(TlvError):
        read_certificate(Channel(OneFile(content)), PATH)


def test_a_certificate_cut_short() -> None:
    with pytest.raises(TruncatedAnswer):
        read_certificate(Channel(OneFile(b"\x30\x82\x05\x00" + bytes(1000))), PATH)
