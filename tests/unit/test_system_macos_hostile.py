"""Whatever a Mac's commands and files answer, facts come out, never an exception."""

import json
import plistlib
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cardio.probe.system.encode import facts_to_json
from cardio.probe.system.known import NotReadable, Why
from cardio.probe.system.macos.property_lists import parsed, properties, scalar
from cardio.probe.system.macos.proxies import parse_scutil
from cardio.probe.system.macos.services import parse_disabled, parse_tokens
from cardio.probe.system.macos.smart_cards import parse_smart_cards
from cardio.probe.system.macos.usb import parse_ioreg, parse_profiler
from cardio.probe.system.platform import FAMILIES
from cardio.probe.system.recorded import recorded_platform
from cardio.probe.system.sources import CommandResult

SNAPSHOTS = Path(__file__).parents[2] / "vectors" / "systems" / "macos"
DOCUMENTS = [json.loads(path.read_text("utf-8")) for path in sorted(SNAPSHOTS.glob("*.json"))]
PARSERS = (
    parse_disabled,
    parse_ioreg,
    parse_profiler,
    parse_scutil,
    parse_smart_cards,
    parse_tokens,
)
NAMES = st.sampled_from(
    [
        "IORegistryEntryChildren",
        "IOUserClientCreator",
        "USB Product Name",
        "_items",
        "bInterfaceClass",
        "bInterfaceNumber",
        "idProduct",
        "idVendor",
        "locationID",
        "product_id",
        "useIFDCCID",
        "vendor_id",
    ]
)
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=20)
LEAF = st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | PRINTABLE
TREE = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)
UNREADABLE = st.sampled_from([{"unreadable": why.value} for why in Why])
SHOWN = st.text(max_size=80) | TREE.map(lambda tree: plistlib.dumps(tree).decode())
RESULT = st.builds(
    lambda code, out: {"exit_code": code, "stdout": out}, st.integers(-9, 255) | st.just(0), SHOWN
)


@st.composite
def spoilt_machines(draw: st.DrawFn) -> dict[str, Any]:
    """A recorded machine, some of whose answers were replaced by anything."""
    document = json.loads(json.dumps(draw(st.sampled_from(DOCUMENTS))))
    binary = TREE.map(lambda tree: {"hex": plistlib.dumps(tree, fmt=plistlib.FMT_BINARY).hex()})
    for part, anything in (
        ("files", SHOWN | binary),
        ("commands", RESULT),
        ("links", st.text(max_size=20)),
    ):
        names = sorted(document.get(part, {}))
        for name in draw(st.lists(st.sampled_from(names), max_size=5)) if names else []:
            document[part][name] = draw(anything | UNREADABLE)
    return document


@given(spoilt_machines())
def test_every_family_answers_on_any_machine(document: dict[str, Any]) -> None:
    platform = recorded_platform(document)
    shown = {family: facts_to_json(getattr(platform, family)()) for family in FAMILIES}
    assert json.loads(json.dumps(shown)) == shown


@given(st.binary(max_size=200) | st.binary(max_size=60).map(b"bplist00".__add__))
def test_any_bytes_are_read_or_malformed(data: bytes) -> None:
    for parse in PARSERS:
        parse(CommandResult(0, data))
    assert isinstance(properties(data), NotReadable)


@given(TREE)
def test_any_tree_is_read(tree: Any) -> None:  # noqa: ANN401 (a property list)
    data = plistlib.dumps(tree)
    parse_ioreg(CommandResult(0, data))
    scalar(properties(data), "useIFDCCID")
    parse_profiler(CommandResult(0, json.dumps({"SPUSBDataType": tree}).encode()))


def test_a_tree_without_an_end_is_cut() -> None:
    depth = 5000
    nested = b"<array>" * depth + b"</array>" * depth
    tree = b'<?xml version="1.0"?><plist version="1.0">' + nested + b"</plist>"
    assert parse_ioreg(CommandResult(0, tree)) == ()
    found = parse_profiler(CommandResult(0, b'{"a":' + b"[" * 100_000))
    assert found == NotReadable(Why.MALFORMED, "system_profiler")


def test_a_bomb_of_entities_is_refused() -> None:
    bomb = b'<!DOCTYPE p [<!ENTITY a "aaaa">]><plist version="1.0"><string>&a;</string></plist>'
    assert parse_ioreg(CommandResult(0, bomb)) == NotReadable(Why.MALFORMED, "property list")
    assert isinstance(parsed(bomb), NotReadable)
