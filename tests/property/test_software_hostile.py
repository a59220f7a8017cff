"""Files that anybody may have written: parsers answer, whatever is in them."""

import json
import plistlib
import struct

from hypothesis import given
from hypothesis import strategies as st
from tests.support.software import INI, VITALE_HOST, recorded

from cardio.errors import ConfigurationError
from cardio.probe.system.encode import facts_to_json
from cardio.probe.system.known import Why
from cardio.probe.system.recorded import RecordedSources
from cardio.probe.system.software.binary import architectures, file_version
from cardio.probe.system.software.chromium import is_active
from cardio.probe.system.software.cryptolib import parse_traces
from cardio.probe.system.software.documents import json_object, plist_object
from cardio.probe.system.software.firefox import (
    parse_current,
    parse_extensions,
    parse_profiles,
)
from cardio.probe.system.software.galss import parse
from cardio.probe.system.software.gathering import software_facts
from cardio.probe.system.software.ini import decode, line_ends, sections
from cardio.probe.system.software.native_hosts import host_flaws
from cardio.probe.system.software.pkcs11 import module_kind, parse_database, parse_policy
from cardio.probe.system.software.versions import parts

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4)
    ),
    max_leaves=20,
)
GOOD = (INI / "pcsc-two-readers.ini").read_bytes()
KEYS = ("NbCanaux", "TCanal", "NbPAD", "NbLAD", "LAD", "PAD", "NomLAD", "Caracteristiques")
LINES = st.one_of(
    st.builds(
        lambda a, b, c: f"[CANAL{a}{b}{c}]",
        st.integers(0, 300) | st.just("01"),
        st.sampled_from(["", ".PAD1", ".PAD99", ".pad1"]),
        st.sampled_from(["", ".LAD1", ".LAD0"]),
    ),
    st.sampled_from(["[CONFIG]", "[PROTOCOLE0]", "[PROTOCOLE1]", "[]", "[", ";x", "="]),
    st.builds(lambda key, value: f"{key}={value}", st.sampled_from(KEYS), st.text(max_size=6)),
)


@given(st.binary(max_size=400))
def test_any_bytes_are_some_galss_ini(data: bytes) -> None:
    parse(data)
    line_ends(decode(data))


@given(st.lists(LINES, max_size=40), st.sampled_from(["\n", "\r", "\r\n"]))
def test_any_lines_of_its_kind_are_read_alike_whatever_their_ends(
    lines: list[str], end: str
) -> None:
    plain = [line.replace("\r", "").replace("\n", "") for line in lines]
    expected = parse("\n".join(plain).encode())
    found = parse(end.join(plain).encode())
    assert (found.channels, found.flaws) == (expected.channels, expected.flaws)
    numbers = [channel.number for channel in found.channels]
    assert numbers == sorted(set(numbers))


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_file_is_still_read(place: int, garbage: bytes) -> None:
    config = parse(GOOD[:place] + garbage + GOOD[place + len(garbage) :])
    assert facts_to_json(config)["line_ends"]


@given(st.binary(max_size=300), st.sampled_from([b"", b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe"]))
def test_any_bytes_are_a_program_or_not_readable(data: bytes, head: bytes) -> None:
    facts_to_json(architectures(head + data))
    facts_to_json(file_version(head + data))


@given(st.integers(0, 2**32 - 1), st.binary(max_size=100))
def test_a_pe_header_far_away(place: int, data: bytes) -> None:
    architectures(b"MZ" + bytes(0x3A) + struct.pack("<L", place) + data)


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    parse_profiles(text, text)
    parse_database(text)
    parse_traces(text)
    parse_current(text)
    module_kind(text)
    parts(text)
    sections(text)
    shown = recorded("windows", environment={"USERPROFILE": r"C:\Users\zoe"}).shown(text)
    assert text.endswith(shown[-3:]) or "*" in shown


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_document(data: bytes) -> None:
    facts_to_json(parse_extensions(data))
    facts_to_json(is_active(data))
    for browser in ("chrome", "firefox"):
        assert host_flaws(data, VITALE_HOST, browser)
    document = json_object(data)
    if isinstance(document, dict):
        facts_to_json(parse_policy(recorded("linux"), document))


@given(st.binary(max_size=200))
def test_any_property_list(data: bytes) -> None:
    plist_object(data)
    plist_object(b"bplist00" + data)
    plist_object(b"<?xml version='1.0'?><plist><dict>" + data)


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_binary_property_list(place: int, value: int) -> None:
    good = bytearray(plistlib.dumps({"a": [1, {"b": "c"}]}, fmt=plistlib.FMT_BINARY))
    good[place % len(good)] = value
    plist_object(bytes(good))


@given(JSON, st.sampled_from(["linux", "windows", "macos", "haiku"]))
def test_a_whole_machine_of_hostile_files(value: object, system: str) -> None:
    """Every file a gatherer asks for holds the same nonsense."""

    class Hostile(RecordedSources):
        def read_file(self, path: str) -> bytes:
            return (json.dumps(value) + path).encode()

        def list_dir(self, path: str) -> tuple[str, ...]:
            return ("profiles.ini", "application.ini", "Default", "x.json", f"{VITALE_HOST}.json")

    sources = Hostile({"environment": {"HOME": "/home/zoe", "windir": r"C:\W"}})
    try:
        document = facts_to_json(software_facts(sources, system))
    except ConfigurationError:
        assert system == "haiku"
    else:
        broken = {"not_readable": Why.FAILED.value}
        assert not [
            one
            for one in document.values()
            if isinstance(one, dict) and broken.items() <= one.items()
        ]
