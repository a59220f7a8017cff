"""One line for any exchange, in English and French."""

import csv
import string
from pathlib import Path

import pytest

from cardio.iso7816 import status
from cardio.trace import Exchange, MaskedBytes, Recorder, jsonl
from cardio.trace.explain import explain
from cardio.trace.explain.phrases import PHRASES, STATUS_FR, Speaker

VECTORS = Path(__file__).parents[2] / "vectors/apdu"
EXPLAINED = tuple(
    csv.DictReader(
        (VECTORS / "explained.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"
    )
)


def exchange(command: str, answer: str, *, with_answers: bool = True) -> Exchange:
    recorder = Recorder(with_answers=with_answers)
    recorder.connection("", b"", 0).record(bytes.fromhex(command), bytes.fromhex(answer), 0)
    return recorder.trace.exchanges[0]


@pytest.mark.parametrize("row", EXPLAINED, ids=lambda row: f"{row['command']}-{row['answer']}")
def test_each_explained_vector(row: dict[str, str]) -> None:
    found = exchange(row["command"], row["answer"])
    assert explain(found) == row["english"]
    assert explain(found, "fr") == row["french"]


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ("620B8002003982010183022F01", "FCP of an EF, 2F01, size 57 bytes"),
        ("621A82013883023F0084088025000001FF0100A1048C0202FF8A0105", "FCP of a DF, 3F00"),
        ("7016BF810112A0109A01039B0102A1088C06F3000013FF00", "2 tries left of 3"),
    ],
)
def test_what_an_answer_is(answer: str, what: str) -> None:
    size = len(answer) // 2
    line = explain(exchange(f"00C00000{size:02X}", answer + "9000"))
    assert line == f"GET RESPONSE {size} bytes → {size} bytes, {what}"


def test_file_content_is_never_told() -> None:
    line = explain(exchange("00B0000008", "8405" + b"MARIE".hex() + "9000"))
    assert line == "READ BINARY 8 bytes from offset 0 → 7 bytes"


def test_answers_left_out_still_have_their_size() -> None:
    left_out = exchange("00B0000008", "0102039000", with_answers=False)
    assert explain(left_out) == "READ BINARY 8 bytes from offset 0 → 3 bytes"


def test_a_select_masked_as_part_of_a_chain() -> None:
    masked = Exchange(0, MaskedBytes.parse("00A4000002****"), MaskedBytes(b"\x90\x00"))
    assert explain(masked) == "instruction A4 of class 00, 2 bytes masked → OK"


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_everything_in_the_vectors_is_known(path: Path) -> None:
    for found in jsonl.decode(path.read_bytes()).exchanges:
        assert "instruction" not in explain(found)
        assert "instruction" not in explain(found, "fr")


@pytest.mark.parametrize(
    ("size", "english", "french"),
    [(0, "0 bytes", "0 octet"), (1, "1 byte", "1 octet"), (2, "2 bytes", "2 octets")],
)
def test_sizes_agree_with_their_number(size: int, english: str, french: str) -> None:
    assert (Speaker("en").size(size), Speaker("fr").size(size)) == (english, french)


def test_one_try_is_singular() -> None:
    assert explain(exchange("0020000104" + "31" * 4, "63C1")).endswith("1 try left (63C1)")


def test_both_languages_say_the_same_things() -> None:
    assert PHRASES["en"].keys() == PHRASES["fr"].keys()
    for key, english in PHRASES["en"].items():
        french = PHRASES["fr"][key]
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(t) if name}
            for t in (english, french)
        ]
        assert fields[0] == fields[1], key


def test_every_status_word_has_its_french() -> None:
    assert STATUS_FR.keys() == status._TEXTS.keys()
