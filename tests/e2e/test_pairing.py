"""A consultation on real PC/SC: every order of 2, 4 and 8 readers, removal at every step."""

import itertools
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from tests.support.consulting import cps, vitale

from cardio.errors import (
    CardChanged,
    CardioError,
    CardRemoved,
    ConsultationEnded,
    SelectionError,
    TransportError,
)
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport.base import CardPresence
from cardio.workstation.consultation import Consultation
from cardio.workstation.consultation_events import EndReason, VitaleBack
from cardio.workstation.consultation_pairing import Prompt
from cardio.workstation.workstation import Workstation
from cardio_emulator.faults import FaultyCard, Removed
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import Insertion, attach

pytestmark = pytest.mark.pcscd

StartPcscd = Callable[..., PrivatePcscd]
FAMILY = ["CARDIOLINE", "NOÉ", "ZOÉLIE"]
DOCTOR = "899700982178"


class Desk:
    """The readers of one service, and hands that move cards in them; none waits to be seen."""

    def __init__(self, service: PrivatePcscd, workstation: Workstation) -> None:
        self.service, self.workstation = service, workstation
        self.readers = sorted(service.ports)
        self._inserted: dict[str, ExitStack] = {}

    def put(self, reader: str, card: VirtualCard, *, holds_back: bool = True) -> Insertion:
        stack = self._inserted[reader] = ExitStack()
        port = self.service.ports[reader]
        card_in = attach(card, "127.0.0.1", port, wait=5, holds_back=holds_back)
        return stack.enter_context(card_in)

    def take(self, reader: str) -> None:
        self._inserted.pop(reader).close()

    def take_all(self) -> None:
        for reader in list(self._inserted):
            self.take(reader)

    def wait_for(self, *full: str) -> None:
        """Until PC/SC shows a card in exactly these readers."""
        known = self.workstation.readers()
        while {s.name for s in known if s.presence is CardPresence.PRESENT} != set(full):
            changed = self.workstation.manager.wait(known, timeout=10)
            assert changed != known, f"still not as wanted: {known}"
            known = changed

    @contextmanager
    def holding(self, **cards: VirtualCard) -> Iterator[None]:
        """Cards in readers by their numbers, `r3=card`, for the length of a `with` block.

        Nothing holds them back: those before them were seen to leave.
        """
        places = {self.readers[int(name[1:])]: card for name, card in cards.items()}
        for reader, card in places.items():
            self.put(reader, card, holds_back=False)
        self.wait_for(*places)
        try:
            yield
        finally:
            self.take_all()
            self.wait_for()


@contextmanager
def desk_of(service: PrivatePcscd) -> Iterator[Desk]:
    before = set(threading.enumerate())
    with Workstation.open() as workstation:
        desk = Desk(service, workstation)
        try:
            yield desk
        finally:
            desk.take_all()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), f"a thread is left: {thread}"


