"""A bench over a real PC/SC service: a private pcscd, vpcd readers, emulated cards.

Every program that speaks to this service sees the readers, this one too; see
`cardio.rig.pcscd.own_socket`. vpcd has no hot-plug (facts: pcsc_vpcd.md §2): a reader comes or
goes by a restart of the service, which every connection notices.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from cardio.errors import (
    CardMute,
    ConfigurationError,
    NoCard,
    ReaderUnavailable,
    RigUnavailable,
    TransportError,
)
from cardio.rig.benches.rival import Rival
from cardio.rig.benches.slot import ServiceSlot
from cardio.rig.pcscd.entries import entry_of
from cardio.rig.pcscd.own_socket import own_directory
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.transport.base import CardPresence, Disposition, ReaderStatus, ResourceManager
from cardio_emulator.bench_file import read_bench
from cardio_emulator.bench_plan import BenchPlan, seed_for
from cardio_emulator.clock import RealClock
from cardio_emulator.control import Answered, BenchControl
from cardio_emulator.faults import Fault, Strike, TornOut
from cardio_emulator.timeline import Timeline
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import Address

_LOOPBACK = "127.0.0.1"
_SEEN_WITHIN = 10.0
"""Seconds for the service to notice a card; 0.4 on a quiet machine (facts: pcsc_vpcd.md §0.4)."""
_LOOK_AGAIN = 0.2
"""Seconds: a fault may take a card out before the service has seen it, and no event tells."""
_BUSY_FOR = 1.0
"""Seconds to wait for another program to let a card go."""


class ServiceBench(BenchControl):
    """A `BenchControl` over a private pcscd, which starts with it; `service` is that pcscd.

    `readers` may be named as `cardio.rig.pcscd.entries.plan` says; each is known by the name given
    and by its full one. `fast` as for `PrivatePcscd`. A cold insertion into a killed service shows
    once it runs again. `seed` decides what faults leave to chance, `timeline` plays the steps of
    its file. Faults that need another program (`ResetByAnother`, `HeldByAnother`) let
    the card answer the command under way, and act from the next one on.

    Raises `RigUnavailable` where there can be none, also when PC/SC in this process already
    speaks to another service; `ConfigurationError` for the names; `PcscMissing` without pyscard.
    """

    def __init__(self, readers: Sequence[str], *, fast: bool = True, seed: int = 0) -> None:
        self._manager = _manager()
        self._lock = threading.RLock()
        self._down = threading.Event()
        self._rivals: dict[str, Rival] = {}
        self._strikes: list[threading.Thread] = []
        self._to_tell: tuple[Answered, ...] = ()
        self.timeline: Timeline | None = None
        self.service = PrivatePcscd(readers, fast=fast, directory=own_directory())
        self._given = dict(zip(readers, self.service.reader_names, strict=True))
        self._slots: dict[str, ServiceSlot] = {}
        with ExitStack() as undo:
            undo.callback(self.close)
            self.service.start()
            self._check_own_socket()
            for given, name in self._given.items():
                address = Address(_LOOPBACK, self.service.ports[name])
                self._slots[name] = ServiceSlot(
                    name, address, self._strike, self._answered, seed=seed_for(seed, given)
                )
            undo.pop_all()

    @classmethod
    def load(cls, path: Path, *, fast: bool = True) -> Self:
        """The bench a file describes, as `of`."""
        return cls.of(read_bench(path), fast=fast)

    @classmethod
    def of(cls, plan: BenchPlan, *, fast: bool = True) -> Self:
        """The bench of a plan, its cards in; its timeline starts now, in real time.

        PIN pads are left out, as vpcd has none (facts: pcsc_vpcd.md §2): those of a `Bench` work
        behind `cardio.rig.driver.service.OwnDriverPcscd`. Raises `ConfigurationError`, too.
        """
        plan.check_names()
        bench = cls([reader.name for reader in plan.readers], fast=fast, seed=plan.seed)
        with ExitStack() as undo:
            undo.callback(bench.close)
            for reader in plan.readers:
                if reader.card:
                    slot = bench._slot(reader.name)
                    slot.put(reader.card.make(reader=reader.name, seed=slot.seed))
            bench._show(bench._slots.values())
            bench._play(plan)
            undo.pop_all()
        return bench

    @property
    def readers(self) -> tuple[str, ...]:
        return tuple(self._slots)

    def card_in(self, reader: str) -> VirtualCard | None:
        """The card as it was put in, None without one. Raises `ReaderUnavailable`."""
        return self._slot(reader).card

    @property
    def env(self) -> dict[str, str]:
        """The environment for client processes."""
        return self.service.env

    def insert(self, reader: str, card: VirtualCard) -> None:
        """See `BenchControl.insert`. Raises `CardMute` for a card the service never shows."""
        with self._lock:
            slot = self._plugged(reader)
            if slot.card is not None:
                raise ConfigurationError(f"reader {reader!r} already holds a card")
            slot.put(card)
            with ExitStack() as undo:
                undo.callback(lambda: slot.card and slot.take())
                self._show([slot])
                undo.pop_all()

    def remove(self, reader: str) -> VirtualCard:
        with self._lock:
            slot = self._plugged(reader)
            card = slot.take()
            self._let_go(slot.name)
            if not self._down.is_set():
                self._wait_until_empty([slot])
            slot.join()
            return card

    def swap(self, reader: str, card: VirtualCard) -> VirtualCard:
        with self._lock:
            before = self.remove(reader)
            self.insert(reader, card)
            return before

    def reset(self, reader: str) -> None:
        with self._lock:
            slot = self._plugged(reader)
            if slot.card is None:
                raise NoCard("the reader is empty").at(slot.name)
            other_program = self._manager.connect(slot.name)
            with ExitStack() as cleanup:
                cleanup.callback(other_program.close)
                with other_program.transaction():
                    other_program.close(Disposition.RESET)
            self._let_go(slot.name)
            self._have_rival(slot)

    def unplug_reader(self, reader: str) -> None:
        """See `BenchControl.unplug_reader`: the service is restarted without it.

        A second slot goes, and comes back, with the first.
        """
        with self._lock:
            self._plug(self._plugged(reader), False)

    def plug_reader(self, reader: str) -> None:
        with self._lock:
            if not (slot := self._slot(reader)).plugged:
                self._plug(slot, True)

    def kill_service(self) -> None:
        with self._lock:
            self.service.kill()
            self._down.set()
            for slot in self._slots.values():
                self._let_go(slot.name)
                slot.join()

    def restart_service(self) -> None:
        with self._lock:
            self.kill_service()
            away = [slot.name for slot in self._slots.values() if not slot.plugged]
            self.service.restart(unplugged=away)
            self._down.clear()
            self._show(slot for slot in self._slots.values() if slot.plugged)

    def fault(self, reader: str, fault: Fault) -> None:
        with self._lock:
            slot = self._plugged(reader)
            slot.fault(fault)
            self._have_rival(slot)

    def clear_faults(self, reader: str) -> None:
        with self._lock:
            slot = self._plugged(reader)
            slot.clear_faults()
            self._let_go(slot.name)

    def listen(self, told: Answered) -> None:
        """See `AnswerSource.listen`: once the answer was sent, in the thread of the card."""
        with self._lock:
            self._to_tell += (told,)

    def close(self) -> None:
        if self.timeline:
            self.timeline.stop()
        with self._lock:
            for slot in self._slots.values():
                self._let_go(slot.name)
                slot.disconnect()
            self.service.stop()
            self._down.set()
        for thread in (*self._slots.values(), *self._strikes):
            thread.join()
        self._manager.close()

    def _play(self, plan: BenchPlan) -> None:
        """Steps that count APDUs are told of readers by their full names."""
        if plan.steps:
            steps = [
                replace(step, counted=self._given.get(step.counted, step.counted))
                for step in plan.steps
            ]
            self.timeline = Timeline(steps, self, RealClock(), seed=plan.seed)
            self.timeline.start()

    def _answered(self, reader: str, status: bytes) -> None:
        for told in self._to_tell:
            told(reader, status)

    def _slot(self, reader: str) -> ServiceSlot:
        slot = self._slots.get(self._given.get(reader, reader))
        if slot is None:
            raise ReaderUnavailable("there is no such reader").at(reader)
        return slot

    def _plugged(self, reader: str) -> ServiceSlot:
        if not (slot := self._slot(reader)).plugged:
            raise ReaderUnavailable("the reader is unplugged").at(slot.name)
        return slot

    def _plug(self, slot: ServiceSlot, plugged: bool) -> None:
        for each in self._slots.values():
            if entry_of(each.name) == entry_of(slot.name):
                each.plugged = plugged
        if not self._down.is_set():
            self.restart_service()

    def _show(self, slots: Iterable[ServiceSlot]) -> None:
        """Have the service see the cards that are in these readers.

        No card goes in before the service has seen the last one leave (facts: pcsc_vpcd.md §0.5).
        """
        filled = [slot for slot in slots if slot.card is not None]
        if self._down.is_set():
            return
        self._wait_until_empty(filled)
        for slot in filled:
            slot.connect()
        self._wait_until(lambda look: all(_has_card(look, s) or not s.card for s in filled))
        for slot in filled:
            self._have_rival(slot)

    def _wait_until_empty(self, slots: Sequence[ServiceSlot]) -> None:
        self._wait_until(lambda look: not any(_has_card(look, slot) for slot in slots))

    def _wait_until(self, holds: Callable[[Mapping[str, ReaderStatus]], bool]) -> None:
        deadline = time.monotonic() + _SEEN_WITHIN
        seen = self._manager.readers()
        while not holds({reader.name: reader for reader in seen}):
            if (left := deadline - time.monotonic()) <= 0:
                raise CardMute("the PC/SC service does not show what became of the card")
            seen = self._manager.wait(seen, min(left, _LOOK_AGAIN))

    def _check_own_socket(self) -> None:
        """Raises `RigUnavailable` when PC/SC in this process speaks to another service."""
        seen: set[str] = set()
        with suppress(TransportError):
            seen = {reader.name for reader in self._manager.readers()}
        if not seen.issuperset(self.service.reader_names):
            raise RigUnavailable(
                "PC/SC in this process speaks to another service since its first call: start the "
                f"bench before it, or start Python with PCSCLITE_CSOCK_NAME={self.service.socket}"
            )

    def _have_rival(self, slot: ServiceSlot) -> None:
        if slot.needs_rival and slot.name not in self._rivals:
            with suppress(TransportError):  # no card, or none that can be connected to
                self._rivals[slot.name] = Rival(self._manager, slot.name)

    def _let_go(self, reader: str) -> None:
        if rival := self._rivals.pop(reader, None):
            rival.leave()

    def _strike(self, slot: ServiceSlot, strike: Strike) -> None:
        """Called by the thread that serves the card, in the middle of a command."""
        rival = self._rivals.get(slot.name)
        match strike:
            case Strike.READER_GONE:
                self._bring_down(lambda: self.unplug_reader(slot.name))
            case Strike.SERVICE_GONE:
                self._bring_down(self.kill_service)
            case _ if rival is None:
                raise TornOut
            case Strike.RESET | Strike.HELD:
                with suppress(TransportError):  # a third program holds the card
                    rival.reset() if strike is Strike.RESET else rival.hold()

    def _bring_down(self, how: Callable[[], None]) -> None:
        """In another thread, which waits for this one; the service is gone on return."""
        thread = threading.Thread(target=how, name="strike", daemon=True)
        self._strikes.append(thread)
        thread.start()
        self._down.wait(_SEEN_WITHIN)


def _has_card(look: Mapping[str, ReaderStatus], slot: ServiceSlot) -> bool:
    reader = look.get(slot.name)
    return reader is not None and reader.presence is not CardPresence.ABSENT


def _manager() -> ResourceManager:
    """PC/SC of this process; loaded late, as pyscard may not be installed."""
    from cardio.transport.pcsc import PcscResourceManager

    return PcscResourceManager(limit=_BUSY_FOR)
