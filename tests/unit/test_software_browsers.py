"""Browsers from snapshots of the three systems: versions, profiles, modules, hosts, extensions."""

import json
import plistlib
from typing import Any

import pytest
from tests.support.software import (
    CPS_PKCS11,
    ELF64,
    VITALE_EXTENSION,
    VITALE_HOST,
    recorded,
)

from cardio.probe.system.known import ABSENT, NotReadable, Why, is_known
from cardio.probe.system.software.chromium import chromiums, is_active, shared_modules
from cardio.probe.system.software.facts import Browser, HostPolicy, Module, ModuleKind, Profile
from cardio.probe.system.software.firefox import (
    firefoxes,
    parse_current,
    parse_extensions,
    parse_profiles,
)
from cardio.probe.system.software.gathering import default_browser
from cardio.probe.system.software.native_hosts import host_flaws, host_policy, native_hosts
from cardio.probe.system.software.pkcs11 import module_kind, p11_kit, parse_database
from cardio.probe.system.software.places import Places

HOME = "/home/zephyrine"
PROFILES = """[Install4F96D1932A9F858E]
Default=abcd1234.default-release
Locked=1

[Profile1]
Name=Zephyrine Test-Essai
IsRelative=1
Path=efgh5678.Zephyrine Test-Essai
Default=1

[Profile0]
Name=default-release
IsRelative=1
Path=abcd1234.default-release

[General]
StartWithLastProfile=1
Version=2
"""
NSS = """library=
name=NSS Internal PKCS #11 Module
parameters=configdir='sql:/home/zephyrine/.mozilla/firefox/abcd1234.default-release' flags=
NSS=Flags=internal,critical trustOrder=75 cipherOrder=100

"""
CPS = f"library={CPS_PKCS11}\nname=Module de sécurité CPS\n\n"
OPENSC = "library=/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so\nname=OpenSC\n\n"
APPLICATION = (
    "[App]\r\nVendor=Mozilla\r\nVersion=155.0\r\nSourceRepository=https://x/mozilla-{}\r\n"
)


def one(browsers: Any) -> Browser:  # noqa: ANN401 (an iterator of the two families)
    (found,) = browsers
    return found


def profiles(browser: Browser) -> tuple[Profile, ...]:
    assert is_known(browser.profiles)
    return browser.profiles


def linux_firefox(**files: str | dict[str, str]) -> Places:
    root = f"{HOME}/.mozilla/firefox"
    extensions = {"addons": [{"defaultLocale": {"name": "Lecture Carte Vitale"}, "active": True}]}
    return recorded(
        "linux",
        environment={"HOME": HOME},
        files={
            f"{root}/profiles.ini": PROFILES,
            f"{root}/abcd1234.default-release/pkcs11.txt": NSS + CPS + OPENSC,
            f"{root}/abcd1234.default-release/extensions.json": json.dumps(extensions),
            f"{root}/efgh5678.Zephyrine Test-Essai/pkcs11.txt": NSS,
            CPS_PKCS11: {"hex": ELF64},
            "/usr/lib/firefox-esr/application.ini": APPLICATION.format("esr115"),
            "/usr/lib/firefox-esr/firefox-esr": {"hex": ELF64},
            **files,
        },
    )


def test_firefox_on_linux_with_two_profiles_and_nobodys_name() -> None:
    found = one(firefoxes(linux_firefox()))
    assert (found.packaging, found.version, found.is_esr) == ("native", "155.0", True)
    assert found.architectures == ("x86_64",)
    second, first = profiles(found)
    assert (first.number, first.is_default) == (2, True)
    assert (second.number, second.is_default) == (1, False)
    assert first.modules == (
        Module(CPS_PKCS11, ModuleKind.VENDOR, ("x86_64",)),
        Module("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so", ModuleKind.OPENSC, ABSENT),
    )
    assert second.modules == ()
    assert is_known(first.extensions)
    assert (first.extensions[0].id, first.extensions[0].active) == ("vitale", True)
    assert second.extensions is ABSENT
    assert "ephyrine" not in repr(found)


