"""The vsmartcard protocol, spoken to a listening socket that plays vpcd."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from cardio.errors import ConfigurationError, ServiceUnavailable
from cardio_emulator.faults import CutAnswer, FaultyCard, Mute, Removed
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import Address, Insertion, Link, attach

ATR = bytes.fromhex("3B751300004409EA9000")
GET_ATR = b"\x00\x01\x04"


class EchoCard:
    """Answers a command with itself and 9000; counts its resets."""

    atr = ATR
    serial = "ECHO"

    def __init__(self, answer: bytes | None = None) -> None:
        self.resets = 0
        self._answer = answer

    def reset(self) -> None:
        self.resets += 1

    def transmit(self, command: bytes) -> bytes:
        return command + b"\x90\x00" if self._answer is None else self._answer


class FakeVpcd:
    """A reader's side of the protocol, in the hands of a test."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.server.getsockname()[1]

    def accept(self) -> socket.socket:
        connection, _ = self.server.accept()
        connection.settimeout(5)
        return connection


@pytest.fixture
def vpcd() -> Iterator[FakeVpcd]:
    fake = FakeVpcd()
    yield fake
    fake.server.close()


def ask(reader: socket.socket, body: bytes) -> bytes:
    reader.sendall(len(body).to_bytes(2, "big") + body)
    return receive(reader)


def receive(reader: socket.socket) -> bytes:
    size = int.from_bytes(exactly(reader, 2), "big")
    return exactly(reader, size)


def exactly(reader: socket.socket, size: int) -> bytes:
    raw = b""
    while len(raw) < size and (more := reader.recv(size - len(raw))):
        raw += more
    return raw


def test_the_sequence_of_an_insertion(vpcd: FakeVpcd) -> None:
    card = EchoCard()
    with attach(card, "127.0.0.1", vpcd.port), vpcd.accept() as reader:
        assert ask(reader, b"\x04") == ATR
        reader.sendall(b"\x00\x01\x01")
        reader.sendall(b"\x00\x01\x02")
        reader.sendall(b"\x00\x01\x00")
        assert ask(reader, b"\x04") == ATR
        assert card.resets == 2
        assert ask(reader, bytes.fromhex("00A40000")) == bytes.fromhex("00A400009000")


def test_messages_split_into_single_bytes(vpcd: FakeVpcd) -> None:
    command = bytes(range(200))
    with attach(EchoCard(), "127.0.0.1", vpcd.port), vpcd.accept() as reader:
        reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in len(command).to_bytes(2, "big") + command:
            reader.sendall(bytes((byte,)))
            time.sleep(0.0002)
        assert receive(reader) == command + b"\x90\x00"


def test_several_messages_in_one_packet(vpcd: FakeVpcd) -> None:
    with attach(EchoCard(), "127.0.0.1", vpcd.port), vpcd.accept() as reader:
        reader.sendall(GET_ATR + b"\x00\x01\x01" + b"\x00\x04\x00\xb0\x00\x00" + GET_ATR)
        assert receive(reader) == ATR
        assert receive(reader) == bytes.fromhex("00B000009000")
        assert receive(reader) == ATR


def test_an_answer_of_64_kib(vpcd: FakeVpcd) -> None:
    card = EchoCard(bytes(65533) + b"\x90\x00")
    with attach(card, "127.0.0.1", vpcd.port), vpcd.accept() as reader:
        assert len(ask(reader, bytes(4))) == 65535


def test_each_answer_is_one_write() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        Link.send(_bare_link(ours), b"\x90\x00")
        assert theirs.recv(100) == b"\x00\x02\x90\x00"


def _bare_link(connection: socket.socket) -> Link:
    """A link on a socket that is not TCP and takes no TCP options, but keeps writes apart."""
    link = object.__new__(Link)
    link._socket = connection
    return link


@pytest.mark.parametrize("answer", [b"", b"\x90"])
def test_less_than_a_status_word_is_never_sent(vpcd: FakeVpcd, answer: bytes) -> None:
    with attach(EchoCard(answer), "127.0.0.1", vpcd.port), vpcd.accept() as reader:
        assert ask(reader, bytes(4)) == b"\x6f\x00"


@pytest.mark.parametrize("command", [b"", b"\x00\xa4", b"\x00\xa4\x04"])
def test_junk_commands_reach_the_card(vpcd: FakeVpcd, command: bytes) -> None:
    with attach(EchoCard(), "127.0.0.1", vpcd.port), vpcd.accept() as reader:
        assert ask(reader, command) == command + b"\x90\x00"


def test_ejecting_is_quick_and_ends_the_connection(vpcd: FakeVpcd) -> None:
    insertion = Insertion(EchoCard(), Address("127.0.0.1", vpcd.port))
    insertion.insert()
    thread = threading.Thread(target=insertion.serve)
    thread.start()
    with vpcd.accept() as reader:
        ask(reader, b"\x04")
        assert not insertion.seen.is_set(), "not powered yet"
        reader.sendall(b"\x00\x01\x01")
        ask(reader, b"\x04")
        assert insertion.seen.wait(5)
        insertion.eject()
        assert insertion.has_left
        thread.join(5)
        assert not thread.is_alive()
        assert reader.recv(1) == b""


def pause_before_next(address: Address) -> float:
    """Seconds for which another card is held back."""
    began = time.monotonic()
    following = Insertion(EchoCard(), address)
    following.insert()
    following.eject()
    return time.monotonic() - began


