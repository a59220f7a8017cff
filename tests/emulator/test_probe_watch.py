"""`--watch` and `--save`: what is shown and written as cards and readers come and go."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import pytest
from tests.support.probe_facts import GOOD, NOT_READY, report
from tests.unit.test_probe_report import check_schema

from cardio.errors import ConfigurationError, PcscFailure
from cardio.locale import translator
from cardio.probe import CheckResult, Report, changed, probe, save, watch
from cardio.probe import saving as saving_module
from cardio.probe.saving import name_of, write_private
from cardio.transport.base import ReaderStatus
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.kinds import make

TEXT = translator("en")


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.add_reader("CPS")
    bench.add_reader("Vitale", make("vitale2"))
    return bench


def reports(bench: Bench) -> Generator[Report, None, None]:
    def diagnose() -> Report:
        return probe("demo", opener=lambda _: Workstation(EmulatedResourceManager(bench)))

    return watch(EmulatedResourceManager(bench), diagnose, settling=0.05)


def after(seconds: float, action: Callable[[], object]) -> None:
    threading.Timer(seconds, action).start()


def told(before: Report, now: Report) -> dict[str, str]:
    """Check and reader, then the outcome before and after."""

    def said(result: CheckResult | None) -> str:
        return f"{result.status} {result.cause}" if result else "-"

    found: dict[str, str] = {}
    for change in changed(before, now):
        known = change.after or change.before
        assert known
        name = " ".join(filter(None, (known.check, known.reader)))
        found[name] = f"{said(change.before)} > {said(change.after)}"
    return found


def test_each_fix_shows_as_a_change(bench: Bench) -> None:
    with closing(reports(bench)) as watched:
        empty = next(watched)
        after(0.2, lambda: bench.reader("CPS").insert(make("cps3")))
        full = next(watched)
        after(0.2, lambda: bench.unplug_reader("Vitale"))
        alone = next(watched)
    changes = told(empty, full)
    assert changes["cps.present"] == "fail none > pass ok"
    assert changes["cps.pin CPS"] == "- > pass ok"
    assert changes["reader.state CPS"] == "pass empty > pass card"
    assert told(full, alone)["vitale.present"] == "pass ok > warn none"
    assert told(full, alone)["reader.state Vitale"] == "pass card > -"
    assert told(full, full) == {}


def test_a_burst_of_changes_makes_one_report(bench: Bench) -> None:
    with closing(reports(bench)) as watched:
        next(watched)

        def burst() -> None:
            for name in ("A", "B", "C"):
                bench.add_reader(name, make("cps3"))

        after(0.2, burst)
        assert len(next(watched).readers) == 5


def test_a_service_that_refuses_ends_the_watch(bench: Bench) -> None:
    class Refusing(EmulatedResourceManager):
        def wait(
            self, known: Sequence[ReaderStatus], timeout: float | None = None
        ) -> tuple[ReaderStatus, ...]:
            raise PcscFailure("odd", pcsc_code=0x80100001)

    watched = watch(Refusing(bench), lambda: report(GOOD), settling=0.01)
    next(watched)
    with pytest.raises(PcscFailure):
        next(watched)


def test_files_are_whole_private_and_named_alike(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    found = report(GOOD)
    document, page = save(found, folder, TEXT)
    assert re.fullmatch(r"cardio-[0-9a-f]{32}-20261122T093000Z", name_of(found))
    assert [document.name, page.name] == [f"{name_of(found)}.json", f"{name_of(found)}.html"]
    check_schema(json.loads(document.read_text(encoding="utf-8")))
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    for file in (document, page):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    save(report(NOT_READY), folder, TEXT)
    assert len(list(folder.iterdir())) == 2


def test_without_jinja2_the_document_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> str:
        raise ConfigurationError("jinja2")

    monkeypatch.setattr(saving_module, "to_html", missing)
    (document,) = save(report(GOOD), tmp_path, TEXT)
    assert document.suffix == ".json"


def test_a_file_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigurationError, match="file"):
        save(report(GOOD), tmp_path / "file", TEXT)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space"):
        write_private(tmp_path / "new" / "report.json", "{}")
    assert list((tmp_path / "new").iterdir()) == []


def test_the_command_watches_saves_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cardio", "--workstation", "demo", "--json", "probe"]
    command += ["--watch", "--save", str(tmp_path)]
    lines: SimpleQueue[str] = SimpleQueue()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        document = json.loads(running.stdout.readline())
        begin = time.monotonic()
        while not list(tmp_path.glob("*.html")) and time.monotonic() - begin < 20:
            time.sleep(0.05)
        begin = time.monotonic()
        running.send_signal(signal.SIGINT)
        lines.put(running.stdout.read())
        assert running.wait(30) == 0
    assert time.monotonic() - begin < 30
    assert lines.get() == ""
    check_schema(document)
    (saved,) = tmp_path.glob("*.json")
    assert json.loads(saved.read_text(encoding="utf-8")) == document
