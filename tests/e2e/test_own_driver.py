"""cardio's own reader driver under a real pcscd: what vpcd cannot do (docs/decisions/0018)."""

import re
import threading
from pathlib import Path
from time import monotonic

import pytest
from tests.support.own_driver import FOLDER, own_readers, unavailable, wait_until

from cardio.errors import (
    CardioError,
    CardMute,
    CardRemoved,
    CommunicationFailed,
    ConfigurationError,
    ReaderUnavailable,
    RigUnavailable,
    ServiceUnavailable,
)
from cardio.pin.guard import Allow
from cardio.pin.outcomes import Changed, Verified, WrongPin
from cardio.rig.benches.own_driver import OwnDriverBench
from cardio.rig.driver.server import ReaderServer
from cardio.rig.driver.service import OwnDriverPcscd
from cardio.rig.pcscd import host
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport.base import CardPresence, Connection
from cardio.transport.pcsc import PcscResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.faults import CutAnswer, FaultyCard, Mute, Removed
from cardio_emulator.kinds import make
from cardio_emulator.pad import EmulatedPad
from cardio_emulator.reader import VirtualReader

pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.skipif(unavailable() is not None, reason=str(unavailable())),
]

MANY = 16
ASK = bytes.fromhex("00CA000000")


class NumberedCard:
    """Answers everything with its number, and keeps count."""

    atr = bytes.fromhex("3B00")

    def __init__(self, number: int) -> None:
        self.serial = str(number)
        self.answer = bytes((number,)) + b"\x90\x00"
        self.count = 0

    def reset(self) -> None:
        pass

    def transmit(self, command: bytes) -> bytes:
        self.count += 1
        return self.answer


