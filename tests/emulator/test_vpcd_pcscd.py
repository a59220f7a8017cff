"""The same cards in a vpcd reader of a real (private) pcscd, read by OpenSC's tool."""

import shutil
import subprocess
import time
from collections.abc import Callable

import pytest

from cardio.errors import CardRemoved
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport.pcsc import PcscResourceManager
from cardio_emulator.cards import vitale2
from cardio_emulator.faults import CutAnswer, FaultyCard, Mute, Removed
from cardio_emulator.vpcd import attach

pytestmark = [pytest.mark.pcscd, pytest.mark.opensc]

SELECT_ROOT = bytes.fromhex("00A40000023F00")
READ_IDENTITIES = bytes.fromhex("00B0820067")

StartPcscd = Callable[..., PrivatePcscd]


def opensc_tool(service: PrivatePcscd, reader: str, *arguments: str) -> str:
    tool = shutil.which("opensc-tool")
    if tool is None:
        pytest.skip("opensc-tool is not installed")
    command = [tool, "--reader", reader, *arguments]
    done = subprocess.run(
        command, env=service.env, capture_output=True, text=True, timeout=30, check=False
    )
    return done.stdout + done.stderr


def wait_for_card(service: PrivatePcscd, reader: str) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if "3b" in (said := opensc_tool(service, reader, "--atr")):
            return said
    pytest.fail("the card never showed")


def test_a_vitale_in_a_real_reader(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(["Vitale"])
    (reader,) = service.reader_names
    with attach(vitale2.make(), "127.0.0.1", service.ports[reader]) as insertion:
        assert "3b:75:13:00:00:44:09:ea:90:00" in wait_for_card(service, reader)
        assert insertion.seen.is_set()
        said = opensc_tool(service, reader, "--send-apdu", "00A404000BD250000002564954414C4500")
        assert "6F 0D 84 0B D2 50 00 00 02 56 49 54 41 4C 45" in said
    deadline = time.monotonic() + 10
    while "Card not present" not in opensc_tool(service, reader, "--atr"):
        assert time.monotonic() < deadline, "the card never left"


def test_latency_stays_below_the_delayed_acknowledgement(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(["Vitale"])
    (reader,) = service.reader_names
    apdus = ["--send-apdu", "00A40000023F00"] * 50
    with attach(vitale2.make(), "127.0.0.1", service.ports[reader]):
        wait_for_card(service, reader)
        start = time.monotonic()
        opensc_tool(service, reader)
        empty = time.monotonic() - start
        start = time.monotonic()
        opensc_tool(service, reader, *apdus)
        each = (time.monotonic() - start - empty) / 50
    assert each < 0.02, "44 ms would be vpcd waiting for our acknowledgement"


@pytest.mark.parametrize("command", [SELECT_ROOT, READ_IDENTITIES])
@pytest.mark.parametrize("fault", [Removed(at=1), CutAnswer(at=1, size=3), Mute(at=1, seconds=0.3)])
def test_faults_end_as_a_removal_to_cardio(
    start_pcscd: StartPcscd, fault: Removed | CutAnswer | Mute, command: bytes
) -> None:
    service = start_pcscd(["Vitale"])
    (reader,) = service.reader_names
    card = FaultyCard(vitale2.make(), fault)
    manager = PcscResourceManager()
    with attach(card, "127.0.0.1", service.ports[reader]):
        wait_for_card(service, reader)
        connection = manager.connect(reader)
        assert connection.transmit(SELECT_ROOT) == b"\x61\x12"
        with pytest.raises(CardRemoved):
            connection.transmit(command)
        connection.close()
    manager.close()
