"""A draft keeps where each value came from, can be put away, and opens without the card."""

import json
import stat
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.support.consulting import A, B, cps, table, vitale

from cardio.cards.vitale.beneficiary import Beneficiary
from cardio.cards.vitale.draft import (
    CardSource,
    DraftEntry,
    DraftField,
    DraftUse,
    Origin,
    PatientDraft,
    decode_draft,
    encode_draft,
    from_ins,
    from_rights,
    load_draft,
    origin_of,
    save_draft,
)
from cardio.cards.vitale.draft.model import MAX_ENTRIES, MAX_LENGTH
from cardio.cards.vitale.draft.written import schema
from cardio.cards.vitale.rights.dates import CardDate
from cardio.cards.vitale.rights.model import Rights, Source
from cardio.cards.vitale.rights.records import (
    BeneficiaryRecord,
    InsuredRecord,
    ReadingApiRecord,
)
from cardio.errors import ConfigurationError, DraftError, DraftTooNew
from cardio.identity.birth_place import BirthPlace
from cardio.identity.ins import InsIdentity
from cardio.identity.matricule import InsOid, Matricule
from cardio.identity.nir import Nir, Sex
from cardio.identity.status import IdentityState, IdentityStatus
from cardio.identity.traits import StrictTraits

READ = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = READ + timedelta(days=3)
PERSON = Beneficiary(
    family_name="TEST-DÉMO",
    given_name="ZOÉ",
    birth_date=None,
    birth_date_as_written="19851912",
    nationality_or_country="FRA",
    nir=Nir("285196296516573"),
)
CARD = CardSource(READ, beneficiary=1, beneficiaries=3, is_test=True)


@pytest.fixture
def draft() -> PatientDraft:
    return PatientDraft.of_beneficiary(PERSON, DraftUse.PSE, CARD, now=READ)


def test_it_is_filled_from_the_card(draft: PatientDraft) -> None:
    assert draft.value(DraftField.FAMILY_NAME) == "TEST-DÉMO"
    assert draft.value(DraftField.BIRTH_DATE) == "19851912", "as the card has it, lunar or not"
    assert draft.value(DraftField.NIR) == "285196296516573"
    assert draft.value(DraftField.SEX) is None
    assert {entry.origin for entry in draft.entries} == {Origin.CARD}
    assert {entry.at for entry in draft.entries} == {READ}
    assert "ZOÉ" not in repr(draft)


def test_a_correction_keeps_the_original(draft: PatientDraft) -> None:
    corrected = draft.corrected(DraftField.GIVEN_NAME, "ZOÉ-LOU", at=LATER)
    assert draft.value(DraftField.GIVEN_NAME) == "ZOÉ", "the first draft is as it was"
    assert corrected.value(DraftField.GIVEN_NAME) == "ZOÉ-LOU"
    assert corrected.original(DraftField.GIVEN_NAME) == "ZOÉ"
    assert corrected.is_corrected(DraftField.GIVEN_NAME)
    assert not corrected.is_corrected(DraftField.FAMILY_NAME)
    assert corrected.corrected(DraftField.GIVEN_NAME, "ZOÉ-LOU", at=LATER) == corrected
    assert [entry.origin for entry in corrected.history(DraftField.GIVEN_NAME)] == [
        Origin.CARD,
        Origin.TYPED,
    ]
    emptied = corrected.corrected(DraftField.NATIONALITY_OR_COUNTRY, "", at=LATER)
    assert emptied.value(DraftField.NATIONALITY_OR_COUNTRY) == ""


def test_what_is_typed_first_is_no_correction() -> None:
    draft = PatientDraft.begin(DraftUse.DMT, now=READ)
    typed = draft.corrected(DraftField.GIVEN_NAME, "LÉO", at=READ)
    assert not typed.is_corrected(DraftField.GIVEN_NAME)
    assert typed.card is None


