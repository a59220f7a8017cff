"""Every flow × every APDU × every fault, and the page that shows it: see matrix.py.

One APDU in `STEP` of each line; all of them with CARDIO_NIGHTLY set.
"""

import threading

import pytest
from tests.faults.flows import ROWS
from tests.faults.matrix import run, sound
from tests.faults.matrix_faults import FAULTS
from tests.faults.matrix_page import LETTERS, PAGE, page, published
from tests.faults.matrix_run import STEP, apdus

PUBLISHED = published()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ROWS)
def test_every_fault_at_every_apdu(name: str) -> None:
    row, before = ROWS[name], set(threading.enumerate())
    count = sound(row).apdus
    for fault in FAULTS:
        expected = PUBLISHED[name][fault]
        assert len(expected) == (count if FAULTS[fault].per_apdu else 1), fault
        for at in apdus(row, fault, count):
            found = LETTERS[run(row, fault, at).word]
            assert found == expected[at], (
                f"{fault} at APDU {at}: {found}, where {PAGE.name} has {expected[at]}; if that is "
                "right, run scripts/fault_matrix.py --write"
            )
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=10)
        assert not thread.is_alive(), f"a thread is left: {thread}"


def test_the_page_has_every_flow_and_every_fault() -> None:
    assert list(PUBLISHED) == list(ROWS)
    assert all(list(lines) == list(FAULTS) for lines in PUBLISHED.values())


def test_the_page_is_what_the_script_makes_of_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(PUBLISHED, STEP)


def test_every_outcome_has_a_letter_of_its_own() -> None:
    assert len(set(LETTERS.values())) == len(LETTERS)
