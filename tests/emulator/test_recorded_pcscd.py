"""Recorded cards in a vpcd reader of a real (private) pcscd, read by cardio and by OpenSC."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.opensc import needs_sdo

from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.trace import Recorder, Trace
from cardio.transport.pcsc import PcscResourceManager
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.cards import cps3
from cardio_emulator.recorded import RecordedCard, Replay
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import attach

pytestmark = pytest.mark.pcscd

StartPcscd = Callable[..., PrivatePcscd]
BOTH = pytest.mark.parametrize("replay", Replay)


class Overheard:
    """A card that has a recorder hear what is said to it."""

    def __init__(self, card: VirtualCard) -> None:
        self.card, self.recorder = card, Recorder()
        self.atr, self.serial = card.atr, card.serial
        self._told = self.recorder.connection("CPS 00 00", card.atr, 0)

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, command: bytes) -> bytes:
        answer = self.card.transmit(command)
        self._told.record(command, answer, 0.0)
        return answer


@contextmanager
def in_reader(service: PrivatePcscd, card: VirtualCard) -> Iterator[str]:
    """The card in the service's reader, for as long as it is wanted; gone when that ends."""
    (reader, *_) = service.reader_names
    manager = PcscResourceManager()
    try:
        with attach(card, "127.0.0.1", service.ports[reader]):
            await_card(manager, reader, is_in=True)
            yield reader
        await_card(manager, reader, is_in=False)
    finally:
        manager.close()


def await_card(manager: PcscResourceManager, reader: str, *, is_in: bool) -> None:
    states = manager.readers()
    while any(bool(state.atr) != is_in for state in states if state.name == reader):
        changed = manager.wait(states, timeout=20)
        assert changed != states, "nothing ever changed in the reader"
        states = changed


def read(workstation: Workstation) -> tuple[object, ...]:
    cps = workstation.cps()
    return cps.holder, cps.card, cps.tries_left(), cps.verify_pin(Pin.of("1234")), cps.situations()


def recorded_in_process() -> tuple[Trace, tuple[object, ...]]:
    bench, recorder = Bench(), Recorder()
    bench.add_reader("CPS 00 00", cps3.make())
    with Workstation(EmulatedResourceManager(bench), recorder=recorder) as workstation:
        told = read(workstation)
    return recorder.trace, told


@BOTH
def test_cardio_reads_it_through_pcscd(start_pcscd: StartPcscd, replay: Replay) -> None:
    trace, told = recorded_in_process()
    card = RecordedCard(trace, replay=replay)
    service = start_pcscd(["CPS"])
    with in_reader(service, card), Workstation(PcscResourceManager()) as workstation:
        assert read(workstation) == told
    assert isinstance(told[3], Verified)
    assert (card.mismatches, card.remaining) == ((), 0)


def opensc(service: PrivatePcscd, folder: Path, *words: str) -> str:
    environment = {**service.env, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        words, env=environment, cwd=folder, capture_output=True, check=False, timeout=60
    )
    output = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, output
    return output


@pytest.mark.opensc
@pytest.mark.skipif(not shutil.which("pkcs15-tool"), reason="OpenSC's tools are not installed")
@needs_sdo
def test_opensc_reads_what_it_read(start_pcscd: StartPcscd, tmp_path: Path) -> None:
    """OpenSC on the emulated card, overheard; then OpenSC on the recording, in both modes."""
    service = start_pcscd(["CPS"])
    dump = ("pkcs15-tool", "--dump")
    login = ("pkcs15-tool", "--verify-pin", "--auth-id", "01", "--pin", "1234")
    overheard = Overheard(cps3.make())
    with in_reader(service, overheard):
        expected = opensc(service, tmp_path, *dump)
        opensc(service, tmp_path, *login)
    assert "PKCS#15 Card [CPS3v3-2909821700]" in expected
    for replay in Replay:
        card = RecordedCard(overheard.recorder.trace, replay=replay)
        with in_reader(service, card):
            assert opensc(service, tmp_path, *dump) == expected
            opensc(service, tmp_path, *login)
        assert card.mismatches == ()
        assert card.remaining == 0 or replay is Replay.BY_COMMAND
        assert card.pins[1].tries_left == 3