def test_rights_fill_it_and_say_whose_they_are(draft: PatientDraft) -> None:
    rights = Rights(
        (
            InsuredRecord(regime="01", fund="349", centre="9881", nir_number="1850599999999"),
            BeneficiaryRecord(used_name="UN"),
            BeneficiaryRecord(
                used_name="DEMO",
                birth_name="",
                given_name="ZOE",
                address_1="1 RUE DE L ESSAI",
                address_5="75999 PARIS-TEST",
                birth_date=CardDate("198519120000"),
                birth_rank="1",
                quality="6",
            ),
        )
    )
    filled = draft.filled(from_rights(rights, 1), origin_of(rights), at=LATER)
    assert filled.value(DraftField.REGIME) == "01"
    assert filled.value(DraftField.ADDRESS) == "1 RUE DE L ESSAI\n75999 PARIS-TEST"
    assert filled.value(DraftField.BIRTH_NAME) is None
    entry = filled.entry(DraftField.QUALITY)
    assert entry
    assert entry.origin is Origin.RIGHTS_STAND_IN
    assert filled.value(DraftField.NIR) == "285196296516573", "never the insured person's"
    with pytest.raises(DraftError):
        from_rights(rights, 2)
    api = Rights(
        (BeneficiaryRecord(used_name="UN"), ReadingApiRecord(nir="285196296516573", regime="91")),
        Source.READING_API,
    )
    assert origin_of(api) is Origin.RIGHTS
    assert from_rights(api, 0)[DraftField.REGIME] == "91"
    assert from_rights(api, 0)[DraftField.NIR] == "285196296516573"


def test_an_answer_of_the_insi_fills_it(draft: PatientDraft) -> None:
    identity = InsIdentity(
        StrictTraits("DEMO", "ZOE LOU", Sex.FEMALE, date(1985, 12, 1), BirthPlace("62965")),
        IdentityState(IdentityStatus.QUALIFIED),
        Matricule(Nir("285196296516573"), InsOid.TEST),
    )
    filled = draft.filled(from_ins(identity), Origin.INS, at=LATER)
    assert filled.value(DraftField.BIRTH_DATE) == "1985-12-01"
    assert filled.original(DraftField.BIRTH_DATE) == "19851912"
    assert filled.value(DraftField.INS_OID) == InsOid.TEST.value
    assert not filled.is_corrected(DraftField.BIRTH_DATE)