def test_a_profile_that_may_not_be_read() -> None:
    root = f"{HOME}/.mozilla/firefox/abcd1234.default-release"
    found = one(firefoxes(linux_firefox(**{f"{root}/pkcs11.txt": {"unreadable": "denied"}})))
    assert profiles(found)[1].modules == NotReadable(Why.DENIED)


@pytest.mark.parametrize(
    ("devices", "libraries", "removed"),
    [
        ({"CPS": CPS_PKCS11}, [CPS_PKCS11], 0),
        ({"Add": {"CPS": CPS_PKCS11}, "Delete": ["OpenSC"]}, [CPS_PKCS11], 1),
        ({"Delete": ["OpenSC"]}, [], 1),
        ("broken", [], 0),
    ],
)
def test_module_policies(devices: object, libraries: list[str], removed: int) -> None:
    policy = json.dumps({"policies": {"SecurityDevices": devices}})
    found = one(firefoxes(linux_firefox(**{"/etc/firefox/policies/policies.json": policy})))
    assert is_known(found.module_policy)
    assert [module.library for module in found.module_policy.added] == libraries
    assert found.module_policy.removed == removed


def test_a_policy_about_something_else_hides_the_one_of_the_installation() -> None:
    places = linux_firefox(
        **{
            "/etc/firefox/policies/policies.json": '{"policies": {"DisableTelemetry": true}}',
            "/usr/lib/firefox-esr/distribution/policies.json": json.dumps(
                {"policies": {"SecurityDevices": {"CPS": CPS_PKCS11}}}
            ),
        }
    )
    assert one(firefoxes(places)).module_policy is ABSENT


def test_leftover_profiles_of_a_firefox_that_is_gone() -> None:
    files = {f"{HOME}/snap/firefox/common/.mozilla/firefox/profiles.ini": PROFILES}
    found = one(firefoxes(recorded("linux", environment={"HOME": HOME}, files=files)))
    assert (found.packaging, found.installed, found.version) == ("snap", False, ABSENT)


def test_firefox_on_windows_by_its_registry_and_group_policy() -> None:
    install, key = r"D:\Firefox", r"HKLM\SOFTWARE\Mozilla\Mozilla Firefox"
    policy = r"HKLM\SOFTWARE\Policies\Mozilla\Firefox\SecurityDevices"
    library = r"C:\Windows\SysWOW64\cps3_pkcs11_w32.dll"
    places = recorded(
        "windows",
        environment={"APPDATA": r"C:\Users\zoe\AppData\Roaming", "USERPROFILE": r"C:\Users\zoe"},
        registry={
            "64": {
                key: {"CurrentVersion": "155.0 (x64 fr)"},
                rf"{key}\155.0 (x64 fr)\Main": {"Install Directory": install},
                policy: {"CPS": library},
            }
        },
        files={rf"{install}\application.ini": "[App]\n"},
    )
    found = one(firefoxes(places))
    assert (found.version, found.architectures, found.is_esr) == ("155.0", ("x86_64",), False)
    assert is_known(found.module_policy)
    assert found.module_policy.added == (Module(library, ModuleKind.VENDOR, ABSENT),)


def test_firefox_on_macos() -> None:
    contents = "/Applications/Firefox.app/Contents"
    places = recorded(
        "macos",
        environment={"HOME": "/Users/zoe"},
        files={
            f"{contents}/Resources/application.ini": APPLICATION.format("release"),
            f"{contents}/MacOS/firefox": {"hex": "cffaedfe0c000001"},
        },
    )
    found = one(firefoxes(places))
    assert (found.version, found.architectures) == ("155.0", ("arm64",))
    assert found.profiles is ABSENT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("155.0 (x64 fr)", ("155.0", False, "x86_64")),
        ("140.3.0 ESR (x86 fr)", ("140.3.0", True, "x86")),
        ("155.0", ("155.0", False, "")),
        ("", None),
    ],
)
def test_version_of_the_windows_registry(text: str, expected: object) -> None:
    assert parse_current(text) == expected


