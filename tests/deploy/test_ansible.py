"""The Ansible role on a fleet of test hosts: local connections, and some that fail."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.centre.centre import HERE, ROSTER, SITE
from tests.centre.machines import ready, with_galss

ANSIBLE = Path(sys.executable).with_name("ansible-playbook")
ROLE = Path(__file__).parents[2] / "deploy" / "ansible"
CARDIO = str(Path(sys.executable).with_name("cardio"))

pytestmark = pytest.mark.skipif(not ANSIBLE.exists(), reason="ansible-core is not installed")

PROBED = ("cabinet-1", "cabinet-3")
DESCRIBED = ("cabinet-1", "cabinet-2", "cabinet-3", "infirmerie", "soins", "accueil")
NO_PROGRAM, HANGS, UNREACHABLE, NO_JSON = "soins", "infirmerie", "accueil", "bureau"


@dataclass
class Run:
    done: subprocess.CompletedProcess[str]
    reports: Path
    study: Path

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """What Ansible counted for each host."""
        lines = self.done.stdout.partition("PLAY RECAP")[2].splitlines()[1:]
        rows = (line.split(":", 1) for line in lines if ":" in line)
        counts = ((name.strip(), [word.split("=") for word in rest.split()]) for name, rest in rows)
        return {name: {key: int(value) for key, value in pairs} for name, pairs in counts}


def fleet(folder: Path) -> dict[str, Any]:
    """Hosts of this machine; each has its own emulated readers and its recorded system."""
    machine = folder / "machine.json"
    machine.write_text(json.dumps(with_galss(ready(), "pcsc-two-readers.ini")), encoding="utf-8")
    sleeper, chatterer = folder / "sleeper", folder / "chatterer"
    sleeper.write_text("#!/bin/sh\nexec sleep 60\n", encoding="ascii")
    chatterer.write_text("#!/bin/sh\necho 'no JSON'\n", encoding="ascii")
    for script in (sleeper, chatterer):
        script.chmod(0o700)
    hosts: dict[str, dict[str, Any]] = {
        name: {"cardio_workstation": str(HERE / "benches" / f"{name}.toml")} for name in PROBED
    }
    hosts["cabinet-1"]["cardio_arguments"] = ["--system", str(machine)]
    hosts["cabinet-3"]["cardio_raw"] = True
    hosts[NO_PROGRAM] = {"cardio_command": str(folder / "not-there")}
    hosts[HANGS] = {"cardio_command": str(sleeper), "cardio_limit": 2}
    hosts[NO_JSON] = {"cardio_command": str(chatterer)}
    hosts[UNREACHABLE] = {
        "ansible_connection": "ssh",
        "ansible_host": "127.0.0.1",
        "ansible_port": 1,
    }
    common = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "cardio_command": CARDIO,
        "cardio_with_identity": True,
        "cardio_reports": str(folder / "reports"),
        "cardio_roster": str(ROSTER),
        "cardio_site": str(SITE),
        "cardio_study": str(folder / "study"),
        "cardio_study_arguments": ["--environment", "test"],
    }
    return {"all": {"vars": common, "hosts": hosts}}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("fleet")
    inventory = folder / "inventory.json"
    inventory.write_text(json.dumps(fleet(folder)), encoding="utf-8")
    env = {
        **os.environ,
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORKS": "4",
        "ANSIBLE_PIPELINING": "1",
    }
    done = subprocess.run(
        [str(ANSIBLE), "-i", str(inventory), "-v", str(ROLE / "probe.yml")],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    return Run(done, folder / "reports", folder / "study")


def test_each_workstation_that_answers_gives_its_report(run: Run) -> None:
    reports = {file.stem: json.loads(file.read_text("utf-8")) for file in run.reports.iterdir()}
    assert set(reports) == set(PROBED), run.done.stdout + run.done.stderr
    assert {file.stat().st_mode & 0o777 for file in run.reports.iterdir()} == {0o600}
    kinds = {name: {card["kind"] for card in one["cards"]} for name, one in reports.items()}
    assert kinds == {
        "cabinet-1": {"cps3", "vitale2"},
        "cabinet-3": {"cps4"},
    }
    (galss,) = (c for c in reports["cabinet-1"]["checks"] if c["id"] == "galss.file")
    assert galss["status"] == "pass"


def test_hosts_that_fail_are_told_and_stop_nobody(run: Run) -> None:
    recap = run.recap
    assert {name for name, counts in recap.items() if counts["failed"]} == {
        NO_PROGRAM,
        HANGS,
        NO_JSON,
    }
    assert {name for name, counts in recap.items() if counts["unreachable"]} == {UNREACHABLE}
    assert recap["localhost"]["failed"] == 0
    assert ", ".join(sorted((UNREACHABLE, NO_JSON, HANGS, NO_PROGRAM))) in run.done.stdout
    assert run.done.returncode != 0


def test_the_study_is_made_of_what_there_is(run: Run) -> None:
    (file,) = run.study.glob("study.json")
    study = json.loads(file.read_text(encoding="utf-8"))
    seen = {one["name"]: one["report"] is not None for one in study["workstations"]}
    assert seen == {name: name in PROBED for name in DESCRIBED}
    people = {one["line"]: one for one in study["people"]}
    given = {one["service"]: one["verdict"] for one in people[2]["services"]}
    assert given["amelipro-aat"] == "ready"


def test_nobody_is_named_in_what_ansible_prints(run: Run) -> None:
    """Though the reports themselves name the holders, as was asked for."""
    printed = run.done.stdout + run.done.stderr
    for secret in ("MEDECIN-TEST", "DENTISTE-TEST", "SAGE-FEMME-TEST", "9978200"):
        assert secret not in printed
    assert "MEDECIN-TEST" in (run.reports / "cabinet-1.json").read_text(encoding="utf-8")
