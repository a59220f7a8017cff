"""The options every command takes, help, completion, and what happens to wrong ones."""

import json
from pathlib import Path

import pytest
from tests.support.command import cardio as run_cardio
from tests.support.desk import Desk

from cardio._version import __version__
from cardio.cli.exit_codes import ExitCode
from cardio.cli.root import cardio as root
from cardio.locale import translator

VECTORS = Path(__file__).parents[2] / "vectors"
COMMANDS = [
    ("readers",),
    ("cards",),
    ("cps", "show"),
    ("vitale", "show"),
    ("card", "layout"),
    ("probe",),
    ("trace", "explain"),
    ("completion",),
    ("emulate",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_in_the_language_asked_for(desk: Desk, command: tuple[str, ...]) -> None:
    french = desk.run("--lang", "fr", *command, "--help")
    english = desk.run("--lang", "en", *command, "--help")
    assert french.exit_code == english.exit_code == 0
    assert "Langue des messages." in french.stdout
    assert "Language of the messages." in english.stdout


def test_the_systems_language_is_the_default(desk: Desk) -> None:
    done = desk.run("--help", env={"LC_ALL": "fr_FR.UTF-8"})
    assert translator("fr")("cli.help") in " ".join(done.stdout.split())


def test_every_command_is_listed_and_loads(desk: Desk) -> None:
    listed = desk.run("--help").stdout
    context = root.make_context("cardio", ["readers"])
    for name in root.list_commands(context):
        assert f"\n  {name} " in listed
        assert root.get_command(context, name) is not None


@pytest.mark.parametrize(
    "words",
    [("--json", "cps", "show"), ("cps", "--json", "show"), ("cps", "show", "--json")],
    ids=" ".join,
)
def test_json_may_stand_anywhere(desk: Desk, words: tuple[str, ...]) -> None:
    done = desk.run(*words)
    assert done.exit_code == ExitCode.NO_READER
    assert json.loads(done.stdout)["error"]["code"] == "CARD-1400"


def test_the_option_nearest_the_end_wins(desk: Desk) -> None:
    assert desk.run("--lang", "fr", "readers", "--lang", "en").stdout.strip() == "No reader."
    done = desk.run("--workstation", "none.toml", "cards", "--workstation", "demo")
    assert done.exit_code == 0


def test_the_workstation_may_come_from_the_environment(desk: Desk) -> None:
    done = desk.run("readers", "--json", env={"CARDIO_WORKSTATION": "demo"})
    assert len(json.loads(done.stdout)) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("nothing",),
        ("--nothing",),
        ("readers", "extra"),
        ("--lang", "de", "readers"),
        ("trace", "explain"),
        ("trace", "explain", "no-such-file"),
        ("completion", "tcsh"),
        ("card", "layout", "vitale9"),
        ("emulate",),
        ("emulate", "--card", "cps9", "--vpcd", "127.0.0.1:1"),
        ("emulate", "--card", "cps3", "--vpcd", "nonsense"),
        ("--workstation", "no-such-bench.toml", "cards"),
        ("probe", "--html", "/no-such-folder/report.html"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_says_why(desk: Desk, words: tuple[str, ...]) -> None:
    done = desk.run(*words)
    assert done.exit_code == ExitCode.USAGE
    assert done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(desk: Desk, shell: str) -> None:
    done = desk.run("completion", shell)
    assert done.exit_code == 0
    assert "_CARDIO_COMPLETE" in done.stdout


def test_completion_knows_commands_and_options(desk: Desk) -> None:
    def completed(words: str, position: int) -> set[str]:
        env = {
            "_CARDIO_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(position),
        }
        return set(desk.run(env=env).stdout.split())

    assert {"plain,readers", "plain,vitale"} <= completed("cardio ", 1)
    assert {"plain,--reader", "plain,--json"} <= completed("cardio cps show --", 3)
    assert {"plain,cps3", "plain,vitale2"} <= completed("cardio card layout ", 3)


def test_trace_explain_says_each_exchange(desk: Desk) -> None:
    file = str(VECTORS / "apdu" / "cps3_opensc_change_pin.jsonl")
    done = desk.run("trace", "explain", file, "--lang", "fr")
    assert done.exit_code == 0
    told = desk.json("trace", "explain", file)
    assert len(done.stdout.splitlines()) == len(told) > 10
    assert {"connection", "at", "seconds", "explanation"} == set(told[0])


def test_trace_explain_refuses_another_file(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a trace", encoding="utf-8")
    done = desk.run("trace", "explain", str(file))
    assert (done.exit_code, "CARD-1105" in done.stderr) == (ExitCode.USAGE, True)


def test_probe_exits_with_1_when_a_check_failed(desk: Desk, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = desk.run("probe", "--html", str(report))
    assert done.exit_code == ExitCode.CHECK_FAILED
    assert report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert desk.json("probe", code=ExitCode.CHECK_FAILED)["verdict"]["status"] == "not-ready"


def test_probe_of_the_demonstration_is_fine(desk: Desk) -> None:
    assert desk.json("--workstation", "demo", "probe")["verdict"]["status"] == "ready"


def test_in_its_own_process() -> None:
    version = run_cardio("--version")
    assert (version.returncode, version.stdout) == (0, f"cardio, version {__version__}\n")
    wrong = run_cardio("nothing")
    assert (wrong.returncode, wrong.stdout) == (2, "")
