"""Vendor software from snapshots of the three systems, and the dated table of versions."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.software import CPS_PKCS11, ELF64, VITALE_HOST, recorded

from cardio.probe.system.known import ABSENT, NotReadable, Why, is_known
from cardio.probe.system.software.cryptolib import card_cache, cryptolib, parse_traces, traces
from cardio.probe.system.software.facts import CardCache, Product, Registration
from cardio.probe.system.software.known_products import known_products
from cardio.probe.system.software.places import Places
from cardio.probe.system.software.products import products
from cardio.probe.system.software.versions import parts, reference, references

WINDOWS = {"windir": r"C:\Windows", "ProgramFiles": r"C:\Program Files", "USERPROFILE": r"C:\U\x"}
UNINSTALL = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
DPKG = r"dpkg-query -W -f ${Package}\t${Version}\t${db:Status-Status}\n"
RPM = r"rpm -qa --qf %{NAME}\t%{VERSION}\tinstalled\n"
CACHE = "/etc/opt/santesocial/CPS/cache"


def found(places: Places) -> dict[str, Product]:
    return {one.id: one for one in products(places)}


def test_windows_registry_and_files_of_both_worlds() -> None:
    places = recorded(
        "windows",
        environment=WINDOWS,
        files={
            r"C:\Windows\System32\cps3_pkcs11_w64.dll": {"hex": "00"},
            r"C:\Windows\SysWOW64\cps3_pkcs11_w32.dll": {"unreadable": "denied"},
        },
        registry={
            "64": {
                r"HKLM\SOFTWARE\ASIP\Cryptolib CPS": {"Version": "5.2.6"},
                rf"{UNINSTALL}\{{0000}}": {
                    "DisplayName": "GALSS 3.45",
                    "DisplayVersion": "3.45.01",
                },
                r"HKCR\Installer\Products\2f21": {"ProductName": "Composant SrvSvCnam 5.10.04"},
            },
            "32": {r"HKLM\SOFTWARE\ASIP\Cryptolib CPS": {"Version": "4.0.1"}},
        },
    )
    told = found(places)
    assert told["cryptolib"].registrations == (
        Registration("5.2.6", "64"),
        Registration("4.0.1", "32"),
    )
    (module,) = told["cryptolib"].files
    assert module.place.endswith("cps3_pkcs11_w64.dll")
    assert isinstance(module.architectures, NotReadable)
    assert told["galss"].versions == ("3.45.01",)
    assert told["srvsvcnam"].versions == ("5.10.04",)
    assert told["diagam"].installed is False
    assert told["cps_old"].installed is False


def test_a_registry_that_may_not_be_read_is_no_absence() -> None:
    told = found(
        recorded(
            "windows",
            environment=WINDOWS,
            registry={"64": {UNINSTALL: {"unreadable": "denied"}}},
        )
    )
    assert told["srvsvcnam"].installed == NotReadable(Why.DENIED)
    assert told["cryptolib"].installed == NotReadable(Why.DENIED)


def test_linux_packages_and_files() -> None:
    listed = "cryptolibcps\t5.2.4-1\tinstalled\nlibgalss-old\t3.41.00\tconfig-files\nbash\t5\tx\n"
    places = recorded(
        "linux",
        commands={DPKG: {"stdout": listed}},
        files={CPS_PKCS11: {"hex": ELF64}},
    )
    told = found(places)
    assert told["cryptolib"].versions == ("5.2.4-1",)
    assert told["cryptolib"].files[0].architectures == ("x86_64",)
    assert told["galss"].installed is False
    assert told["srvsvcnam"].installed == NotReadable(Why.NO_WAY, "no known place on this system")


def test_rpm_answers_where_dpkg_is_absent() -> None:
    places = recorded("linux", commands={RPM: {"stdout": "CryptolibCPS\t5.2.2\tinstalled\n"}})
    assert found(places)["cryptolib"].versions == ("5.2.2",)


def test_a_registered_host_tells_of_its_component() -> None:
    manifest = f'{{"name": "{VITALE_HOST}", "type": "stdio", "path": "/opt/x/host"}}'
    folder = "/etc/opt/chrome/native-messaging-hosts"
    files: dict[str, Any] = {f"{folder}/{VITALE_HOST}.json": manifest, "/opt/x/host": "x"}
    assert found(recorded("linux", files=files))["srvsvcnam"].installed is True
    del files["/opt/x/host"]
    assert isinstance(found(recorded("linux", files=files))["srvsvcnam"].installed, NotReadable)


def test_macos_receipts_of_the_makers_only() -> None:
    places = recorded(
        "macos",
        commands={
            "/usr/sbin/pkgutil --pkgs": {"stdout": "com.example.secret\nfr.asip.cryptolib\n"},
            "/usr/sbin/pkgutil --pkg-info fr.asip.cryptolib": {
                "stdout": "package-id: fr.asip.cryptolib\nversion: 5.2.1\nvolume: /\n"
            },
        },
    )
    assert found(places)["cryptolib"].versions == ("5.2.1",)
    assert found(places)["galss"].installed is False


def cached(serial: str, name: str, contents: bytes, size: int) -> dict[str, Any]:
    fcp = bytes.fromhex("62048002") + size.to_bytes(2)
    return {
        f"{CACHE}/{serial}_{name}": {"hex": contents.hex()},
        f"{CACHE}/{serial}_s_{name}": {"hex": fcp.hex()},
    }


def test_a_damaged_cache_is_counted_and_its_serials_are_not_kept() -> None:
    files = {
        **cached("12345678", "D003", bytes(12), 12),
        **cached("12345678", "00017001", bytes(10), 111),
        **cached("12345678", "2F00", b"", 101),
        f"{CACHE}/readme.txt": "x",
    }
    assert card_cache(recorded("linux", files=files)) == CardCache(files=6, empty=1, torn=1)
    assert card_cache(recorded("linux")) is ABSENT
    denied = recorded("linux", dirs={CACHE: {"unreadable": "denied"}})
    assert card_cache(denied) == NotReadable(Why.DENIED)
    assert "12345678" not in repr(cryptolib(recorded("linux", files=files)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Traces { active = false; debug = 0; }", False),
        ("Traces {\n  active = true;\n  debug = 0;\n}\n", True),
        ("Traces = { active = false; debug = 3; };", True),
        ("# Traces { active = true; }\n", ABSENT),
        ("", ABSENT),
    ],
)
def test_traces_of_the_configuration_file(text: str, expected: object) -> None:
    assert parse_traces(text) is expected


def test_traces_of_the_registry_and_of_the_environment() -> None:
    key = r"HKLM\SOFTWARE\ASIP Sante\PKCS11"
    assert traces(recorded("windows")) is ABSENT
    for value in (0, 0x50):
        snapshot = {"32": {key: {"Traces": value}}}
        assert traces(recorded("windows", registry=snapshot)) is bool(value)
    assert traces(recorded("linux", environment={"CPS3_DEBUG": "1"})) is True


def test_versions_compare_by_their_numbers() -> None:
    assert parts("5.10.04") == (5, 10, 4) > parts("5.9")
    assert parts("5.2.0") == parts("5.2")
    assert parts("x") == ()


def test_every_row_of_the_tables_says_where_it_comes_from() -> None:
    known = {one.id for one in known_products()} | {"firefox", "chrome", "edge"}
    for row in references():
        assert row.product in known
        assert row.source
        assert row.confidence in {"S", "s1"}
        assert row.dated <= date(2026, 11, 22)
        assert not row.is_old(row.dated + timedelta(days=row.fresh))
        assert row.is_old(row.dated + timedelta(days=row.fresh + 1))
    assert reference("chrome", "haiku") is None
    needed = reference("cryptolib", "linux", "cps4")
    assert needed is not None
    assert needed.accepts("5.2")
    assert not needed.accepts("5.1.9")


def test_a_32_bit_python_sees_the_64_bit_library() -> None:
    environment = {**WINDOWS, "PROCESSOR_ARCHITEW6432": "AMD64"}
    path = r"C:\Windows\Sysnative\cps3_pkcs11_w64.dll"
    places = recorded("windows", environment=environment, files={path: {"hex": "00"}})
    assert found(places)["cryptolib"].installed is True


@pytest.mark.parametrize(
    ("system", "home", "path", "shown"),
    [
        ("linux", "/home/zoe", "/home/zoe/.mozilla/x", "~/.mozilla/x"),
        ("linux", "/home/zoe", "/home/paul/x.so", "/home/*/x.so"),
        ("linux", "/home/zoe", "/run/user/1000/doc/x.so", "/run/user/*/doc/x.so"),
        ("windows", r"C:\Users\zoe", r"c:\users\ZOE\x.dll", r"~\x.dll"),
        ("windows", r"C:\Users\zoe", r"C:\Users\paul\x.dll", r"C:\Users\*\x.dll"),
        ("windows", r"C:\Users\zoe", r"C:\Users\Public\x.dll", r"C:\Users\Public\x.dll"),
        ("macos", "/Users/zoe", "/Users/Shared/x.dylib", "/Users/Shared/x.dylib"),
        ("linux", "", "/opt/x.so", "/opt/x.so"),
    ],
)
def test_paths_are_shown_without_anybodys_name(
    system: str, home: str, path: str, shown: str
) -> None:
    variable = "USERPROFILE" if system == "windows" else "HOME"
    assert recorded(system, environment={variable: home}).shown(path) == shown


def test_products_are_told_the_same_way_everywhere() -> None:
    ids = [one.id for one in known_products()]
    for system in ("linux", "windows", "macos"):
        told = products(recorded(system))
        assert [one.id for one in told] == ids
        assert not [one for one in told if is_known(one.installed) and one.installed]


def test_the_published_table_is_the_one_in_use() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "software-table.md").read_text(
        encoding="utf-8"
    )
    for row in references():
        cells = [f"| {row.at_least} | {row.dated} | {row.fresh} days |", f"`{row.product}`"]
        assert any(all(one in line for one in cells) for line in page.splitlines()), row
