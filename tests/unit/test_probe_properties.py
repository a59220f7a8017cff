"""Whatever the facts, a report is made, fits its schema, and can be said in both languages."""

import json
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.probe_facts import MACHINE, NOW, report
from tests.unit.test_probe_report import check_schema

from cardio.cards.identify import CardKind, Interface, Match, Reason
from cardio.cards.layout import Confidence
from cardio.locale import LANGUAGES, translator
from cardio.probe import Status, to_html, to_json
from cardio.probe.facts import (
    CertificateFacts,
    CpsFacts,
    Failure,
    ReaderFacts,
    TriesFacts,
    VitaleFacts,
    WorkstationFacts,
)
from cardio.transport.base import CardPresence

codes = st.sampled_from([f"CARD-{n}" for n in (1000, 1201, 1202, 1204, 1206, 1208, 1209, 1302)])
failures = st.builds(Failure, codes, st.just("SomeError"), st.text(max_size=20))
moments = st.integers(-2000, 2000).map(lambda days: NOW + timedelta(days=days))
certificates = st.builds(
    CertificateFacts,
    st.sampled_from(["signature", "authentication", "technical", "other"]),
    moments,
    moments,
)
tries = st.none() | st.builds(TriesFacts, st.integers(0, 15), st.none() | st.integers(1, 15))
words = st.sampled_from(["family_name", "ps_idnat", "valid_until", "a-new-one"])
cps = st.builds(
    CpsFacts,
    read_at=st.just(NOW),
    is_test=st.none() | st.booleans(),
    valid_until=st.none() | st.dates(date(2000, 1, 1), date(2099, 1, 1)),
    certificates=st.lists(certificates, max_size=4).map(tuple),
    pin_tries=tries,
    puk_tries=tries,
    differences=st.lists(words, max_size=3).map(tuple),
    problems=st.lists(failures, max_size=3).map(tuple),
)
vitale = st.builds(
    VitaleFacts,
    beneficiaries=st.integers(0, 19),
    is_test=st.none() | st.booleans(),
    problems=st.lists(st.sampled_from(["wrong-nir-key", "a-new-one"]), max_size=2).map(tuple),
)
matches = st.builds(
    Match,
    st.sampled_from(CardKind),
    st.sampled_from(["", "3", "2ter"]),
    st.sampled_from(Interface),
    st.sampled_from(Confidence),
    st.sampled_from(Reason),
)
readers = st.builds(
    ReaderFacts,
    name=st.text(min_size=1, max_size=12),
    presence=st.sampled_from(CardPresence),
    atr=st.binary(max_size=33),
    in_use=st.booleans(),
    exclusive=st.booleans(),
    match=st.none() | matches,
    failure=st.none() | failures,
    cps=st.none() | cps,
    vitale=st.none() | vitale,
    reading_failure=st.none() | failures,
)
workstations = st.builds(
    WorkstationFacts,
    st.just(NOW),
    st.just(MACHINE),
    st.sampled_from(["pcsc", "demo", "bench"]),
    st.none() | failures,
    st.lists(readers, max_size=4, unique_by=lambda reader: reader.name).map(tuple),
)


@settings(max_examples=25)
@given(workstations)
def test_any_facts_make_a_report(found: WorkstationFacts) -> None:
    made = report(found)
    assert not [result for result in made.checks if result.cause in ("broken", "hung")]
    for language in LANGUAGES:
        document = to_json(made, translator(language))
        check_schema(json.loads(json.dumps(document)))
        assert to_html(made, translator(language)).startswith("<!DOCTYPE html>")


@given(workstations)
def test_each_check_is_said_once_of_each_reader_and_skips_have_their_reason(
    found: WorkstationFacts,
) -> None:
    results = report(found).checks
    keys = [(result.check, result.reader) for result in results]
    assert len(keys) == len(set(keys))
    bad = {result.check for result in results if result.status not in (Status.PASS, Status.WARN)}
    for result in results:
        if result.cause == "need":
            assert result.evidence["need"] in bad
