"""A thousand readers in one process."""

import threading
from itertools import cycle, islice

from cardio.transport.base import ReaderStatus
from cardio.transport.monitor import CardInserted, Monitor
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.bench_file import MAX_READERS
from cardio_emulator.bench_plan import BenchPlan, CardPlan, OfKind, ReaderPlan
from cardio_emulator.card_os import Card
from cardio_emulator.reader import ReaderState
from cardio_emulator.virtual_card import VirtualCard

SOON = 60.0
SOURCES = (
    OfKind("cps3", "medecin"),
    OfKind("vitale2", "famille"),
    OfKind("cps4", "infirmiere"),
    OfKind("vitale1", "vitale1"),
    OfKind("cps2ter", "medecin"),
)


def thousand() -> Bench:
    return Bench.of(
        BenchPlan(
            tuple(
                ReaderPlan(f"Reader {number:04} 00 00", CardPlan(source))
                for number, source in enumerate(islice(cycle(SOURCES), MAX_READERS))
            )
        )
    )


def image_of(card: VirtualCard | None) -> int:
    assert isinstance(card, Card)
    return id(card.image)


def test_a_thousand_cards_share_their_images_and_nothing_else() -> None:
    bench = thousand()
    cards = [bench.reader(name).card for name in bench.readers]
    assert len({id(card) for card in cards}) == MAX_READERS
    assert len({image_of(card) for card in cards}) == len(SOURCES)
    first, second = cards[0], cards[len(SOURCES)]
    assert isinstance(first, Card)
    assert isinstance(second, Card)
    wrong_pin = bytes.fromhex("0020000104") + b"0000"
    first.transmit(wrong_pin)
    assert first.pins[1].tries_left == second.pins[1].tries_left - 1


def test_all_of_them_are_scanned_while_somebody_watches() -> None:
    manager = EmulatedResourceManager(thousand(), owns_bench=True)
    seen: list[str] = []
    everybody = threading.Event()
    monitor = Monitor(manager)

    def watch() -> None:
        for event in monitor:
            if isinstance(event, CardInserted):
                seen.append(event.reader)
                if len(seen) == MAX_READERS:
                    everybody.set()

    thread = threading.Thread(target=watch)
    thread.start()
    with Workstation(manager) as workstation:
        slots = workstation.scan(limit=SOON)
        assert [slot.error for slot in slots if slot.error] == []
        kinds = [slot.match.kind.name for slot in slots if slot.match]
        assert kinds == kinds[: len(SOURCES)] * (MAX_READERS // len(SOURCES))
        assert everybody.wait(SOON)
        monitor.stop()
    thread.join(SOON)
    assert not thread.is_alive()


def test_a_look_makes_anew_only_what_has_changed() -> None:
    bench = thousand()
    manager = EmulatedResourceManager(bench)

    def look() -> tuple[tuple[ReaderState, ...], tuple[ReaderStatus, ...]]:
        return bench.states, manager.readers()

    (states, shown), moved = look(), bench.readers[500]
    bench.remove(moved)
    later_states, later_shown = look()
    for before, after in ((states, later_states), (shown, later_shown)):
        fresh = [one.name for one, old in zip(after, before, strict=True) if one is not old]
        assert fresh == [moved]


def test_readers_come_back_where_they_were() -> None:
    bench = thousand()
    for name in bench.readers[::2]:
        bench.unplug_reader(name)
    assert [state.name for state in bench.states] == list(bench.readers[1::2])
    for name in bench.readers[::2]:
        bench.plug_reader(name)
    assert [state.name for state in bench.states] == list(bench.readers)
