"""`cardio emulate --bench` and `--serve` as programs see them: lines, signals, what is left."""

import fcntl
import json
import os
import queue
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_pin_terminal import Terminal
from tests.support.desk import Desk

from cardio.rig.control.remote import RemoteBench
from cardio.rig.pcscd.private import unavailable
from cardio.transport.json_line import Endpoint
from cardio_emulator.image_write import encode
from cardio_emulator.kinds import make
from cardio_emulator.vpcd import attach

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and pcscd of Linux")

SOON = 40.0
F_SETPIPE_SZ = 1031
VITALE_ATR = "3B751300004409EA9000"
CPS3_ATR = "3BAC00402A001225006480000310009000"
BENCH = """
[[reader]]
name = "Left 00 00"
card = "cps3"

[[reader]]
name = "Right 00 00"
"""
MAIN = [sys.executable, "-c", "from cardio.cli import main; main()"]
VICC_MODULES = "/usr/lib/python3/site-packages/virtualsmartcard"


class Emulation:
    """`cardio emulate` in a process group and with temporary folders of its own."""

    def __init__(self, temporary: Path, *words: str | Path, **env: str) -> None:
        self.env = {**os.environ, "TMPDIR": str(temporary), "LC_ALL": "C.UTF-8", **env}
        self.process = subprocess.Popen(
            [*MAIN, "emulate", *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=self.env,
            start_new_session=True,
        )
        self._waiting: list[dict[str, Any]] = []
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def next(self, **wanted: object) -> dict[str, Any]:
        """The next line that has these keys and values; events may come between answers."""
        end = time.monotonic() + SOON
        while True:
            for line in self._waiting:
                if wanted.items() <= line.items():
                    self._waiting.remove(line)
                    return line
            told = self.lines.get(timeout=max(0.1, end - time.monotonic()))
            self._waiting.append(json.loads(told))

    def say(self, do: str, **keys: object) -> dict[str, Any]:
        """The answer to a command."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, "id": do, **keys}) + "\n")
        self.process.stdin.flush()
        return self.next(id=do)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.result()[0]

    def result(self) -> tuple[int, str]:
        """Exit code, and what was said on standard error."""
        code = self.process.wait(SOON)
        assert self.process.stderr
        return code, self.process.stderr.read()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reading.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with suppress(OSError):
                if pipe:
                    pipe.close()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)


class Start:
    """Starts emulations that do not outlive the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "t"
        self.temporary.mkdir()
        self.started: list[Emulation] = []

    def __call__(self, *words: str | Path, **env: str) -> Emulation:
        self.started.append(Emulation(self.temporary, *words, **env))
        return self.started[-1]

    def bench(self, text: str = BENCH) -> Path:
        file = self.folder / "bench.toml"
        file.write_text(text, encoding="utf-8")
        return file


@pytest.fixture
def start() -> Iterator[Start]:
    with tempfile.TemporaryDirectory(prefix="c-") as folder:  # short: there are sockets in it
        made = Start(Path(folder))
        yield made
        for each in made.started:
            each.close()


def processes_of(session: int) -> list[str]:
    """The processes of a session that still run."""
    found: list[str] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ProcessLookupError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(stat[3]) == session and stat[0] != "Z":
                found.append((folder / "cmdline").read_text())
    return found


def needs_pcscd() -> None:
    if reason := unavailable():
        pytest.skip(reason)


@pytest.mark.pcscd
@pytest.mark.parametrize(
    ("driver", "number"), [("vpcd", signal.SIGINT), ("cardio", signal.SIGTERM)]
)
def test_a_bench_in_a_service_of_its_own(start: Start, driver: str, number: int) -> None:
    needs_pcscd()
    if driver == "cardio" and not shutil.which("cc"):
        pytest.skip("no C compiler")
    run = start("--bench", start.bench(), "--driver", driver)
    card = run.next(reader="Left 00 00")
    assert (card["card"], card["persona"], card["atr"]) == ("cps3", "medecin", CPS3_ATR)
    ready = run.next(event="ready")
    assert ready["readers"] == ["Left 00 00", "Right 00 00"]
    env = {**run.env, **ready["environment"]}
    told = subprocess.run(
        [*MAIN, "--json", "cards"], env=env, capture_output=True, text=True, check=True
    )
    shown = {one["reader"]: one["atr"] for one in json.loads(told.stdout)}
    assert shown["Left 00 00"] == CPS3_ATR
    assert shown["Right 00 00"] == ""
    assert run.say("insert", reader="Right", card="vitale2")["reader"] == "Right 00 00"
    run.next(event="inserted", reader="Right 00 00", atr=VITALE_ATR)
    session = run.process.pid
    assert run.end(number) == 0
    assert run.next(event="ending")["why"] == signal.Signals(number).name
    assert not processes_of(session)
    assert not list(start.temporary.iterdir())
    assert str(start.temporary) not in Path("/proc/mounts").read_text()
    assert not Path(ready["environment"]["PCSCLITE_CSOCK_NAME"]).exists()


@pytest.mark.pcscd
@pytest.mark.parametrize("driver", ["vpcd", "none"])
def test_the_timeline_plays(start: Start, driver: str) -> None:
    needs_pcscd()
    steps = (
        '[[timeline]]\nat = 0\ndo = "insert"\nreader = "Right"\ncard = "vitale2"\n'
        '[[timeline]]\nat = 0.1\ndo = "remove"\nreader = "Right"\n'
        '[[timeline]]\nat = 0.2\ndo = "remove"\nreader = "Right"\n'
        '[[timeline]]\nafter = 2\napdus_of = "Left"\ndo = "insert"\nreader = "Right"\n'
    )
    words = ("--driver", driver, "--control", "127.0.0.1:0")
    text = BENCH.replace("Left 00 00", "Left") if driver == "vpcd" else BENCH
    run = start("--bench", start.bench(text + steps), *words)
    ready = run.next(event="ready")
    assert run.next(event="step", do="insert")["reader"] == "Right 00 00"
    assert "error" not in run.next(event="step", do="remove")
    failed = run.next(event="step", do="remove")
    assert (failed["code"], failed["error"]) == ("CARD-1205", "the reader is empty")
    subprocess.run(
        [*MAIN, "--workstation", ready["control"], "cards"], check=True, capture_output=True
    )
    run.next(event="step", do="insert")
    run.next(event="inserted", atr=VITALE_ATR)
    (right,) = (r for r in run.say("state")["readers"] if r["reader"].startswith("Right"))
    assert (right["number"], right["apdus"]) == (2, right["apdus"])
    assert run.say("quit")["done"] == "quit"
    assert run.next(event="ending")["why"] == "quit"
    assert run.result() == (0, "")


def test_lines_that_are_no_commands_change_nothing(start: Start) -> None:
    run = start("--bench", start.bench(), "--driver", "none")
    run.next(event="ready")
    assert run.process.stdin
    run.process.stdin.write("nonsense\n\n")
    run.process.stdin.flush()
    run.next(error="this is no JSON")
    assert "insert" in run.say("eject")["allowed"]
    assert run.say("state")["service"]


def test_a_closed_input_does_not_end_it(start: Start) -> None:
    run = start("--bench", start.bench(), "--driver", "none")
    assert run.process.stdin
    run.process.stdin.close()
    run.next(event="input_closed")
    with pytest.raises(subprocess.TimeoutExpired):
        run.process.wait(0.3)
    assert run.end() == 0


def test_without_any_input_or_output_it_stays(start: Start) -> None:
    control = f"unix:{start.folder / 'control'}"
    command = [*MAIN, "emulate", "--bench", start.bench(), "--driver", "none", "--control", control]
    line = f"{{ {shlex.join(map(str, command))} <&- 2>&- & echo $!; }} | head -2"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    number = int(done.stdout.splitlines()[0])
    ended = os.pidfd_open(number)
    with closing(RemoteBench(Endpoint.parse(control))) as bench:
        bench.insert_kind("Right 00 00", "vitale2")
        assert len(bench.state()) == 2
    os.kill(number, signal.SIGTERM)
    assert select.select([ended], [], [], SOON)[0]
    os.close(ended)


@pytest.mark.parametrize("commands", [0, 20])
def test_who_stops_reading_can_still_end_it(start: Start, commands: int) -> None:
    """With no command, not even the first line gets out."""
    reading, writing = os.pipe()
    page = fcntl.fcntl(writing, F_SETPIPE_SZ, 1)
    if not commands:
        os.write(writing, bytes(page))
    command = [*MAIN, "emulate", "--bench", str(start.bench()), "--driver", "none"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=writing)
    assert process.stdin
    process.stdin.write(b'{"do": "state"}\n' * commands)
    process.stdin.flush()
    wait_for(lambda: is_writing_to_a_pipe(process.pid))
    process.terminate()
    assert process.wait(SOON) == 0
    process.stdin.close()
    os.close(reading)
    os.close(writing)


def is_writing_to_a_pipe(process: int) -> bool:
    """Whether one of its threads waits in `write`."""
    files = Path(f"/proc/{process}/task").glob("*/wchan")
    return any("pipe_write" in file.read_text() for file in files)


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_full_disk_does_not_end_it(start: Start) -> None:
    command = [*MAIN, "emulate", "--bench", str(start.bench()), "--driver", "none"]
    with Path("/dev/full").open("wb") as full:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=full, stderr=subprocess.PIPE
        )
    said = process.communicate(b'{"do": "quit"}\n', timeout=SOON)[1]
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize(
    ("language", "said"), [("en", "here, time is real"), ("fr", "ici, le temps est réel")]
)
def test_a_virtual_clock_is_not_for_others_to_see(start: Start, language: str, said: str) -> None:
    file = start.bench(f'[bench]\nclock = "virtual"\n{BENCH}')
    run = start("--bench", file, "--driver", "none", "--lang", language)
    run.say("quit")
    code, told = run.result()
    assert (code, told.count("\n")) == (0, 1)
    assert said in told


