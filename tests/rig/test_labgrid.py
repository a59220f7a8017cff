"""A bench as a labgrid resource: a real coordinator, exporter and client, all on loopback."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

pytest.importorskip("labgrid")

from labgrid import Target, target_factory
from labgrid.binding import StateError

from cardio.errors import ConfigurationError, NoReader
from cardio.rig.control.server import ControlServer
from cardio.rig.labgrid import CardioReaderDriver
from cardio.rig.labgrid.exporter import CardioBenchExport
from cardio.rig.pcscd.private import unavailable
from cardio.transport.base import CardPresence, ResourceManager
from cardio.transport.json_line import Endpoint
from cardio.transport.remote import RemoteManager
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench

PAGE = Path(__file__).parents[2] / "docs/how-to/labgrid.md"
NAME = "Gemalto PC Twin Reader 00 00"
_BIN = Path(sys.executable).parent
_READY_WITHIN = 60.0


def page_block(language: str, holding: str) -> str:
    """The block of the page that holds this."""
    blocks = re.findall(
        rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (found,) = (block for block in blocks if holding in block)
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@contextmanager
def daemon(command: list[str], ready: str, folder: Path, env: dict[str, str]) -> Iterator[int]:
    """The pid of a process that has said it is ready; it is ended in order, and must end well."""
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    told: list[str] = []
    is_ready = threading.Event()

    def listen(stream: Iterator[str]) -> None:
        for line in stream:
            told.append(line)
            if ready in line:
                is_ready.set()
        is_ready.set()

    listening = threading.Thread(target=listen, args=(iter(process.stdout),))
    listening.start()
    try:
        assert is_ready.wait(_READY_WITHIN), told
        assert process.poll() is None, told
        yield process.pid
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        finally:
            process.kill()
            process.wait()
            listening.join()
            process.stdout.close()


def test_a_place_is_acquired_and_its_card_read_as_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / "bench.toml").write_text(page_block("toml", "[[reader]]"), "utf-8")
    (tmp_path / "exporter.yaml").write_text(page_block("yaml", "rack-1"), "utf-8")
    (tmp_path / "env.yaml").write_text(page_block("yaml", "RemotePlace"), "utf-8")
    (tmp_path / "test_desk.py").write_text(page_block("python", "def test_holder"), "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", "utf-8")
    at = f"127.0.0.1:{free_port()}"
    env = {**os.environ, "LG_COORDINATOR": at, "LG_PLACE": "health-desk", "PYTHONUNBUFFERED": "1"}
    env.pop("PYTEST_ADDOPTS", None)

    def run(*words: str) -> str:
        done = subprocess.run(
            [str(_BIN / words[0]), *words[1:]],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with ExitStack() as running:
        coordinator = [str(_BIN / "labgrid-coordinator"), "-l", at]
        running.enter_context(daemon(coordinator, "Coordinator ready", tmp_path, env))
        exporter = [sys.executable, "-m", "cardio.rig.labgrid.exporter", "-c", at, "-n", "rack"]
        running.enter_context(
            daemon([*exporter, "exporter.yaml"], "creating poll task", tmp_path, env)
        )
        run("labgrid-client", "create")
        run("labgrid-client", "add-match", "*/*/CardioBench")
        run("labgrid-client", "acquire")
        assert "1 passed" in run(
            "pytest", "-p", "no:cacheprovider", "--lg-env", "env.yaml", "test_desk.py"
        )
        run("labgrid-client", "release")


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench([NAME, "Gemalto PC Twin Reader 01 00"]) as bench:
        yield bench


Drive = Callable[..., CardioReaderDriver]


@pytest.fixture
def drive(bench: Bench) -> Iterator[Drive]:
    """Makes the driver of a target whose resource is this bench."""
    with ControlServer(bench, EmulatedResourceManager(bench)) as server:
        targets: list[Target] = []

        def make(resource: str = "", driver: str = "", *, bind: bool = True) -> CardioReaderDriver:
            port = server.endpoint.port if bind else None
            plan = {
                "resources": {
                    "CardioBench": {"host": "127.0.0.1", "port": port, "reader": resource}
                },
                "drivers": {"CardioReaderDriver": {"reader": driver}},
            }
            target = target_factory.make_target("main", plan)
            targets.append(target)
            found = target.get_driver("CardioReaderDriver", activate=False)
            assert isinstance(found, CardioReaderDriver)
            return found

        yield make
        for target in targets:
            target.cleanup()


def active(driver: CardioReaderDriver) -> CardioReaderDriver:
    driver.target.activate(driver)
    return driver


def test_the_driver_moves_swaps_and_damages_cards(drive: Drive, bench: Bench) -> None:
    driver = active(drive("Reader 00 00"))
    driver.insert("cps3", "infirmiere")
    assert bench.reader(NAME).state.has_card
    driver.swap("vitale2")
    assert driver.shown()["presence"] == "present"
    driver.reset()
    driver.fault("status", at=0, status=0x6F00)
    assert driver.shown()["faults"] == ["status"]
    driver.clear_faults()
    with driver.workstation() as workstation:
        assert workstation.vitale().beneficiaries
    assert driver.shown()["apdus"]
    driver.remove()
    assert not bench.reader(NAME).state.has_card
    assert driver.remote.readers == bench.readers


def test_the_reader_of_the_driver_wins_over_that_of_the_resource(drive: Drive) -> None:
    driver = active(drive("Reader 00 00", "Reader 01 00"))
    assert driver.reader_name == "Gemalto PC Twin Reader 01 00"


def test_a_driver_that_is_not_active_does_nothing(drive: Drive) -> None:
    driver = drive("Reader 00 00")
    with pytest.raises(StateError):
        driver.insert("cps3")


@pytest.mark.parametrize(
    ("reader", "bind", "error"),
    [
        ("Reader 07", True, NoReader),
        ("", True, ConfigurationError),
        ("", False, ConfigurationError),
    ],
)
def test_a_driver_without_its_reader_says_so(
    drive: Drive, reader: str, bind: bool, error: type[Exception]
) -> None:
    driver = drive(reader, bind=bind)
    with pytest.raises(error):
        driver.target.activate(driver)


def export(**params: object) -> CardioBenchExport:
    return CardioBenchExport(
        {"cls": "CardioBench", "params": params}, host="desk", proxy="desk", proxy_required=False
    )


def test_the_bench_starts_afresh_for_each_acquisition(tmp_path: Path) -> None:
    file = tmp_path / "bench.toml"
    file.write_text(f'[[reader]]\nname = "{NAME}"\ncard = "cps3"\n', "utf-8")
    exported = export(bench=str(file))
    exported.poll()
    assert not exported.params["port"]
    for _ in range(2):
        exported.acquire("desk")
        port: int = exported.params["port"]
        assert exported.params["host"] == "127.0.0.1"
        with Workstation(RemoteManager(Endpoint("127.0.0.1", port))) as workstation:
            assert workstation.cps().holder.ps_idnat
            assert workstation.readers()[0].event_count == 1
        exported.release()
        with pytest.raises(ConnectionRefusedError):  # the bench ended with the release
            socket.create_connection(("127.0.0.1", port), 5).close()
    assert not [t for t in threading.enumerate() if t.name.startswith("bench ")]


def test_a_bench_that_runs_already_is_offered_as_it_is() -> None:
    exported = export(port=7816, listen="192.0.2.1", reader="Reader")
    exported.acquire("desk")
    told = {key: exported.params[key] for key in ("host", "port", "reader")}
    assert told == {"host": "desk", "port": 7816, "reader": "Reader"}
    exported.release()


@pytest.mark.parametrize("over", ["in-process", pytest.param("pcscd", marks=pytest.mark.pcscd)])
def test_the_readers_may_be_real_ones_and_the_timeline_plays(tmp_path: Path, over: str) -> None:
    if reason := over == "pcscd" and unavailable():
        pytest.skip(reason)
    file = tmp_path / "bench.toml"
    first = '[[timeline]]\nat = 0\ndo = "insert"\nreader = "Two"\ncard = "vitale2"\n'
    later = '[[timeline]]\nafter = 1\napdus_of = "Two"\ndo = "remove"\nreader = "One"\n'
    one, two = '[[reader]]\nname = "One 00 00"\ncard = "cps3"\n', '[[reader]]\nname = "Two 00 00"\n'
    file.write_text(f"{one}\n{two}\n{first}\n{later}", "utf-8")
    exported = export(bench=str(file), over=over)
    exported.acquire("desk")
    try:
        with Workstation(
            RemoteManager(Endpoint("127.0.0.1", exported.params["port"]))
        ) as workstation:
            manager = workstation.manager
            wait_for_cards(manager, {"One 00 00", "Two 00 00"})
            assert workstation.cps("One 00 00").holder.ps_idnat
            manager.connect("Two 00 00").transmit(bytes.fromhex("00A4000C023F00"))
            wait_for_cards(manager, {"Two 00 00"})
    finally:
        exported.release()


def wait_for_cards(manager: ResourceManager, readers: set[str]) -> None:
    known = manager.readers()
    while {one.name for one in known if one.presence is not CardPresence.ABSENT} != readers:
        seen = manager.wait(known, 20.0)
        assert seen != known, known
        known = seen


@pytest.mark.parametrize(
    "params", [{}, {"bench": "no-such-bench.toml"}, {"bench": "bench", "port": 1}]
)
def test_a_mistake_in_the_resource_file_is_told_at_once(params: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="bench"):
        export(**params)
