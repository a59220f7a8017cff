from dataclasses import replace
from typing import Any

import pytest
from tests.support.probe_facts import (
    CPS,
    CPS_READER,
    EMPTY,
    GOOD,
    MUTE,
    NOW,
    VITALE,
    VITALE_READER,
    certificate,
    facts,
    match,
)

from cardio.cards.identify import CardKind
from cardio.errors import (
    AccessRefused,
    CardioError,
    CardMute,
    CardRemoved,
    CommunicationFailed,
    PcscFailure,
    PcscMissing,
    ReaderUnavailable,
    ServiceUnavailable,
    SharingViolation,
    TransmitTimeout,
    UnexpectedStatus,
)
from cardio.probe.check import BLOCKING, Status
from cardio.probe.checks.software import SOFTWARE_CHECKS
from cardio.probe.facts import Failure, ReaderFacts, TriesFacts, WorkstationFacts
from cardio.probe.registry import CHECKS
from cardio.probe.report import CheckResult, Verdict, verdict
from cardio.probe.runner import run_checks
from cardio.transport.base import CardPresence


def result(found: WorkstationFacts, check: str, reader: str | None = None) -> CheckResult:
    (one,) = [r for r in run_checks(found) if r.check == check and r.reader == reader]
    return one


def outcome(found: WorkstationFacts, check: str, reader: str | None = None) -> str:
    one = result(found, check, reader)
    return f"{one.status} {one.cause}"


def test_a_good_workstation_passes_every_check_and_is_ready() -> None:
    results = run_checks(GOOD)
    software = {check.id for check in SOFTWARE_CHECKS}
    assert {r.check for r in results} == {check.id for check in CHECKS} - software
    assert {r.status for r in results} == {Status.PASS}
    assert verdict(results) is Verdict.READY


def test_checks_come_after_those_they_need_and_workstation_checks_need_no_reader() -> None:
    seen: set[str] = set()
    for check in CHECKS:
        assert set(check.needs) <= seen, check.id
        assert check.id not in seen
        seen.add(check.id)
        assert all(1 <= case <= 30 for case in check.cases)
    of_workstation = {r.check for r in run_checks(GOOD) if r.reader is None}
    for check in CHECKS:
        if check.id in of_workstation:
            assert set(check.needs) <= of_workstation, check.id


@pytest.mark.parametrize(
    ("failure", "check", "expected"),
    [
        (PcscMissing("no pyscard"), "pcsc.library", "fail missing"),
        (ServiceUnavailable("down"), "pcsc.service", "fail down"),
        (AccessRefused("polkit"), "pcsc.service", "fail refused"),
        (PcscFailure("odd", pcsc_code=0x80100001), "pcsc.service", "unknown error"),
    ],
)
def test_without_pcsc_everything_else_is_skipped(
    failure: CardioError, check: str, expected: str
) -> None:
    found = facts(failure=failure)
    assert outcome(found, check) == expected
    results = run_checks(found)
    after = [r for r in results if r.check not in ("pcsc.library", "pcsc.service")]
    assert after
    assert {(r.status, r.cause, r.reader) for r in after} == {(Status.SKIP, "need", None)}


def test_an_emulated_workstation_says_so() -> None:
    assert outcome(replace(GOOD, source="demo"), "pcsc.library") == "pass emulated"


def test_no_reader() -> None:
    found = facts()
    assert outcome(found, "reader.present") == "fail none"
    skipped = result(found, "cps.certificates")
    assert (skipped.status, skipped.evidence) == (Status.SKIP, {"need": "cps.readable"})


