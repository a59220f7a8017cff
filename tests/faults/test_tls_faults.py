"""A TLS handshake with every fault of the card at every APDU of it, the PIN's included.

Either both ends have shaken hands, or the caller gets a typed error; the session ends with it, no
second handshake reaches the card, and no PIN try is spent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import NoneType

import pytest
from tests.faults.test_flows import FAULTS
from tests.support.tls_memory import handshake, server_context
from tests.support.tls_servers import server_authority

from cardio import Pin, PinEntryMode, Verified, Workstation
from cardio.authentication import tls_session
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import CardioError, PinStateLost, TransportError
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.faults import Fault, FaultyCard
from cardio_emulator.kinds import make

READER = "Lecteur 00 00"
KINDS = ("cps3", "cps4")


@dataclass
class Tried:
    """What became of handshakes with a card that had `fault`."""

    errors: list[CardioError | None]
    asked: int
    tries_left: int
    apdus: list[int]
    ended_by: CardioError | None


def try_handshakes(kind: str, authority: Path, fault: Fault | None, *, count: int = 1) -> Tried:
    """Open the session on a sound card; from the first handshake on, `fault` counts its APDUs."""
    emulated = make(kind)
    faulty = FaultyCard(emulated)
    bench, asked = Bench(), 0
    bench.plug(READER, faulty)

    def ask() -> Pin:
        nonlocal asked
        asked += 1
        return Pin.of("1234")

    with Workstation(EmulatedResourceManager(bench)) as workstation:
        card = workstation.cps()
        card.log_in(PinEntryMode.DEFER, ask)
        with tls_session(card, server_authorities=authority, store=TrustStore()) as session:
            faulty.count, faulty._faults = 0, [fault] if fault else []  # type: ignore[list-item]
            errors: list[CardioError | None] = []
            apdus: list[int] = []
            for _ in range(count):
                before = faulty.count
                errors.append(_error_of(lambda: handshake(session.context, server_context())))
                apdus.append(faulty.count - before)
            ended_by = session.ended_by
    assert isinstance(emulated, Card)
    return Tried(errors, asked, emulated.pins[1].tries_left, apdus, ended_by)


def _error_of(run: Callable[[], object]) -> CardioError | None:
    try:
        run()
    except CardioError as error:
        return error
    return None


@cache
def exchanges(kind: str, authority: Path) -> int:
    """APDUs of a first handshake, the PIN's included."""
    sound = try_handshakes(kind, authority, None)
    assert sound.errors == [None]
    return sound.apdus[0]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "authority.pem"
    file.write_bytes(server_authority().certificate)
    return file


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_apdu(kind: str, authority: Path, fault: Callable[[int], Fault]) -> None:
    for at in range(exchanges(kind, authority)):
        tried = try_handshakes(kind, authority, fault(at), count=2)
        assert tried.asked <= 1, at
        assert tried.tries_left == 3, at
        first, second = tried.errors
        if first:
            assert tried.ended_by is first, at
            assert second is first, at
            assert tried.apdus[1] == 0, at
        if isinstance(first, TransportError):
            assert first.where.reader == READER, at


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("keep", [False, True])
def test_a_pin_forgotten_by_the_card(kind: str, authority: Path, keep: bool) -> None:
    """Between PIN and signature: told, or the PIN that was lent is given again, once."""
    emulated = make(kind)
    faulty = FaultyCard(emulated)
    bench = Bench()
    bench.plug(READER, faulty)
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
