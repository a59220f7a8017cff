"""The study of a site: verdicts by hand, and that what is not known is never a no."""

from pathlib import Path

import pytest
from tests.support.studies import (
    BLOCKED,
    DOCTOR,
    EXPIRED,
    MIDWIFE,
    NURSE,
    PLANS,
    SITE,
    VITALE,
    Centre,
    cps,
    document,
    row,
)

from cardio.cards.identify import CardKind
from cardio.study.answers import State
from cardio.study.evidence import Environment
from cardio.study.fixes import Fix
from cardio.study.result import Link, Problem, ServiceVerdict, Since, Verdict
from cardio.study.series import Series
from cardio.study.site_wide import InsiChoice, Proof, fami, insi, referents

AAT, BSI, INSI, PSE = "amelipro-aat", "amelipro-bsi", "insi", "pse"


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path)


def causes(found: ServiceVerdict) -> set[tuple[str, Fix]]:
    return {(one.answer.cause, one.fix) for one in found.causes}


@pytest.mark.parametrize(
    ("readers", "cryptolib", "verdict", "expected"),
    [
        # Everything that services.md §2.1 and §4 ask of a doctor by the web is there.
        ((cps(DOCTOR),), "5.2.6", "ready", set()),
        # Three wrong PINs block the card (§1 X16).
        ((cps(DOCTOR, **BLOCKED),), "5.2.6", "not-ready", {("pin-too-few", Fix.UNBLOCK_PIN)}),
        # Certificates in date (certificates_identifiers_services.md §4.2).
        (
            (cps(DOCTOR, **EXPIRED),),
            "5.2.6",
            "not-ready",
            {("certificates-invalid", Fix.ORDER_CARD)},
        ),
        # Cryptolib CPS 5.2 at least for a CPS4 (§4.1 there), any for a CPS3.
        (
            (cps(DOCTOR, CardKind.CPS4),),
            "5.1.9",
            "not-ready",
            {("middleware-missing", Fix.INSTALL)},
        ),
        ((cps(DOCTOR, CardKind.CPS3),), "5.1.9", "ready", set()),
        ((cps(DOCTOR),), None, "not-ready", {("middleware-missing", Fix.INSTALL)}),
    ],
)
def test_verdicts_of_one_doctor(
    centre: Centre,
    readers: tuple[object, ...],
    cryptolib: str | None,
    verdict: str,
    expected: set[tuple[str, Fix]],
) -> None:
    centre.roster(row(DOCTOR))
    centre.site()
    centre.report("cabinet", document(*readers, cryptolib=cryptolib))  # pyright: ignore[reportArgumentType]
    studied = centre.study()
    found = studied.verdict(2, AAT)
    assert (found.verdict.value, causes(found)) == (verdict, expected)
    assert found.way == "health-centre"
    assert studied.person(2).card is not None
    assert studied.outcome.is_fine is (verdict == "ready")


def test_without_a_report_nothing_is_a_no(centre: Centre) -> None:
    centre.roster(row(DOCTOR), row(NURSE, "Infirmière", name="FICTIVE", adeli="759999999"))
    centre.site()
    studied = centre.study()
    assert {one.verdict for one in studied.person(2).services} == {
        Verdict.CANNOT_TELL,
    }
    for line in (2, 3):
        for service in studied.person(line).services:
            assert {one.answer.state for one in service.causes} <= {State.UNKNOWN}
            assert {one.fix for one in service.causes} <= {Fix.PROBE_CARD, Fix.PROBE_WORKSTATION}
    assert [one.verdict for one in studied.shown.workstations] == [None, None, None]
    assert studied.outcome.total.fixes[Fix.PROBE_WORKSTATION].lines == len(
        ("cabinet", "soins", "accueil")
    )


def test_a_workstation_without_readers_is_a_visit(centre: Centre) -> None:
    centre.roster(row(DOCTOR))
    centre.site()
    centre.report("cabinet", document())
    studied = centre.study()
    found = studied.verdict(2, AAT)
    assert found.verdict is Verdict.NOT_READY
    assert ("readers-too-few", Fix.READERS) in causes(found)
    assert studied.workstation("cabinet").errands[0].fix is Fix.READERS
    assert studied.outcome.total.fixes[Fix.READERS].workstations == 1


