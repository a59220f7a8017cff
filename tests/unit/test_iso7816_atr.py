"""Every published ATR of the fact sheets, and ATRs broken in each way."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardio.errors import AtrError, TlvError
from cardio.iso7816 import Atr, StatusWord
from cardio.iso7816.atr import Convention
from cardio.iso7816.historical import Capability, CompactTag, HistoricalBytes, parse_compact_tlv

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors/atr/atr.json").read_text()
)["vectors"]

CPS3 = bytes.fromhex("3BAC00402A001225006480000310009000")
CPS3_CONTACTLESS = bytes.fromhex("3B8F80010031B86404B0ECC1739401808290000E")
CPS4 = bytes.fromhex("3B9B188001001225006480040100009044")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["atr"])
def test_published_atr(vector: dict[str, Any]) -> None:
    atr = Atr.parse(bytes.fromhex(vector["atr"]))
    assert atr.convention is Convention[vector["convention"].upper()]
    assert atr.protocols == tuple(vector["protocols"])
    assert atr.historical_bytes == bytes.fromhex(vector["historical"])
    assert atr.tck == (int(vector["tck"], 16) if vector["tck"] else None)
    assert str(atr).replace(" ", "") == vector["atr"]


def test_interface_bytes_of_a_cps3() -> None:
    atr = Atr.parse(CPS3)
    found = [(byte.name, byte.index, byte.value) for byte in atr.interface_bytes]
    assert found == [("TB", 1, 0x00), ("TD", 1, 0x40), ("TC", 2, 0x2A)]
    assert (atr.fi, atr.di) == (372, 1)


@pytest.mark.parametrize(
    ("raw", "fi", "di"),
    [
        (bytes.fromhex("3B7513000043 09EA9000"), 372, 4),
        (CPS4, 372, 12),
        (b"\x3b\x10\xff", None, None),
    ],
)
def test_speed(raw: bytes, fi: int | None, di: int | None) -> None:
    atr = Atr.parse(raw)
    assert (atr.fi, atr.di) == (fi, di)


@pytest.mark.parametrize(
    ("raw", "offset"),
    [
        ("", 0),
        ("3B", 0),
        ("3C00", 0),
        ("00" * 34, 0),
        ("3BF0", 2),  # interface bytes announced, none there
        ("3B80", 2),  # TD1 missing
        ("3B051234", 4),  # historical bytes cut short
        ("3B0112FF", 3),  # T=0 only: no TCK
        ("3B800112", 3),  # T=1: TCK wrong
        ("3B8001", 3),  # T=1: TCK missing
        ("3B80018100", 3),  # TCK followed by another byte
    ],
)
def test_broken_atr_is_refused_where_it_breaks(raw: str, offset: int) -> None:
    with pytest.raises(AtrError) as caught:
        Atr.parse(bytes.fromhex(raw))
    assert caught.value.offset == offset


@pytest.mark.parametrize("position", range(1, len(CPS3_CONTACTLESS)))
def test_one_flipped_bit_anywhere_is_noticed(position: int) -> None:
    damaged = bytearray(CPS3_CONTACTLESS)
    damaged[position] ^= 0x01
    with pytest.raises(AtrError):
        Atr.parse(bytes(damaged))


def test_historical_bytes_of_a_contactless_cps3() -> None:
    historical = Atr.parse(CPS3_CONTACTLESS).historical
    assert historical.get(CompactTag.PRE_ISSUING) == bytes.fromhex("04B0ECC1")
    assert historical.get(CompactTag.COUNTRY) is None
    assert historical.status_word == StatusWord(0x9000)
    assert historical.capabilities is Capability.COMMAND_CHAINING


def test_historical_bytes_of_a_contact_cps3() -> None:
    historical = Atr.parse(CPS3).historical
    assert historical.get(CompactTag.COUNTRY) == bytes.fromhex("2500")
    assert historical.get(CompactTag.PRE_ISSUING) == bytes.fromhex("80000310")
    assert historical.status == bytes.fromhex("009000")
    assert historical.capabilities is Capability(0)


def test_historical_bytes_of_a_cps4_break_the_rule() -> None:
    """Its status is two bytes where category 00 has three (facts: cps.md §1)."""
    with pytest.raises(TlvError):
        _ = Atr.parse(CPS4).historical


@pytest.mark.parametrize(
    ("raw", "expected", "status"),
    [
        ("", HistoricalBytes(None), None),
        ("4D4457", HistoricalBytes(0x4D), None),
        ("80", HistoricalBytes(0x80), None),
        ("80829000", HistoricalBytes(0x80, ((8, b"\x90\x00"),)), 0x9000),
        ("8083059000", HistoricalBytes(0x80, ((8, b"\x05\x90\x00"),)), 0x9000),
        ("808105", HistoricalBytes(0x80, ((8, b"\x05"),)), None),
        ("00009000", HistoricalBytes(0x00, (), b"\x00\x90\x00"), 0x9000),
    ],
)
def test_categories(raw: str, expected: HistoricalBytes, status: int | None) -> None:
    historical = HistoricalBytes.decode(bytes.fromhex(raw))
    assert historical == expected
    assert historical.status_word == (None if status is None else StatusWord(status))


@pytest.mark.parametrize(("raw", "offset"), [("31B864", 2), ("7394", 0), ("F0F1", 1)])
def test_compact_tlv_running_over_the_end(raw: str, offset: int) -> None:
    with pytest.raises(TlvError) as caught:
        parse_compact_tlv(bytes.fromhex(raw))
    assert caught.value.offset == offset


def test_category_00_without_room_for_its_status() -> None:
    with pytest.raises(TlvError):
        HistoricalBytes.decode(b"\x00\x90\x00")
