import json
import os
import re
import uuid
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from tests.support.probe_facts import (
    CPS_READER,
    GOOD,
    HOLDER,
    MACHINE,
    NOT_READY,
    PATIENT,
    WITH_IDENTITY,
    facts,
    report,
)

from cardio.errors import PcscMissing, ServiceUnavailable
from cardio.locale import LANGUAGES, translator
from cardio.locale.catalogue import messages
from cardio.probe import Status, to_json, wording
from cardio.probe.encode import schema
from cardio.probe.facts import Failure, WorkstationFacts
from cardio.probe.machine import Machine, system_id, this_machine, workstation_id
from cardio.probe.registry import CHECKS
from cardio.probe.report import CheckResult

VECTORS = Path(__file__).parents[2] / "vectors" / "reports"
EXAMPLES = {
    "ready": GOOD,
    "not-ready": NOT_READY,
    "with-identity": WITH_IDENTITY,
    "no-service": facts(failure=ServiceUnavailable("the PC/SC service does not answer")),
    "no-reader": facts(),
}


VALIDATOR = jsonschema.Draft202012Validator(
    json.loads(schema()), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def check_schema(document: object) -> None:
    VALIDATOR.validate(document)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("found", EXAMPLES.values(), ids=EXAMPLES)
def test_reports_fit_their_schema(found: WorkstationFacts, language: str) -> None:
    document = to_json(report(found), translator(language))
    check_schema(json.loads(json.dumps(document)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_published_examples(name: str, language: str) -> None:
    """`CARDIO_UPDATE_VECTORS=1` writes them anew."""
    document = to_json(report(EXAMPLES[name]), translator(language))
    file = VECTORS / f"{name}.{language}.json"
    if os.environ.get("CARDIO_UPDATE_VECTORS"):
        file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    published = json.loads(file.read_text(encoding="utf-8"))
    check_schema(published)
    assert published == document


def test_languages_differ_in_texts_only() -> None:
    texts = {"language", "title", "finding", "advice", "text"}

    def bare(value: object) -> object:
        if isinstance(value, dict):
            return {k: bare(v) for k, v in value.items() if k not in texts}
        return [bare(item) for item in value] if isinstance(value, list) else value

    french, english = (to_json(report(NOT_READY), translator(one)) for one in LANGUAGES)
    assert bare(french) == bare(english)
    assert french != english


def test_identity_is_there_only_when_the_facts_have_it() -> None:
    text = translator("fr")
    assert "identity" not in to_json(report(GOOD), text)
    identity = to_json(report(WITH_IDENTITY), text)["identity"]
    assert identity["cps"][0]["ps_idnat"] == HOLDER.ps_idnat
    assert identity["vitale"][0]["beneficiaries"][0]["nir"] == PATIENT.nir


def test_no_repr_of_facts_shows_anybody() -> None:
    shown = repr(WITH_IDENTITY) + repr(report(WITH_IDENTITY))
    for value in (HOLDER.family_name, HOLDER.ps_idnat, PATIENT.nir, PATIENT.given_name):
        assert value
        assert value not in shown


def test_schema_refuses_what_is_not_a_report() -> None:
    document = to_json(report(GOOD), translator("fr"))
    for broken in (
        {**document, "schema_version": 2},
        {**document, "hostname": "poste-3"},
        {**document, "checks": []},
        {**document, "verdict": {"status": "fine", "text": "x"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            check_schema(broken)


CAUSES = sorted(
    (check.id, key.removeprefix(f"check.{check.id}.").removesuffix(".found"))
    for check in CHECKS
    for key in messages("fr", "check")
    if key.startswith(f"check.{check.id}.") and key.endswith(".found")
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_has_a_title_and_every_finding_but_a_good_one_an_advice(language: str) -> None:
    text = translator(language)
    for found in EXAMPLES.values():
        for result in report(found).checks:
            assert wording.title(result.check, text)
            assert wording.found(result, text)
            good = result.status is Status.PASS
            assert bool(wording.advice(result, text)) is not good, result


def test_every_check_and_cause_is_documented() -> None:
    page = (VECTORS.parents[1] / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
    sections = {part.partition("`")[0]: part for part in page.split("\n## `")[1:]}
    assert set(sections) == {check.id for check in CHECKS}
    for check, cause in CAUSES:
        assert f"`{cause}`" in sections[check], (check, cause)
    for check in CHECKS:
        assert all(f"`{need}`" in sections[check.id] for need in check.needs)
        assert all(f" {case}" in sections[check.id] for case in check.cases)


def test_no_text_is_left_of_a_check_that_is_gone() -> None:
    ids = {check.id for check in CHECKS} | {"any"}
    for key in messages("fr", "check"):
        assert any(key.startswith(f"check.{one}.") for one in ids), key
    assert {check for check, _ in CAUSES} == {check.id for check in CHECKS}


@pytest.mark.parametrize(
    ("cause", "evidence", "said"),
    [
        ("need", {"need": "reader.present"}, "Non fait : dépend de « Lecteurs branchés »."),
        ("broken", {"error": "KeyError"}, "Le contrôle s'est interrompu (KeyError)."),
        ("hung", {}, "Le contrôle n'a pas abouti dans le temps imparti."),
    ],
)
def test_texts_every_check_shares(cause: str, evidence: dict[str, str], said: str) -> None:
    result = CheckResult("cps.pin", None, Status.SKIP, cause, evidence, (), ())
    assert wording.found(result, translator("fr")) == said


def test_stable_words_are_said_in_the_language() -> None:
    def said(check: str, language: str) -> str:
        (one,) = [r for r in report(NOT_READY).checks if r.check == check and r.evidence]
        return wording.found(one, translator(language))

    assert said("cps.certificates", "fr").startswith("Le certificat d'authentification expire le")
    assert said("cps.certificates", "en").startswith("The authentication certificate expires on")
    assert said("cps.views", "fr").endswith("diffèrent : prénom.")
    assert said("vitale.readable", "en") == "Read, with anomalies: wrong NIR key."


def test_a_foreign_error_keeps_its_message_to_itself() -> None:
    assert Failure.of(ValueError("TEST-FICTIF")).message == ""
    assert Failure.of(PcscMissing("no pyscard")).message == "no pyscard"


def test_workstation_id_is_stable_and_does_not_show_the_machine_id() -> None:
    raw = uuid.UUID(int=7).hex
    one = workstation_id(raw)
    assert one == workstation_id(raw) != workstation_id(uuid.UUID(int=8).hex)
    assert one
    assert re.fullmatch("[0-9a-f]{32}", one)
    assert raw not in one
    assert workstation_id(None) is workstation_id("") is None


def test_this_machine_tells_neither_its_name_nor_its_user() -> None:
    machine = this_machine()
    assert machine == this_machine()
    shown = repr(machine)
    assert os.uname().nodename not in shown.split()
    assert (system_id() or "no id") not in shown


def test_a_machine_without_an_id() -> None:
    nameless: Machine = replace(MACHINE, id=None)
    document = to_json(report(replace(GOOD, machine=nameless)), translator("fr"))
    check_schema(document)
    assert document["workstation"]["id"] is None


def test_cards_are_told_without_their_serial() -> None:
    assert CPS_READER.match
    secret = bytes.fromhex("5A0A8025000001098217001F")
    known = replace(CPS_READER, match=replace(CPS_READER.match, serial=secret))
    shown = json.dumps(to_json(report(facts(known)), translator("en")))
    assert "09821700" not in shown
    assert secret.hex().upper() not in shown.upper()
