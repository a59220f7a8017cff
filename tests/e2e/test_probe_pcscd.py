"""The whole probe on a real pcscd: a program really holds the card, cards really come and go."""

from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from tests.conftest import StartPcscd
from tests.e2e.test_contention_holders import PROGRAM, named_program
from tests.e2e.test_pcsc import end, inserted

from cardio.probe import Report, changed, probe, watch
from cardio.transport.pcsc import PcscResourceManager
from cardio_emulator.kinds import make
from cardio_emulator.vpcd import attach

pytestmark = pytest.mark.pcscd


def outcome(report: Report, check: str, reader: str | None = None) -> str:
    (one,) = [r for r in report.checks if (r.check, r.reader) == (check, reader)]
    return f"{one.status} {one.cause}"


def test_the_program_that_holds_a_card_is_named(start_pcscd: StartPcscd, tmp_path: Path) -> None:
    service, manager = start_pcscd(("CPS",)), PcscResourceManager()
    with inserted(service, manager) as (name, _), named_program(tmp_path, name, "exclusive") as it:
        held = probe("pcsc")
        end(it)
        free = probe("pcsc")
    assert outcome(held, "reader.free", name) == "fail held"
    assert outcome(held, "reader.holders") == "warn candidates"
    (named,) = [one for one in held.checks if one.check == "reader.holders"]
    programs = named.evidence["programs"]
    assert isinstance(programs, tuple)
    assert PROGRAM[:15] in programs
    assert named.evidence["readers"] == (name,)
    assert outcome(free, "reader.free", name).startswith("pass")
    assert outcome(free, "pcsc.copies") == "warn redirected"
    manager.close()


def test_a_watch_on_real_readers(start_pcscd: StartPcscd) -> None:
    service, manager = start_pcscd(("CPS", "Vitale")), PcscResourceManager()
    cps, vitale = service.reader_names
    with closing(watch(manager, lambda: probe("pcsc"))) as watched, ExitStack() as cards:
        empty = next(watched)
        cards.enter_context(attach(make("cps3"), "127.0.0.1", service.ports[cps]))
        one = next(watched)
        cards.enter_context(attach(make("vitale2"), "127.0.0.1", service.ports[vitale]))
        both = next(watched)
        cards.close()
        gone = next(watched)
    assert outcome(empty, "cps.present") == "fail none"
    assert outcome(one, "cps.pin", cps) == "pass ok"
    assert {change.after.check for change in changed(one, both) if change.after} >= {
        "vitale.present",
        "vitale.readable",
    }
    assert outcome(both, "vitale.readable", vitale) == "pass ok"
    assert "pass card" not in (outcome(gone, "reader.state", cps), outcome(gone, "cps.present"))
    manager.close()
