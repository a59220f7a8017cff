"""The check of a CPS's chain: what is told of each outcome, and what a probe finds on a machine."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.x509 import ocsp
from tests.support import trust
from tests.support.ocsp import Responder as OcspAnswers
from tests.support.ocsp import serving
from tests.support.probe_facts import CPS, GOOD, NOW, report

from cardio.cards.cps.certificate import CpsCertificate
from cardio.cards.cps.trust import pinned
from cardio.cards.cps.trust.flaw import Flaw
from cardio.locale import LANGUAGES, translator
from cardio.locale.catalogue import messages
from cardio.probe.checks.chain import chain
from cardio.probe.facts import ChainFacts, Failure, TrustFacts
from cardio.probe.trust import UNREADABLE, Responder, read_trust

ROOT = "AC RACINE IGC-SANTE FORT"
SOUND = ChainFacts("signature", ROOT)


def facts(*chains: ChainFacts, allows_test: bool = False) -> TrustFacts:
    return TrustFacts(chains, has_authorities=True, allows_test=allows_test)


def flawed(*flaws: Flaw) -> ChainFacts:
    return ChainFacts("authentication", flaws=flaws)


@pytest.mark.parametrize(
    ("found", "is_test", "outcome"),
    [
        (None, False, "unknown unusable"),
        (TrustFacts(), False, "skip no-anchors"),
        (TrustFacts(failure=Failure("CARD-1600", "", "")), False, "unknown unusable"),
        (facts(SOUND), False, "pass ok"),
        (facts(replace(SOUND, is_test=True), allows_test=True), True, "pass test"),
        (facts(SOUND, flawed(Flaw.ISSUER_MISSING)), False, "unknown incomplete"),
        (facts(SOUND, flawed(Flaw.ISSUER_MISSING)), True, "skip test-card"),
        (facts(flawed(Flaw.TEST_ANCHOR)), True, "skip test-card"),
        (facts(flawed(Flaw.TEST_ANCHOR)), None, "fail broken"),
        (facts(flawed(Flaw.ISSUER_MISSING), allows_test=True), True, "unknown incomplete"),
        (facts(flawed(Flaw.WRONG_SIGNATURE)), True, "fail broken"),
        (facts(flawed(Flaw.ISSUER_MISSING), flawed(Flaw.MIXED)), False, "fail broken"),
    ],
)
def test_outcomes(found: TrustFacts | None, is_test: bool | None, outcome: str) -> None:
    finding = chain(replace(CPS, trust=found, is_test=is_test))
    assert f"{finding.status} {finding.cause}" == outcome


def test_the_worst_certificate_is_named() -> None:
    incomplete = ChainFacts("signature", flaws=(Flaw.ISSUER_MISSING,))
    finding = chain(replace(CPS, trust=facts(incomplete, flawed(Flaw.MIXED)), is_test=False))
    assert finding.evidence == {"usage": "authentication", "flaws": (Flaw.MIXED,)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_flaw_has_a_text(language: str) -> None:
    said = {key for key in messages(language, "report") if key.startswith("report.term.flaws.")}
    assert said == {f"report.term.flaws.{flaw}" for flaw in (*Flaw, UNREADABLE)}
    assert translator(language)("report.term.flaws.weak")


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[CpsCertificate]:
    """Two certificates of one card; no authority on this machine."""
    monkeypatch.setattr(pinned, "installed", lambda environ: ())
    for name in (pinned.PRODUCTION_VARIABLE, pinned.TEST_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    return [trust.decode(trust.card(role)) for role in (trust.SIGNATURE, trust.AUTHENTICATION)]


def test_a_machine_without_authorities(cards: list[CpsCertificate]) -> None:
    assert read_trust(cards, NOW) == (TrustFacts(), ())


def test_authorities_named_for_test_cards(
    cards: list[CpsCertificate], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = (trust.root().certificate, trust.persons().certificate)
    monkeypatch.setenv(pinned.TEST_VARIABLE, str(trust.write(tmp_path, *given)))
    found, _ = read_trust(cards, NOW)
    assert found.allows_test
    assert found.chains == tuple(
        ChainFacts(usage, trust.ROOT_NAME, is_test=True)
        for usage in ("signature", "authentication")
    )
    monkeypatch.setenv(pinned.TEST_VARIABLE, "")
    monkeypatch.setenv(pinned.PRODUCTION_VARIABLE, str(tmp_path))
    found, _ = read_trust(cards, NOW)
    assert {one.flaws for one in found.chains} == {(Flaw.TEST_ANCHOR,)}


def test_authorities_that_cannot_be_read(
    cards: list[CpsCertificate], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(pinned.PRODUCTION_VARIABLE, str(tmp_path / "missing"))
    failure = read_trust(cards, NOW)[0].failure
    assert failure is not None
    assert failure.code == "CARD-1600"


def test_revocation_is_asked_of_a_responder_once_it_is_given(
    cards: list[CpsCertificate], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = (trust.root().certificate, trust.persons().certificate)
    monkeypatch.setenv(pinned.TEST_VARIABLE, str(trust.write(tmp_path, *given)))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert read_trust(cards, trust.NOW)[1] == ()
    responder = OcspAnswers(status=ocsp.OCSPCertStatus.REVOKED)
    with serving(responder) as url:
        _, told = read_trust(cards, trust.NOW, (Responder(url),))
    assert [(one.usage, one.status) for one in told] == [
        ("signature", "revoked"),
        ("authentication", "revoked"),
    ]
    assert len(responder.requests) >= 2


def test_a_silent_responder_is_asked_once(
    cards: list[CpsCertificate], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = (trust.root().certificate, trust.persons().certificate)
    monkeypatch.setenv(pinned.TEST_VARIABLE, str(trust.write(tmp_path, *given)))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    asked: list[bytes] = []

    def broken(body: bytes) -> tuple[int, bytes]:
        asked.append(body)
        return 503, b""

    with serving(broken) as url:
        _, told = read_trust(cards, trust.NOW, (Responder(url),))
    assert {(one.status, one.doubt) for one in told} == {("unknown", "no-answer")}
    assert len(asked) == 1


def test_a_report_says_whom_the_chain_leads_to() -> None:
    (result,) = [one for one in report(GOOD).checks if one.check == "cps.chain"]
    assert result.evidence == {"anchors": ("TEST AC RACINE IGC-SANTE FORT",)}
