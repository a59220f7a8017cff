"""`cardio trace record`: any command, its exchanges in a new file, its own output untouched."""

import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.desk import Desk

from cardio.cli.exit_codes import ExitCode
from cardio.cli.file_recorder import recording_new
from cardio.locale import translator
from cardio.trace import Trace, jsonl
from cardio_emulator.bench import Bench
from cardio_emulator.faults import FaultyCard, Removed
from cardio_emulator.kinds import make

PIN = "1234"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "field.jsonl"


@pytest.fixture
def demo(desk: Desk) -> Desk:
    desk.bench = Bench.demo()
    return desk


def decoded(file: Path) -> Trace:
    return jsonl.decode(file.read_bytes())


@pytest.mark.parametrize("words", [("cards",), ("cps", "show"), ("vitale", "show", "--json")])
def test_the_command_says_what_it_says_alone(
    demo: Desk, file: Path, words: tuple[str, ...]
) -> None:
    alone = demo.run(*words)
    done = demo.run("trace", "record", str(file), *words)
    assert (done.stdout, done.exit_code) == (alone.stdout, alone.exit_code)
    trace = decoded(file)
    summary = f"connections: {len(trace.connections)}, exchanges: {len(trace.exchanges)}."
    assert summary in done.stderr
    assert "names, NIR, certificates" in done.stderr
    assert "trace anonymise" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_the_file_is_for_its_owner_only(demo: Desk, file: Path) -> None:
    old = os.umask(0)
    try:
        demo.run("trace", "record", str(file), "cards")
    finally:
        os.umask(old)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_is_there_stays(demo: Desk, file: Path) -> None:
    file.write_text("mine")
    done = demo.run("trace", "record", str(file), "cards")
    assert done.exit_code == ExitCode.USAGE
    assert "is there already" in done.stderr
    assert (file.read_text(), done.stdout) == ("mine", "")


def test_a_link_is_not_followed(demo: Desk, file: Path, tmp_path: Path) -> None:
    file.symlink_to(tmp_path / "elsewhere")
    assert demo.run("trace", "record", str(file), "cards").exit_code == ExitCode.USAGE
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there(demo: Desk, file: Path) -> None:
    done = demo.run("trace", "record", str(file / "x"), "cards")
    assert done.exit_code == ExitCode.USAGE
    assert "No such file or directory" in done.stderr


@pytest.mark.parametrize(
    "words", [("nothing",), ("cards", "--nope"), ("cps", "nope"), ("--json",), ()], ids=str
)
def test_a_wrong_command_leaves_no_file(demo: Desk, file: Path, words: tuple[str, ...]) -> None:
    assert demo.run("trace", "record", str(file), *words).exit_code == ExitCode.USAGE
    assert not file.exists()


@pytest.mark.parametrize("words", [("readers",), ("cps", "show", "--help"), ("completion", "bash")])
def test_nothing_recorded_is_no_file(demo: Desk, file: Path, words: tuple[str, ...]) -> None:
    done = demo.run("trace", "record", str(file), *words)
    assert (done.exit_code, file.exists()) == (ExitCode.FINE, False)
    assert "No card was spoken to" in done.stderr


def test_a_pin_is_nowhere_in_it(demo: Desk, file: Path) -> None:
    done = demo.run(
        "trace", "record", str(file), "pin", "verify", "--pin-env", "CODE", env={"CODE": PIN}
    )
    assert done.exit_code == ExitCode.FINE
    assert "0020000104********" in [str(one.command) for one in decoded(file).exchanges]
    assert PIN.encode().hex() not in file.read_text()


def test_without_answers(demo: Desk, file: Path) -> None:
    done = demo.run("trace", "record", "--without-answers", str(file), "cps", "show")
    assert "nor what the cards told" in done.stderr
    assert "MEDECIN" in done.stdout
    assert all(not one.answer.before or len(one.answer) == 2 for one in decoded(file).exchanges)


def test_a_command_that_fails_is_recorded_to_its_end(desk: Desk, file: Path) -> None:
    desk.put("Reader 00 00", FaultyCard(make("cps3"), Removed(4)))
    done = desk.run("trace", "record", str(file), "cps", "show")
    assert done.exit_code == ExitCode.NO_CARD
    assert "exchanges: 5." in done.stderr
    assert len(decoded(file).exchanges[-1].answer) == 0


def test_narrated_while_it_is_recorded(demo: Desk, file: Path) -> None:
    done = demo.run("trace", "record", str(file), "cps", "show", "-v")
    told = [line for line in done.stderr.splitlines() if " ms  " in line]
    assert len(told) == len(decoded(file).exchanges)


def test_in_french(demo: Desk, file: Path) -> None:
    done = demo.run("trace", "record", str(file), "cards", "--lang", "fr")
    assert translator("fr")("cli.trace.record.holds") in done.stderr


def test_a_full_disk_disturbs_nothing(
    demo: Desk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a line is written, then no more: the line goes, the PIN's outcome is still told."""
    write, left = os.write, [1000]

    def limited(descriptor: int, data: bytes) -> int:
        size = min(len(data), left[0])
        if not size:
            raise OSError(28, "No space left on device")
        left[0] -= size
        return write(descriptor, data[:size])

    monkeypatch.setattr("cardio.trace.recorder.os.write", limited)
    words = ("pin", "verify", "--pin-env", "CODE", "--json")
    done = demo.run("trace", "record", str(file), *words, env={"CODE": PIN})
    assert done.exit_code == ExitCode.USAGE
    assert '"outcome": "verified"' in done.stdout
    assert "ended early: No space left on device" in done.stderr
    assert 0 < len(decoded(file).exchanges) < 10


def test_from_many_threads(file: Path) -> None:
    with recording_new(file, with_answers=True) as recorder:

        def work(number: int) -> None:
            card = recorder.connection(f"Reader {number}", b"\x3b\x00", 0)
            for _ in range(50):
                card.record(bytes(4), b"\x90\x00", 0.0)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert (recorder.connections, recorder.exchanges, recorder.failure) == (8, 400, "")
    assert len(decoded(file).exchanges) == 400


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_what_was_recorded_survives_the_end_of_the_process(file: Path, ending: int) -> None:
    command = (sys.executable, "-m", "cardio", "--workstation", "demo", "trace", "record")
    process = subprocess.Popen(
        [*command, str(file), "consult", "watch", "-v"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr
        assert " ms  " in process.stderr.readline()
        process.send_signal(ending)
        process.communicate(timeout=60)
    finally:
        process.kill()
    assert decoded(file).exchanges
