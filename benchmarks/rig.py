"""What the rig costs: how soon an insertion shows, sixteen cards at once, and what comes between.

Insertions are timed from the call of `insert` to the event of our monitor, and to the return of a
bare SCardGetStatusChange that waits beside it. Sixteen cards that take 20 ms an exchange are
identified and read together, and each one alone, in one run. In process, over a private pcscd with
vpcd readers, and with the driver of our own where it can be built.
Run: `python -m benchmarks.rig [--json FILE] [--rounds N]`.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from random import Random
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from cardio.cards.cps.card import CpsCard
from cardio.cards.identify import CardKind
from cardio.cards.vitale.card import VitaleCard
from cardio.errors import MalformedData
from cardio.rig.benches.service import ServiceBench
from cardio.rig.control.server import ControlServer
from cardio.rig.driver import library as ifd
from cardio.rig.driver.service import OwnDriverPcscd
from cardio.rig.pcscd import host
from cardio.rig.pcscd.own_socket import own_directory
from cardio.trace.recorder import Recorder
from cardio.transport.base import CardPresence, ReaderStatus, ResourceManager
from cardio.transport.channel import Channel
from cardio.transport.monitor import CardInserted, CardRemoved, Event, Monitor
from cardio.transport.remote import RemoteManager
from cardio.transport.stack import stack
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.scan import Looked, OpenSlot
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.control import BenchControl
from cardio_emulator.faults import FaultyCard, SlowAnswer
from cardio_emulator.kinds import make
from cardio_emulator.recorded import RecordedCard

AT_MOST = {"in process: insertion, median (ms)": 5.0} | {
    f"{way}: 16 together / slowest alone": 1.25
    for way in ("in process", "vpcd, fast", "own driver")
}
READERS = tuple(f"Reader {number:X} 00 {slot:02}" for number in range(8) for slot in (0, 1))
"""As pcscd names them, and as many as it holds up to pcsc-lite 2.4 (facts: pcsc_vpcd.md §0.3)."""

_SECONDS_PER_APDU = 0.02
_POLL = 0.4
"""Seconds between two looks of pcscd at a vpcd reader (facts: pcsc_vpcd.md §0.4)."""
_SOON = 20.0
_BATCH = 100
_SELECTS = (bytes.fromhex("00A4000C023F00"), bytes.fromhex("00A4020C022F02"))
_READ_BINARY = bytes.fromhex("00B0000007")

Figures = dict[str, float]


@dataclass(frozen=True)
class Rig:
    """A bench, what shows its readers to programs, and whether PC/SC does."""

    bench: BenchControl
    manager: ResourceManager
    is_pcsc: bool


def main() -> int:
    """Measure, print, and fail when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="insertions of each way")
    parser.add_argument("--json", type=Path, help="write the figures there")
    options = parser.parse_args()
    figures: Figures = {}
    for way, rig in _ways().items():
        with rig(READERS[:1]) as one:
            figures |= _named(way, insertions(one, options.rounds))
        if f"{way}: 16 together / slowest alone" in AT_MOST:
            with rig(READERS) as many:
                figures |= _named(way, together(many))
    figures |= between()
    for name, value in figures.items():
        limit = f"   at most {AT_MOST[name]:g}" if name in AT_MOST else ""
        print(f"{name:<44} {value:>9.2f}{limit}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(any(figures.get(name, 0) > limit for name, limit in AT_MOST.items()))


def insertions(rig: Rig, rounds: int) -> Figures:
    """Milliseconds until an insertion and a removal show, and until bare PC/SC tells of them."""
    reader, card, pause = rig.bench.readers[0], make("vitale2"), Random(0)
    acts: dict[str, tuple[Callable[[], object], type[Event]]] = {
        "insertion": (lambda: rig.bench.insert(reader, card), CardInserted),
        "removal": (lambda: rig.bench.remove(reader), CardRemoved),
    }
    times = {name: list[float]() for name in acts}
    behind: list[float] = []
    with _watching(rig.manager) as told, _bare(reader, rig.is_pcsc) as bare:
        for _ in range(rounds):
            for name, (act, kind) in acts.items():
                time.sleep(pause.random() * _POLL if rig.is_pcsc else 0)
                began = perf_counter()
                act()
                while not isinstance((seen := told.get(timeout=_SOON))[1], kind):
                    pass
                times[name].append((seen[0] - began) * 1000)
                if rig.is_pcsc:
                    behind.append((seen[0] - bare.get(timeout=_SOON)) * 1000)
    figures = {
        f"{name}, {how} (ms)": figure(taken)
        for name, taken in times.items()
        for how, figure in (("median", median), ("longest", max))
    }
    return figures | ({"behind bare PC/SC, median (ms)": median(behind)} if behind else {})


def together(rig: Rig) -> Figures:
    """Milliseconds to identify and read 16 cards at once, and the slowest kind of them alone.

    The best of several: anything else on the machine only slows it.
    """
    kinds = ("cps3", "vitale2")
    for number, reader in enumerate(READERS):
        card = make(kinds[number % len(kinds)])
        rig.bench.insert(reader, FaultyCard(card, SlowAnswer(_SECONDS_PER_APDU)))
    workstation = Workstation(rig.manager)
    wanted = _wait_until_full(rig.manager)
    alone = {kind: list[float]() for kind in kinds}
    for status in wanted:
        kind = kinds[READERS.index(status.name) % len(kinds)]
        alone[kind].append(_read(workstation, (status,)))
    slowest = max(min(taken) for taken in alone.values())
    at_once = min(_read(workstation, wanted) for _ in range(8))
    return {
        "slowest alone (ms)": slowest,
        "16 together (ms)": at_once,
        "16 together / slowest alone": at_once / slowest,
    }


def between() -> Figures:
    """Microseconds of an exchange in process, and with what may come between, best batch."""
    bench, recorder = Bench(), Recorder()
    for name in ("direct", "recorded", "remote"):
        bench.add_reader(name, make("vitale2"))
    manager = EmulatedResourceManager(bench)
    with ExitStack() as cleanup:
        server = cleanup.enter_context(ControlServer(bench, EmulatedResourceManager(bench)))
        remote = RemoteManager(server.endpoint)
        cleanup.callback(remote.close)
        channels = {
            "direct": stack(manager.connect("direct")),
            "recorded": stack(manager.connect("recorded"), recorder=recorder),
            "remote": stack(remote.connect("remote")),
        }
        for command in (*_SELECTS, _READ_BINARY):
            channels["recorded"].transmit(command)
        bench.add_reader("replayed", RecordedCard(recorder.trace))
        channels["replayed"] = stack(manager.connect("replayed"))
        figures = _best_batches({name: channel.transmit for name, channel in channels.items()})
    ratios = {f"exchange: {name} / direct": us / figures["direct"] for name, us in figures.items()}
    del ratios["exchange: direct / direct"]
    return {f"exchange: {name} (µs)": us for name, us in figures.items()} | ratios


def _ways() -> dict[str, Callable[[tuple[str, ...]], AbstractContextManager[Rig]]]:
    """Every way there is here to have a bench."""
    ways: dict[str, Callable[[tuple[str, ...]], AbstractContextManager[Rig]]]
    ways = {"in process": _in_process}
    if reason := host.unavailable():
        print(f"PC/SC is left out: {reason}", file=sys.stderr)
        return ways
    ways |= {
        "vpcd, plain": lambda readers: _over_vpcd(readers, fast=False),
        "vpcd, fast": lambda readers: _over_vpcd(readers, fast=True),
    }
    if reason := ifd.unavailable():
        print(f"the driver of our own is left out: {reason}", file=sys.stderr)
        return ways
    return ways | {"own driver": _by_own_driver}


@contextmanager
def _in_process(readers: tuple[str, ...]) -> Iterator[Rig]:
    with Bench(readers) as bench:
        manager = EmulatedResourceManager(bench)
        yield Rig(bench, manager, is_pcsc=False)
        manager.close()


@contextmanager
def _over_vpcd(readers: tuple[str, ...], *, fast: bool) -> Iterator[Rig]:
    with ServiceBench(readers, fast=fast) as bench:
        yield Rig(bench, _pcsc(), is_pcsc=True)


@contextmanager
def _by_own_driver(readers: tuple[str, ...]) -> Iterator[Rig]:
    with Bench(readers) as bench, OwnDriverPcscd(bench, directory=own_directory()):
        yield Rig(bench, _pcsc(), is_pcsc=True)


def _pcsc() -> ResourceManager:
    from cardio.transport.pcsc import PcscResourceManager

    return PcscResourceManager()


@contextmanager
def _watching(manager: ResourceManager) -> Iterator[SimpleQueue[tuple[float, Event]]]:
    """What our monitor tells, and when."""
    told: SimpleQueue[tuple[float, Event]] = SimpleQueue()
    monitor = Monitor(manager, known=manager.readers())

    def watch() -> None:
        for event in monitor:
            told.put((perf_counter(), event))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield told
    finally:
        monitor.stop()
        thread.join()


@contextmanager
def _bare(reader: str, is_pcsc: bool) -> Iterator[SimpleQueue[float]]:
    """When SCardGetStatusChange alone tells that a card came or left."""
    times: SimpleQueue[float] = SimpleQueue()
    if not is_pcsc:
        yield times
        return
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, states = scard.SCardGetStatusChange(context, 0, [(reader, scard.SCARD_STATE_UNAWARE)])
    over = threading.Event()

    def watch(flags: int) -> None:
        while not over.is_set():
            _, found = scard.SCardGetStatusChange(context, int(_SOON * 1000), [(reader, flags)])
            if (found[0][1] ^ flags) & scard.SCARD_STATE_PRESENT:
                times.put(perf_counter())
            flags = found[0][1] & ~scard.SCARD_STATE_CHANGED

    thread = threading.Thread(target=watch, args=(states[0][1],))
    thread.start()
    try:
        yield times
    finally:
        over.set()
        while thread.is_alive():
            scard.SCardCancel(context)
            thread.join(0.01)
        scard.SCardReleaseContext(context)


def _wait_until_full(manager: ResourceManager) -> tuple[ReaderStatus, ...]:
    deadline, known = time.monotonic() + _SOON, manager.readers()
    while sum(status.presence is CardPresence.PRESENT for status in known) < len(READERS):
        if time.monotonic() > deadline:
            raise SystemExit("the cards do not show")
        known = manager.wait(known, 1)
    return known


def _read(workstation: Workstation, readers: tuple[ReaderStatus, ...]) -> float:
    """Milliseconds of one scan that reads whose cards these are."""
    began = perf_counter()
    slots = workstation.scan(readers, then=_whose)
    taken = (perf_counter() - began) * 1000
    if wrong := [slot.error for slot in slots if slot.error or not slot.match]:
        raise SystemExit(f"not every card could be read: {wrong}")
    return taken


def _whose(slot: OpenSlot) -> Looked:
    channel = Channel(slot.connection)
    if slot.match.kind is CardKind.VITALE2:
        found = bool(VitaleCard(channel, slot.match).beneficiaries)
    else:
        found = CpsCard(channel, slot.match).holder.ps_idnat is not None
    if not found:
        raise MalformedData("the card tells of nobody").at(slot.status.name)
    return slot


def _best_batches(calls: dict[str, Callable[[bytes], bytes]]) -> Figures:
    """Microseconds of READ BINARY; anything else on the machine only slows it."""
    for name, call in calls.items():
        for command in (*_SELECTS, _READ_BINARY):
            if not (answer := call(command)).endswith(b"\x90\x00"):
                raise SystemExit(f"{name}: {command.hex()} was answered {answer.hex()}")
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(50):
        for name, call in calls.items():
            began = perf_counter()
            for _ in range(_BATCH):
                call(_READ_BINARY)
            best[name] = min(best[name], (perf_counter() - began) / _BATCH * 1e6)
    return best


def _named(way: str, figures: Figures) -> Figures:
    return {f"{way}: {name}": value for name, value in figures.items()}


if __name__ == "__main__":
    sys.exit(main())
