"""`cardio.cards.identify`: what each card is taken for, and what that costs."""

import csv
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cardio.cards.identify import CardKind, Interface, candidates, identify
from cardio.cards.layout import Confidence
from cardio.errors import CardRemoved
from cardio.transport.base import Disposition, TransmissionProtocol
from cardio.transport.channel import Channel

VECTORS = Path(__file__).parents[2] / "vectors" / "vitale" / "atrs.tsv"
ROWS = list(csv.DictReader(VECTORS.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
LISTED = [row for row in ROWS if row["kind"] != "-"]
UNLISTED = [bytes.fromhex(row["atr"]) for row in ROWS if row["kind"] == "-"]

CPS3 = bytes.fromhex("3BAC00402A001225006480000310009000")
VITALE2 = bytes.fromhex("3B751300004409EA9000")
CPS3_CL = bytes.fromhex("3B8F80010031B86404B0ECC1739401808290000E")
CPX_CL = bytes.fromhex("3B8F80010031B86404B0ECC173940180FFFFFFE3")
CPS4S = tuple(
    bytes.fromhex(atr)
    for atr in (
        "3B9B188001001225006480040100009044",
        "3B9B188001001225006480000401009044",
        "3BDC18FF00001225006480000401009000",
    )
)
CPS2TER = bytes.fromhex("3BAC00402A001225006480820212009000")
UNKNOWN = bytes.fromhex("3B029000")

SELECT_CHIPDOC = bytes.fromhex("01A4040C088025000001FF0100")
SELECT_SERIAL_4 = bytes.fromhex("01A4080002D00300")
READ_SERIAL_4 = bytes.fromhex("01B000000C")
SELECT_A0 = bytes.fromhex("A0A40000023F00")
SELECT_SERIAL = bytes.fromhex("00A4090C043F00D003")
READ_SERIAL = bytes.fromhex("00B000000C")
SELECT_VITALE = bytes.fromhex("00A404000BD250000002564954414C45")
SERIAL = bytes.fromhex("5A0A8025000001123456782F")
OK, NOT_FOUND = b"\x90\x00", b"\x6a\x82"

Answers = dict[bytes, bytes]
CPS_ANSWERS = {SELECT_SERIAL: OK, READ_SERIAL: SERIAL + OK}
CPS4_ANSWERS = {
    SELECT_CHIPDOC: OK,
    SELECT_SERIAL_4: bytes.fromhex("6F0B 8002000C 820101 8302D003 9000"),
    READ_SERIAL_4: SERIAL + OK,
}
VITALE_ANSWERS = {SELECT_VITALE: OK}


@dataclass
class Answering:
    """A card of fixed answers; 6A82 to anything else."""

    atr: bytes
    answer: Callable[[bytes], bytes]
    reader: str = "Soft reader 00 00"
    protocol: TransmissionProtocol = TransmissionProtocol.T0
    sent: list[bytes] = field(default_factory=list[bytes])

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return self.answer(command)

    def transaction(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        pass


def card(atr: bytes, answers: Answers) -> Answering:
    return Answering(atr, lambda command: answers.get(command, NOT_FOUND))


@pytest.mark.parametrize("row", LISTED, ids=lambda row: row["atr"])
def test_listed_atrs(row: dict[str, str]) -> None:
    (found,) = candidates(bytes.fromhex(row["atr"]))
    assert found.kind.value == row["kind"]
    assert found.generation == row["generation"].strip("-")
    assert found.interface.value == row["interface"]
    assert found.is_exact


@pytest.mark.parametrize("atr", UNLISTED, ids=bytes.hex)
def test_look_alikes_are_not_mistaken(atr: bytes) -> None:
    assert candidates(atr) == ()
    match = identify(Channel(card(atr, {})))
    assert match.kind is CardKind.UNKNOWN
    assert match.why_code == "unknown-atr"


@pytest.mark.parametrize("atr", [b"", b"\x00", b"\x3b", bytes(33), b"\xff" * 40], ids=bytes.hex)
def test_garbage_atr_is_unknown(atr: bytes) -> None:
    soft = card(atr, {})
    match = identify(Channel(soft))
    assert (match.kind, match.why_code) == (CardKind.UNKNOWN, "bad-atr")
    assert len(soft.sent) <= 3


def test_masks_of_the_cps_family() -> None:
    (same,) = candidates(bytes.fromhex("3BAC00402B001225006480000310009000"))
    assert (same.kind, same.confidence) == (CardKind.CPS3, Confidence.INFERRED)
    (other,) = candidates(bytes.fromhex("3BAC00402A001225006480111111009000"))
    assert (other.kind, other.generation) == (CardKind.CPS3, "")
    (newer,) = candidates(bytes.fromhex("3B9B198001001225006480040100009045"))
    assert newer.kind is CardKind.CPS4


def test_vitale_numbers_not_listed_are_inferred() -> None:
    (found,) = candidates(bytes.fromhex("3B751300004A09EA9000"))
    assert (found.kind, found.confidence) == (CardKind.VITALE2, Confidence.INFERRED)


def test_cps3_takes_two_commands() -> None:
    soft = card(CPS3, CPS_ANSWERS)
    match = identify(Channel(soft))
    assert soft.sent == [SELECT_SERIAL, READ_SERIAL]
    assert (match.kind, match.generation, match.serial) == (CardKind.CPS3, "3", SERIAL)
    assert (match.interface, match.confidence) == (Interface.CONTACT, Confidence.PUBLISHED)
    assert match.why_code == "cps-issuer"


def test_vitale2_takes_one_command() -> None:
    soft = card(VITALE2, VITALE_ANSWERS)
    match = identify(Channel(soft))
    assert soft.sent == [SELECT_VITALE]
    assert (match.kind, match.confidence) == (CardKind.VITALE2, Confidence.PUBLISHED)
    assert match.serial is None


@pytest.mark.parametrize(
    "row", [row for row in LISTED if row["kind"] == "vitale1"], ids=lambda row: row["atr"]
)
def test_kinds_not_read_are_told_by_their_atr_alone(row: dict[str, str]) -> None:
    soft = card(bytes.fromhex(row["atr"]), {})
    match = identify(Channel(soft))
    assert (match.kind.value, match.why_code) == (row["kind"], "atr-only")
    assert match.confidence is Confidence.INFERRED
    assert soft.sent == []


def test_contactless_cps3_takes_two_commands() -> None:
    for atr, confidence in ((CPS3_CL, Confidence.PUBLISHED), (CPX_CL, Confidence.OBSERVED)):
        soft = card(atr, CPS_ANSWERS)
        match = identify(Channel(soft))
        assert soft.sent == [SELECT_SERIAL, READ_SERIAL]
        assert (match.kind, match.interface) == (CardKind.CPS3_CONTACTLESS, Interface.CONTACTLESS)
        assert (match.confidence, match.serial) == (confidence, SERIAL)


@pytest.mark.parametrize("atr", CPS4S, ids=bytes.hex)
def test_cps4_takes_three_commands_on_channel_1(atr: bytes) -> None:
    soft = card(atr, CPS4_ANSWERS)
    match = identify(Channel(soft))
    assert soft.sent == [SELECT_CHIPDOC, SELECT_SERIAL_4, READ_SERIAL_4]
    assert (match.kind, match.generation, match.serial) == (CardKind.CPS4, "4", SERIAL)
    assert (match.confidence, match.why_code) == (Confidence.PUBLISHED, "cps-issuer")


@pytest.mark.parametrize("answer", ["9F07", "9F16"])
def test_cps2ter_takes_one_command_and_stays_inferred(answer: str) -> None:
    soft = card(CPS2TER, {SELECT_A0: bytes.fromhex(answer)})
    match = identify(Channel(soft))
    assert soft.sent == [SELECT_A0]
    assert (match.kind, match.generation) == (CardKind.CPS2TER, "2ter")
    assert (match.confidence, match.why_code) == (Confidence.INFERRED, "cps2ter-files")
    assert match.serial is None


@pytest.mark.parametrize("atr", [CPS3, CPS3_CL, *CPS4S, CPS2TER, VITALE2], ids=bytes.hex)
def test_a_listed_card_that_refuses_its_proof(atr: bytes) -> None:
    match = identify(Channel(card(atr, {})))
    assert match.kind is candidates(atr)[0].kind
    assert (match.why_code, match.confidence) == ("proof-refused", Confidence.INFERRED)


def test_a_mask_without_proof_is_unknown() -> None:
    match = identify(Channel(card(bytes.fromhex("3BAC00402A001225006480111111009000"), {})))
    assert (match.kind, match.why_code) == (CardKind.UNKNOWN, "proof-refused")


@pytest.mark.parametrize(
    "serial", [b"", SERIAL[:-1], bytes.fromhex("5A0A8025000002123456782F")], ids=bytes.hex
)
@pytest.mark.parametrize("atr", [CPS3, UNKNOWN], ids=["cps3", "unlisted"])
def test_another_issuer_is_no_cps(atr: bytes, serial: bytes) -> None:
    soft = card(atr, {SELECT_SERIAL: OK, READ_SERIAL: serial + OK, **VITALE_ANSWERS})
    match = identify(Channel(soft))
    assert (match.kind, match.why_code) == (CardKind.UNKNOWN, "other-issuer")


def test_unlisted_atr_of_a_cps() -> None:
    match = identify(Channel(card(UNKNOWN, CPS_ANSWERS)))
    assert (match.kind, match.generation) == (CardKind.CPS3, "")
    assert match.confidence is Confidence.OBSERVED


def test_unlisted_contactless_atr_of_a_cps() -> None:
    atr = bytes.fromhex("3B8180018080")
    match = identify(Channel(card(atr, CPS_ANSWERS)))
    assert (match.kind, match.interface) == (CardKind.CPS3_CONTACTLESS, Interface.CONTACTLESS)


def test_unlisted_atr_of_a_vitale_takes_two_commands() -> None:
    soft = card(UNKNOWN, VITALE_ANSWERS)
    match = identify(Channel(soft))
    assert (match.kind, match.confidence) == (CardKind.VITALE2, Confidence.OBSERVED)
    assert soft.sent == [SELECT_SERIAL, SELECT_VITALE]


def test_at_most_three_commands() -> None:
    soft = card(UNKNOWN, {SELECT_SERIAL: OK})
    assert identify(Channel(soft)).kind is CardKind.UNKNOWN
    assert soft.sent == [SELECT_SERIAL, READ_SERIAL, SELECT_VITALE]


def test_a_card_that_agrees_to_everything_is_unknown() -> None:
    match = identify(Channel(Answering(UNKNOWN, lambda _: OK)))
    assert match.kind is CardKind.UNKNOWN


def test_an_answer_without_status_word_is_a_refusal() -> None:
    match = identify(Channel(Answering(UNKNOWN, lambda _: b"\x90")))
    assert match.kind is CardKind.UNKNOWN


def test_a_card_that_leaves_is_an_error() -> None:
    def leave(_: bytes) -> bytes:
        raise CardRemoved("gone")

    with pytest.raises(CardRemoved):
        identify(Channel(Answering(VITALE2, leave)))


def test_every_reason_has_a_sentence_and_the_serial_stays_out_of_repr() -> None:
    match = identify(Channel(card(CPS3, CPS_ANSWERS)))
    assert match.why.endswith(".")
    assert "12345678" not in repr(match).replace(r"\x", "")
