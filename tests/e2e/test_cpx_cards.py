"""Every kind of CPx card in a real PC/SC reader, in the protocol its ATR makes it speak."""

from collections.abc import Callable

import pytest

from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport.base import TransmissionProtocol
from cardio.transport.pcsc import PcscResourceManager
from cardio_emulator.kinds import make
from cardio_emulator.vpcd import attach

pytestmark = pytest.mark.pcscd

StartPcscd = Callable[..., PrivatePcscd]
READER = "Lecteur"
T0, T1 = TransmissionProtocol.T0, TransmissionProtocol.T1


@pytest.mark.parametrize(
    ("kind", "protocol", "exchanges"),
    [
        (
            "cps3-contactless",
            T1,
            {
                "00A40904043F00D00300": "62258002000C82",
                "00B000000C": "5A0A8025000001098217000F9000",
            },
        ),
        (
            "cps4",
            T1,
            {
                "A0A40000023F00": "9F07",
                "01A4040C088025000001FF0100": "9000",
                "01A4080002D00300": "6F0B8002000C8201018302D0039000",
                "01200001": "63C3",
            },
        ),
        (
            "cps4-t0",
            T0,
            {
                "01A4040C088025000001FF0100": "9000",
                "01A4080002D003": "610D",
                "01C000000D": "6F0B8002000C8201018302D0039000",
            },
        ),
        (
            "cps2ter",
            T0,
            {
                "A0A40000024001": "9F07",
                "A0C0000007": "850500114001049000",
                "A020000100": "9802",
                "A02000010831323334FFFFFFFF": "9000",
            },
        ),
    ],
)
def test_answers_through_pcscd(
    start_pcscd: StartPcscd, kind: str, protocol: TransmissionProtocol, exchanges: dict[str, str]
) -> None:
    service = start_pcscd([READER])
    (name,) = service.reader_names
    card = make(kind)
    with attach(card, "127.0.0.1", service.ports[name], wait=5):
        manager = PcscResourceManager()
        known = manager.readers()
        while not any(status.atr for status in known):
            known = manager.wait(known, timeout=10)
        assert [status.atr for status in known if status.name == name] == [card.atr]
        connection = manager.connect(name)
        assert connection.protocol is protocol
        for command, answer in exchanges.items():
            assert connection.transmit(bytes.fromhex(command)).hex().upper().startswith(answer)
        connection.close()
        manager.close()