def test_old_profiles_ini_and_absolute_paths() -> None:
    text = "[Profile0]\rPath=/data/p\rIsRelative=0\rDefault=1\r[Profile1]\rPath=q\r"
    assert parse_profiles(text) == (("/data/p", False, True), ("q", True, False))
    installs = "[4F96D1932A9F858E]\nDefault=q\nLocked=1\n"
    assert parse_profiles(text, installs) == (("/data/p", False, False), ("q", True, True))


def test_extensions_of_other_trades_are_nobodys_business() -> None:
    addons = [
        {"id": "uBlock0@raymondhill.net", "active": True, "version": "1.0"},
        {"id": "CPS2ter-2020_Firefox@asipsante.fr", "active": False, "version": "1.0.2"},
        "nonsense",
    ]
    found = parse_extensions(json.dumps({"addons": addons}).encode())
    assert is_known(found)
    (only,) = found
    assert (only.id, only.version, only.active) == ("cps", "1.0.2", False)
    assert isinstance(parse_extensions(b"{}"), NotReadable)


@pytest.mark.parametrize(
    ("library", "kind"),
    [
        (r"C:\Windows\System32\cps3_pkcs11_w64.dll", ModuleKind.VENDOR),
        ("/usr/local/lib/libcps3_pkcs11_osx.dylib", ModuleKind.VENDOR),
        (r"C:\Windows\SysWOW64\cps_pkcs11_pcsc_w32.dll", ModuleKind.VENDOR_OLD),
        ("/usr/lib/pkcs11/onepin-opensc-pkcs11.so", ModuleKind.OPENSC),
        ("p11-kit-proxy.so", ModuleKind.P11_KIT),
        ("libnssckbi.so", ModuleKind.NSS),
        ("/opt/opensc/lib/vendor.so", ModuleKind.OTHER),
    ],
)
def test_whose_module_it_is(library: str, kind: ModuleKind) -> None:
    assert module_kind(library) is kind


def test_a_module_database_keeps_its_order_and_its_letters() -> None:
    text = NSS + "library=/opt/é = x.so\nname=a=b\n\n" + OPENSC
    assert parse_database(text) == (
        "/opt/é = x.so",
        "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
    )


def test_p11_kit_and_the_shared_database() -> None:
    folder = "/usr/lib/x86_64-linux-gnu/pkcs11"
    places = recorded(
        "linux",
        environment={"HOME": HOME},
        files={
            "/usr/share/p11-kit/modules/opensc.module": "# x\nmodule: opensc-pkcs11.so\n",
            "/usr/share/p11-kit/modules/proxy.txt": "module: x\n",
            f"{folder}/opensc-pkcs11.so": {"hex": ELF64},
            f"{HOME}/.pki/nssdb/pkcs11.txt": NSS + CPS,
        },
    )
    assert p11_kit(places) == (
        Module(f"{folder}/opensc-pkcs11.so", ModuleKind.OPENSC, ("x86_64",)),
    )
    assert shared_modules(places) == (Module(CPS_PKCS11, ModuleKind.VENDOR, ABSENT),)
    assert p11_kit(recorded("linux")) is ABSENT
    assert shared_modules(recorded("macos", environment={"HOME": HOME})) is ABSENT


def chrome_profile(root: str, name: str, settings: object) -> dict[str, str]:
    own = {"extensions": {"settings": {VITALE_EXTENSION: settings}}}
    return {
        f"{root}/{name}/Extensions/{VITALE_EXTENSION}/1.9.0_0/manifest.json": "{}",
        f"{root}/{name}/Extensions/{VITALE_EXTENSION}/1.10.0_0/manifest.json": "{}",
        f"{root}/{name}/Preferences": json.dumps(own),
    }


