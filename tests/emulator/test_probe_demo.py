"""The whole probe on emulated cards: what it finds, what it sends, what it keeps to itself."""

import io
import json
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from cardio.cli.render_probe import render
from cardio.errors import CardioError, ConfigurationError, PcscMissing, ServiceUnavailable
from cardio.locale import LANGUAGES, translator
from cardio.probe import Report, Status, Step, Verdict, probe, to_html, to_json
from cardio.probe.registry import CHECKS
from cardio.transport.base import ResourceManager
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.faults import FaultyCard, GarbageAtr, Mute, Removed
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

PIN_INSTRUCTIONS = {0x20, 0x21, 0x24, 0x25, 0x2C, 0x2D}
WRITING_INSTRUCTIONS = {0x0E, 0x44, 0x04, 0xD0, 0xD6, 0xD7, 0xDA, 0xDB, 0xDC, 0xE0, 0xE2, 0xE4}


class Spy:
    """A card that notes what it is sent."""

    def __init__(self, card: VirtualCard) -> None:
        self._card = card
        self.atr, self.serial, self.reset = card.atr, card.serial, card.reset
        self.sent: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return self._card.transmit(command)


def bench_of(**cards: VirtualCard | None) -> Bench:
    bench = Bench()
    for name, card in cards.items():
        bench.add_reader(name, card)
    return bench


def probed(bench: Bench) -> Report:
    def opener(_where: str) -> Workstation:
        manager: ResourceManager = EmulatedResourceManager(bench)
        return Workstation(manager)

    return probe("demo", opener=opener)


def outcomes(report: Report, reader: str | None = None) -> dict[str, str]:
    return {
        result.check: f"{result.status} {result.cause}"
        for result in report.checks
        if result.reader == reader
    }


def printed(report: Report, language: str) -> str:
    out = io.StringIO()
    Console(file=out, width=100).print(render(report, translator(language)))
    return out.getvalue()


def all_views(report: Report) -> str:
    return "".join(
        json.dumps(to_json(report, text), ensure_ascii=False)
        + to_html(report, text)
        + printed(report, text.language)
        + repr(report)
        for text in map(translator, LANGUAGES)
    )


def test_the_demonstration_is_ready() -> None:
    report = probe("demo")
    assert report.verdict is Verdict.READY
    others = {result.check for result in report.checks if result.status is not Status.PASS}
    assert others == {"cps.chain"}
    (chain,) = (result for result in report.checks if result.check == "cps.chain")
    assert chain.status is Status.SKIP
    assert [reader.match.kind.value for reader in report.readers if reader.match] == [
        "cps3",
        "vitale2",
    ]
    found = outcomes(report, report.readers[1].name)
    assert found["vitale.readable"] == "pass ok"
    assert outcomes(report)["cards.mixture"] == "pass all-test"


def test_tries_are_read_and_never_spent_and_nothing_is_written() -> None:
    cps, vitale = Spy(make("cps3")), Spy(make("vitale2"))
    bench = bench_of(CPS=cps, Vitale=vitale)
    for _ in range(2):
        report = probed(bench)
        (counter,) = [result for result in report.checks if result.check == "cps.pin"]
        assert (counter.evidence["left"], counter.evidence["most"]) == (3, 3)
    instructions = {command[1] for command in (*cps.sent, *vitale.sent)}
    assert not instructions & (PIN_INSTRUCTIONS | WRITING_INSTRUCTIONS)


def secrets() -> set[str]:
    """Everything that names the demonstration's people, in the forms it may show in."""
    with Workstation.open("demo") as workstation:
        cps, vitale = workstation.cps(), workstation.vitale()
        holder, card = cps.full_holder, cps.full_card
        assert cps.serial
        known = {
            str(holder.ps_idnat),
            str(holder.rpps),
            holder.family_name,
            holder.given_name,
            card.card_number,
            card.chip_serial,
            cps.serial.number,
        }
        for person in vitale.beneficiaries:
            assert person.nir
            known |= {person.family_name, person.given_name, person.nir.value, person.nir.number}
            known |= {person.birth_date_as_written}
            known |= {str(person.birth_date)} if isinstance(person.birth_date, date) else set()
    found = {value for value in known if value}
    assert len(found) > 12
    return found


def test_without_consent_no_view_names_anybody() -> None:
    shown = all_views(probe("demo")).casefold()
    assert [secret for secret in secrets() if secret.casefold() in shown] == []


def test_with_consent_the_documents_name_them_but_terminal_and_repr_do_not() -> None:
    report = probe("demo", with_identity=True)
    text = translator("fr")
    document = json.dumps(to_json(report, text), ensure_ascii=False)
    for shown in (document, to_html(report, text)):
        assert "JULES" in shown
        assert "NOÉ" in shown
        assert "899700982178" in shown
    hidden = (printed(report, "fr") + repr(report)).casefold()
    assert [secret for secret in secrets() if secret.casefold() in hidden] == []


