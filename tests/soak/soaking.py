"""Rough hands and diligent programs on one bench, for a while: what a soak is made of."""

import faulthandler
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle, islice
from random import Random

from cardio.cards.cps.card import CpsCard
from cardio.cards.identify import CardKind, Match, identify
from cardio.cards.vitale.card import VitaleCard
from cardio.errors import CardioError, NoCard, ServiceUnavailable
from cardio.transport.base import CardPresence, ResourceManager
from cardio.transport.channel import Channel
from cardio.transport.monitor import Monitor
from cardio.transport.stack import stack
from cardio.workstation.scan import Looked, OpenSlot
from cardio.workstation.workstation import Workstation
from cardio_emulator import persona
from cardio_emulator.card_os import CHIPDOC, IAS_ECC, Card
from cardio_emulator.cards import cps3, cps4
from cardio_emulator.control import BenchControl
from cardio_emulator.faults import ALL_FAULTS, Fault, Mute, SlowAnswer, StateFault
from cardio_emulator.kinds import make

_CPS_SERIAL = slice(7, 11)
"""The digits of the chip's own number in EF.SN.ICC (facts: cps.md §2.2)."""
_VITALE_PERSONAS = (
    *("famille", "famille-voisine", "famille-nombreuse", "corse"),
    *("jumeaux", "nom-naissance", "prenoms-composes", "naissance-etranger"),
)
_LATEST_APDU = 15

Hung = list[str]


def pool(size: int) -> tuple[Card, ...]:
    """Cards that can all be told apart by what programs read: CPS3, CPS4 and Vitale 2."""
    holder = persona.load("medecin")
    cards = [make("vitale2", name) for name in _VITALE_PERSONAS]
    for number, (kind, os) in enumerate(
        islice(cycle(((cps3, IAS_ECC), (cps4, CHIPDOC))), size - len(cards))
    ):
        cards.append(Card(kind.image(replace(holder, chip_serial=f"{number:08}")), os))
    return tuple(cards)


def who_is(channel: Channel, match: Match) -> str | None:
    """What tells this card from every other of the pool; None where it does not tell."""
    if match.kind in (CardKind.CPS3, CardKind.CPS4) and match.serial:
        return f"{match.kind.name} {match.serial[_CPS_SERIAL].hex()}"
    if match.kind is CardKind.VITALE2:
        people = VitaleCard(channel, match).beneficiaries
        return f"VITALE2 {people[0].given_name} {people[0].nir}" if people else None
    return None