def in_reader(**changes: object) -> ReaderFacts:
    full = ReaderFacts("A", CardPresence.PRESENT, match=match(CardKind.UNKNOWN))
    return replace(full, **changes)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("reader", "check", "expected"),
    [
        (in_reader(presence=CardPresence.ABSENT, match=None), "reader.state", "pass empty"),
        (in_reader(), "reader.state", "pass card"),
        (
            in_reader(failure=Failure.of(ReaderUnavailable("gone")), match=None),
            "reader.state",
            "fail unavailable",
        ),
        (in_reader(), "reader.free", "pass ok"),
        (in_reader(in_use=True), "reader.free", "pass shared"),
        (in_reader(exclusive=True), "reader.free", "fail held"),
        (in_reader(failure=Failure.of(SharingViolation("x"))), "reader.free", "fail held"),
        (in_reader(presence=CardPresence.MUTE, match=None), "card.answers", "fail mute"),
        (in_reader(failure=Failure.of(CardMute("x")), match=None), "card.answers", "fail mute"),
        (in_reader(failure=Failure.of(TransmitTimeout("x"))), "card.answers", "fail slow"),
        (in_reader(failure=Failure.of(CardRemoved("x"))), "card.answers", "fail removed"),
        (in_reader(failure=Failure.of(CommunicationFailed("x"))), "card.answers", "fail error"),
        (in_reader(), "card.answers", "pass ok"),
        (in_reader(), "card.kind", "warn unknown"),
        (in_reader(match=match(CardKind.CPS4)), "card.kind", "pass cps4"),
        (in_reader(match=match(CardKind.CPS2TER)), "card.kind", "warn not-read"),
        (in_reader(match=match(CardKind.CPS3_CONTACTLESS)), "card.kind", "warn not-read"),
        (in_reader(match=match(CardKind.VITALE1)), "card.kind", "warn not-read"),
        (in_reader(match=match(CardKind.CPS3)), "card.kind", "pass cps3"),
        (in_reader(match=match(CardKind.VITALE2)), "card.kind", "pass vitale2"),
    ],
)
def test_checks_of_a_reader(reader: ReaderFacts, check: str, expected: str) -> None:
    assert outcome(facts(reader), check, "A") == expected


def test_a_mute_card_in_one_reader_does_not_hide_the_others() -> None:
    found = facts(MUTE, CPS_READER, VITALE_READER, EMPTY)
    results = run_checks(found)
    assert {(r.check, r.status) for r in results if r.reader == MUTE.name} == {
        ("reader.state", Status.PASS),
        ("reader.free", Status.PASS),
        ("card.answers", Status.FAIL),
        ("card.kind", Status.SKIP),
        ("card.registered", Status.SKIP),
    }
    assert outcome(found, "cps.pin", CPS_READER.name) == "pass ok"
    assert [r.check for r in results if r.reader == EMPTY.name] == ["reader.state", "reader.free"]
    assert verdict(results) is Verdict.NOT_READY


@pytest.mark.parametrize(
    ("readers", "expected"),
    [
        ([EMPTY], "fail none"),
        ([VITALE_READER], "fail none"),
        ([CPS_READER], "pass ok"),
        ([CPS_READER, replace(CPS_READER, name="B")], "warn several"),
        ([in_reader(match=match(CardKind.CPS4))], "pass ok"),
        ([in_reader(match=match(CardKind.CPS2TER))], "unknown not-read"),
        ([MUTE], "unknown unidentified"),
        ([MUTE, CPS_READER], "pass ok"),
    ],
)
def test_cps_present(readers: list[ReaderFacts], expected: str) -> None:
    assert outcome(facts(*readers), "cps.present") == expected


@pytest.mark.parametrize(
    ("readers", "expected"),
    [
        ([CPS_READER], "warn none"),
        ([VITALE_READER], "pass ok"),
        ([VITALE_READER, replace(VITALE_READER, name="B")], "warn several"),
        ([in_reader(match=match(CardKind.VITALE1))], "unknown not-read"),
    ],
)
def test_vitale_present(readers: list[ReaderFacts], expected: str) -> None:
    assert outcome(facts(*readers), "vitale.present") == expected


def with_cps(**changes: object) -> WorkstationFacts:
    card = replace(CPS, **changes)  # pyright: ignore[reportArgumentType]
    return facts(replace(CPS_READER, cps=card))


BOTH = (certificate("signature"), certificate("authentication"))


@pytest.mark.parametrize(
    ("changes", "check", "expected"),
    [
        ({}, "cps.readable", "pass ok"),
        ({"problems": (Failure("CARD-1302", "FileNotFound", ""),)}, "cps.readable", "warn partly"),
        ({}, "cps.certificates", "pass ok"),
        ({"certificates": ()}, "cps.certificates", "fail missing"),
        ({"certificates": BOTH[:1]}, "cps.certificates", "fail missing"),
        (
            {"certificates": (BOTH[0], certificate("authentication", days=-1))},
            "cps.certificates",
            "fail expired",
        ),
        (
            {"certificates": (BOTH[0], certificate("authentication", days=0))},
            "cps.certificates",
            "fail expired",
        ),
        (
            {"certificates": (certificate("signature", started=-1), BOTH[1])},
            "cps.certificates",
            "fail not-yet",
        ),
        (
            {"certificates": (BOTH[0], certificate("authentication", days=59.9))},
            "cps.certificates",
            "warn soon",
        ),
        (
            {"certificates": (BOTH[0], certificate("authentication", days=60))},
            "cps.certificates",
            "pass ok",
        ),
        ({"valid_until": None}, "cps.validity", "skip unread"),
        ({"valid_until": NOW.date()}, "cps.validity", "pass ok"),
        ({"valid_until": NOW.date().replace(day=21)}, "cps.validity", "warn ended"),
        ({"pin_tries": TriesFacts(3, 3)}, "cps.pin", "pass ok"),
        ({"pin_tries": TriesFacts(2, 3)}, "cps.pin", "pass ok"),
        ({"pin_tries": TriesFacts(1, 3)}, "cps.pin", "warn last"),
        ({"pin_tries": TriesFacts(0, 3)}, "cps.pin", "fail blocked"),
        ({"pin_tries": None}, "cps.pin", "unknown unread"),
        ({"puk_tries": TriesFacts(4, 10)}, "cps.puk", "pass ok"),
        ({"puk_tries": TriesFacts(3, 10)}, "cps.puk", "warn low"),
        ({"puk_tries": TriesFacts(0, 10)}, "cps.puk", "warn blocked"),
        ({"puk_tries": None}, "cps.puk", "unknown unread"),
        ({"differences": ("family_name",)}, "cps.views", "warn differ"),
        ({"differences": ()}, "cps.views", "pass ok"),
    ],
)
def test_checks_of_a_cps(changes: dict[str, Any], check: str, expected: str) -> None:
    assert outcome(with_cps(**changes), check, CPS_READER.name) == expected