def test_chrome_on_linux_by_its_command_and_its_profiles() -> None:
    root = f"{HOME}/.config/google-chrome"
    places = recorded(
        "linux",
        environment={"HOME": HOME},
        commands={"google-chrome --version": {"stdout": "Google Chrome 153.0.7000.1 \n"}},
        files={
            **chrome_profile(root, "Default", {"state": 1}),
            **chrome_profile(root, "Profile 2", {"state": 0}),
            f"{root}/Profile 10/Preferences": "{}",
            f"{root}/Zephyrine/Preferences": "{}",
        },
    )
    found = one(chromiums(places))
    assert (found.id, found.version, found.installed) == ("chrome", "153.0.7000.1", True)
    default, second, tenth = profiles(found)
    assert [(p.number, p.is_default) for p in (default, second, tenth)] == [
        (1, True),
        (2, False),
        (3, False),
    ]
    for profile, active in ((default, True), (second, False)):
        assert is_known(profile.extensions)
        (extension,) = profile.extensions
        assert (extension.id, extension.version, extension.active) == ("vitale", "1.10.0", active)
    assert tenth.extensions == ()
    assert "ephyrine" not in repr(found)


def test_a_command_that_hangs_is_not_an_absent_browser() -> None:
    commands = {"microsoft-edge --version": {"unreadable": "timeout"}}
    found = one(chromiums(recorded("linux", commands=commands)))
    assert (found.id, found.installed) == ("edge", NotReadable(Why.TIMEOUT))


def test_windows_versions_by_folders_before_what_the_browser_wrote_last() -> None:
    beacon = r"HKCU\Software\Microsoft\Edge\BLBeacon"
    update = r"HKLM\SOFTWARE\Google\Update\Clients\{8A69D345-D564-463C-AFF1-A69D9E530F96}"
    places = recorded(
        "windows",
        environment={"ProgramFiles": r"C:\PF", "LOCALAPPDATA": r"C:\Users\zoe\L"},
        dirs={r"C:\PF\Microsoft\Edge\Application": ["152.0.1.1", "99.0.1.1", "SetupMetrics"]},
        registry={"64": {beacon: {"version": "98.0.0.0"}}, "32": {update: {"pv": "153.0.1.1"}}},
    )
    assert {b.id: b.version for b in chromiums(places)} == {
        "edge": "152.0.1.1",
        "chrome": "153.0.1.1",
    }


def test_macos_versions() -> None:
    data = plistlib.dumps({"CFBundleShortVersionString": "153.0.7000.1"}, fmt=plistlib.FMT_BINARY)
    path = "/Applications/Google Chrome.app/Contents/Info.plist"
    found = one(chromiums(recorded("macos", files={path: {"hex": data.hex()}})))
    assert (found.id, found.version) == ("chrome", "153.0.7000.1")
    broken = one(chromiums(recorded("macos", files={path: "<plist>"})))
    assert broken.installed == NotReadable(Why.MALFORMED, "plist")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"state": 1}, True),
        ({"state": 0}, False),
        ({"disable_reasons": [1]}, False),
        ({"path": "x"}, True),
        ({}, ABSENT),
    ],
)
def test_whether_an_extension_is_on(settings: object, expected: object) -> None:
    document = {"extensions": {"settings": {VITALE_EXTENSION: settings}}}
    assert is_active(json.dumps(document).encode()) is expected


def manifest(**changed: object) -> bytes:
    good = {
        "name": VITALE_HOST,
        "description": "Exemple",
        "path": "/opt/exemple/host",
        "type": "stdio",
        "allowed_origins": [f"chrome-extension://{VITALE_EXTENSION}/"],
    }
    return json.dumps(good | changed).encode()


@pytest.mark.parametrize(
    ("data", "browser", "flaws"),
    [
        (manifest(), "chrome", ()),
        (manifest(allowed_origins=["chrome-extension://abc/"]), "chrome", ("not-allowed",)),
        (manifest(allowed_origins=["chrome-extension://abc/"]), "edge", ()),
        (manifest(allowed_origins=["chrome-extension://abc"]), "edge", ("not-allowed",)),
        (manifest(), "firefox", ("not-allowed",)),
        (manifest(allowed_extensions=["x@example.org"]), "firefox", ()),
        (manifest(name="x", type="y", path=""), "chrome", ("wrong-name", "wrong-type", "no-path")),
        (b"{", "chrome", ("not-json",)),
        (b"[]", "chrome", ("not-json",)),
        (b"[" * 100_000, "chrome", ("not-json",)),
    ],
)
def test_flaws_of_a_manifest(data: bytes, browser: str, flaws: tuple[str, ...]) -> None:
    assert host_flaws(data, VITALE_HOST, browser) == flaws