def entries(size: int) -> list[str]:
    """vpcd makes two readers of each."""
    return [f"Lecteur {number}" for number in range(size // 2)]


def given_names(consultation: Consultation) -> list[str | None]:
    return [person.given_name for person in consultation.check().beneficiaries]


@pytest.mark.parametrize("size", [2, 4, 8])
def test_every_order(start_pcscd: StartPcscd, size: int) -> None:
    with desk_of(start_pcscd(entries(size))) as desk:
        assert len(desk.readers) == size
        for one, other in itertools.permutations(range(size), 2):
            with (
                desk.holding(**{f"r{one}": cps(), f"r{other}": vitale()}),
                desk.workstation.consultation() as consultation,
            ):
                assert consultation.cps.reader == desk.readers[one]
                assert str(consultation.cps.holder.ps_idnat) == DOCTOR
                assert consultation.vitale.reader == desk.readers[other]
                assert given_names(consultation) == FAMILY


@pytest.mark.parametrize("role", ["cps", "vitale"])
@pytest.mark.parametrize("size", [2, 4, 8])
def test_a_removal_at_every_step(start_pcscd: StartPcscd, size: int, role: str) -> None:
    """At every APDU, each time in another order of the readers."""
    with desk_of(start_pcscd(entries(size))) as desk:
        orders = itertools.cycle(itertools.permutations(range(size), 2))
        for moment in itertools.count():
            torn = FaultyCard(cps() if role == "cps" else vitale(), Removed(moment))
            one, other = next(orders)
            cards = (torn, vitale()) if role == "cps" else (cps(), torn)
            with desk.holding(**{f"r{one}": cards[0], f"r{other}": cards[1]}):
                told = _attempt(desk.workstation)
            if isinstance(told, SelectionError):
                assert isinstance(told.__cause__, TransportError), (moment, told)
            elif isinstance(told, list):
                assert told == [DOCTOR, *FAMILY], moment
                if torn.count <= moment:
                    break  # the card was never asked so much
            else:
                assert isinstance(told, TransportError), (moment, told)


def _attempt(workstation: Workstation) -> list[str | None] | CardioError:
    try:
        with workstation.consultation() as consultation:
            names = given_names(consultation)
            return [str(consultation.cps.holder.ps_idnat), *names]
    except CardioError as error:
        return error


def test_it_ends_at_once_when_the_cps_leaves(start_pcscd: StartPcscd) -> None:
    ends: list[tuple[EndReason, float]] = []
    with (
        desk_of(start_pcscd(entries(2))) as desk,
        desk.holding(r0=cps(), r1=vitale()),
        desk.workstation.consultation(
            on_end=lambda why: ends.append((why, time.monotonic()))
        ) as consultation,
    ):
        card, reader = consultation.cps, desk.readers[0]
        taken_at = time.monotonic()
        desk.take(reader)
        assert consultation.wait(10) is EndReason.CPS_LEFT
        assert ends[0][0] is EndReason.CPS_LEFT
        assert ends[0][1] - taken_at < 1.0
        with pytest.raises(ConsultationEnded):
            card.tries_left()
        desk.put(reader, cps())
        desk.wait_for(*desk.readers)
        with pytest.raises(ConsultationEnded):
            card.tries_left()
    assert len(ends) == 1


def test_one_reader_in_turn(start_pcscd: StartPcscd) -> None:
    """Vitale then CPS; and CPS, Vitale, CPS."""
    with desk_of(start_pcscd(entries(2))) as desk:
        reader = desk.readers[0]
        for first in ((), (cps(),)):
            steps = [*first, vitale(), cps()]
            left = list(steps)

            def swap(
                prompt: Prompt, left: list[VirtualCard] = left, count: int = len(steps)
            ) -> None:
                """At the first prompt, and where a card has to make room; not in between."""
                if prompt.instead_of or len(left) == count:
                    desk.take_all()
                    desk.wait_for()
                    desk.put(reader, left.pop(0))

            with desk.workstation.consultation(
                cps_reader=reader, vitale_reader=reader, wait=30, on_prompt=swap
            ) as consultation:
                assert not consultation.is_vitale_present
                assert given_names(consultation) == FAMILY
                assert consultation.cps.reader == reader
            desk.take_all()
            desk.wait_for()


def test_another_patient_is_never_taken_for_the_first(start_pcscd: StartPcscd) -> None:
    with (
        desk_of(start_pcscd(entries(4))) as desk,
        desk.holding(r2=cps(), r1=vitale()),
        desk.workstation.consultation() as consultation,
    ):
        first = consultation.vitale
        desk.take(desk.readers[1])
        desk.wait_for(desk.readers[2])
        desk.put(desk.readers[3], vitale("famille-voisine"))
        desk.wait_for(desk.readers[2], desk.readers[3])
        with pytest.raises(CardChanged):
            _ = consultation.vitale
        desk.take(desk.readers[3])
        desk.wait_for(desk.readers[2])
        desk.put(desk.readers[0], vitale())
        assert any(isinstance(event, VitaleBack) for event in consultation.events())
        assert consultation.change_patient().is_of_same_card(first)
        assert given_names(consultation) == FAMILY


@pytest.mark.parametrize("role", ["cps", "vitale"])
def test_a_swap_that_the_service_does_not_notice(start_pcscd: StartPcscd, role: str) -> None:
    """Torn out in the middle of an APDU, another card in its place at once (§0.5)."""
    with desk_of(start_pcscd(entries(2), fast=False)) as desk:
        of_cps, of_vitale = desk.readers
        torn = FaultyCard(cps() if role == "cps" else vitale())
        other = cps("infirmiere") if role == "cps" else vitale("famille-voisine")
        cards = (torn, vitale()) if role == "cps" else (cps(), torn)
        reader = of_cps if role == "cps" else of_vitale
        with (
            desk.holding(r0=cards[0], r1=cards[1]),
            desk.workstation.consultation() as consultation,
        ):
            consultation.check()
            torn.add(Removed(at=0))
            with pytest.raises(CardRemoved):
                consultation.check()
            desk.take(reader)
            desk.put(reader, other, holds_back=False)
            if role == "cps":
                assert consultation.wait(10) is EndReason.CPS_LEFT
            else:
                assert isinstance(_first_word(consultation), CardChanged)


def _first_word(consultation: Consultation) -> TransportError | None:
    """What a check says of another card once it can be read: vpcd may take a while."""
    for _ in range(30):
        try:
            consultation.check()
        except CardChanged as changed:
            return changed
        except TransportError:
            time.sleep(0.1)
        else:
            return None
    return None


def test_the_service_dies(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(entries(2))
    ends: list[EndReason] = []
    with desk_of(service) as desk:
        desk.put(desk.readers[0], cps())
        desk.put(desk.readers[1], vitale())
        desk.wait_for(*desk.readers)
        with desk.workstation.consultation(on_end=ends.append) as consultation:
            service.kill()
            assert consultation.wait(10) is EndReason.READERS_LOST
            with pytest.raises(ConsultationEnded):
                consultation.cps.tries_left()
        assert ends == [EndReason.READERS_LOST]
        desk.take_all()


def test_the_command_line_follows(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(entries(2))
    with desk_of(service) as desk:
        desk.put(desk.readers[1], vitale())
        desk.wait_for(desk.readers[1])
        with _watching(service) as process:
            assert _next(process, "prompt")["missing"] == ["cps"]
            desk.put(desk.readers[0], cps())
            started = _next(process, "started")
            assert started["cps"]["reader"] == desk.readers[0]
            assert started["vitale"]["beneficiaries"] == len(FAMILY)
            assert "identity" not in started
            desk.take(desk.readers[0])
            assert _next(process, "cps-left")["reader"] == desk.readers[0]
            assert _next(process, "ended")["why"] == "cps-left"
            assert process.wait(10) == 5
        with _watching(service) as process:
            _next(process, "prompt")
            process.send_signal(signal.SIGINT)
            assert _next(process, "ended")["why"] == "closed"
            assert process.wait(10) == 0


@contextmanager
def _watching(service: PrivatePcscd) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "cardio", "consult", "watch", "--json"]
    with subprocess.Popen(command, env=service.env, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _next(process: "subprocess.Popen[str]", word: str) -> Any:  # noqa: ANN401
    """The next event of this name; others are passed over."""
    assert process.stdout
    for line in process.stdout:
        if (event := json.loads(line))["event"] == word:
            return event
    raise AssertionError(f"no {word}")
