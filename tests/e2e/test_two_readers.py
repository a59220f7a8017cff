"""A CPS and a Vitale in real PC/SC readers: found by what they are, wherever they are."""

import itertools
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from tests.support.command import cardio, cardio_json

from cardio.errors import CardRemoved, SelectionError, TransportError
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport.base import CardPresence
from cardio.workstation.workstation import Workstation
from cardio_emulator.kinds import make
from cardio_emulator.vpcd import attach

pytestmark = pytest.mark.pcscd

StartPcscd = Callable[..., PrivatePcscd]
READERS = ("Lecteur CPS", "Lecteur Vitale")


def insert(stack: ExitStack, service: PrivatePcscd, **cards: str) -> None:
    """Put a card of each kind in the reader named, and wait until PC/SC shows them all."""
    for kind, reader in cards.items():
        insertion = attach(make(kind), "127.0.0.1", service.ports[reader], wait=5)
        stack.enter_context(insertion)
    with Workstation.open() as workstation:
        wait_for(workstation, set(cards.values()))


def wait_for(workstation: Workstation, full: set[str]) -> None:
    """Until exactly these readers hold a card."""
    known = workstation.readers()
    while {s.name for s in known if s.presence is CardPresence.PRESENT} != full:
        changed = workstation.manager.wait(known, timeout=10)
        assert changed != known, f"still not as wanted: {known}"
        known = changed


@pytest.mark.parametrize("order", ["as named", "swapped"])
def test_probe_and_show_find_the_right_card(start_pcscd: StartPcscd, order: str) -> None:
    service = start_pcscd(READERS)
    first, second = service.reader_names
    cps, vitale = (first, second) if order == "as named" else (second, first)
    with ExitStack() as stack:
        insert(stack, service, cps3=cps, vitale2=vitale)
        professional = cardio_json("cps", "show", env=service.env)
        patient = cardio_json("vitale", "show", env=service.env)
        report = cardio_json("probe", env=service.env)
    assert professional["reader"] == cps
    assert professional["holder"]["ps_idnat"] == "899700982178"
    assert professional["tries_left"] == {"pin": 3, "puk": 10}
    assert professional["differences"] == professional["problems"] == []
    assert patient["reader"] == vitale
    assert patient["beneficiaries"][0]["given_name"] == "CARDIOLINE"
    assert report["verdict"]["status"] in ("ready", "attention")  # the machine's own software
    of_readers = [one for one in report["checks"] if one["reader"]]
    assert {one["reader"] for one in of_readers} >= {cps, vitale}
    assert {one["status"] for one in of_readers} <= {"pass", "skip"}


def test_the_cards_change_places_while_the_workstation_is_open(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(READERS)
    first, second = service.reader_names
    with Workstation.open() as workstation:
        for cps, vitale in itertools.islice(itertools.cycle([(first, second), (second, first)]), 4):
            with ExitStack() as stack:
                insert(stack, service, cps3=cps, vitale2=vitale)
                assert workstation.cps().reader == cps
                assert workstation.vitale().reader == vitale
            wait_for(workstation, set())


def test_a_removed_card_is_told_and_the_same_one_is_opened_again(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(READERS)
    reader = service.reader_names[0]
    with Workstation.open() as workstation:
        with ExitStack() as stack:
            insert(stack, service, cps3=reader)
            card = workstation.cps()
        wait_for(workstation, set())
        with pytest.raises(CardRemoved):
            card.tries_left()
        with pytest.raises(SelectionError) as none:
            workstation.cps()
        assert none.value.reason == "no-card"
        with ExitStack() as stack:
            insert(stack, service, cps3=reader)
            assert workstation.reopen(card).tries_left() == 3
            with pytest.raises(TransportError):
                card.tries_left()


def test_exit_codes_tell_what_lacks(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(READERS)
    assert cardio("cps", "show", env=service.env).returncode == 5
    assert cardio("cards", env=service.env).returncode == 5
    assert cardio("readers", env=service.env).returncode == 0
    with ExitStack() as stack:
        insert(stack, service, vitale2=service.reader_names[0])
        wanted = cardio("cps", "show", "--lang", "fr", env=service.env)
    assert wanted.returncode == 5
    assert "Insérez une seule carte" in wanted.stderr
    service.stop()
    stopped = cardio("readers", "--json", env=service.env)
    assert stopped.returncode == 3
    assert '"CARD-1202"' in stopped.stdout
    assert cardio("probe", env=service.env).returncode == 1
