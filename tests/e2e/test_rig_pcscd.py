"""The private PC/SC service itself: its readers, its walls, and that nothing of it stays."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from tests.conftest import StartPcscd

from cardio.errors import ConfigurationError, RigUnavailable
from cardio.rig.pcscd import host
from cardio.rig.pcscd.entries import MAX_NAME, plan
from cardio.rig.pcscd.folders import LOCK, OwnFolder
from cardio.rig.pcscd.ports import listening_of
from cardio.rig.pcscd.private import PrivatePcscd, unavailable
from cardio.transport.base import CardPresence
from cardio.transport.pcsc import PcscResourceManager
from cardio_emulator.vpcd import attach

pytestmark = pytest.mark.pcscd

OWNER = """
import signal, sys, threading
from cardio.rig.pcscd.private import PrivatePcscd
with PrivatePcscd(["A", "B"]) as service:
    print(service.pid, service.directory, flush=True)
    {then}
"""
HOLD = "while True: threading.Event().wait(0.05)"
"""`signal.pause` would sleep through a signal of the moment before."""
LISTING = """
from cardio.transport.pcsc import PcscResourceManager
print(*(reader.name for reader in PcscResourceManager().readers()), sep="|")
"""
NOBODY = 65534


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary folders go; a short path, as a socket's may not be long."""
    if reason := unavailable():
        pytest.skip(reason)
    path = Path(tempfile.mkdtemp(prefix="rig-"))
    path.chmod(0o777)
    monkeypatch.setenv("TMPDIR", str(path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield path
    shutil.rmtree(path)


class NumberedCard:
    """Answers every command with its ATR, which is no other card's."""

    def __init__(self, number: int) -> None:
        self.atr = bytes((0x3B, 0x01, number))
        self.serial = str(number)

    def reset(self) -> None:
        """It remembers nothing."""

    def transmit(self, command: bytes) -> bytes:
        return self.atr + b"\x90\x00"


def eventually(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def names_seen() -> set[str]:
    """The readers of the service in this process's own folder."""
    return {reader.name for reader in PcscResourceManager().readers()}


def own(then: str, *prefix: str) -> subprocess.Popen[str]:
    """A process that has a service, prints its process id and folder, and goes on with `then`."""
    command = [*prefix, sys.executable, "-c", OWNER.format(then=then)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told_by(owner: subprocess.Popen[str]) -> tuple[int, Path]:
    assert owner.stdout
    assert owner.stderr
    if not (line := owner.stdout.readline()):
        pytest.fail(owner.stderr.read())
    pid, directory = line.split()
    return int(pid), Path(directory)


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_sixteen_readers_hold_sixteen_cards(start_pcscd: StartPcscd) -> None:
    names = [f"Reader {number}" for number in range(16)]
    service = start_pcscd(names)
    is_limited = host.pcscd_build().max_entries is not None
    second_slots = [f"{name} 00 01" for name in names[:8]]
    more = second_slots if is_limited else [f"{name} 00 00" for name in names[8:]]
    assert service.reader_names == (*(f"{name} 00 00" for name in names[:8]), *more)
    assert (service.spare_names == ()) == is_limited
    check_each_card(service, service.reader_names)


def test_more_readers_where_pcscd_has_room_for_them(start_pcscd: StartPcscd) -> None:
    if host.pcscd_build().max_entries is not None:
        pytest.skip("pcscd holds 16 readers before pcsc-lite 2.5")
    service = start_pcscd([f"Reader {number}" for number in range(24)])
    names = service.reader_names + service.spare_names
    assert len(names) == 48
    check_each_card(service, names)


def check_each_card(service: PrivatePcscd, names: Sequence[str]) -> None:
    """One of its own in each of these readers, and no other."""
    cards = {name: NumberedCard(at) for at, name in enumerate(names)}
    manager = PcscResourceManager()
    with ExitStack() as stack:
        for name, card in cards.items():
            stack.enter_context(attach(card, "127.0.0.1", service.ports[name]))
        seen = manager.readers()
        while sum(reader.presence is not CardPresence.ABSENT for reader in seen) < len(cards):
            seen = manager.wait(seen, 20)
        assert {reader.name: reader.atr for reader in seen if reader.atr} == {
            name: card.atr for name, card in cards.items()
        }
        for name, card in cards.items():
            assert manager.connect(name).transmit(b"\x00\x84\x00\x00") == card.atr + b"\x90\x00"
    manager.close()


def test_a_service_with_fewer_readers_than_the_one_before(start_pcscd: StartPcscd) -> None:
    start_pcscd(["A", "B", "C"]).stop()
    service = start_pcscd(["A"])
    assert names_seen() == {*service.reader_names, *service.spare_names}


def test_a_reader_of_two_slots_is_one_entry(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(["Twin 00 00", "Twin 00 01", "Lone"])
    assert service.reader_names == ("Twin 00 00", "Twin 00 01", "Lone 00 00")
    assert service.spare_names == ("Lone 00 01",)
    assert names_seen() == {*service.reader_names, *service.spare_names}


def test_a_reader_stays_away_while_it_is_unplugged(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(["A", "B"])
    service.restart(unplugged=["A 00 00"])
    assert names_seen() == {"B 00 00", "B 00 01"}
    service.restart(unplugged=["A 00 00", "B 00 00"])
    assert names_seen() == set()
    service.restart()
    assert names_seen() == {*service.reader_names, *service.spare_names}


def test_the_plan_of_entries() -> None:
    assert [str(slot) for slot in plan(["A", "B", "C"], most=2)] == [
        "A 00 00",
        "B 00 00",
        "A 00 01",
    ]
    assert len(plan([f"R{number}" for number in range(40)], most=None)) == 40
    with pytest.raises(ConfigurationError, match="no room for reader 'E'"):
        plan(["A", "B", "C", "D", "E"], most=2)
    with pytest.raises(ConfigurationError, match="no room for reader 'C 00 01'"):
        plan(["A", "B", "C 00 01"], most=2)


@pytest.mark.parametrize(
    "readers",
    [(), ("A", "A"), ("A", "A 00 00"), ('"',), ("\n",), (" ",), ("x" * (MAX_NAME + 1),)],
)
def test_bad_names(readers: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError):
        plan(readers, most=8)


def test_no_driver_of_a_real_reader_is_to_be_found(start_pcscd: StartPcscd) -> None:
    drivers = Path(f"/proc/{start_pcscd().pid}/root{host.pcscd_build().usb_drivers}")
    assert list(drivers.iterdir()) == []


def test_the_readers_listen_on_the_loopback_only(start_pcscd: StartPcscd) -> None:
    if not shutil.which("cc"):
        pytest.skip("there is no C compiler")
    service = start_pcscd(["A"])
    assert service.pid
    assert listening_of(service.pid) == set(service.ports.values())
    table = Path("/proc/net/tcp").read_text("ascii")
    for port in service.ports.values():
        assert f" 0100007F:{port:04X} " in table
        assert f" 00000000:{port:04X} " not in table


def test_a_taken_port_is_told(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port: int = other.getsockname()[1]
        with pytest.raises(RigUnavailable, match=f"ss -ltnp 'sport = :{port}'"):
            PrivatePcscd(["A"], first_port=port).start()
    assert list(folder.iterdir()) == [], "the failure left nothing"


def two_free_ports() -> int:
    """The first of two that follow each other."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first, suppress(OSError):
            port: int = first.getsockname()[1]
            socket.create_server(("127.0.0.1", port + 1)).close()
            return port


def test_ports_can_be_fixed(folder: Path) -> None:
    port = two_free_ports()
    with PrivatePcscd(["A"], first_port=port) as service:
        assert service.ports == {"A 00 00": port, "A 00 01": port + 1}
    assert list(folder.iterdir()) == []


def test_one_folder_has_one_service(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(["A"])
    with pytest.raises(ConfigurationError, match="already"):
        PrivatePcscd(["B"], directory=service.directory).start()
    assert names_seen() == {"A 00 00", "A 00 01"}


def test_a_path_too_long_for_a_socket_is_told(folder: Path) -> None:
    deep = folder / ("x" * 100)
    with pytest.raises(ConfigurationError, match="TMPDIR"):
        PrivatePcscd(["A"], directory=deep).start()


def test_a_driver_that_is_none_is_told(folder: Path) -> None:
    wrong = folder / "wrong.so"
    wrong.write_bytes(b"not a driver")
    with pytest.raises(RigUnavailable, match="pcscd did not start"):
        PrivatePcscd(["A"], driver=wrong).start()
    assert list(folder.iterdir()) == [wrong]


def test_what_a_killed_compiler_leaves_goes_with_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = folder / "tools"
    tools.mkdir()
    compiler = tools / "cc"
    compiler.write_text(f'#!/bin/sh\n: > "$TMPDIR/half.s"\nexec {shutil.which("cc")} "$@"\n')
    compiler.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    with PrivatePcscd(["A"], fast=True) as service:
        assert (service.directory / "half.s").exists()
    assert list(folder.iterdir()) == [tools]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_a_killed_owner(folder: Path, number: signal.Signals) -> None:
    with own(HOLD) as owner:
        pid, directory = told_by(owner)
        assert directory.parent == folder
        owner.send_signal(number)
    eventually(lambda: is_gone(pid), "the service stayed")
    eventually(lambda: list(folder.iterdir()) == [], "its folder stayed")
    mounts = Path("/proc/self/mounts").read_text("utf-8")
    assert str(directory) not in mounts


def test_nothing_outlives_an_exception(folder: Path) -> None:
    with own("raise RuntimeError") as owner:
        pid, _ = told_by(owner)
    assert is_gone(pid)
    assert list(folder.iterdir()) == []


def test_the_thread_that_started_it_may_end(folder: Path) -> None:
    """The kernel counts a parent's death by its thread; the keeper has but one."""
    program = """
import threading
from cardio.rig.pcscd.private import PrivatePcscd
service = PrivatePcscd(["A"])
starter = threading.Thread(target=service.start)
starter.start()
starter.join()
print(service.pid, service.directory, flush=True)
input()
service.stop()
"""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as owner:
        pid, _ = told_by(owner)
        owner.communicate("\n", timeout=30)
    assert owner.returncode == 0
    assert is_gone(pid)
    assert list(folder.iterdir()) == []


def test_a_killed_keeper_takes_the_service_with_it(folder: Path) -> None:
    with PrivatePcscd(["A"]) as service:
        assert service.pid
        pid = service.pid
        os.kill(keeper_of(pid), signal.SIGKILL)
        eventually(lambda: not host_has(pid), "the service stayed")
    assert list(folder.iterdir()) == []


def keeper_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("PPid:")[1].split()[0])


def test_a_restart_waits_for_the_end_another_thread_has_begun(start_pcscd: StartPcscd) -> None:
    service = start_pcscd(["A"])
    assert service.pid
    pid, keeper = service.pid, keeper_of(service.pid)
    os.kill(keeper, signal.SIGSTOP)
    killer = threading.Thread(target=service.kill)
    killer.start()
    eventually(lambda: service.pid is None, "the end has not begun")
    going_on = threading.Timer(0.1, os.kill, (keeper, signal.SIGCONT))
    going_on.start()
    service.restart()
    assert service.pid not in (None, pid)
    assert names_seen() == {"A 00 00", "A 00 01"}
    killer.join()


def host_has(pid: int) -> bool:
    try:
        return " Z" not in Path(f"/proc/{pid}/stat").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):  # before or while it is read
        return False


def test_folders_left_behind_are_swept(folder: Path) -> None:
    """As after a power cut: neither owner nor keeper had the time."""
    left = folder / "cardio-pcscd-left"
    left.mkdir()
    (left / LOCK).touch()
    stranger = folder / "cardio-pcscd-without-lock"
    stranger.mkdir()
    mine = OwnFolder("cardio-pcscd-")
    also_mine = OwnFolder("cardio-pcscd-")
    assert set(folder.iterdir()) == {stranger, mine.path, also_mine.path}
    mine.close()
    mine.close()
    also_mine.close()
    assert list(folder.iterdir()) == [stranger]


def test_it_needs_no_root(folder: Path) -> None:
    as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    prefix = as_nobody if os.geteuid() == 0 else ()
    if subprocess.run([*prefix, "test", "-r", __file__], check=False).returncode:
        pytest.skip("no other user may read this checkout")
    with own(HOLD, *prefix) as owner:
        pid, directory = told_by(owner)
        if prefix:
            assert Path(f"/proc/{pid}").stat().st_uid == NOBODY
        env = {**os.environ, "PCSCLITE_CSOCK_NAME": str(directory / "run" / "pcscd.comm")}
        listed = subprocess.run(
            [*prefix, sys.executable, "-c", LISTING], env=env, capture_output=True, check=True
        )
        assert b"A 00 00" in listed.stdout
        owner.kill()
    eventually(lambda: is_gone(pid), "the service stayed")
    eventually(lambda: list(folder.iterdir()) == [], "its folder stayed")


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert str(unavailable()).endswith(": apt-get install mount util-linux")
    with pytest.raises(RigUnavailable, match="apt-get install mount util-linux"):
        PrivatePcscd(["A"])


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_DRIVERS", ("nowhere/*.so",))
    assert "apt-get install vsmartcard-vpcd" in str(unavailable())
    monkeypatch.setattr(host, "pcscd_path", lambda: "/nowhere/pcscd")
    assert "apt-get install pcscd" in str(unavailable())


@pytest.mark.parametrize(
    ("switch", "value", "advice"),
    [
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ("kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "sysctl user.max_user_namespaces="),
        ("kernel/unprivileged_userns_clone", "1", "run it as root"),
    ],
)
def test_the_right_to_make_namespaces(tmp_path: Path, switch: str, value: str, advice: str) -> None:
    file = tmp_path / switch
    file.parent.mkdir()
    file.write_text(value + "\n")
    assert advice in host.namespace_advice(tmp_path, is_root=False)


def test_a_container_without_the_right(tmp_path: Path) -> None:
    assert "--cap-add SYS_ADMIN" in host.namespace_advice(tmp_path, is_root=True)


@pytest.mark.parametrize(
    ("told", "most", "options"),
    [
        ("pcsc-lite version 1.9.9.\nEnabled features: usb ipcdir=/run/pcscd", 8, ()),
        ("pcsc-lite version 2.3.3.\nEnabled features: polkit", 8, ("--disable-polkit",)),
        ("pcsc-lite version 2.5.0.\nEnabled features: polkit", None, ("--disable-polkit",)),
    ],
)
def test_what_pcscd_tells_of_itself(told: str, most: int | None, options: tuple[str, ...]) -> None:
    build = host.read_build(told)
    assert (build.max_entries, build.options) == (most, options)
    assert build.socket_folder == "/run/pcscd"
