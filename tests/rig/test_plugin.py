"""The pytest plugin as its users run it: emulated cards, in process and through pcscd."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.rig.plugin_support import ALONE, PLUGIN, ROOT, page, run

from cardio.rig.pcscd.private import unavailable
from cardio.trace.jsonl import decode

pytest_plugins = "pytester"

FIXTURES = """
import pytest
import cardio
from cardio.errors import ServiceUnavailable
from cardio.transport.base import CardPresence


def test_each_card_in_its_reader(cardio_workstation, emulated_cps, emulated_vitale, cardio_bench):
    assert cardio_workstation.cps().serial.number == emulated_cps.serial
    assert cardio_workstation.vitale().reader == cardio_bench.readers[1]


def test_nothing_is_in_before_it_is_asked_for(cardio_workstation, cardio_bench):
    status = cardio_workstation.readers()
    assert {one.name for one in status} >= set(cardio_bench.readers)
    assert {one.presence for one in status} == {CardPresence.ABSENT}


@pytest.mark.card("cps4")
@pytest.mark.card(kind="vitale")
@pytest.mark.card(kind="cps2ter")
def test_the_closest_marker_of_a_family_counts(cardio_workstation, cardio_reader, cardio_bench):
    assert cardio_workstation.cps().match.kind.value == "cps2ter"
    assert cardio_workstation.vitale().beneficiaries
    assert cardio_reader.name == str(cardio_reader) == cardio_bench.readers[0]


def test_the_reader_of_a_test_about_a_vitale(emulated_vitale, cardio_reader, cardio_bench):
    assert cardio_reader.name == cardio_bench.readers[1]
    answer = cardio_reader.connect().transmit(bytes.fromhex("00A4040007D2500000024D46"))
    assert len(answer) >= 2


@pytest.mark.parametrize("again", (1, 2))
@pytest.mark.destructive
def test_a_wrong_pin_is_not_remembered_from_test_to_test(again, emulated_cps, cardio_workstation):
    outcome = cardio_workstation.cps().verify_pin(cardio.Pin.of("0000"))
    assert outcome == cardio.WrongPin(tries_left=2)


def test_the_service_goes_and_comes(cardio_bench, cardio_reader, cardio_workstation):
    cardio_bench.kill_service()
    with pytest.raises(ServiceUnavailable):
        cardio_workstation.readers()
    cardio_bench.restart_service()
    assert cardio_workstation.cps().reader == cardio_reader.name


@pytest.mark.hardware
def test_only_on_hardware(cardio_reader):
    raise AssertionError


@pytest.mark.hardware
def test_of_somebody_else():
    '''Their marker, which means nothing to us.'''
"""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALONE, "1")


@pytest.fixture
def guide(pytester: pytest.Pytester) -> None:
    """The tests of the how-to guide, and those of this module."""
    pytester.makepyfile(test_guide=page("pytest.md"), test_fixtures=FIXTURES)


@pytest.mark.usefixtures("guide")
def test_in_process(pytester: pytest.Pytester, tmp_path: Path) -> None:
    traces = tmp_path / "deep" / "traces"
    done = run(pytester, "--cardio-record", str(traces))
    done.assert_outcomes(passed=12, skipped=1)
    done.stdout.fnmatch_lines(["SKIPPED*: needs a real card: --cardio-reader*"])
    done.stdout.fnmatch_lines([f"cardio: traces are in {traces}"])
    assert {oct(file.stat().st_mode & 0o777) for file in traces.iterdir()} == {"0o600"}
    (of_pin,) = traces.glob("*the_right_pin*.jsonl")
    assert "31323334" not in of_pin.read_text("utf-8")
    assert decode(of_pin.read_bytes()).exchanges
    assert not list(traces.glob("*of_somebody_else*"))


@pytest.mark.pcscd
@pytest.mark.skipif(unavailable() is not None, reason=str(unavailable()))
@pytest.mark.usefixtures("guide")
def test_the_same_tests_through_pcscd_with_xdist(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tempfile.mkdtemp()  # not below tmp_path: a socket's path is 107 characters at most
    monkeypatch.setenv("TMPDIR", folder)
    done = run(pytester, "--cardio-bench", "pcscd", "-p", "xdist", "-n", "2")
    done.assert_outcomes(passed=12, skipped=1)
    Path(folder).rmdir()  # nothing is left in it


def test_a_bench_of_ones_own(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        from cardio_emulator.bench import Bench

        @pytest.fixture
        def cardio_bench(tmp_path, monkeypatch):
            monkeypatch.chdir(tmp_path)
            with Bench(["Only reader"]) as bench:
                yield bench
        """
    )
    pytester.makepyfile(
        """
        import pytest
        from cardio_emulator.bench import Bench

        def test_a_cps_fits(cardio_workstation, emulated_cps):
            assert cardio_workstation.cps().reader == "Only reader"

        def test_a_vitale_does_not(emulated_vitale): ...

        @pytest.mark.card("cps5")
        def test_no_such_card(cardio_workstation): ...

        def test_no_pin(cardio_pin): ...

        @pytest.mark.card("cps3-contactless")
        def test_no_pin_on_this_side(cardio_pin): ...
        """
    )
    done = run(pytester, "--cardio-record", "traces")
    done.assert_outcomes(passed=2, errors=3)
    assert len(list((pytester.path / "traces").iterdir())) == 1
    done.stdout.fnmatch_lines_random(
        [
            "*ConfigurationError: the bench has no reader for a vitale card",
            "*ConfigurationError: card(kind='cps5'): is not one of: cps3, *",
            "*ConfigurationError: cardio_pin: the test has no card with a PIN",
        ]
    )


