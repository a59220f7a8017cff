"""Which program holds the card: asked of the real Linux, with a real pcscd and a second program."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from tests.conftest import StartPcscd
from tests.e2e.test_pcsc import CLIENT, end, inserted

from cardio.probe.system.facts import Certainty, HeldBy, Holders, Knock
from cardio.probe.system.known import is_known
from cardio.probe.system.linux.platform import LinuxPlatform
from cardio.probe.system.live import LiveSources
from cardio.transport.pcsc import PcscResourceManager

pytestmark = pytest.mark.pcscd

PROGRAM = f"lgo-{os.getpid()}"
"""Not the name of the same test's program in another worker."""
PLATFORM = LinuxPlatform(LiveSources())

SEEN_BY_NOBODY = """
import json, os
from cardio.probe.system.encode import facts_to_json
from cardio.probe.system.known_programs import known_program
from cardio.probe.system.platform import this_platform
known_program("")
platform = this_platform()
print(json.dumps(facts_to_json(platform.holders())))
os.seteuid(65534)
print(json.dumps(facts_to_json(platform.holders())))
"""
"""All is imported and read before the program becomes user nobody, who may not read it."""


@contextmanager
def named_program(folder: Path, reader: str, how: str) -> Iterator[subprocess.Popen[str]]:
    """A program of that name which has the card; the kernel takes the name from the file."""
    program = folder / PROGRAM
    program.symlink_to(sys.executable)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pipe = subprocess.PIPE
    command = [str(program), str(CLIENT), reader, how]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=env) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process


def seen() -> Holders:
    holders = PLATFORM.holders()
    assert is_known(holders)
    return holders


@pytest.mark.parametrize("how", ["exclusive", "transaction", "shared"])
def test_the_program_with_the_card_is_named_and_left_alone(
    start_pcscd: StartPcscd, tmp_path: Path, how: str
) -> None:
    service, manager = start_pcscd(("CPS",)), PcscResourceManager(limit=0.5)
    with inserted(service, manager) as (name, _):
        with named_program(tmp_path, name, how) as other:
            holders = seen()
            assert other.poll() is None
            end(other)
            assert other.returncode == 0
        (found,) = (one for one in holders.found if one.process == PROGRAM)
        assert found.by is HeldBy.PCSC
        assert found.certainty in (Certainty.PROBABLE, Certainty.POSSIBLE)
        assert is_known(holders.lines)
        assert holders.lines >= 1
        assert PROGRAM not in {one.process for one in seen().found}
    manager.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_somebody_elses_program_is_counted_where_it_cannot_be_named(
    start_pcscd: StartPcscd, tmp_path: Path
) -> None:
    service, manager = start_pcscd(("CPS",)), PcscResourceManager(limit=0.5)
    with inserted(service, manager) as (name, _), named_program(tmp_path, name, "shared") as other:
        command = [sys.executable, "-c", SEEN_BY_NOBODY]
        shown = subprocess.run(command, check=True, capture_output=True, text=True)
        end(other)
    as_root, as_nobody = map(json.loads, shown.stdout.splitlines())
    assert PROGRAM in {one["process"] for one in as_root["found"]}
    assert PROGRAM not in {one["process"] for one in as_nobody["found"]}
    assert as_nobody["lines"] >= 1
    assert as_nobody["hidden"] >= 1
    manager.close()


def test_the_service_answers_is_gone_and_is_not_there(start_pcscd: StartPcscd) -> None:
    def knock() -> object:
        facts = PLATFORM.pcsc()
        assert is_known(facts)
        assert facts.redirected
        assert is_known(facts.version)
        assert is_known(facts.libraries)
        return facts.knock

    service = start_pcscd(("CPS",))
    assert knock() is Knock.ANSWERED
    service.kill()
    end_of_patience = monotonic() + 5
    while knock() is Knock.ANSWERED and monotonic() < end_of_patience:
        sleep(0.01)
    assert knock() is Knock.REFUSED
    service.socket.unlink()
    assert knock() is Knock.NO_SOCKET


def test_the_driver_of_this_machine_lists_a_common_reader() -> None:
    if not Path("/usr/lib/pcsc/drivers/ifd-ccid.bundle").exists():
        pytest.skip("libccid is not installed")
    facts = PLATFORM.drivers()
    assert is_known(facts)
    assert is_known(facts.drivers)
    (ccid,) = (one for one in facts.drivers if one.name == "ifd-ccid")
    assert is_known(ccid.version)
    assert is_known(ccid.readers)
    assert ccid.readers > 100
