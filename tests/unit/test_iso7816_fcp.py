"""File control parameters: those of the fact sheets, and the ways cards differ."""

import json
from pathlib import Path
from typing import Any

import pytest

from cardio.errors import FcpError, TlvError
from cardio.iso7816 import Fcp

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors/tlv/fcp.json").read_text()
)["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_known_fcp(vector: dict[str, Any]) -> None:
    fcp = Fcp.decode(bytes.fromhex(vector["bytes"]))
    assert fcp.size == vector["size"]
    assert fcp.is_df is vector["is_df"]
    assert fcp.fid == int(vector["fid"], 16)
    assert fcp.sfi == vector["sfi"]
    assert fcp.df_name == (bytes.fromhex(vector["df_name"]) if vector["df_name"] else None)
    assert fcp.life_cycle == vector["life_cycle"]
    assert b"".join(node.encode() for node in fcp.security).hex().upper() == vector["security"]


@pytest.mark.parametrize(
    "vector",
    [vector for vector in VECTORS if vector["sfi"] or vector["is_df"]],
    ids=lambda v: v["name"],
)
def test_known_fcp_is_written_as_the_card_wrote_it(vector: dict[str, Any]) -> None:
    raw = bytes.fromhex(vector["bytes"])
    assert Fcp.decode(raw).encode() == raw


def test_fcp_nested_in_an_fci() -> None:
    assert Fcp.decode(bytes.fromhex("6F0A6208800200108302D003")) == Fcp(size=16, fid=0xD003)


def test_template_cut_short() -> None:
    with pytest.raises(TlvError):
        Fcp.decode(bytes.fromhex("6F0680020010830200"))


def test_flat_fci_of_a_cps4() -> None:
    """Template 6F without 62 in it (facts: vendor_library.md §2)."""
    fcp = Fcp.decode(bytes.fromhex("6F0B8002000C8201018302D003"))
    assert (fcp.size, fcp.fid, fcp.is_df) == (12, 0xD003, False)


def test_size_including_structure_is_used_when_alone() -> None:
    assert Fcp.decode(bytes.fromhex("620481020040")).size == 64
    assert Fcp.decode(bytes.fromhex("6208800200108102FFFF")).size == 16


def test_an_empty_file_has_size_zero() -> None:
    assert Fcp.decode(bytes.fromhex("620480020000")).size == 0


@pytest.mark.parametrize("size", [0, 1, 0xFFFF, 0x10000, 0xFFFFFFFF])
def test_sizes_come_back(size: int) -> None:
    assert Fcp.decode(Fcp(size=size).encode()).size == size


@pytest.mark.parametrize(
    "raw",
    ["6100", "62078005000000 0001", "62028000", "6205830300D003"],
    ids=["tag", "size", "no size", "fid"],
)
def test_wrong_fields_are_refused(raw: str) -> None:
    with pytest.raises(FcpError):
        Fcp.decode(bytes.fromhex(raw))


def test_nothing_told_is_nothing_known() -> None:
    assert Fcp.decode(b"\x62\x00") == Fcp()
    assert not Fcp().is_df