def test_the_certificate_that_ends_first_is_named() -> None:
    late = with_cps(certificates=(BOTH[0], certificate("authentication", days=30)))
    evidence = result(late, "cps.certificates", CPS_READER.name).evidence
    assert evidence["usage"] == "authentication"
    assert evidence["days"] == 30
    assert str(evidence["until"]) == "2026-12-22"


def test_an_unreadable_cps_is_skipped_further_on() -> None:
    failure = Failure.of(UnexpectedStatus("x", status=0x6F00))
    found = facts(replace(CPS_READER, cps=None, reading_failure=failure))
    assert outcome(found, "cps.readable", CPS_READER.name) == "fail unreadable"
    assert outcome(found, "cps.pin", CPS_READER.name) == "skip need"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "pass ok"),
        ({"beneficiaries": 0}, "fail empty"),
        ({"problems": ("wrong-nir-key",)}, "warn partly"),
    ],
)
def test_vitale_readable(changes: dict[str, Any], expected: str) -> None:
    reader = replace(VITALE_READER, vitale=replace(VITALE, **changes))
    assert outcome(facts(reader), "vitale.readable", reader.name) == expected


def test_vitale_unreadable() -> None:
    failure = Failure.of(CardRemoved("x"))
    reader = replace(VITALE_READER, vitale=None, reading_failure=failure)
    one = result(facts(reader), "vitale.readable", reader.name)
    assert (one.status, one.cause, one.evidence["code"]) == (Status.FAIL, "unreadable", "CARD-1206")


@pytest.mark.parametrize(
    ("cps", "vitale", "expected"),
    [
        (True, True, "pass all-test"),
        (False, False, "pass no-test"),
        (None, None, "pass no-test"),
        (False, True, "fail mixed"),
        (True, False, "warn maybe-mixed"),
        (True, None, "pass all-test"),
    ],
)
def test_test_cards_among_real_ones(cps: bool, vitale: bool, expected: str) -> None:
    found = facts(
        replace(CPS_READER, cps=replace(CPS, is_test=cps)),
        replace(VITALE_READER, vitale=replace(VITALE, is_test=vitale)),
    )
    assert outcome(found, "cards.mixture") == expected


def test_a_test_cps_beside_a_real_one() -> None:
    other = replace(CPS_READER, name="B", cps=replace(CPS, is_test=False))
    assert outcome(facts(CPS_READER, other), "cards.mixture") == "fail mixed"


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ("pass", Verdict.READY),
        ("pass skip", Verdict.READY),
        ("pass warn", Verdict.ATTENTION),
        ("warn unknown skip", Verdict.UNKNOWN),
        ("pass warn unknown fail", Verdict.NOT_READY),
    ],
)
def test_the_worst_check_decides(statuses: str, expected: Verdict) -> None:
    one = result(GOOD, "cps.present")
    results = tuple(replace(one, status=Status(status)) for status in statuses.split())
    assert verdict(results) is expected


def test_what_explains_only_does_not_leave_the_verdict_open() -> None:
    one = replace(result(GOOD, "system.clock"), status=Status.UNKNOWN)
    assert not one.decides
    assert verdict((one,)) is Verdict.ATTENTION
    assert verdict((replace(one, status=Status.FAIL),)) is Verdict.NOT_READY


def test_what_blocks() -> None:
    assert set(Status) - BLOCKING == {Status.PASS, Status.WARN}