def test_a_test_card_opens_nothing_in_production(centre: Centre) -> None:
    centre.roster(row(DOCTOR))
    centre.site()
    centre.report("cabinet", document(cps(DOCTOR)))
    found = centre.study(environment=Environment.PRODUCTION).verdict(2, AAT)
    assert causes(found) == {("card-environment-test", Fix.ORDER_CARD)}


def test_the_only_card_is_taken_for_the_only_users(centre: Centre) -> None:
    centre.site()
    centre.report("cabinet", document(cps()))
    centre.roster(row(DOCTOR))
    card = centre.study().person(2).card
    assert card is not None
    assert (card.link, card.report) == (Link.SOLE_USER, "cabinet.json")
    centre.roster(row(DOCTOR), row(MIDWIFE, name="AUTRE"))
    assert [one.card for one in centre.study().shown.people] == [None, None]


def test_a_card_is_found_wherever_it_was_seen_and_the_newest_counts(centre: Centre) -> None:
    centre.site()
    centre.roster(row(DOCTOR))
    centre.report("old", document(cps(DOCTOR), name="7"))
    centre.report("accueil", document(cps(DOCTOR, **BLOCKED), name="8", hours=1))
    centre.report("cabinet", document(name="9"))
    card = centre.study().person(2).card
    assert card is not None
    assert (card.report, card.link) == ("accueil.json", Link.NUMBER)


def test_services_of_the_site_that_are_not_for_somebody_do_not_block(centre: Centre) -> None:
    centre.roster(row("", "Secrétaire"))
    centre.site()
    assert centre.study().verdict(2, BSI).verdict is Verdict.NOT_CONCERNED
    centre.site(SITE + PLANS.replace('"10"', '"staff"').replace(AAT, BSI))
    found = centre.study().verdict(2, BSI)
    assert found.verdict is Verdict.NOT_READY
    assert ("profession-not-listed", Fix.REVIEW_PLAN) in causes(found)


def test_an_empty_cell_is_a_no_and_a_missing_column_is_not_known(centre: Centre) -> None:
    centre.site()
    centre.roster(row(""))
    found = centre.study().verdict(2, AAT)
    assert ("identifier-missing", Fix.CORRECT_ROSTER) in causes(found)
    (centre.folder / "roster.csv").write_text("Nom;Prénom;Profession\nX-TEST;Y;Médecin\n")
    found = centre.study().verdict(2, AAT)
    assert "identifier-missing" not in {cause for cause, _ in causes(found)}
    assert "identifier-unknown" in {one.answer.cause for one in found.to_confirm}


def test_names_are_compared_where_identities_were_allowed(centre: Centre) -> None:
    centre.site()
    centre.roster(row(DOCTOR, name="TEST-ESAI"))
    centre.report("cabinet", document(cps(DOCTOR)))
    (found,) = centre.study().person(2).differences
    assert (found.trait, found.causes, found.roster) == ("name", ("typing",), None)
    (found,) = centre.study(with_identity=True).person(2).differences
    assert (found.roster, found.card) == ("TEST-ESAI", "TEST-ESSAI")
    centre.roster(row(DOCTOR, name="Test Essai"))
    assert not centre.study().person(2).differences


def test_a_vitale_is_to_be_shown_once_to_a_workstation(centre: Centre) -> None:
    centre.site(SITE.replace('"amelipro-aat"', '"pse"').replace("SA05", "SA07"))
    centre.roster(row(DOCTOR))
    centre.report("cabinet", document(cps(DOCTOR), cps()))
    studied = centre.study()
    assert causes(studied.verdict(2, PSE)) == {("vitale-unseen", Fix.PROBE_VITALE)}
    assert Fix.PROBE_VITALE in {one.fix for one in studied.workstation("cabinet").errands}
    centre.report("cabinet", document(cps(DOCTOR), VITALE))
    assert centre.study().verdict(2, PSE).verdict is Verdict.READY


def test_the_insi_wants_a_certificate_or_cards(centre: Centre) -> None:
    text = SITE.replace('["amelipro-aat", "amelipro-bsi"]', '["insi"]')
    centre.roster(row("", "Secrétaire"), row("", "Secrétaire", name="AUTRE"))
    centre.site(text)
    outcome = centre.study().outcome
    needs = insi(*outcome.by_site["centre"])
    assert needs is not None
    assert (needs.people, needs.staff_without_card, needs.choice) == (2, 2, InsiChoice.ASK_EDITOR)
    centre.site(text.replace("signed =", 'has = ["ORG_AUTH_CLI"]\nsigned ='))
    needs = insi(*centre.study().outcome.by_site["centre"])
    assert needs is not None
    assert needs.choice is InsiChoice.CERTIFICATE_THERE


