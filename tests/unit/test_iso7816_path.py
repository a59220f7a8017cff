"""Paths of file identifiers."""

import pytest

from cardio.errors import MalformedData
from cardio.iso7816 import Path
from cardio.iso7816.path import EF_DIR, ROOT


@pytest.mark.parametrize("text", ["3F00/0001/5031", "3F0000015031", "3f00/0001/5031"])
def test_reading(text: str) -> None:
    path = Path.parse(text)
    assert path == Path.of(0x3F00, 0x0001, 0x5031)
    assert path.encode() == bytes.fromhex("3F0000015031")
    assert str(path) == "3F00/0001/5031"


@pytest.mark.parametrize("text", ["3F0", "3F00/00", "zz", "3F00/000g", "3F00 é"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(MalformedData):
        Path.parse(text)


def test_odd_number_of_bytes() -> None:
    with pytest.raises(MalformedData) as caught:
        Path.decode(b"\x3f\x00\x01")
    assert caught.value.offset == 3


def test_joining() -> None:
    assert ROOT / 0x2F00 == EF_DIR
    assert ROOT / Path.of(0x0001, 0x5031) == Path.of(0x3F00, 0x0001, 0x5031)
    assert Path.of(0x0001) / EF_DIR == EF_DIR, "an absolute path starts over"
    assert EF_DIR.is_absolute
    assert not Path.of(0x5031).is_absolute
    assert not Path.of().is_absolute
