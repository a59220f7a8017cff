"""`cardio sign` with every fault at every APDU: a whole signature or none, and no try spent."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.faults.matrix_faults import A_FEW
from tests.support.around import AroundCard
from tests.support.desk import Desk

from cardio.authentication.cms_verification import verify_cms
from cardio.errors import CardReset
from cardio.pin.memory import WRONG_CODES
from cardio_emulator.card_os import Card
from cardio_emulator.faults import FaultyCard
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

READER = "Reader A 00 00"
CONTENT = b"Compte rendu"


@dataclass
class ResetAt(AroundCard):
    """The card loses its session before APDU `at`: unsaid, as by a glitch, or `told`."""

    at: int
    told: bool
    count: int = 0

    def transmit(self, command: bytes) -> bytes:
        index, self.count = self.count, self.count + 1
        if index == self.at:
            self.card.reset()
            if self.told:
                raise CardReset("another program reset the card")
        return self.card.transmit(command)


Broken = Callable[[Card, int], VirtualCard]


def faulty(name: str) -> Broken:
    return lambda card, at: FaultyCard(card, A_FEW[name](at))


BROKEN: dict[str, Broken] = {
    **{name: faulty(name) for name in A_FEW},
    "reset, unsaid": lambda card, at: ResetAt(card, at, told=False),
    "reset": lambda card, at: ResetAt(card, at, told=True),
}


@pytest.fixture(scope="module")
def cards() -> dict[str, Card]:
    return {kind: make(kind) for kind in ("cps3", "cps4")}


def sign(desk: Desk, card: VirtualCard, file: Path) -> int:
    WRONG_CODES._wrong.clear()
    desk.bench.reader(READER).insert(card)
    done = desk.run("sign", str(file), "--pin-env", "CODE", env={"CODE": "1234"})
    if desk.bench.reader(READER).card is not None:
        desk.bench.reader(READER).remove()
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
@pytest.mark.parametrize("name", BROKEN)
def test_every_fault_at_every_apdu(
    desk: Desk, tmp_path: Path, cards: dict[str, Card], kind: str, name: str
) -> None:
    file, target = tmp_path / "report", tmp_path / "report.p7s"
    file.write_bytes(CONTENT)
    desk.put(READER)
    card = cards[kind]
    sound = FaultyCard(card)
    assert sign(desk, sound, file) == 0
    for at in range(sound.count):
        target.unlink(missing_ok=True)
        card.reset()
        code = sign(desk, BROKEN[name](card, at), file)
        place = f"{name} at APDU {at}: exit {code}"
        assert {path.name for path in tmp_path.iterdir()} == {"report"} | (
            {"report.p7s"} if code == 0 else set[str]()
        ), place
        if code == 0:
            assert verify_cms(target.read_bytes(), CONTENT), place
        assert not (name.startswith(("removed", "cut")) and code == 0), place
        assert [pin.tries_left for pin in card.pins.values()] == [3, 10], place