def test_a_users_host_comes_before_the_systems_and_a_gone_program_is_told() -> None:
    files: dict[str, Any] = {
        f"{HOME}/.config/google-chrome/NativeMessagingHosts/{VITALE_HOST}.json": {
            "hex": manifest().hex()
        },
        f"/etc/opt/chrome/native-messaging-hosts/{VITALE_HOST}.json": {"unreadable": "denied"},
    }
    found = native_hosts(recorded("linux", environment={"HOME": HOME}, files=files), "chrome")
    assert is_known(found)
    assert [(host.scope, host.flaws) for host in found] == [
        ("user", ("no-program",)),
        ("system", ("unreadable",)),
    ]


def test_windows_hosts_by_registry_with_a_relative_program() -> None:
    folder = r"C:\Program Files (x86)\Exemple\SrvSvCnam"
    key = rf"HKLM\SOFTWARE\Microsoft\Edge\NativeMessagingHosts\{VITALE_HOST}"
    places = recorded(
        "windows",
        registry={"32": {key: {"": rf"{folder}\edge.json"}}, "64": {key: {"": r"C:\gone.json"}}},
        files={
            rf"{folder}\edge.json": {"hex": manifest(path="host.exe").hex()},
            rf"{folder}\HOST.EXE": "MZ",
        },
    )
    found = native_hosts(places, "edge")
    assert is_known(found)
    assert [(host.scope, host.flaws) for host in found] == [("system", ())]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"NativeMessagingBlocklist": ["*"]}, {VITALE_HOST}),
        (
            {"NativeMessagingBlocklist": ["*"], "NativeMessagingAllowlist": [VITALE_HOST]},
            set[str](),
        ),
        ({"NativeMessagingBlocklist": [VITALE_HOST]}, {VITALE_HOST}),
        ({"NativeMessagingBlocklist": "nonsense"}, set[str]()),
    ],
)
def test_policies_of_linux(settings: object, expected: set[str]) -> None:
    path = "/etc/opt/chrome/policies/managed/centre.json"
    found = host_policy(recorded("linux", files={path: json.dumps(settings)}), "chrome")
    assert is_known(found)
    assert {name for name in found.blocked if "srvsvcnam" in name} == expected
    assert found.user_hosts


def test_policies_of_windows_and_macos() -> None:
    key = r"HKLM\SOFTWARE\Policies\Google\Chrome"
    registry = {
        "64": {
            key: {"NativeMessagingUserLevelHosts": 0},
            rf"{key}\NativeMessagingBlocklist": {"1": VITALE_HOST},
        }
    }
    expected = HostPolicy((VITALE_HOST,), user_hosts=False)
    assert host_policy(recorded("windows", registry=registry), "chrome") == expected
    data = plistlib.dumps(
        {"NativeMessagingBlocklist": [VITALE_HOST], "NativeMessagingUserLevelHosts": False}
    )
    path = "/Library/Managed Preferences/com.google.Chrome.plist"
    assert host_policy(recorded("macos", files={path: data.decode()}), "chrome") == expected
    assert host_policy(recorded("macos"), "firefox") is ABSENT


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (
            recorded(
                "linux",
                commands={
                    "xdg-settings get default-web-browser": {"stdout": "firefox-esr.desktop"}
                },
            ),
            "firefox",
        ),
        (recorded("linux"), ABSENT),
        (
            recorded(
                "windows",
                registry={
                    "64": {
                        r"HKCU\Software\Microsoft\Windows\Shell\Associations\UrlAssociations"
                        r"\https\UserChoice": {"ProgId": "MSEdgeHTM"}
                    }
                },
            ),
            "edge",
        ),
        (recorded("macos"), NotReadable(Why.NO_WAY, "LaunchServices")),
    ],
)
def test_the_browser_that_opens_links(places: Places, expected: object) -> None:
    assert default_browser(places) == expected