def test_a_card_is_held_back_after_an_ejection(vpcd: FakeVpcd) -> None:
    address = Address("127.0.0.1", vpcd.port)
    insertion = Insertion(EchoCard(), address)
    insertion.insert()
    insertion.eject()
    assert pause_before_next(address) >= 0.4, "pcscd would not notice the removal"


def test_a_card_is_not_held_back_once_the_reader_has_noticed(vpcd: FakeVpcd) -> None:
    """vpcd looks, finds the card half gone, and closes: that look is the one that counts."""
    address = Address("127.0.0.1", vpcd.port)
    insertion = Insertion(EchoCard(), address)
    insertion.insert()
    serving = threading.Thread(target=insertion.serve)
    serving.start()
    with vpcd.accept() as reader:
        leaving = threading.Thread(target=insertion.leave, args=(30,))
        leaving.start()
        assert reader.recv(1) == b"", "half closed"
        reader.sendall(GET_ATR)
        assert leaving.is_alive(), "the reader has not closed yet"
    leaving.join(5)
    serving.join(5)
    assert not leaving.is_alive()
    assert pause_before_next(address) < 0.4


def test_a_card_torn_out_in_a_command_holds_the_next_one_back(vpcd: FakeVpcd) -> None:
    """vpcd notices at once; but pcscd only at its next look (facts: pcsc_vpcd.md §0.5)."""
    address = Address("127.0.0.1", vpcd.port)
    card = FaultyCard(EchoCard(), Removed(at=0))
    with attach(card, "127.0.0.1", vpcd.port), vpcd.accept() as reader:
        reader.sendall(b"\x00\x04\x00\xb0\x00\x00")
        assert reader.recv(1) == b""
    assert pause_before_next(address) >= 0.3


def test_leaving_does_not_wait_for_a_reader_that_never_looks(vpcd: FakeVpcd) -> None:
    insertion = Insertion(EchoCard(), Address("127.0.0.1", vpcd.port))
    insertion.insert()
    serving = threading.Thread(target=insertion.serve)
    serving.start()
    with vpcd.accept():
        insertion.leave(0.05)
        serving.join(5)
    assert not serving.is_alive()


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        start = time.monotonic()
        with pytest.raises(ServiceUnavailable, match=f"127.0.0.1:{port}"):
            Insertion(EchoCard(), Address("127.0.0.1", port)).insert(wait=0.3)
    assert time.monotonic() - start >= 0.2


def test_a_reader_that_comes_within_the_wait() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        insertion = Insertion(EchoCard(), Address("127.0.0.1", port))
        thread = threading.Thread(target=insertion.insert, kwargs={"wait": 30})
        thread.start()
        time.sleep(0.15)  # refused a few times; were it none, nothing fails
        server.listen()
        server.settimeout(30)
        server.accept()[0].close()
    thread.join(5)
    insertion.eject()
    assert not thread.is_alive()


def test_a_reader_gone_for_good_is_told(vpcd: FakeVpcd) -> None:
    insertion = Insertion(EchoCard(), Address("127.0.0.1", vpcd.port))
    insertion.insert()
    vpcd.accept().close()
    with pytest.raises(ServiceUnavailable, match="went away"):
        insertion.serve()


def test_a_reader_that_comes_back_gets_the_card_again(vpcd: FakeVpcd) -> None:
    insertion = Insertion(EchoCard(), Address("127.0.0.1", vpcd.port))
    insertion.insert()
    thread = threading.Thread(target=insertion.serve, kwargs={"wait": 5})
    thread.start()
    vpcd.accept().close()
    left = time.monotonic()
    with vpcd.accept() as reader:
        assert time.monotonic() - left >= 0.4, "pcscd would not notice the removal"
        assert ask(reader, b"\x04") == ATR
        insertion.eject()
        thread.join(5)


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        (Removed(at=1), b""),
        (Mute(at=1, seconds=0.05), b""),
        (CutAnswer(at=1, size=3), b"\x00\x06\x00\xb0\x00"),
        (CutAnswer(at=1, size=6), b"\x00\x06\x00\xb0\x00\x00\x90"),
    ],
)
def test_faults_that_take_the_card_out(
    vpcd: FakeVpcd, fault: Removed | Mute | CutAnswer, sent: bytes
) -> None:
    card: VirtualCard = FaultyCard(EchoCard(), fault)
    with attach(card, "127.0.0.1", vpcd.port), vpcd.accept() as reader:
        command = bytes.fromhex("00B00000")
        assert ask(reader, command) == command + b"\x90\x00"
        reader.sendall(b"\x00\x04" + command)
        assert exactly(reader, 100) == sent


def test_a_silent_card_is_silent_no_longer_than_it_is_in(vpcd: FakeVpcd) -> None:
    card: VirtualCard = FaultyCard(EchoCard(), Mute(at=0, seconds=60.0))
    insertion = Insertion(card, Address("127.0.0.1", vpcd.port))
    insertion.insert()
    serving = threading.Thread(target=insertion.serve)
    serving.start()
    with vpcd.accept() as reader:
        reader.sendall(b"\x00\x04" + bytes.fromhex("00B00000"))
        insertion.eject()
        serving.join(30.0)
    assert not serving.is_alive()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:35963", Address("127.0.0.1", 35963)),
        ("reader.example:1", Address("reader.example", 1)),
        ("[::1]:65535", Address("::1", 65535)),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert str(address) == text


@pytest.mark.parametrize(
    "text", ["", "host", "host:", ":35963", "host:0", "h:65536", "h:x", "::1:5"]
)
def test_bad_addresses(text: str) -> None:
    with pytest.raises(ConfigurationError, match="HOST:PORT"):
        Address.parse(text)