@pytest.mark.parametrize("count", [MANY, 40])
def test_many_readers_at_once(count: int) -> None:
    if count > MANY and host.pcscd_build().max_entries is not None:
        pytest.skip("pcscd holds 16 readers before pcsc-lite 2.5")
    bench = Bench([f"Own {at // MANY:02X} {at % MANY:02X}" for at in range(count)])
    manager = PcscResourceManager()
    with OwnDriverPcscd(bench, directory=FOLDER):
        readers = [bench.reader(name) for name in bench.readers]
        cards = [NumberedCard(number) for number in range(count)]
        for reader, card in zip(readers, cards, strict=True):
            reader.insert(card)
        known = manager.readers()
        end = monotonic() + 20
        while [status.presence for status in known] != [CardPresence.PRESENT] * count:
            assert monotonic() < end, known
            known = manager.wait(known, 1)
        assert {status.name for status in known} == {reader.name for reader in readers}
        heard: dict[str, set[bytes]] = {}

        def read(name: str) -> None:
            connection = manager.connect(name)
            heard[name] = {connection.transmit(ASK) for _ in range(50)}
            connection.close()

        threads = [threading.Thread(target=read, args=(reader.name,)) for reader in readers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        for reader, card in zip(readers, cards, strict=True):
            assert heard[reader.name] == {card.answer}
            assert card.count == 50


def test_cards_that_come_and_go() -> None:
    manager = PcscResourceManager()
    with own_readers() as (reader,):
        for kind in ("cps3", "vitale2", "cps4") * 2:
            card = make(kind)
            reader.insert(card)
            seen = wait_until(manager, presence=CardPresence.PRESENT, atr=card.atr)
            reader.remove()
            gone = wait_until(manager, presence=CardPresence.ABSENT)
            assert gone.event_count == seen.event_count + 1


def test_a_card_already_there_when_the_service_starts() -> None:
    with own_readers() as (reader,):
        reader.insert(make("vitale2"))
        with Workstation.open() as workstation:
            wait_until(PcscResourceManager(), presence=CardPresence.PRESENT)
            assert workstation.vitale().beneficiaries


def open_on(reader: VirtualReader, manager: PcscResourceManager) -> Connection:
    wait_until(manager, presence=CardPresence.PRESENT)
    return manager.connect(reader.name)


def test_a_swap_is_never_silent() -> None:
    """No pause between the two cards: vpcd would go on with the new one (pcsc_vpcd.md §0.5)."""
    manager = PcscResourceManager()
    with own_readers() as (reader,):
        reader.insert(NumberedCard(0))
        for number in range(1, 41):
            old = open_on(reader, manager)
            new = NumberedCard(number)
            before = wait_until(manager, presence=CardPresence.PRESENT).event_count
            reader.swap(new)
            with pytest.raises(CardioError):
                old.transmit(ASK)
            assert new.count == 0, "the old connection reached the new card"
            wait_until(manager, event_count=before + 2, presence=CardPresence.PRESENT)
            old.close()
        assert open_on(reader, manager).transmit(ASK) == new.answer


@pytest.mark.parametrize("fault", [Removed(at=1), CutAnswer(at=1, size=2)])
def test_torn_in_mid_command_and_another_put_in_at_once(fault: Removed | CutAnswer) -> None:
    manager = PcscResourceManager()
    with own_readers() as (reader,):
        reader.insert(FaultyCard(NumberedCard(1), fault))
        old, new = open_on(reader, manager), NumberedCard(2)
        assert old.transmit(ASK) == b"\x01\x90\x00"
        with pytest.raises(CardRemoved):
            old.transmit(ASK)
        reader.insert(new)
        with pytest.raises((CardRemoved, CommunicationFailed)):
            old.transmit(ASK)
        assert new.count == 0
        wait_until(manager, event_count=3, presence=CardPresence.PRESENT)
        assert manager.connect(reader.name).transmit(ASK) == new.answer


def test_a_mute_card_is_an_error_not_a_hang() -> None:
    manager = PcscResourceManager()
    with own_readers() as (reader,):
        reader.insert(FaultyCard(NumberedCard(1), Mute(at=0, seconds=0.2)))
        first = open_on(reader, manager)
        with pytest.raises(CommunicationFailed):
            first.transmit(ASK)
        first.close()
        assert open_on(reader, manager).transmit(ASK) == b"\x01\x90\x00"


def test_a_card_whose_answer_to_reset_is_too_long() -> None:
    manager = PcscResourceManager()
    with own_readers() as (reader,):
        card = NumberedCard(1)
        card.atr = b"\x3b" + bytes(39)
        reader.insert(card)
        wait_until(manager, presence=CardPresence.MUTE)
        with pytest.raises(CardMute):
            manager.connect(reader.name)
        reader.remove()
        wait_until(manager, presence=CardPresence.ABSENT)


def test_a_reader_that_is_unplugged_and_comes_back() -> None:
    manager = PcscResourceManager()
    with own_readers() as (reader,):
        reader.insert(NumberedCard(1))
        connection = open_on(reader, manager)
        reader.unplug()
        end = monotonic() + 20
        while True:
            assert monotonic() < end
            try:
                manager.connect(reader.name).close()
            except ReaderUnavailable:
                break
            except CardioError:
                continue
        with pytest.raises(CardioError):
            connection.transmit(ASK)
        reader.plug()
        wait_until(manager, presence=CardPresence.PRESENT)
        assert manager.connect(reader.name).transmit(ASK) == b"\x01\x90\x00"


def test_a_service_that_starts_while_a_reader_is_unplugged() -> None:
    names = ["Own 00 00", "Own 00 01"]
    manager = PcscResourceManager()
    with OwnDriverBench(names, directory=FOLDER) as bench:
        bench.start()
        for number, name in enumerate(names):
            bench.insert(name, NumberedCard(number))
        for away in names:
            stays = next(name for name in names if name != away)
            bench.unplug_reader(away)
            bench.restart_service()
            wait_for_card(manager, stays)
            bench.plug_reader(away)
            wait_for_card(manager, away)


def wait_for_card(manager: PcscResourceManager, name: str) -> None:
    """Until this reader shows one; it can be connected to."""
    end = monotonic() + 20
    known = manager.readers()
    while CardPresence.PRESENT not in (one.presence for one in known if one.name == name):
        assert monotonic() < end, known
        known = manager.wait(known, 1)
    manager.connect(name).close()


def test_a_pin_typed_on_the_pad_through_pcsc() -> None:
    with own_readers() as (reader,):
        card = make("cps3")
        reader.pad = EmulatedPad(["4321", "1234", "1234", "5678", "5678"])
        reader.insert(card)
        wait_until(PcscResourceManager(), presence=CardPresence.PRESENT)
        with Workstation.open() as workstation:
            cps = workstation.cps()
            pad = cps.pin_pad()
            assert pad is not None
            assert cps.verify_pin_on_pad(pad.verify) == WrongPin(2)
        with Workstation.open() as workstation:
            cps = workstation.cps()
            pad = cps.pin_pad()
            assert pad is not None
            assert cps.verify_pin_on_pad(pad.verify, allow=Allow.RETRY) == Verified()
            assert cps.change_pin_on_pad(pad.change) == Changed()
        assert card.pins[1].tries_left == 3
        assert reader.pad.asked == 5


def test_nothing_is_left() -> None:
    before = set(threading.enumerate())
    with own_readers(3) as readers:
        readers[0].insert(NumberedCard(0))
        open_on(readers[0], PcscResourceManager()).close()
    assert set(threading.enumerate()) <= before
    assert readers[0].state.in_use is False


def test_names_as_on_a_workstation() -> None:
    names = {
        "Gemalto PC Twin Reader 00 00",
        "Gemalto PC Twin Reader 01 00",
        "Ingenico 00 00",
        "KAP-LINK 02 00",
        "KAP-LINK 02 01",
    }
    bench = Bench(sorted(names, reverse=True))
    for at, name in enumerate(names):
        bench.insert(name, NumberedCard(at))
    manager = PcscResourceManager()
    with OwnDriverPcscd(bench, directory=FOLDER) as service:
        for _ in range(2):
            known = manager.readers()
            end = monotonic() + 20
            while not all(status.presence is CardPresence.PRESENT for status in known):
                assert monotonic() < end
                known = manager.wait(known, 1)
            assert {status.name for status in known} == names
            for at, name in enumerate(names):
                connection = manager.connect(name)
                assert connection.transmit(ASK)[0] == at
                connection.close()
            service.kill()
            assert service.pid is None
            with pytest.raises(ServiceUnavailable):
                manager.readers()
            service.restart()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Reader"], "'Reader' is not the full name of a PC/SC reader, like 'Reader 00 00'"),
        (['A "B" 00 00'], "is not the full name"),
        (["A 00 01"], "'A 00 01': slot 00 of this reader is missing"),
        (["A 00 00", "A 00 02"], "slot 01 of this reader is missing"),
        (["A 00 00", "B 02 00"], "there is no reader numbered 01 before it"),
    ],
)
def test_names_that_pcscd_would_not_give(names: list[str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        OwnDriverPcscd(Bench(names))


def test_the_walls_of_the_service() -> None:
    bench = Bench(["Own 00 00"])
    with OwnDriverPcscd(bench, directory=FOLDER) as service:
        drivers = Path(f"/proc/{service.pid}/root{host.pcscd_build().usb_drivers}")
        assert list(drivers.iterdir()) == []
        for second in (OwnDriverPcscd(bench, directory=FOLDER), PrivatePcscd(directory=FOLDER)):
            with pytest.raises(ConfigurationError, match="a PC/SC service runs in"):
                second.start()
        assert PcscResourceManager().readers()


def test_vpcd_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise RigUnavailable("no vpcd")

    monkeypatch.setattr(host, "vpcd_driver", missing)
    with pytest.raises(RigUnavailable, match="no vpcd"):
        PrivatePcscd()
    with OwnDriverPcscd(Bench(["Own 00 00"]), directory=FOLDER) as service:
        assert service.pid


def test_what_a_server_refuses(tmp_path: Path) -> None:
    readers = [VirtualReader(str(number)) for number in range(MANY + 1)]
    with pytest.raises(ConfigurationError, match="1 to 16 readers, not 17"):
        ReaderServer(tmp_path / "socket", readers)
    with pytest.raises(ConfigurationError, match="longer than 107"):
        ReaderServer(tmp_path / ("x" * 120), readers[:1])
    (tmp_path / "taken").touch()
    with pytest.raises(ConfigurationError, match="no socket can be made"):
        ReaderServer(tmp_path / "taken", readers[:1]).start()
