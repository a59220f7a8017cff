"""How many exchanges each task takes: ours pinned, OpenSC's counted beside, both in the docs."""

import pytest
from benchmarks.apdu_cost import (
    DOCUMENT,
    KINDS,
    LIMITS,
    VENDOR,
    Counts,
    Lap,
    cardio_counts,
    opened,
    opensc_counts,
    table,
)
from tests.support.opensc import needs_sdo

from cardio.cards.cps.card import CpsCard
from cardio.trace import Recorder

PINNED: dict[str, Counts] = {
    "cps3": {
        "open": 2,
        "tries left": 3,
        "verify": 4,
        "verify, read one protected object": 7,
        "change the PIN": 10,
        "unblock": 11,
        "sign, authentication key": 4,
        "sign again, authentication key": 2,
        "sign, signature key": 5,
        "sign again, signature key": 2,
        "all: unknown card, counter, PIN, signature": 10,
    },
    "cps4": {
        "open": 3,
        "tries left": 1,
        "verify": 2,
        "verify, read one protected object": 4,
        "change the PIN": 7,
        "unblock": 8,
        "sign, authentication key": 3,
        "sign again, authentication key": 2,
        "sign, signature key": 2,
        "sign again, signature key": 2,
        "all: unknown card, counter, PIN, signature": 8,
    },
    "cps2ter": {
        "open": 1,
        "tries left": 1,
        "verify": 2,
        "verify, read one protected object": 6,
        "change the PIN": 2,
        "unblock": 1,
        "sign, authentication key": None,
        "sign again, authentication key": None,
        "sign, signature key": None,
        "sign again, signature key": None,
        "all: unknown card, counter, PIN, signature": None,
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_ours_are_pinned_and_within_their_limits(kind: str) -> None:
    counts = cardio_counts(kind)
    assert counts == PINNED[kind]
    for task, limit in LIMITS.items():
        assert (counts[task] or 0) <= limit, task


@pytest.mark.parametrize("kind", KINDS)
def test_the_trace_tells_what_the_card_counts(kind: str) -> None:
    recorder = Recorder()
    with opened(kind, recorder) as (lap, card):
        assert isinstance(lap, Lap)
        assert isinstance(card, CpsCard)
        card.tries_left()
        assert lap() == len(recorder.trace.exchanges)


@pytest.mark.pcscd
@pytest.mark.opensc
@needs_sdo
def test_opensc_needs_more_for_the_same() -> None:
    opensc = opensc_counts()
    if opensc is None:
        pytest.skip("OpenSC's PKCS#11 module, or pcscd, is not installed")
    for task, needed in opensc.items():
        assert needed is not None
        assert (PINNED["cps3"][task] or 0) < needed, task


def test_the_page_tells_these_numbers() -> None:
    """But for OpenSC's, which another version of it may change."""
    page = DOCUMENT.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    expected = table(PINNED, None).splitlines()
    assert [_without_opensc(row) for row in rows[: len(expected)]] == [
        _without_opensc(row) for row in expected
    ]
    assert len(VENDOR) + 2 == len(expected)


def _without_opensc(row: str) -> list[str]:
    cells = row.split("|")
    return cells[:-3] + cells[-2:]
