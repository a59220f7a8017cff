"""BER-TLV as cards write it: known objects, and every way to be broken."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardio.errors import TlvError
from cardio.iso7816 import Tlv, tlv

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors/tlv/objects.json").read_text()
)["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_known_objects(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["bytes"])
    node = tlv.parse(raw)
    assert node.encode() == raw
    for path, value in vector["values"].items():
        tags = [int(tag, 16) for tag in path.split("/")]
        assert node.get(*tags) == bytes.fromhex(value), path


@pytest.mark.parametrize(
    ("raw", "offset"),
    [
        ("", 0),
        ("0000", 0),  # 00 is not a tag
        ("80", 1),  # no length
        ("8080", 1),  # indefinite length
        ("8085000000000100", 1),  # five length bytes
        ("808200", 1),  # length cut short
        ("800201", 2),  # value cut short
        ("7F", 0),  # tag cut short
        ("7F81", 0),
        ("BF81808001", 0),  # four tag bytes
        ("BF800100", 0),  # tag number padded
        ("5F1E00", 0),  # tag number that fits one byte
        ("800100FF", 3),  # something after it
        ("A003800201", 4),  # child cut short by its parent
    ],
)
def test_broken_objects_are_refused_where_they_break(raw: str, offset: int) -> None:
    with pytest.raises(TlvError) as caught:
        tlv.parse(bytes.fromhex(raw))
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("length", "raw"),
    [(0, "00"), (127, "7F"), (128, "8180"), (255, "81FF"), (256, "820100"), (65536, "83010000")],
)
def test_lengths_take_their_shortest_form(length: int, raw: str) -> None:
    assert tlv.encode_length(length) == bytes.fromhex(raw)


def test_longer_forms_of_length_are_read() -> None:
    assert tlv.parse(bytes.fromhex("8084000000012A")) == Tlv(0x80, b"\x2a")


@pytest.mark.parametrize("tag", [0, 0x1F, 0x5F, 0x5F1E, 0x8081, 0xBF8000, 0x7F818101])
def test_numbers_that_are_no_tags(tag: int) -> None:
    with pytest.raises(TlvError):
        tlv.encode_tag(tag)


def test_padding_between_objects_is_skipped_only_where_allowed() -> None:
    raw = bytes.fromhex("FF 00 800101 0000 810102 FFFF")
    assert tlv.parse_all(raw, padding=True) == (Tlv(0x80, b"\x01"), Tlv(0x81, b"\x02"))
    with pytest.raises(TlvError):
        tlv.parse_all(raw)


def test_prefix_tells_where_the_object_ends() -> None:
    assert tlv.parse_prefix(bytes.fromhex("E303810100FFFFFF"))[1] == 5


@pytest.mark.parametrize(("depth", "fits"), [(tlv.MAX_DEPTH, True), (tlv.MAX_DEPTH + 1, False)])
def test_nesting_has_a_limit(depth: int, fits: bool) -> None:
    raw = b""
    for _ in range(depth + 1):
        raw = b"\xe0" + tlv.encode_length(len(raw)) + raw
    if fits:
        assert tlv.parse(raw).encode() == raw
    else:
        with pytest.raises(TlvError):
            tlv.parse(raw)


def test_size_has_a_limit() -> None:
    with pytest.raises(TlvError) as caught:
        tlv.parse_all(bytes(tlv.MAX_SIZE + 1), padding=True)
    assert caught.value.offset == tlv.MAX_SIZE


def test_search_by_path_of_tags() -> None:
    node = Tlv.of(0x70, Tlv.of(0xA0, Tlv.of(0x9A, b"\x03")), Tlv.of(0xA0, Tlv.of(0x9B, b"\x02")))
    assert node.get(0xA0, 0x9A) == b"\x03"
    assert node.get(0xA0, 0x9B) is None, "only the first of equal tags is searched"
    assert node.find(0xA1, 0x9A) is None
    assert node.find() is node


def test_representation_holds_no_value() -> None:
    assert "4D4152" not in repr(Tlv(0x84, b"MARIE"))
    assert "MARIE" not in repr(Tlv.of(0xE4, Tlv(0x84, b"MARIE")))
