"""Any draft is the same after it was written and read; any text is a draft or a typed error."""

from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from cardio.cards.vitale.draft import (
    CardSource,
    DraftEntry,
    DraftField,
    DraftUse,
    Origin,
    PatientDraft,
    decode_draft,
    encode_draft,
)
from cardio.errors import DraftError

times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
texts = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n"), max_size=40
)
entries = st.builds(DraftEntry, st.sampled_from(DraftField), texts, st.sampled_from(Origin), times)
cards = st.builds(
    lambda at, one, more, test: CardSource(at, one, one + more, test),
    times,
    st.integers(0, 20),
    st.integers(1, 20),
    st.sampled_from([True, False, None]),
)
drafts = st.builds(
    PatientDraft,
    st.sampled_from(DraftUse),
    times,
    st.none() | cards,
    st.lists(entries, max_size=10).map(tuple),
)


@given(drafts)
def test_written_and_read_it_is_the_same(draft: PatientDraft) -> None:
    text = encode_draft(draft)
    assert decode_draft(text) == draft
    assert encode_draft(decode_draft(text)) == text


@given(drafts, texts, times)
def test_no_value_is_ever_lost(draft: PatientDraft, value: str, at: datetime) -> None:
    for name in DraftField:
        after = draft.corrected(name, value, at=at)
        assert after.value(name) == value
        assert after.entries[: len(draft.entries)] == draft.entries
        assert after.original(name) == (draft.original(name) if draft.history(name) else value)


@given(drafts, st.data())
@example(PatientDraft(DraftUse.PSE, datetime(2026, 1, 1, tzinfo=UTC)), None)
def test_damaged_text_is_told(draft: PatientDraft, data: st.DataObject | None) -> None:
    text = encode_draft(draft)
    if data is None:
        at, end, junk = 0, 1, ""
    else:
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(len(text), at + 5)))
        junk = data.draw(st.text(max_size=3))
    try:
        decode_draft(text[:at] + junk + text[end:])
    except DraftError:
        return
