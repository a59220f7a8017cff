"""The fixtures. Each loads what it needs when a test asks for it, and nothing before."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from cardio.pytest_plugin.options import PCSCD, Options
from cardio.pytest_plugin.wanted import Family, marked, wanted

if TYPE_CHECKING:
    from cardio.pin.pin import Pin
    from cardio.pytest_plugin.reader import CardReader
    from cardio.pytest_plugin.targets import EmulatedTarget, RealTarget, Target
    from cardio.trace.recorder import Recorder
    from cardio.workstation.workstation import Workstation
    from cardio_emulator.card_os import Card
    from cardio_emulator.control import BenchControl
    from cardio_emulator.faults import Fault

OPTIONS: pytest.StashKey[Options] = pytest.StashKey()

NAMES = (
    "apdu_trace",
    "card_fault",
    "cardio_bench",
    "cardio_pin",
    "cardio_reader",
    "cardio_workstation",
    "emulated_cps",
    "emulated_vitale",
)
"""The fixtures for tests to ask for."""

_READERS = ("CPS reader", "Vitale reader")


@pytest.fixture
def cardio_bench(request: pytest.FixtureRequest) -> "Iterator[BenchControl]":
    """A `BenchControl` of two empty readers, for this test alone."""
    options = _options(request)
    if options.cards:
        pytest.skip("needs emulated readers, and real ones were asked for")
    with _open_bench(options) as bench:
        yield bench


@pytest.fixture
def cardio_workstation(
    request: pytest.FixtureRequest, cardio_target: "Target", apdu_trace: "Recorder"
) -> "Iterator[Workstation]":
    """A `cardio.Workstation` of the test's readers, with the cards its `card` markers want."""
    from cardio.workstation.workstation import Workstation

    for one in marked(request.node):
        cardio_target.place(one)
    with Workstation(cardio_target.manager(), recorder=apdu_trace) as workstation:
        yield workstation


@pytest.fixture
def cardio_reader(
    request: pytest.FixtureRequest, cardio_target: "Target", apdu_trace: "Recorder"
) -> "Iterator[CardReader]":
    """The reader with the test's card: that of its closest `card` marker, or a CPS."""
    from cardio.pytest_plugin.reader import CardReader

    name = cardio_target.place(wanted(request.node))
    reader = CardReader(name, cardio_target.robot(name), cardio_target.manager(), apdu_trace)
    yield reader
    reader.close()


@pytest.fixture
def emulated_cps(request: pytest.FixtureRequest) -> "Card":
    """The emulated CPS in the first reader of the bench, with its PINs and image to look at."""
    return _emulated(request).card(wanted(request.node, Family.CPS))


@pytest.fixture
def emulated_vitale(request: pytest.FixtureRequest) -> "Card":
    """The emulated Vitale in the second reader of the bench."""
    return _emulated(request).card(wanted(request.node, Family.VITALE))


@pytest.fixture
def card_fault(
    cardio_bench: "BenchControl", cardio_reader: "CardReader"
) -> "Callable[[Fault], None]":
    """`card_fault(fault)`: the card in `cardio_reader` shows this fault from now on."""

    def show(fault: "Fault") -> None:
        cardio_bench.fault(cardio_reader.name, fault)

    return show


@pytest.fixture
def cardio_pin(request: pytest.FixtureRequest, cardio_target: "Target") -> "Iterator[Pin]":
    """The PIN of the test's CPS: of an emulated one, or of the real one from `$CARDIO_PIN`."""
    if not _options(request).cards:
        cardio_target.place(wanted(request.node, Family.CPS))
    with cardio_target.pin() as pin:
        yield pin


@pytest.fixture
def apdu_trace(request: pytest.FixtureRequest) -> "Iterator[Recorder]":
    """Records what `cardio_workstation` and `cardio_reader` exchange with cards, PINs masked."""
    from cardio.pytest_plugin.recording import PerTestRecorder, file_name

    folder = _options(request).record
    recorder = PerTestRecorder(folder / file_name(request.node.nodeid) if folder else None)
    yield recorder
    recorder.close()
    if recorder.failure:
        pytest.fail(f"--cardio-record: the trace is not whole: {recorder.failure}", pytrace=False)


@pytest.fixture
def cardio_target(request: pytest.FixtureRequest) -> "Iterator[Target]":
    """Where the test's cards are; for the other fixtures."""
    options = _options(request)
    target = _real(request, options) if options.cards else _emulated_target(request)
    yield target
    target.close()


def _options(request: pytest.FixtureRequest) -> Options:
    return request.config.stash[OPTIONS]


def _open_bench(options: Options) -> "BenchControl":
    if options.bench == PCSCD:
        from cardio.rig.benches.service import ServiceBench

        return ServiceBench(_READERS)
    from cardio_emulator.bench import Bench

    return Bench(f"{name} 00 00" for name in _READERS)


def _emulated(request: pytest.FixtureRequest) -> "EmulatedTarget":
    request.getfixturevalue("cardio_bench")  # which skips the test on real cards
    return request.getfixturevalue("cardio_target")


def _emulated_target(request: pytest.FixtureRequest) -> "EmulatedTarget":
    from cardio.pytest_plugin.targets import EmulatedTarget

    return EmulatedTarget(request.getfixturevalue("cardio_bench"))


def _real(request: pytest.FixtureRequest, options: Options) -> "RealTarget":
    """Each card is told from every other before the test begins."""
    from cardio.pytest_plugin.targets import RealTarget
    from cardio.pytest_plugin.terminal import speaker

    pins = options.pin_tests and request.node.get_closest_marker("needs_pin") is not None
    target = RealTarget(options, pins=pins, say=speaker(request.config))
    try:
        target.check()
    except BaseException:
        target.close()
        raise
    return target
