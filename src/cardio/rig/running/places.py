"""Where a bench stands: who sees its readers, and through which driver."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio.rig.benches.own_driver import OwnDriverBench
from cardio.rig.benches.service import ServiceBench
from cardio.rig.benches.vpcd import Lost, VpcdBench
from cardio.transport.base import ResourceManager
from cardio.transport.json_line import Endpoint
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.bench_file import read_bench
from cardio_emulator.bench_plan import BenchPlan, ReaderPlan, Time
from cardio_emulator.control import BenchControl
from cardio_emulator.pad import EmulatedPad
from cardio_emulator.vpcd_server import VpcdServer

_SOCKET = "PCSCLITE_CSOCK_NAME"
_AWAITING = "Remote"


class Driver(Enum):
    """What stands between a bench and PC/SC programs."""

    VPCD = "vpcd"
    CARDIO = "cardio"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Place:
    """An empty bench, and the plan of what goes into it.

    `environment` is what other programs need to reach its readers.
    """

    bench: BenchControl
    manager: Callable[[], ResourceManager]
    plan: BenchPlan | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    waits_for_steps: bool = False
    """Whether a step of the timeline may be played while a card answers."""
    awaits_cards: Mapping[str, str] = field(default_factory=dict[str, str])
    """Readers, and where other people's cards connect to be in them; these are identified."""

    @property
    def differs_in_time(self) -> bool:
        """Whether the bench file wants a virtual clock, which only cardio in process can have."""
        return self.plan is not None and self.plan.time is Time.VIRTUAL


def place_for(file: Path, driver: Driver, *, wait: float, lost: Lost) -> Place:
    """The readers of a bench file, without their cards.

    They are vpcd readers of another service where the file gives addresses (`wait` and `lost` are
    for those), else readers of a private one, or in process only. Time is always real.

    Raises `ConfigurationError` for the file, `RigUnavailable` where there can be no such bench.
    """
    plan = read_bench(file)
    return replace(_place_for(plan, driver, wait, lost), plan=plan)


def _place_for(plan: BenchPlan, driver: Driver, wait: float, lost: Lost) -> Place:
    names = [reader.name for reader in plan.readers]
    addresses = {reader.name: reader.vpcd for reader in plan.readers if reader.vpcd}
    if addresses:
        _check_addresses(plan.readers)
        return _in_process(VpcdBench(names, addresses, wait=wait, lost=lost, seed=plan.seed))
    if driver is Driver.VPCD:
        plan.check_names()
        return _over_pcscd(names, plan.seed)
    if driver is Driver.CARDIO:
        bench = OwnDriverBench(names, seed=plan.seed)
        _give_pads(bench, plan.readers)
        return _in_process(bench.start(), {_SOCKET: bench.env[_SOCKET]})
    bench = Bench(names, seed=plan.seed)
    _give_pads(bench, plan.readers)
    return _in_process(bench, waits_for_steps=True)


def _over_pcscd(names: list[str], seed: int) -> Place:
    bench = ServiceBench(names, seed=seed)
    return Place(bench, _pcsc, environment={_SOCKET: bench.env[_SOCKET]})


def _pcsc() -> ResourceManager:
    """PC/SC of this process; loaded late, as pyscard may not be installed."""
    from cardio.transport.pcsc import PcscResourceManager

    return PcscResourceManager()


def _in_process(
    bench: Bench, environment: Mapping[str, str] | None = None, *, waits_for_steps: bool = False
) -> Place:
    def manager() -> ResourceManager:
        return EmulatedResourceManager(bench)

    return Place(bench, manager, environment=environment or {}, waits_for_steps=waits_for_steps)


@contextmanager
def awaiting_cards(addresses: Sequence[Endpoint]) -> Generator[Place, None, None]:
    """Readers in process for other people's virtual cards, one at each address.

    Only this process, and whoever asks its control socket, sees them. Raises `RigUnavailable` for
    a port that is taken, `ConfigurationError` for an address that is none of this machine's.
    """
    bench = Bench(f"{_AWAITING} {number:02X} 00" for number in range(len(addresses)))
    with bench, ExitStack() as servers:
        told: dict[str, str] = {}
        for name, at in zip(bench.readers, addresses, strict=True):
            if at.path:
                raise ConfigurationError(f"{at}: virtual cards come by TCP, to HOST:PORT")
            server = VpcdServer(bench.reader(name), at.host, at.port)
            told[name] = str(servers.enter_context(server).address)
        yield replace(_in_process(bench, waits_for_steps=True), awaits_cards=told)


def _give_pads(bench: Bench, readers: Iterable[ReaderPlan]) -> None:
    for one in readers:
        if one.typed is not None:
            bench.reader(one.name).pad = EmulatedPad(one.typed)


def _check_addresses(readers: Iterable[ReaderPlan]) -> None:
    for one in readers:
        if one.card and not one.vpcd:
            raise ConfigurationError(
                f'{one.place}: reader {one.name!r} needs vpcd = "HOST:PORT", as others have it'
            )
