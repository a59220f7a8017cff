"""A TLS handshake with a card that has forgotten its PIN; its other faults are in the matrix."""

from collections.abc import Callable
from pathlib import Path
from types import NoneType

import pytest
from tests.support.tls_memory import handshake, server_context
from tests.support.tls_servers import server_authority

from cardio import Pin, Verified, Workstation
from cardio.authentication import tls_session
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import CardioError, PinStateLost
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.faults import FaultyCard
from cardio_emulator.kinds import make

READER = "Lecteur 00 00"
KINDS = ("cps3", "cps4")


def _error_of(run: Callable[[], object]) -> CardioError | None:
    try:
        run()
    except CardioError as error:
        return error
    return None


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "authority.pem"
    file.write_bytes(server_authority().certificate)
    return file


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("keep", [False, True])
def test_a_pin_forgotten_by_the_card(kind: str, authority: Path, keep: bool) -> None:
    """Between PIN and signature: told, or the PIN that was lent is given again, once."""
    emulated = make(kind)
    faulty = FaultyCard(emulated)
    bench = Bench()
    bench.add_reader(READER, faulty)
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        card = workstation.cps()
        with Pin.of("1234") as pin:
            assert card.verify_pin(pin, keep_for_session=keep) == Verified()
        with tls_session(card, server_authorities=authority, store=TrustStore()) as session:
            emulated.reset()
            told = _error_of(lambda: handshake(session.context, server_context()))
            assert session.ended_by is told
    assert isinstance(told, NoneType if keep else PinStateLost)
    assert isinstance(emulated, Card)
    assert emulated.pins[1].tries_left == 3