def test_progress_is_told_step_by_step() -> None:
    steps: list[Step] = []
    report = probe("demo", progress=steps.append)
    assert steps[0].stage == "readers"
    assert [step.done for step in steps if step.stage == "cards"] == [1, 2]
    checks = [step for step in steps if step.stage == "checks"]
    assert checks[-1].done == checks[-1].total == len(CHECKS)
    assert {r.check for r in report.checks} < {check.id for check in CHECKS}


def test_one_bad_card_leaves_the_other_readers_alone() -> None:
    bench = bench_of(
        garbage=FaultyCard(make("cps3"), GarbageAtr()),
        CPS=make("cps3"),
        empty=None,
        torn=FaultyCard(make("cps3"), Removed(at=8)),
        Vitale=make("vitale2"),
    )
    report = probed(bench)
    assert report.verdict is not Verdict.READY
    assert outcomes(report, "CPS")["cps.pin"] == "pass ok"
    assert outcomes(report, "Vitale")["vitale.readable"] == "pass ok"
    assert outcomes(report, "empty")["reader.state"] == "pass empty"
    torn = outcomes(report, "torn")
    assert torn["cps.readable"] == "fail unreadable"
    assert torn["cps.pin"] == "skip need"


def test_a_reader_held_by_another_program() -> None:
    bench = bench_of(CPS=make("cps3"), Vitale=make("vitale2"))
    bench.reader("CPS").connect(exclusive=True)
    report = probed(bench)
    held = outcomes(report, "CPS")
    assert held["reader.free"] == "fail held"
    assert held["card.answers"] == "skip need"
    assert outcomes(report, "Vitale")["vitale.readable"] == "pass ok"
    assert bench.reader("CPS").state.exclusive


def test_no_reader_at_all() -> None:
    assert outcomes(probed(Bench()))["reader.present"] == "fail none"


def test_sixteen_slow_readers_take_as_long_as_one() -> None:
    """No card answers before all the others are asked as well."""
    together = threading.Barrier(16, timeout=60)

    class Slow(Spy):
        def transmit(self, command: bytes) -> bytes:
            together.wait()
            return super().transmit(command)

    report = probed(bench_of(**{f"R{n:02}": Slow(make("vitale2")) for n in range(16)}))
    assert [r.vitale is not None for r in report.readers] == [True] * 16
    assert not together.broken


def test_a_card_that_hangs_while_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cardio.probe.gathering.READING_LIMIT", 1.0)
    hung = FaultyCard(make("cps3"), Mute(at=10, seconds=20))
    begin = time.perf_counter()
    report = probed(bench_of(hung=hung, Vitale=make("vitale2")))
    assert time.perf_counter() - begin < 20
    assert outcomes(report, "hung")["cps.readable"] == "fail unreadable"
    assert (
        next(r.evidence["code"] for r in report.checks if r.check == "cps.readable") == "CARD-1213"
    )
    assert outcomes(report, "Vitale")["vitale.readable"] == "pass ok"


def test_a_service_that_hangs_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cardio.probe.gathering.SCAN_LIMIT", 0.1)
    release = threading.Event()

    def hang(_where: str) -> Workstation:
        release.wait()
        raise ServiceUnavailable("too late")

    report = probe(opener=hang)
    assert outcomes(report)["pcsc.service"] == "fail down"
    release.set()


def failing(error: Exception) -> Callable[[str], Workstation]:
    def opener(_where: str) -> Workstation:
        raise error

    return opener


@pytest.mark.parametrize(
    ("error", "check", "expected"),
    [
        (PcscMissing("no pyscard"), "pcsc.library", "fail missing"),
        (ServiceUnavailable("down"), "pcsc.service", "fail down"),
        (CardioError("odd"), "pcsc.service", "unknown error"),
        (OSError("TEST-FICTIF"), "pcsc.service", "unknown error"),
    ],
)
def test_a_workstation_that_does_not_open(error: Exception, check: str, expected: str) -> None:
    report = probe(opener=failing(error))
    assert outcomes(report)[check] == expected
    assert "TEST-FICTIF" not in all_views(report)


def test_a_bad_bench_file_is_the_users_to_correct(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        probe(str(tmp_path / "none.toml"))


def test_a_bench_file_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "bench.toml"
    file.write_text('[[reader]]\nname = "Seul 00 00"\n', encoding="utf-8")
    report = probe(str(file))
    assert report.source == "bench"
    assert outcomes(report)["cps.present"] == "fail none"
