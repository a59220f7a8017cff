"""Cards with damaged contents: a degraded result that says so, never a crash, never a try."""

import pytest
from tests.support.cps3 import Replaced, locations

from cardio.errors import FileNotFound, UnsupportedByReader
from cardio.locale import translator
from cardio.pin.outcomes import Verified
from cardio.probe import Status, probe, to_html, to_json
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.faults import FaultyCard, GarbageAtr
from cardio_emulator.kinds import make
from cardio_emulator.pad import EmulatedPad
from cardio_emulator.virtual_card import VirtualCard

READER = "Lecteur 00 00"
EF_DIR, EF_SERIAL = "3F00/2F00", "3F00/D003"
GARBAGE = bytes(range(200))


@pytest.fixture(scope="module")
def card() -> Card:
    return make("cps3")


@pytest.fixture(scope="module")
def where(card: Card) -> dict[str, str]:
    return locations(card)


def workstation(card: VirtualCard) -> Workstation:
    bench = Bench()
    bench.add_reader(READER, card)
    return Workstation(EmulatedResourceManager(bench))


def diagnose(card: VirtualCard) -> dict[str, Status]:
    """What each check of the probe found; both views of the report are made too."""
    report = probe("bench", opener=lambda _: workstation(card))
    for language in ("fr", "en"):
        assert to_json(report, translator(language))
        assert "<html" in to_html(report, translator(language))
    return {result.check: result.status for result in report.checks}


def test_an_empty_directory_of_applications_changes_nothing(card: Card) -> None:
    with workstation(Replaced(card, {EF_DIR: b""})) as desk:
        assert desk.cps().holder.ps_idnat is not None
    assert Status.FAIL not in diagnose(Replaced(card, {EF_DIR: b""})).values()


@pytest.mark.parametrize("content", [b"", GARBAGE, b"\x30\x82\xff\xff", None])
def test_certificates_that_do_not_parse(
    card: Card, where: dict[str, str], content: bytes | None
) -> None:
    damaged = Replaced(card, {where[name]: content for name in ("certificate0", "certificate1")})
    with workstation(damaged) as desk:
        cps = desk.cps()
        assert cps.certificates == ()
        assert cps.holder.ps_idnat == cps.recorded_holder.ps_idnat is not None
        assert len(cps.problems) >= 2
    found = diagnose(damaged)
    assert found["cps.readable"] is not Status.PASS
    assert found["cps.certificates"] is not Status.PASS
    assert found["cps.pin"] is Status.PASS


@pytest.mark.parametrize("file", ["odf", "cdf", "dodf", "token_info"])
@pytest.mark.parametrize("content", [b"", GARBAGE, None])
def test_damaged_directories(
    card: Card, where: dict[str, str], file: str, content: bytes | None
) -> None:
    damaged = Replaced(card, {where[file]: content})
    with workstation(damaged) as desk:
        cps = desk.cps()
        assert (cps.full_holder.ps_idnat is None) == (file == "odf"), "the other place tells it"
        assert (cps.token_info is None) == (file == "token_info")
        assert (cps.free_data_objects == {}) == (file in ("odf", "dodf"))
        assert cps.problems
        assert cps.tries_left() == 3
    assert diagnose(damaged)["cps.pin"] is Status.PASS


@pytest.mark.parametrize("content", [b"", GARBAGE, None])
def test_a_pin_of_unknown_length_is_not_changed_on_a_pad(
    card: Card, where: dict[str, str], content: bytes | None
) -> None:
    """The card is blamed, not the pad; nobody was asked, so nothing is held against the next."""
    with workstation(Replaced(card, {where["aodf"]: content})) as desk:
        cps = desk.cps()
        typing = EmulatedPad(["1234"])
        assert isinstance(desk.manager, EmulatedResourceManager)
        desk.manager.bench.reader(READER).pad = typing
        pad = cps.pin_pad()
        assert pad
        assert "EF.AODF" in {problem.part for problem in cps.problems}
        with pytest.raises(UnsupportedByReader, match="the card does not say") as told:
            cps.change_pin_on_pad(pad.change)
        assert told.value.where.reader == READER
        assert typing.asked == 0
        assert cps.verify_pin_on_pad(pad.verify) == Verified()


@pytest.mark.parametrize("file", ["odf", "dodf"])
def test_what_cannot_be_found_is_not_written(card: Card, where: dict[str, str], file: str) -> None:
    with workstation(Replaced(card, {where[file]: None})) as desk, pytest.raises(FileNotFound):
        desk.cps().write_cps_data(b"x")


def test_a_serial_number_of_another_issuer_is_no_cps(card: Card) -> None:
    other = bytes.fromhex("5A0A8025000002123456789F")
    found = diagnose(Replaced(card, {EF_SERIAL: other}))
    assert found["card.kind"] is not Status.PASS
    assert found["cps.present"] is not Status.PASS


def test_an_answer_to_reset_that_makes_no_sense(card: Card) -> None:
    found = diagnose(FaultyCard(card, GarbageAtr()))
    assert Status.FAIL in found.values()
    assert card.pins[1].tries_left == 3
