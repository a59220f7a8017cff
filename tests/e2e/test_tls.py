"""The whole way: an emulated CPS in vpcd, pcscd, pyscard, OpenSSL, httpx, and Debian's nginx."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest
from tests.e2e.test_pcsc import another_program, end
from tests.support.tls_servers import Server, nginx

from cardio import CpsCard, Pin, PinEntryMode, Verified, Workstation
from cardio.authentication import TlsSession, tls_session
from cardio.errors import CardioError, CardRemoved, CardReset
from cardio.rig.pcscd.private import PrivatePcscd
from cardio_emulator.card_os import Card
from cardio_emulator.kinds import make
from cardio_emulator.vpcd import Insertion, attach

pytestmark = pytest.mark.pcscd

StartPcscd = Callable[..., PrivatePcscd]
READER = "Lecteur CPS"
SOON = 10.0


class Desk:
    """A card in a real PC/SC reader, whose holder gives the PIN when asked."""

    def __init__(self, service: PrivatePcscd, kind: str) -> None:
        (self.reader,) = service.reader_names
        self.port = service.ports[self.reader]
        self.emulated = make(kind)
        self.asked = 0

    @contextmanager
    def inserted(self) -> Iterator[tuple[Workstation, CpsCard, Insertion]]:
        with (
            attach(self.emulated, "127.0.0.1", self.port, wait=5) as insertion,
            Workstation.open() as found,
        ):
            wait_for_card(found)
            card = found.cps()
            card.log_in(PinEntryMode.DEFER, self.give)
            yield found, card, insertion

    @property
    def tries_left(self) -> int:
        assert isinstance(self.emulated, Card)
        return self.emulated.pins[1].tries_left

    def give(self) -> Pin:
        self.asked += 1
        return Pin.of("1234")


@pytest.mark.parametrize(("kind", "version"), [("cps3", "TLSv1.2"), ("cps4", "TLSv1.3")])
def test_the_holder_is_known_to_nginx(
    start_pcscd: StartPcscd, tmp_path: Path, kind: str, version: str
) -> None:
    desk = Desk(start_pcscd([READER]), kind)
    with nginx(tmp_path) as server, desk.inserted() as (workstation, card, _):
        with (
            tls_session(
                card, server_authorities=server.authority, watch=workstation.manager
            ) as session,
            httpx.Client(verify=session.context, timeout=SOON) as client,
        ):
            assert client.get(server.url).status_code == 200
        ps_idnat = card.holder.ps_idnat
        assert ps_idnat
        ((verified, spoken, subject),) = server.log()
    assert (verified, spoken) == ("SUCCESS", version)
    assert f"CN={ps_idnat}" in subject
    assert (desk.asked, desk.tries_left) == (1, 3)


def test_the_card_is_taken_out(start_pcscd: StartPcscd, tmp_path: Path) -> None:
    """The session ends by itself, its open connections with it; another card changes nothing."""
    desk = Desk(start_pcscd([READER]), "cps3")
    reasons: list[CardioError] = []
    ended = Event()

    def on_end(reason: CardioError) -> None:
        reasons.append(reason)
        ended.set()

    with (
        nginx(tmp_path) as server,
        desk.inserted() as (workstation, card, insertion),
        tls_session(
            card, server_authorities=server.authority, watch=workstation.manager, on_end=on_end
        ) as session,
        httpx.Client(verify=session.context, timeout=SOON) as client,
    ):
        assert client.get(server.url).status_code == 200
        insertion.eject()
        assert ended.wait(SOON)
        other = make("cps3", "infirmiere")
        with attach(other, "127.0.0.1", desk.port, wait=5):
            wait_for_card(workstation)
            for _ in range(2):
                with pytest.raises(CardRemoved):
                    client.get(server.url)
        assert len(server.log()) == 1
    assert [type(reason) for reason in reasons] == [CardRemoved]
    assert isinstance(other, Card)
    assert (desk.tries_left, other.pins[1].tries_left) == (3, 3)


def test_another_program_resets_the_card(start_pcscd: StartPcscd, tmp_path: Path) -> None:
    """Told by the next handshake; with the card opened anew, a new session goes on."""
    desk = Desk(start_pcscd([READER]), "cps3")
    with nginx(tmp_path) as server, desk.inserted() as (workstation, card, _):
        with tls_session(card, server_authorities=server.authority) as session:
            assert get(server, session) == 200
            with another_program(desk.reader, "shared") as other:
                end(other, "reset")
            for _ in range(2):
                with pytest.raises(CardReset):
                    get(server, session)
        again = workstation.reopen(card)
        with Pin.of("1234") as pin:
            assert again.verify_pin(pin) == Verified()
        with tls_session(again, server_authorities=server.authority) as session:
            assert get(server, session) == 200
    assert (desk.asked, desk.tries_left) == (1, 3)


def get(server: Server, session: TlsSession) -> int:
    return httpx.get(server.url, verify=session.context, timeout=SOON).status_code


def wait_for_card(workstation: Workstation) -> None:
    known = workstation.readers()
    while not any(one.atr for one in known):
        known = workstation.manager.wait(known, timeout=SOON)