class Register:
    """Which card was in which reader, and when; a little longer rather than too short."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._stays: dict[tuple[str, str], list[list[float]]] = {}

    def enters(self, reader: str, name: str) -> None:
        """Told before the card is put in."""
        with self._guard:
            self._stays.setdefault((reader, name), []).append([time.monotonic(), float("inf")])

    def has_left(self, reader: str, name: str) -> None:
        """Told once it is out."""
        with self._guard:
            self._stays[reader, name][-1][1] = time.monotonic()

    def had(self, reader: str, name: str, began: float, ended: float) -> bool:
        with self._guard:
            stays = self._stays.get((reader, name), [])
            return any(since <= ended and until >= began for since, until in stays)


@dataclass
class Soak:
    """A bench with its cards, and all that is found out while it soaks.

    `names` tells each card of the pool as `who_is` does; `wrong` are reads of a card that was
    not there, `broken` errors that are none of cardio's.
    """

    bench: BenchControl
    open_manager: Callable[[], ResourceManager]
    names: Mapping[Card, str]
    seed: int
    hung_after: float
    counts: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    longest: tuple[float, str] = (0.0, "")

    def __post_init__(self) -> None:
        self._register = Register()
        self._over = threading.Event()
        self._under_way: dict[int, tuple[float, str]] = {}
        self._guard = threading.Lock()

    def run(self, seconds: float, hands: int) -> Hung:
        """Soak for so long; gives what has not come back `hung_after` seconds later, if any."""
        readers, cards = self.bench.readers, tuple(self.names)
        works = [
            lambda at=at: self._handle(readers[at::hands], list(cards[at::hands]), at)
            for at in range(hands)
        ]
        works += [lambda reader=reader: self._read_again_and_again(reader) for reader in readers]
        works += [self._scan_again_and_again]
        threads = [threading.Thread(target=self._guarded, args=(w,), daemon=True) for w in works]
        with self._watched_by_a_monitor():
            for thread in threads:
                thread.start()
            end = time.monotonic() + seconds
            while time.monotonic() < end and not self._hung():
                self._over.wait(0.1)
            self._over.set()
            for thread in threads:
                while thread.is_alive() and not self._hung():
                    thread.join(0.1)
        if hung := self._hung():
            faulthandler.dump_traceback(sys.stderr, all_threads=True)
        return hung

    def check_every_card(self) -> None:
        """Put each card of the pool in a reader once more and read it, without faults."""
        for reader in self.bench.readers:
            self.bench.plug_reader(reader)
        self.bench.restart_service()
        for reader in self.bench.readers:
            self.bench.clear_faults(reader)
            with suppress(NoCard):
                self.bench.remove(reader)
        manager = self.open_manager()
        for reader, card in zip(cycle(self.bench.readers), self.names, strict=False):
            self.bench.insert(reader, card)
            _wait_for_card(manager, reader)
            if (found := _read(manager, reader, Random(0))[0]) != self.names[card]:
                self.wrong.append(f"{reader} shows {found} at the end, not {self.names[card]}")
            self.bench.remove(reader)
        manager.close()

    def _handle(self, readers: Sequence[str], spare: list[Card], number: int) -> None:
        """The hands: nobody else has these readers and cards."""
        hands = _Hands(self, readers, spare, Random(f"{self.seed}/{number}"))
        while not self._over.is_set():
            hands.do_something()
        hands.close()

    def _read_again_and_again(self, reader: str) -> None:
        manager, random = self.open_manager(), Random(f"{self.seed}/{reader}")
        while not self._over.is_set():
            try:
                with self.operation(f"read {reader}") as began:
                    first, again = _read(manager, reader, random)
            except CardioError as error:
                self.count(f"read: {type(error).__name__}")
                self._over.wait(0.02)
            else:
                self._check(reader, first, again, began)
        manager.close()

    def _scan_again_and_again(self) -> None:
        workstation = Workstation(self.open_manager())
        while not self._over.wait(0.05):
            try:
                with self.operation("scan") as began:
                    workstation.scan(then=partial(self._look, began))
            except CardioError as error:
                self.count(f"scan: {type(error).__name__}")
        workstation.close()

    def _look(self, began: float, slot: OpenSlot) -> Looked:
        found = who_is(Channel(slot.connection), slot.match)
        self._check(slot.status.name, found, found, began)
        return slot

    def _check(self, reader: str, first: str | None, again: str | None, began: float) -> None:
        ended, known = time.monotonic(), frozenset(self.names.values())
        for name in {first, again}:
            if name not in known:  # a fault that damages data
                self.count("read: nobody known")
            elif name and not self._register.had(reader, name, began, ended):
                seen = f"{ended - began:.3f} s"
                self.wrong.append(f"{reader} showed {name}, which was not in it in those {seen}")
        if {first, again} <= known and first != again:
            self.wrong.append(f"{reader} showed {first}, then {again} on one connection")
        self.count("read")

    @contextmanager
    def operation(self, what: str) -> Iterator[float]:
        """Something that has to come back; gives when it began."""
        began, thread = time.monotonic(), threading.get_ident()
        self._under_way[thread] = (began, what)
        try:
            yield began
        finally:
            self.longest = max(self.longest, (time.monotonic() - began, what))
            self._under_way.pop(thread, None)

    def moved(self, reader: str, card: Card, *, goes_in: bool) -> None:
        move = self._register.enters if goes_in else self._register.has_left
        move(reader, self.names[card])

    def count(self, what: str) -> None:
        with self._guard:
            self.counts[what] += 1

    def pause(self, seconds: float) -> None:
        self._over.wait(seconds)

    def _hung(self) -> Hung:
        now = time.monotonic()
        return [
            f"{what} for {now - began:.0f} s"
            for began, what in tuple(self._under_way.values())
            if now - began > self.hung_after
        ]

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self.broken.append(repr(error))
            self._over.set()
            raise

    @contextmanager
    def _watched_by_a_monitor(self) -> Iterator[None]:
        manager = self.open_manager()
        monitor = Monitor(manager, service_retry=0.05)

        def watch() -> None:
            for event in monitor:
                self.count(f"event: {type(event).__name__}")

        thread = threading.Thread(target=self._guarded, args=(watch,), daemon=True)
        thread.start()
        yield
        with self.operation("end the monitor"):
            monitor.stop()
            thread.join(self.hung_after)
        manager.close()


class _Hands:
    """What somebody does to a few readers, with a few cards."""

    def __init__(
        self, soak: Soak, readers: Sequence[str], spare: list[Card], random: Random
    ) -> None:
        self._soak, self._bench, self._random = soak, soak.bench, random
        self._readers, self._spare = readers, spare
        self._inside: dict[str, Card] = {}
        self._manager = soak.open_manager()
        self._acts: dict[Callable[[str], object], int] = {
            self._insert: 36,
            self._remove: 18,
            self._swap: 18,
            self._fault: 18,
            self._bench.clear_faults: 18,
            self._bench.reset: 9,
            self._bench.plug_reader: 9,
            self._bench.unplug_reader: 2,
            self._kill: 1,
            self._look_after_the_service: 18,
        }

    def do_something(self) -> None:
        (act,) = self._random.choices(tuple(self._acts), tuple(self._acts.values()))
        name, reader = act.__name__.strip("_"), self._random.choice(self._readers)
        try:
            with self._soak.operation(f"{name} {reader}"):
                act(reader)
            self._soak.count(f"done: {name}")
        except CardioError as error:
            self._soak.count(f"{name}: {type(error).__name__}")
        self._soak.pause(self._random.random() * 0.04)

    def close(self) -> None:
        self._manager.close()

    def _insert(self, reader: str) -> None:
        if reader not in self._inside:
            self._put(reader, self._bench.insert)

    def _swap(self, reader: str) -> None:
        if reader in self._inside:
            before = self._inside[reader]
            self._put(reader, self._bench.swap)
            self._is_out(reader, before)

    def _put(self, reader: str, how: Callable[[str, Card], object]) -> None:
        """A card that is not in yet; where that fails, whatever was in may be out."""
        card = self._spare.pop(self._random.randrange(len(self._spare)))
        self._soak.moved(reader, card, goes_in=True)
        try:
            how(reader, card)
        except CardioError:
            self._is_out(reader, card)
            self._take_all(reader)
            raise
        self._inside[reader] = card

    def _remove(self, reader: str) -> None:
        if reader in self._inside:
            self._bench.remove(reader)
            self._is_out(reader, self._inside.pop(reader))

    def _take_all(self, reader: str) -> None:
        """Have the reader empty, as far as it can be reached."""
        with suppress(NoCard):
            self._bench.remove(reader)
        if before := self._inside.pop(reader, None):
            self._is_out(reader, before)

    def _is_out(self, reader: str, card: Card) -> None:
        self._soak.moved(reader, card, goes_in=False)
        self._spare.append(card)

    def _fault(self, reader: str) -> None:
        self._bench.fault(reader, _fault(self._random))

    def _kill(self, reader: str) -> None:
        self._bench.kill_service()
        self._soak.pause(self._random.random() * 0.1)
        self._bench.restart_service()

    def _look_after_the_service(self, reader: str) -> None:
        """A fault may have ended it."""
        try:
            self._manager.readers()
        except ServiceUnavailable:
            self._bench.restart_service()


def _fault(random: Random) -> Fault:
    """Any fault but those that leave a card changed for good."""
    at = random.randrange(_LATEST_APDU)
    samples = [kind.samples(at) for kind in ALL_FAULTS.values()]
    fault = random.choice([one for one in samples if not isinstance(one, StateFault)])
    if isinstance(fault, (Mute, SlowAnswer)):
        return replace(fault, seconds=0.05)
    return fault


def _wait_for_card(manager: ResourceManager, reader: str) -> None:
    """Behind our own driver it shows a moment after it was put in."""
    seen = manager.readers()
    end = time.monotonic() + 20
    while CardPresence.PRESENT not in (one.presence for one in seen if one.name == reader):
        if time.monotonic() > end:
            raise NoCard("never seen").at(reader)
        seen = manager.wait(seen, 1)


def _read(manager: ResourceManager, reader: str, random: Random) -> tuple[str | None, str | None]:
    """Who the card is, twice on one connection; in between what a program may want of it."""
    connection = stack(manager.connect(reader))
    try:
        channel = Channel(connection)
        match = identify(channel)
        first = who_is(channel, match)
        if match.kind in (CardKind.CPS3, CardKind.CPS4):
            card = CpsCard(channel, match)
            with suppress(CardioError):  # damaged: the card itself has to stay the same
                card.tries_left()
                if random.random() < 0.2:
                    _ = card.holder
        return first, who_is(channel, identify(channel))
    finally:
        connection.close()
