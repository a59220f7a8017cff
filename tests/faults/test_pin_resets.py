"""Another program resets the card between the PIN and what it is for: told, or given again."""

import pytest
from tests.faults.flows import WITH_PIN, read_after_resets
from tests.faults.matrix import Desk, Flow, Row
from tests.faults.matrix_cards import fresh

from cardio.errors import PinStateLost
from cardio.pin.outcomes import Verified


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("kind", WITH_PIN)
def test_a_pin_lost_or_kept(kind: str, keep: bool) -> None:
    """A kept PIN is presented under all rules: never to a card that does not tell its counter."""
    card = fresh(kind)
    assert card
    desk = Desk(Row("resets", kind, Flow(read_after_resets)), card)
    with desk.workstation:
        if keep and card.tells_tries:
            assert read_after_resets(desk, keep=True).facts[0] == Verified()
        else:
            with pytest.raises(PinStateLost):
                read_after_resets(desk, keep=keep)
    assert card.presented == (3 if keep and card.tells_tries else 1)
    card.check_counters()