def test_in_the_background_of_a_terminal_it_goes_on() -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Path(folder, "bench.toml")
        bench.write_text(BENCH, encoding="utf-8")
        emulate = f"{' '.join(map(repr, MAIN))} emulate --bench {bench} --driver none"
        terminal = Terminal.__new__(Terminal)
        shell(terminal, ["sh", "-c", f"set -m; {emulate} & echo job $!.; wait $!"])
        terminal.until("job ")
        terminal.until(".")
        terminal.until('"input_closed"')
        job = int(terminal.screen.partition("job ")[2].partition(".")[0])
        os.kill(job, signal.SIGTERM)  # SIGHUP is ignored where these tests run under nohup
        assert terminal.result() == 0
        assert not Path(f"/proc/{job}").exists()


def shell(terminal: Terminal, command: list[str]) -> None:
    """Any command in the place of `cardio`."""
    import pty

    terminal.process, terminal._master = pty.fork()
    if terminal.process == 0:
        os.execvp(command[0], command)
    terminal.screen, terminal._seen = "", 0


def test_other_processes_read_it_without_pcscd(start: Start) -> None:
    run = start("--bench", start.bench(), "--driver", "none", "--control", "127.0.0.1:0")
    where = run.next(event="ready")["control"]
    done = subprocess.run(
        [*MAIN, "--workstation", where, "--json", "cps", "show"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    run.next(event="apdus", reader="Left 00 00")


def test_a_card_in_the_reader_of_another_service(start: Start, start_pcscd: Any) -> None:  # noqa: ANN401
    service = start_pcscd(["Left", "Right"])
    left, right = (service.ports[name] for name in service.reader_names)
    text = (
        f'[[reader]]\nname = "Left"\ncard = "cps3"\nvpcd = "127.0.0.1:{left}"\n'
        f'[[reader]]\nname = "Right"\nvpcd = "127.0.0.1:{right}"\n[[reader]]\nname = "None"\n'
    )
    run = start("--bench", start.bench(text))
    assert "environment" not in run.next(event="ready")
    assert shown_by(service) == [CPS3_ATR, ""]
    assert run.say("insert", reader="Right", card="vitale2")["done"]
    assert shown_by(service) == [CPS3_ATR, VITALE_ATR]
    assert run.say("swap", reader="Left", card="vitale2")["removed"]["atr"] == CPS3_ATR
    assert shown_by(service) == [VITALE_ATR, VITALE_ATR]
    assert run.say("remove", reader="Right")["number"] == 2
    assert shown_by(service) == [VITALE_ATR, ""]
    run.say("fault", reader="Left", fault={"kind": "removed", "at": 0})
    subprocess.run([*MAIN, "cards"], env=service.env, capture_output=True, check=False)
    run.next(event="removed", reader="Left")
    assert "another PC/SC service" in run.say("kill_service")["error"]
    assert "another PC/SC service" in run.say("reset", reader="Left")["error"]
    assert "no vpcd address" in run.say("insert", reader="None", card="cps3")["error"]
    assert run.end() == 0


def shown_by(service: Any) -> list[str]:  # noqa: ANN401
    done = subprocess.run(
        [*MAIN, "--json", "readers"], env=service.env, capture_output=True, text=True, check=True
    )
    atrs = {one["name"]: one["atr"] for one in json.loads(done.stdout)}
    return [atrs[name] for name in service.reader_names]


def test_cards_of_others_are_awaited(start: Start) -> None:
    run = start("--serve", "127.0.0.1:0", "--serve", "0", "--control", "127.0.0.1:0")
    ready = run.next(event="ready")
    assert ready["readers"] == ["Remote 00 00", "Remote 01 00"]
    host, _, port = ready["vpcd"]["Remote 01 00"].rpartition(":")
    assert host == "127.0.0.1"
    with attach(make("vitale2"), host, int(port)):
        told = run.next(event="inserted", reader="Remote 01 00")
        assert (told["atr"], told["kind"]) == (VITALE_ATR, "vitale2")
        done = subprocess.run(
            [*MAIN, "--workstation", ready["control"], "--json", "cards"],
            capture_output=True,
            text=True,
            check=False,
        )
        kinds = {one["reader"]: one["kind"] for one in json.loads(done.stdout)}
        assert kinds == {"Remote 00 00": None, "Remote 01 00": "vitale2"}
    run.next(event="removed", reader="Remote 01 00")
    assert run.end(signal.SIGINT) == 0


def test_the_card_of_the_real_vicc(start: Start) -> None:
    """vicc 0.8 dies of SELECT MF (facts: pcsc_vpcd.md §4)."""
    if not (Path("/usr/bin/vicc").exists() and Path(VICC_MODULES).exists()):
        pytest.skip("vsmartcard-vpicc is not installed")
    pytest.importorskip("Crypto", reason="vicc needs pycryptodome")
    run = start("--serve", "127.0.0.1:0")
    port = run.next(event="ready")["vpcd"]["Remote 00 00"].rpartition(":")[2]
    vicc = subprocess.Popen(
        [sys.executable, "/usr/bin/vicc", "-t", "iso7816", "-P", port],
        env={**os.environ, "PYTHONPATH": VICC_MODULES},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        told = run.next(event="inserted")
        assert told["atr"].startswith("3B")
        assert told["kind"] in (None, "unknown")
        assert vicc.poll() is None
    finally:
        vicc.kill()
        vicc.wait()
    run.next(event="removed")


def test_an_image_and_a_trace_are_cards_too(start: Start) -> None:
    image = start.folder / "card.toml"
    image.write_text(encode(make("cps3").image), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as slot:
        slot.settimeout(SOON)
        run = start("--image", image, "--vpcd", f"127.0.0.1:{slot.getsockname()[1]}")
        with slot.accept()[0]:
            line = run.next(image=str(image))
            assert line["atr"] == CPS3_ATR
            assert run.end() == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--bench", "B", "--serve", "0"], 2, "--bench goes without --serve"),
        (["--serve", "0", "--driver", "vpcd"], 2, "--serve goes without --driver"),
        (["--serve", "here"], 2, "'here'"),
        (["--serve", "80000"], 2, "'80000' is neither HOST:PORT nor a port"),
        (["--serve", "unix:x"], 2, "virtual cards come by TCP"),
        (["--serve", "203.0.113.1:0"], 2, "no card can be awaited at 203.0.113.1:0"),
        (["--card", "cps3", "--image", "B", "--vpcd", "h:1"], 2, "one of --card"),
        (["--card", "cps3", "--vpcd", "h:1", "--tui"], 2, "--vpcd goes without --tui"),
        (["--bench", "B", "--tui"], 2, "--tui needs a terminal"),
        (["--bench", "B", "--driver", "none", "--control", "0.0.0.0:0"], 2, "SSH tunnel"),
        (["--bench", "B", "--driver", "none", "--control", "x"], 2, "tcp://HOST:PORT"),
    ],
)
def test_what_cannot_be(desk: Desk, tmp_path: Path, words: list[str], code: int, said: str) -> None:
    (tmp_path / "bench.toml").write_text(BENCH, encoding="utf-8")
    file = str(tmp_path / "bench.toml")
    done = desk.run("emulate", *(file if word == "B" else word for word in words))
    assert (done.exit_code, said in done.stderr) == (code, True), done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[reader]]\nname = "A"\ncard = "cps9"\n', "'card'"),
        ('[[reader]]\nname = "A"\nkard = "cps3"\n', "kard"),
        ('[[reader]]\nname = "A"\ncard = "cps3"\npersona = "nobody"\n', "nobody"),
        ('[[reader]]\nname = "A"\n[[timeline]]\nat = 1\ndo = "eject"\n', "'do'"),
    ],
)
def test_a_mistake_in_the_file_is_told(desk: Desk, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bench.toml"
    file.write_text(text, encoding="utf-8")
    done = desk.run("emulate", "--bench", str(file), "--driver", "none")
    assert done.exit_code == 2
    assert said in done.stderr
    assert f"{file}, line " in done.stderr


def test_a_port_that_is_taken(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "bench.toml"
    file.write_text(BENCH, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        bench = ("--bench", str(file), "--driver", "none", "--control", f"127.0.0.1:{port}")
        for words, wanted in ((("--serve", str(port)), 3), (bench, 2)):
            done = desk.run("emulate", *words)
            assert done.exit_code == wanted
            assert f"ss -ltnp 'sport = :{port}'" in done.stderr
    assert not [one.name for one in threading.enumerate() if one.name.startswith("bench")]


def test_what_is_missing_is_named_with_the_command_that_helps(start: Start) -> None:
    code, told = start("--bench", start.bench(), PATH="/nowhere").result()
    assert code == 3
    assert "apt-get install" in told
    assert not list(start.temporary.iterdir())


@pytest.mark.pcscd
def test_a_compiler_that_compiles_nothing_is_as_good_as_none(start: Start) -> None:
    """As `gcc` without the headers of the C library."""
    needs_pcscd()
    compiler = start.folder / "bin" / "cc"
    compiler.parent.mkdir()
    compiler.write_text("#!/bin/sh\nexit 1\n")
    compiler.chmod(0o755)
    path = f"{compiler.parent}:{os.environ['PATH']}"
    run = start("--bench", start.bench(), PATH=path)
    run.next(event="ready")
    run.say("insert", reader="Right", card="vitale2")
    assert run.end() == 0


@pytest.mark.pcscd
@pytest.mark.parametrize("end", ["\x03", "SIGTERM"])
def test_the_live_view_in_a_real_terminal(start: Start, end: str, monkeypatch: Any) -> None:  # noqa: ANN401
    needs_pcscd()
    monkeypatch.setenv("TMPDIR", str(start.temporary))
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal("--lang", "fr", "emulate", "--bench", str(start.bench()), "--tui")
    terminal.until("cps3")
    if end == "SIGTERM":
        os.kill(terminal.process, signal.SIGTERM)
    else:
        os.write(terminal._master, end.encode())
    process = terminal.process
    assert terminal.result() == 0
    assert "Traceback" not in terminal.screen
    assert "\x1b[?1049l" in terminal.screen  # the terminal is as it was
    assert not processes_of(process)
    assert not list(start.temporary.iterdir())


def test_the_live_view_needs_standard_error_too(start: Start) -> None:
    words = ["emulate", "--bench", str(start.bench()), "--driver", "none", "--tui"]
    terminal = Terminal.__new__(Terminal)
    log = start.temporary / "log"
    command = [*MAIN, *words]
    shell(terminal, ["sh", "-c", 'exec 2> "$0"; exec "$@"', str(log), *command])
    assert terminal.result() == 2
    assert "--tui needs a terminal" in log.read_text("utf-8")


def test_the_live_view_names_its_extra(start: Start) -> None:
    main = "import sys; sys.modules['textual'] = None; from cardio.cli import main; main()"
    terminal = Terminal.__new__(Terminal)
    words = ["emulate", "--bench", str(start.bench()), "--driver", "none", "--tui"]
    shell(terminal, [sys.executable, "-c", main, *words])
    terminal.until("pip install 'cardio-sante[rig]'")
    assert terminal.result() == 3


def page_blocks(language: str) -> list[str]:
    page = Path(__file__).parents[2] / "docs/how-to/emulate.md"
    pattern = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return pattern.findall(page.read_text(encoding="utf-8"))


def test_the_page_shows_what_is_said(start: Start) -> None:
    """Its bench, in process, says the lines of the page; its commands are done."""
    (bench,) = page_blocks("toml")
    told, commands, *_ = ([*map(json.loads, block.splitlines())] for block in page_blocks("json"))
    run = start("--bench", start.bench(bench.replace("at = 5", "at = 0.2")), "--driver", "none")
    changing = {"at", "environment"}
    for line in told:
        wanted = {key: value for key, value in line.items() if key not in changing}
        assert run.next(**wanted).keys() | changing >= line.keys()
    for command in commands:
        assert run.say(command.pop("do"), **command)["done"]
    assert run.result()[0] == 0


def test_the_program_of_the_page_runs() -> None:
    for program in page_blocks("python"):
        subprocess.run([sys.executable, "-c", program], check=True)


def test_the_page_and_the_reference_know_every_option(desk: Desk) -> None:
    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "how-to/emulate.md").read_text(encoding="utf-8")
    told = set(re.findall(r"--[a-z]+", desk.run("emulate", "--help").stdout))
    shared = {"--workstation", "--json", "--lang", "--verbose", "--help"}
    assert not [name for name in told - shared if name not in page]
