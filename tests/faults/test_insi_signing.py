"""An INSi assertion from a card of which not everything could be read; see the matrix, too."""

import pytest
from tests.support.assertions import BILLING_ID, SOFTWARE

from cardio.authentication import (
    Requester,
    Requirement,
    Signatory,
    insi_assertion,
)
from cardio.errors import AssertionRefused
from cardio.identity.environment import Environment
from cardio.pin.pin import Pin
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.kinds import make

READER = "Lecteur 00 00"


def test_the_only_situation_left_of_two_is_not_taken_unasked() -> None:
    """The second cannot be read: which of them the user works in is not known."""
    bench = Bench([READER])
    bench.reader(READER).insert(make("cps3"))
    with Workstation(EmulatedResourceManager(bench)) as workstation, Pin.of("1234") as pin:
        cps = workstation.cps()
        cps.verify_pin(pin)
        both = Requester.of_card(cps)
        assert both.situation is None
        assert Requester(both.holder, both.situations[:1]).situation is both.situations[0]
        unsure = Requester(both.holder, both.situations[:1], knows_all=False)
        assert unsure.situation is None
        with pytest.raises(AssertionRefused) as refused:
            insi_assertion(
                unsure,
                Signatory.signature_of(cps),
                SOFTWARE,
                environment=Environment.TEST,
                billing_id=BILLING_ID,
            )
        assert refused.value.reasons == (Requirement.SITUATION_NOT_CHOSEN,)
