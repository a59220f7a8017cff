"""SCardControl through a real pcscd and vpcd: there is no PIN pad, and that is all to be seen."""

from time import monotonic

import pytest
from tests.conftest import StartPcscd
from tests.support.soft_card import SoftCard

from cardio.errors import UnsupportedByReader
from cardio.transport import pcsclite
from cardio.transport.base import CardPresence
from cardio.transport.channel import Channel
from cardio.transport.pcsc import PcscResourceManager
from cardio.transport.pinpad import FEATURE_REQUEST, PinPad
from cardio.transport.stack import stack

pytestmark = pytest.mark.pcscd


@pytest.mark.parametrize("straight", [True, False], ids=["libpcsclite", "pyscard only"])
def test_a_reader_without_pad(
    start_pcscd: StartPcscd, monkeypatch: pytest.MonkeyPatch, straight: bool
) -> None:
    if not straight:
        monkeypatch.setattr(pcsclite, "library", lambda: None)
    service = start_pcscd(["CPS"])
    name = service.reader_names[0]
    manager = PcscResourceManager(limit=5)
    with SoftCard(service.ports[name]):
        wait_for_card(manager)
        connection = manager.connect(name)
        try:
            assert PinPad.find(Channel(stack(connection))) is None
            with pytest.raises(UnsupportedByReader, match=name):
                connection.control(FEATURE_REQUEST + 1, b"\x00", limit=20)
            assert connection.transmit(bytes.fromhex("00A4000C023F00")).endswith(b"\x90\x00")
        finally:
            connection.close()
            manager.close()


def wait_for_card(manager: PcscResourceManager) -> None:
    end = monotonic() + 10
    readers = manager.readers()
    while not any(reader.presence is CardPresence.PRESENT for reader in readers):
        assert monotonic() < end
        readers = manager.wait(readers, 1)
