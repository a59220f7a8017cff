"""The emulated Vitale 1: what is known of its answers, and its labelled sample memory."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.errors import ConfigurationError
from cardio.iso7816.atr import Atr, Convention
from cardio_emulator.cards import vitale1
from cardio_emulator.kinds import make

# Written out from facts: vitale.md §1.
ATRS = (
    "3F6525002209699000",
    "3F6525002209F99000",
    "3F6525002C09699000",
    "3F6525002C09F99000",
    "3F65250052096A9000",
    "3F652500A3096A9000",
    "3F652500A4096A9000",
)
PAGE = Path(__file__).parents[2] / "docs/reference/emulated-vitale1.md"


@pytest.fixture
def card() -> vitale1.Vitale1:
    made = vitale1.make()
    made.reset()
    return made


def send(card: vitale1.Vitale1, command: str) -> str:
    return card.transmit(bytes.fromhex(command)).hex().upper()


def test_the_kind_is_known_by_its_name() -> None:
    card = make("vitale1")
    assert (card.atr.hex().upper(), card.serial) == (ATRS[0], "99000001")
    assert Atr.parse(card.atr).convention is Convention.INVERSE


@pytest.mark.parametrize("atr", ATRS)
def test_every_published_atr_can_be_chosen(tmp_path: Path, atr: str) -> None:
    path = tmp_path / "old.toml"
    path.write_text(f'serial = "99000002"\natr = "{atr}"\n', encoding="utf-8")
    assert vitale1.make(path).atr.hex().upper() == atr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('serial = "1"', "'serial' must be 8 digits"),
        ('serial = "99000001"\natr = "3F6525002B09699000"', "'atr' must be a published one"),
        ('serial = "99000001"\nname = "X"', "'name' is unknown"),
    ],
)
def test_wrong_personas_are_told(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "old.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        vitale1.make(path)


def test_what_was_seen_on_a_real_card(card: vitale1.Vitale1) -> None:
    """facts: vitale.md §3, one source."""
    assert send(card, "00A40000023F00") == "6E00"
    assert send(card, "BCA40000023F00") == "6D00"


@pytest.mark.parametrize(
    "command", ["00B0820000", "00C0000008", "00A404000BD250000002564954414C45"]
)
def test_class_00_is_refused_whatever_is_asked(card: vitale1.Vitale1, command: str) -> None:
    assert send(card, command) == "6E00"
    assert send(card, "A0" + command[2:]) == "6E00"


def test_the_sample_memory_says_that_it_is_one(card: vitale1.Vitale1) -> None:
    """The addresses are those of facts: vitale.md §3; the answers are ours."""
    assert send(card, "BCC0000008") == "21880000000000009000"
    assert send(card, "BCB0028808").startswith("3FFF")
    memory = b""
    for address in range(0x0288, 0x2188, 0x80):
        answer = card.transmit(bytes((0xBC, 0xB0, *address.to_bytes(2, "big"), 0x40)))
        assert answer[-2:] == b"\x90\x00"
        memory += answer[:-2]
    assert len(memory) == 0x1F00 // 2
    assert b"CARDIO STAND-IN" in memory


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("BCB0020010", "6982"),
        ("BCB0010010", "6B00"),
        ("BCB0218810", "6B00"),
        ("BCB0218010", "6B00"),
        ("BCB0028910", "6B00"),
        ("BCC0000007", "6700"),
        ("BCB00288", "6700"),
        ("BC", "6700"),
        ("BCD0028804FFFFFFFF", "6D00"),
        ("BC20000004FFFFFFFF", "6D00"),
    ],
)
def test_the_rest_is_refused(card: vitale1.Vitale1, command: str, status: str) -> None:
    assert send(card, command) == status


@given(st.binary(max_size=300))
def test_whatever_is_sent_gets_a_status_word(command: bytes) -> None:
    card = vitale1.make()
    assert len(card.transmit(command)) >= 2
    assert len(card.transmit(b"\xbc" + command)) >= 2


def test_the_documentation_lists_the_answers_to_reset() -> None:
    text = PAGE.read_text("utf-8")
    for atr in ATRS:
        assert atr in text
