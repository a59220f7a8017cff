"""A fact that is not known is neither yes nor no; the tables name what is known."""

import re
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.errors import ConfigurationError
from cardio.probe.system.facts import CardRegistration
from cardio.probe.system.gathering import gather_system
from cardio.probe.system.known import (
    ABSENT,
    NotReadable,
    Why,
    is_known,
    is_no,
    is_yes,
    value_or,
)
from cardio.probe.system.known_programs import known_program
from cardio.probe.system.known_readers import (
    ReaderKind,
    known_readers,
    may_be_reader,
    reader_makers,
)
from cardio.probe.system.platform import FAMILIES, platform_of
from cardio.probe.system.proxy_text import without_secrets
from cardio.probe.system.recorded import RecordedSources, read_snapshot, recorded_platform
from cardio.probe.system.recorded_registry import RecordedRegistry
from cardio.probe.system.sources import View


@pytest.mark.parametrize("fact", [ABSENT, NotReadable(Why.DENIED)])
def test_an_unknown_fact_is_neither_yes_nor_no(fact: object) -> None:
    with pytest.raises(TypeError, match="neither yes nor no"):
        bool(fact)


def test_known_facts_are_told_apart_from_unknown_ones() -> None:
    facts = (True, False, ABSENT, NotReadable(Why.TIMEOUT))
    assert [is_known(fact) for fact in facts] == [True, True, False, False]
    assert [is_yes(fact) for fact in facts] == [True, False, False, False]
    assert [is_no(fact) for fact in facts] == [False, True, False, False]
    assert [value_or(fact, True) for fact in facts] == [True, False, True, True]


def test_every_known_reader_names_its_source_and_kind() -> None:
    readers = known_readers()
    assert all(re.fullmatch(r"[0-9A-F]{4}:[0-9A-F]{4}", usb_id) for usb_id in readers)
    assert all(one.source and one.confidence in ("S", "S1", "I") for one in readers.values())
    assert all(set(one.note) in (set(), {"fr", "en"}) for one in readers.values())
    assert readers["0B00:0090"].kind is ReaderKind.PSS
    assert (readers["2947:0105"].interfaces, readers["2947:0112"].interfaces) == (3, 1)
    assert set(reader_makers()) == {"0B00", "0F14", "2947"}


@pytest.mark.parametrize(
    ("usb_id", "classes", "listed", "told"),
    [
        ("046D:C31C", [3], False, False),
        ("FFFF:0001", [0x0B], False, True),
        ("FFFF:0001", [0xFF], True, True),
        ("0B00:1234", [2, 10], False, True),
        ("08E6:3437", [], False, True),
    ],
)
def test_only_what_may_be_a_reader_is_told(
    usb_id: str, classes: list[int], listed: bool, told: bool
) -> None:
    assert may_be_reader(usb_id, classes, listed=listed) is told


@pytest.mark.parametrize(
    ("process", "title"),
    [
        ("ccm.exe", "CPS certificate manager (CCM)"),
        ("CPGESW64.EXE", "CPS Gestion"),
        ("DmpConnect-JS", "DmpConnect"),
        ("scdaemon", "GnuPG"),
        ("ccmexec.exe", None),
        ("firefox", None),
    ],
)
def test_programs_that_use_cards_are_known_by_name(process: str, title: str | None) -> None:
    assert known_program(process) == title


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("proxy:8080", "proxy:8080"),
        ("http://Marie:pass@Proxy.local:8080/", "http://proxy.local:8080"),
        ("marie:p@ss@proxy:3128", "proxy:3128"),
        ("http://wpad/proxy.pac?user=marie#x", "http://wpad/proxy.pac"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("proxy:port", "?"),
        ("", "?"),
    ],
)
def test_a_proxy_address_loses_its_secrets(address: str, shown: str) -> None:
    assert without_secrets(address) == shown


@given(st.text(min_size=1).filter(lambda text: not set(text) & set("/?#@:[]\\ \t\r\n")))
def test_no_password_stays_in_a_proxy_address(password: str) -> None:
    secret = f"x{password}x"
    assert secret not in without_secrets(f"http://user:{secret}@proxy:8080/")


def test_a_card_matches_where_the_mask_has_ones() -> None:
    entry = CardRegistration("x", atr=b"\x3b\x0f\x20", mask=b"\xff\xf0\xff")
    assert entry.matches(b"\x3b\x00\x20")
    assert not entry.matches(b"\x3b\x10\x20")
    assert not entry.matches(b"\x3b\x0f")
    assert not CardRegistration("token").matches(b"")


def test_a_recorded_registry_has_two_views_and_unreadable_values() -> None:
    registry = RecordedRegistry(
        {
            "64": {
                r"HKLM\SOFTWARE\Exemple": {"Version": "1", "Bytes": {"hex": "0AFF"}, "List": ["a"]},
                r"HKLM\SOFTWARE\Exemple\Sub": {"No": {"unreadable": "denied"}},
                r"HKLM\SOFTWARE\Closed": {"unreadable": "denied"},
            }
        }
    )
    key = r"hklm\software\exemple"
    assert registry.value(key, "VERSION") == "1"
    assert registry.value(key, "Bytes") == b"\x0a\xff"
    assert registry.value(key, "List") == ("a",)
    assert registry.value(key, "Other") is ABSENT
    assert registry.value(key, "Version", View.BITS_32) is ABSENT
    assert registry.value(key + r"\Sub", "No") == NotReadable(Why.DENIED)
    assert registry.names(r"HKLM\SOFTWARE\Closed") == NotReadable(Why.DENIED)
    assert registry.keys(r"HKLM\SOFTWARE") == ("Exemple", "Closed")
    assert registry.keys(key) == ("Sub",)
    assert registry.keys(key + r"\Sub") == ()


def test_a_snapshot_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="linux, windows or macos"):
        recorded_platform({})


@pytest.mark.parametrize("text", ["", "[]", "{", '{"system": "beos"}'])
def test_a_file_that_is_no_snapshot_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError):
        read_snapshot(path)


class _Hangs(RecordedSources):
    """A machine on which one command never comes back, and one source breaks."""

    def run(self, *command: str, limit: float = 5.0) -> NotReadable:
        if command[0] == "loginctl":
            Event().wait(3)
        raise ZeroDivisionError


def test_a_family_that_hangs_or_breaks_costs_nobody_else_a_thing() -> None:
    facts = gather_system(platform_of("linux", _Hangs({"files": {"/etc/tlp.conf": ""}})), limit=0.3)
    assert facts.session == NotReadable(Why.TIMEOUT, "0.3 s")
    assert facts.clock == NotReadable(Why.FAILED, "ZeroDivisionError")
    assert is_known(facts.power)
    assert {"usb", "pcsc", "holders", "session", "cards"} <= set(FAMILIES)