def test_it_is_the_same_after_a_while_in_a_file(draft: PatientDraft, tmp_path: Path) -> None:
    path = tmp_path / "brouillon.json"
    corrected = draft.corrected(DraftField.GIVEN_NAME, "ZOÉ-LOU \u00a0☺", at=LATER)
    save_draft(draft, path)
    save_draft(corrected, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_draft(path) == corrected
    assert [file.name for file in tmp_path.iterdir()] == ["brouillon.json"], "no rest of it"


def test_a_file_that_cannot_be_written_or_read(draft: PatientDraft, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere" / "x.json", tmp_path):
        with pytest.raises(ConfigurationError):
            save_draft(draft, path)
        with pytest.raises(ConfigurationError):
            load_draft(path)
    assert not list(tmp_path.iterdir())
    (tmp_path / "latin.json").write_bytes("é".encode("latin-1"))
    with pytest.raises(DraftError):
        load_draft(tmp_path / "latin.json")


def test_it_follows_its_published_schema(draft: PatientDraft) -> None:
    published = schema()
    jsonschema.Draft202012Validator.check_schema(published)
    validate = jsonschema.Draft202012Validator(
        published, format_checker=jsonschema.FormatChecker()
    ).validate
    validate(json.loads(encode_draft(draft)))
    validate(json.loads(encode_draft(PatientDraft.begin(DraftUse.DMT))))
    entry = published["properties"]["entries"]["items"]["properties"]
    assert entry["field"]["enum"] == [name.value for name in DraftField]
    assert entry["from"]["enum"] == [origin.value for origin in Origin]
    assert entry["value"]["maxLength"] == MAX_LENGTH
    assert published["properties"]["entries"]["maxItems"] == MAX_ENTRIES
    assert published["properties"]["use"]["enum"] == [use.value for use in DraftUse]


def test_a_version_of_the_future_is_refused_with_advice(draft: PatientDraft) -> None:
    document = json.loads(encode_draft(draft)) | {"version": 2, "new": "member"}
    with pytest.raises(DraftTooNew) as refused:
        decode_draft(json.dumps(document))
    assert "update" in refused.value.hint


Document = dict[str, Any]
Change = Callable[[Document], object]


def _changed(**members: object) -> Change:
    return lambda document: document | members


def _entry(**members: object) -> Change:
    return lambda document: document | {"entries": [document["entries"][0] | members]}


@pytest.mark.parametrize(
    "change",
    [
        _changed(format="something else"),
        _changed(version=0),
        _changed(version=True),
        _changed(version="1"),
        _changed(version=1.0),
        _changed(use="aat"),
        _changed(created="2026-11-22T09:00:00"),
        _changed(created="2026-11-22T09:00:00+01:00"),
        _changed(created="2026-11-22T09:00:00.5+00:00"),
        _changed(created=5),
        _changed(card=[]),
        _changed(card={"read_at": "2026-11-22T09:00:00+00:00"}),
        _changed(entries={}),
        _changed(entries=[None]),
        _changed(pin="1234"),
        _entry(field="pin"),
        _entry(value=None),
        _entry(value="a\x00b"),
        _entry(value="\ud800"),
        _entry(value="x" * (MAX_LENGTH + 1)),
        _entry(**{"from": "guess"}),
        _entry(at="yesterday"),
        lambda document: [document],
        lambda document: {**document, "entries": document["entries"] * MAX_ENTRIES},
        lambda document: document | {"card": document["card"] | {"beneficiary": 3}},
        lambda document: document | {"card": document["card"] | {"beneficiary": -1}},
        lambda document: document | {"card": document["card"] | {"beneficiary": True}},
        lambda document: document | {"card": document["card"] | {"test": 1}},
    ],
)
def test_damage_is_told(draft: PatientDraft, change: Change) -> None:
    with pytest.raises(DraftError):
        decode_draft(json.dumps(change(json.loads(encode_draft(draft)))))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "nothing",
        '{"format": NaN}',
        '{"format": "cardio-patient-draft", "format": "cardio-patient-draft"}',
        "[" * 100_000,
        "1" * 10_000,
        " " * 5_000_000,
    ],
    ids=["empty", "null", "no JSON", "NaN", "twins", "deep", "long number", "long"],
)
def test_what_is_no_draft_is_told(text: str) -> None:
    with pytest.raises(DraftError):
        decode_draft(text)


def test_times_are_in_utc() -> None:
    paris = timezone(timedelta(hours=1))
    draft = PatientDraft.begin(DraftUse.PSE, now=datetime(2026, 11, 22, 10, 0, 0, 5, paris))
    assert draft.created == READ
    for wrong in (datetime(2026, 11, 22, 9, 0), datetime(2026, 11, 22, 10, tzinfo=paris)):  # noqa: DTZ001
        with pytest.raises(DraftError):
            DraftEntry(DraftField.NIR, "1", Origin.TYPED, wrong)
    with pytest.raises(DraftError):
        PatientDraft.begin(DraftUse.PSE, now=datetime(2026, 11, 22, 9, 0))  # noqa: DTZ001


def test_from_the_card_in_the_reader_to_the_day_after(tmp_path: Path) -> None:
    """What PSE is used like: begun with the Vitale, finished without it."""
    with table(A, B) as desk:
        desk.put(A, cps())
        desk.put(B, vitale())
        with desk.workstation.consultation() as consultation:
            draft = consultation.vitale.draft(1, DraftUse.PSE)
            with pytest.raises(DraftError):
                consultation.vitale.draft(3, DraftUse.PSE)
        save_draft(draft, tmp_path / "pse.json")
    opened = load_draft(tmp_path / "pse.json")
    assert opened.value(DraftField.GIVEN_NAME) == "NOÉ"
    assert opened.card
    assert (opened.card.beneficiary, opened.card.beneficiaries) == (1, 3)
    assert opened.card.is_test
