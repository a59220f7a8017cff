"""One workstation of the centre on real parts: pcscd, a browser's own profile, OpenSC registered,
and a second process that really holds the card.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.centre.centre import HERE, ROSTER, SITE
from tests.conftest import StartPcscd
from tests.e2e.test_two_readers import wait_for
from tests.support.command import cardio

from cardio.rig.pcscd.private import PrivatePcscd
from cardio.workstation.workstation import Workstation
from cardio_emulator.kinds import make
from cardio_emulator.vpcd import attach

pytestmark = pytest.mark.pcscd

CLIENT = Path(__file__).parents[1] / "support" / "pcsc_client.py"
CHROMIUM = shutil.which("chromium")
NSS = "libnss3.so"
OPENSC = next(iter(sorted(Path("/usr/lib").glob("*/opensc-pkcs11.so"))), None)
PROGRAM = f"lgc-{os.getpid()}"
"""Of another worker's test it would not be ours."""

REGISTER = """
import ctypes, sys
nss = ctypes.CDLL(sys.argv[1])
folder, library = (one.encode() for one in sys.argv[2:])
assert nss.NSS_InitReadWrite(b"sql:" + folder) == 0
assert nss.SECMOD_AddNewModule(b"OpenSC", library, 0, 0) == 0
assert nss.NSS_Shutdown() == 0
"""
"""What `modutil -add` does, by NSS itself: the library is loaded and written into the database."""


@contextmanager
def program_with(folder: Path, reader: str) -> Iterator[None]:
    """A program of that name has the card for itself; the kernel takes the name from the file."""
    program = folder / PROGRAM
    program.symlink_to(sys.executable)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [str(program), str(CLIENT), reader, "exclusive"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=env) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield
        assert process.poll() is None, "cardio ended the other program"
        process.communicate("leave\n", timeout=10)


def home_of_somebody(folder: Path, env: dict[str, str]) -> dict[str, str]:
    """A home that a real browser made its profile in, OpenSC registered beside."""
    if not (CHROMIUM and OPENSC):
        pytest.skip("chromium or OpenSC is not installed")
    env = {**env, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config")}
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    profile = f"--user-data-dir={folder / '.config' / 'chromium'}"
    run = [*command, profile, "about:blank"]
    subprocess.run(run, env=env, check=True, capture_output=True, timeout=60)
    database = folder / ".pki" / "nssdb"
    database.mkdir(parents=True, exist_ok=True)
    added = [sys.executable, "-c", REGISTER, NSS, str(database), str(OPENSC)]
    subprocess.run(added, env=env, check=True, capture_output=True, timeout=30)
    return env


def probed(env: dict[str, str]) -> dict[str, Any]:
    done = cardio("--lang", "fr", "--json", "probe", "--with-identity", env=env)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def check(report: dict[str, Any], name: str, reader: str | None = None) -> dict[str, Any]:
    (found,) = (c for c in report["checks"] if (c["id"], c["reader"]) == (name, reader))
    return found


@pytest.fixture
def nss_is_there() -> None:
    try:
        ctypes.CDLL(NSS)
    except OSError:
        pytest.skip("NSS is not installed")


def cards(service: PrivatePcscd, stack: ExitStack) -> str:
    """The doctor's card and a patient's, in vpcd readers; gives the reader of the first."""
    cps, vitale = service.reader_names
    personas = {cps: ("cps3", HERE / "personas" / "medecin.toml"), vitale: ("vitale2", "famille")}
    for reader, (kind, persona) in personas.items():
        card = make(kind, persona)
        stack.enter_context(attach(card, "127.0.0.1", service.ports[reader], wait=5))
    with Workstation.open() as workstation:
        wait_for(workstation, {cps, vitale})
    return cps


@pytest.mark.usefixtures("nss_is_there")
def test_a_held_card_a_browser_and_opensc(start_pcscd: StartPcscd, tmp_path: Path) -> None:
    service = start_pcscd(("CPS", "Vitale"))
    env = home_of_somebody(tmp_path, service.env)
    reports = tmp_path / "reports"
    reports.mkdir()
    with ExitStack() as stack:
        reader = cards(service, stack)
        with program_with(tmp_path, reader):
            held = probed(env)
        free = probed(env)
    assert check(held, "reader.free", reader)["cause"] == "held"
    assert PROGRAM in str(check(held, "reader.holders")["evidence"])
    assert check(free, "reader.free", reader)["status"] == "pass"
    assert check(free, "cps.readable", reader)["status"] == "pass"
    assert PROGRAM not in str(free)

    (chromium,) = (b for b in free["software"]["browsers"] if b["id"] == "chromium")
    assert chromium["installed"] is True
    assert [profile["number"] for profile in chromium["profiles"]] == [1]
    modules = free["software"]["shared_modules"]
    assert (modules[0]["kind"], modules[0]["library"]) == ("opensc", str(OPENSC))
    assert check(free, "browser.rival-module")["cause"] == "alone"
    for report in (held, free):
        assert str(tmp_path) not in json.dumps(report)

    for name, report in (("held", held), ("free", free)):
        (reports / f"{name}.json").write_text(json.dumps(report), encoding="utf-8")
    out = tmp_path / "study"
    words = ("--roster", str(ROSTER), "--site", str(SITE), "--reports", str(reports))
    done = cardio("study", *words, "--environment", "test", "--out", str(out), env=env)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    study = json.loads((out / "study.json").read_text(encoding="utf-8"))
    (doctor,) = (one for one in study["people"] if one["line"] == 2)
    assert doctor["card"]["reader"] == reader
    (aside,) = study["inputs"]["problems"]
    assert (aside["file"], aside["problem"]) == ("held.json", "superseded")