MISTAKES = {
    "--cardio-reader X": "a real card is touched only if asked for twice",
    "--cardio-card-serial 00": "a real card is touched only if asked for twice",
    "--cardio-reader X --cardio-card-serial 0G": "hexadecimal digits",
    "--cardio-reader X --cardio-card-serial 00 --cardio-bench pcscd": "for emulated readers",
    "--cardio-reader X --cardio-card-serial 00 -n 2": "run without -n",
    "--cardio-reader X --cardio-card-serial 00 --cardio-pin-tests -l": "would show the PIN",
    "--cardio-reader X --cardio-card-serial 00 --cardio-pin-tests --tb=long": "would show the PIN",
    "--cardio-robot manual": "--cardio-robot moves real cards",
    "--cardio-record test_it.py": "test_it.py is no folder",
    "--cardio-record /proc/traces": "/proc/traces: No such file",
    "--cardio-robot dog": "invalid choice: 'dog'",
    "--cardio-reader X --cardio-card-serial 00 --cardio-robot removinator --cardio-robot-slot 9": (
        "--cardio-robot-slot: 1 to 8"
    ),
    "--cardio-reader X --cardio-card-serial 00 --cardio-reader Y --cardio-card-serial 01"
    " --cardio-robot removinator": "one reader only",
}


def test_mistakes_are_told_before_any_test_runs(pytester: pytest.Pytester) -> None:
    """In one process, to be quick: `pytest.main` for each."""
    pytester.makepyfile(test_it="def test_it(cardio_reader): ...")
    program = f"""
import pytest, sys
for options in {list(MISTAKES)!r}:
    code = pytest.main([*{PLUGIN!r}, "-p", "xdist", *options.split()])
    print("CODE", int(code), file=sys.stderr)
    assert "smartcard" not in sys.modules
"""
    done = pytester.run(sys.executable, "-c", program, timeout=100)
    assert done.ret == 0
    *told, rest = done.stderr.str().split("CODE 4")
    assert rest.strip() == ""
    for text, expected in zip(told, MISTAKES.values(), strict=True):
        assert expected in text.replace("\n", " ")


def test_the_pages_name_options_that_exist() -> None:
    code = (ROOT / "src/cardio/pytest_plugin/options.py").read_text("utf-8")
    for name in ("pytest.md", "robots.md"):
        text = (ROOT / "docs/how-to" / name).read_text("utf-8")
        options = set(re.findall(r"--cardio-[a-z-]+", text))
        assert options
        assert not {option for option in options if f'"{option}"' not in code}


def test_what_is_missing_is_named(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_service = run(pytester, "--cardio-list")  # conftest.py keeps the machine's own away
    assert no_service.ret == pytest.ExitCode.USAGE_ERROR
    no_service.stderr.fnmatch_lines(["ERROR: *Start the PC/SC service*"])
    monkeypatch.setenv("PATH", "/nowhere")
    no_pcscd = run(pytester, "--cardio-bench", "pcscd")
    assert no_pcscd.ret == pytest.ExitCode.USAGE_ERROR
    no_pcscd.stderr.fnmatch_lines(["ERROR: --cardio-bench pcscd: *"])


def test_loading_it_loads_little() -> None:
    """Whoever has cardio installed loads it in each run of pytest, whatever the tests are."""
    program = """
import json, sys, pytest
before = set(sys.modules)
import cardio.pytest_plugin
print(json.dumps(sorted(set(sys.modules) - before)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = json.loads(done.stdout)
    unwanted = ("smartcard", "click", "rich", "cryptography", "cardio_emulator", "removinator")
    assert [name for name in loaded if name.split(".")[0] in unwanted] == []
    assert {name for name in loaded if name.startswith("cardio.")} == {
        "cardio._version",
        "cardio.errors",
        *(name for name in loaded if name.startswith(("cardio.errors.", "cardio.pytest_plugin"))),
    }
