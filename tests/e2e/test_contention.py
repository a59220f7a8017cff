"""Waiting for another program that holds a card of a real pcscd."""

import pytest
from tests.conftest import StartPcscd
from tests.e2e.test_pcsc import another_program, end, inserted

from cardio.errors import HeldExclusively, HeldInTransaction, SharingViolation
from cardio.transport.contention import Waiting, wait_for_card
from cardio.transport.pcsc import PcscResourceManager

pytestmark = pytest.mark.pcscd


@pytest.mark.parametrize(
    ("how", "error"), [("exclusive", HeldExclusively), ("transaction", HeldInTransaction)]
)
def test_the_wait_says_how_another_program_holds_the_card(
    start_pcscd: StartPcscd, how: str, error: type[SharingViolation]
) -> None:
    service, manager = start_pcscd(("CPS",)), PcscResourceManager(limit=0.2)
    told: list[Waiting] = []
    with inserted(service, manager) as (name, _), another_program(name, how) as other:

        def ask() -> bytes:
            connection = manager.connect(name)
            try:
                return connection.transmit(b"\x80\xf0\x00\x02\x00")
            finally:
                connection.close()

        with pytest.raises(error):
            wait_for_card(manager, name, ask, limit=0.5, progress=told.append)
        end(other)
        assert wait_for_card(manager, name, ask) == b"\x90\x00"
    assert {waiting.contention.value for waiting in told} == {how}
    manager.close()