def test_fami_referents_and_rpps_plus(centre: Centre) -> None:
    centre.site(SITE.replace("SA05", "SA17"))
    centre.roster(
        row(NURSE, "Infirmière", adeli="759999999", role="référente BSI"),
        row(MIDWIFE, "Infirmière", name="AUTRE", adeli="759999998", role="référente BSI"),
        row("", "Secrétaire", name="TIERS", role="éducateur"),
    )
    studied = centre.study()
    site, tally = studied.outcome.by_site["centre"]
    indicators = {one.id: (one.proof, one.is_met) for one in fami(site, tally)}
    assert indicators["sesam-vitale"] == (Proof.PARTLY_SEEN, None)
    assert indicators["scor"] == (Proof.DECLARED, None)
    found = referents(tally)
    assert found is not None
    assert (found.lines, found.limit) == ((2, 3), 1)
    assert "second-referent" in {one.cause.value for one in studied.person(3).mistakes}
    roles = [one.rpps_plus.role for one in studied.shown.people if one.rpps_plus]
    assert sorted(role or "" for role in roles) == ["", "", "social"]


def test_every_file_is_told_of(centre: Centre) -> None:
    centre.roster(row(DOCTOR))
    good = document(cps(), name="5", hours=2)
    centre.report("a", good)
    centre.report("b", good)
    centre.report("c", document(name="5"))
    centre.report("d", {**good, "schema_version": 2})
    centre.report("e", '{"checks": [')
    centre.report("f", [1])
    centre.report("g", {**good, "checks": [{"id": 3}]})
    (centre.folder / "reports" / "h.json").write_bytes(b"\xff\xfe{")
    outcome = centre.study().outcome
    assert {one.file: one.problem for one in outcome.problems} == {
        "b.json": Problem.SAME,
        "c.json": Problem.SUPERSEDED,
        "d.json": Problem.NEWER,
        "e.json": Problem.NOT_JSON,
        "f.json": Problem.NOT_A_REPORT,
        "g.json": Problem.NOT_A_REPORT,
        "h.json": Problem.NOT_JSON,
    }
    assert not outcome.is_fine


def test_an_older_report_lacks_fields_and_is_read(centre: Centre) -> None:
    old = document(cps(DOCTOR))
    for card in old["cards"]:
        del card["card_type"]
    for holder in old["identity"]["cps"]:
        del holder["profession_code"], holder["speciality_code"]
    del old["software"]
    centre.site()
    centre.roster(row(DOCTOR))
    centre.report("cabinet", old)
    studied = centre.study()
    assert not studied.outcome.problems
    assert causes(studied.verdict(2, AAT)) == {
        ("credential-unknown", Fix.PROBE_CARD),
        ("middleware-unknown", Fix.PROBE_WORKSTATION),
        ("browser-unknown", Fix.PROBE_WORKSTATION),
    }


def test_keys_hide_numbers_and_follow_a_person(centre: Centre) -> None:
    centre.roster(row(DOCTOR), row(DOCTOR, finess="0B0309829"))
    series = Series.once()
    here, there = centre.study(series=series).shown.people
    assert set(here.keys).isdisjoint(there.keys)
    assert centre.study(series=series).person(2).keys == here.keys
    assert centre.study().person(2).keys != here.keys
    assert series.secret.hex() not in repr(series)
    assert {one.since for one in (here, there)} == {None}
    assert Since.ARRIVED.value == "arrived"


def test_without_the_pcsc_service_a_workstation_is_to_be_repaired(centre: Centre) -> None:
    centre.roster(row(DOCTOR))
    centre.site()
    found = document()
    for check in found["checks"]:
        if check["id"] == "pcsc.service":
            check.update(status="fail", cause="down")
    centre.report("cabinet", found)
    studied = centre.study()
    assert ("service-down", Fix.REPAIR) in causes(studied.verdict(2, BSI))
    assert Fix.REPAIR in {one.fix for one in studied.workstation("cabinet").errands}
