"""Firefox: where it is installed, which version, its profiles and what they load.

facts: workstation_systems.md §4.3 and §4.4.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known, value_or
from cardio.probe.system.software.documents import Object, inner, json_object
from cardio.probe.system.software.facts import Browser, Extension, ModulePolicy, Profile
from cardio.probe.system.software.ini import Section, decode, section, sections
from cardio.probe.system.software.native_hosts import host_policy, native_hosts
from cardio.probe.system.software.pkcs11 import database, module, parse_policy
from cardio.probe.system.software.places import LINUX, MACOS, WINDOWS, Places
from cardio.probe.system.sources import View

_VERSION_KEY = r"SOFTWARE\Mozilla\Mozilla Firefox"
_POLICY_KEY = r"SOFTWARE\Policies\Mozilla\Firefox\SecurityDevices"
_INSTALLS = "installs.ini"
_SYSTEM_POLICY = "/etc/firefox/policies/policies.json"

_EXTENSIONS = {"cps2ter-2020_firefox@asipsante.fr": "cps"}
"""By id in lower case (facts: cps.md §5)."""
_VITALE_NAME = "lecture carte vitale"


@dataclass(frozen=True, slots=True)
class Packaging:
    """One way Firefox is packaged: folders of its programs, of its profiles; its program file."""

    name: str
    installs: tuple[str, ...]
    profiles: tuple[str, ...]
    program: tuple[str, ...] = ("firefox", "firefox-esr", "firefox-bin")


_PACKAGINGS = {
    WINDOWS: (
        Packaging(
            "native",
            (r"{programs}\Mozilla Firefox", r"{programs32}\Mozilla Firefox"),
            (r"{appdata}\Mozilla\Firefox",),
            ("firefox.exe",),
        ),
    ),
    MACOS: (
        Packaging(
            "native",
            ("/Applications/Firefox.app/Contents/Resources",),
            ("{home}/Library/Application Support/Firefox",),
            ("../MacOS/firefox",),
        ),
    ),
    LINUX: (
        Packaging(
            "native",
            ("/usr/lib/firefox", "/usr/lib/firefox-esr", "/usr/lib64/firefox", "/opt/firefox"),
            ("{home}/.mozilla/firefox", "{config}/mozilla/firefox"),
        ),
        Packaging(
            "snap",
            ("/snap/firefox/current/usr/lib/firefox",),
            ("{home}/snap/firefox/common/.mozilla/firefox",),
        ),
        Packaging(
            "flatpak",
            ("/var/lib/flatpak/app/org.mozilla.firefox/current/active/files/lib/firefox",),
            ("{home}/.var/app/org.mozilla.firefox/.mozilla/firefox",),
        ),
    ),
}


def firefoxes(places: Places) -> Iterator[Browser]:
    """Every Firefox that is installed, or left profiles."""
    for packaging in _PACKAGINGS[places.system]:
        install = _install(places, packaging)
        profiles = _profiles(places, packaging)
        if install or profiles is not ABSENT:
            yield _firefox(places, packaging, install, profiles)


def parse_profiles(text: str, installs: str = "") -> tuple[tuple[str, bool, bool], ...]:
    """profiles.ini: path, whether it is relative, whether it is the default of an installation.

    The `Default` of an Install section, or of any in installs.ini, says more than `Default=1` of
    a profile, which is older.
    """
    found = sections(text)
    by_install = [one for one in found if one.name.lower().startswith("install")]
    chosen = {one["Default"] for one in (*by_install, *sections(installs))} - {""}
    profiles = [one for one in found if re.fullmatch(r"profile[0-9]+", one.name.lower())]
    return tuple(
        (
            one["Path"],
            one["IsRelative"] != "0",
            one["Path"] in chosen if chosen else one["Default"] == "1",
        )
        for one in profiles
        if one["Path"]
    )


def parse_extensions(data: bytes) -> Known[tuple[Extension, ...]]:
    """The extensions of this family in a profile's extensions.json."""
    document = json_object(data)
    addons = document.get("addons") if is_known(document) else None
    if not isinstance(addons, list):
        return NotReadable(Why.MALFORMED, "extensions.json")
    found: list[Extension] = []
    for one in cast(list[object], addons):
        addon = cast(Object, one if isinstance(one, dict) else {})
        if name := _extension_id(addon):
            active = addon.get("active")
            is_active = active if isinstance(active, bool) else NotReadable(Why.MALFORMED)
            found.append(Extension(name, _short(addon.get("version")), is_active))
    return tuple(found)


def parse_current(text: str) -> tuple[str, bool, str] | None:
    """The registry's CurrentVersion, "155.0 (x64 fr)": version, ESR or not, architecture."""
    found = re.match(r"([0-9][0-9.]*)( ?ESR)?(?:.*\((x64|x86|aarch64)\b)?", text, re.IGNORECASE)
    if not found:
        return None
    machine = {"x64": "x86_64", "x86": "x86", "aarch64": "arm64"}.get((found[3] or "").lower(), "")
    return found[1], bool(found[2]), machine


def _firefox(
    places: Places, packaging: Packaging, install: str | None, profiles: Known[tuple[Profile, ...]]
) -> Browser:
    application = _application(places, install)
    version, is_esr = _version(places, application)
    return Browser(
        id="firefox",
        packaging=packaging.name,
        installed=install is not None,
        version=version,
        is_esr=is_esr,
        architectures=_architectures(places, packaging, install),
        profiles=profiles,
        module_policy=_module_policy(places, install),
        hosts=native_hosts(places, "firefox"),
        host_policy=host_policy(places, "firefox"),
    )


def _install(places: Places, packaging: Packaging) -> str | None:
    """The first folder that holds a Firefox."""
    folders = [*places.paths(*packaging.installs), *_registered_folders(places)]
    return next((one for one in folders if "application.ini" in places.names(one)), None)


def _registered_folders(places: Places) -> Iterator[str]:
    for key in _version_keys(places):
        folder = places.sources.registry.value(rf"{key[0]}\Main", "Install Directory", key[1])
        if isinstance(folder, str):
            yield folder


def _version_keys(places: Places) -> Iterator[tuple[str, View]]:
    for root in ("HKLM", "HKCU"):
        for view in View:
            key = rf"{root}\{_VERSION_KEY}"
            current = places.sources.registry.value(key, "CurrentVersion", view)
            if isinstance(current, str):
                yield rf"{key}\{current}", view


def _application(places: Places, install: str | None) -> Known[Section]:
    if install is None:
        return ABSENT
    data = places.sources.read_file(places.join(install, "application.ini"))
    return section(decode(data), "App") if is_known(data) else data


def _version(places: Places, application: Known[Section]) -> tuple[Known[str], Known[bool]]:
    """By application.ini, which also tells ESR by its source repository; else by the registry."""
    if is_known(application) and application["Version"]:
        repository = application["SourceRepository"] + application["RemotingName"]
        return application["Version"], "esr" in repository.lower()
    for key, _ in _version_keys(places):
        if found := parse_current(key.rpartition("\\")[2]):
            return found[0], found[1]
    unread = application if isinstance(application, NotReadable) else ABSENT
    return unread, unread


def _architectures(
    places: Places, packaging: Packaging, install: str | None
) -> Known[tuple[str, ...]]:
    for program in packaging.program if install else ():
        path = places.join(install or "", program).replace("/Resources/../", "/")
        file = places.binary(path)
        if is_known(file) and is_known(file.architectures):
            return file.architectures
    for key, _ in _version_keys(places):
        if (found := parse_current(key.rpartition("\\")[2])) and found[2]:
            return (found[2],)
    return ABSENT


def _profiles(places: Places, packaging: Packaging) -> Known[tuple[Profile, ...]]:
    """All profiles of profiles.ini, numbered from 1; `ABSENT` where there is none."""
    found: list[Profile] = []
    refused: NotReadable | None = None
    for folder in places.paths(*packaging.profiles):
        data = places.sources.read_file(places.join(folder, "profiles.ini"))
        if isinstance(data, NotReadable):
            refused = data
        installs = decode(value_or(places.sources.read_file(places.join(folder, _INSTALLS)), b""))
        rows = parse_profiles(decode(data), installs) if is_known(data) else ()
        for path, relative, default in rows:
            whole = places.join(folder, *path.split("/")) if relative else path
            found.append(_profile(places, whole, len(found) + 1, is_default=default))
    return tuple(found) or refused or ABSENT


def _profile(places: Places, folder: str, number: int, *, is_default: bool) -> Profile:
    data = places.sources.read_file(places.join(folder, "extensions.json"))
    return Profile(
        number,
        is_default,
        modules=database(places, folder),
        extensions=parse_extensions(data) if is_known(data) else data,
    )


def _extension_id(addon: Object) -> str | None:
    name = inner(addon, "defaultLocale").get("name")
    if isinstance(name, str) and name.strip().lower() == _VITALE_NAME:
        return "vitale"
    return _EXTENSIONS.get(str(addon.get("id", "")).lower())


def _short(version: object) -> str:
    """A version as reports take it: it is no place for a novel."""
    return version[:40] if isinstance(version, str) else ""


def _module_policy(places: Places, install: str | None) -> Known[ModulePolicy]:
    """The first policy found counts; they are not merged. On Windows the group policy wins."""
    if added := tuple(module(places, path) for path in _group_policy(places)):
        return ModulePolicy(added)
    paths = [_SYSTEM_POLICY] if places.system == LINUX else []
    paths += [places.join(install, "distribution", "policies.json")] if install else []
    for path in paths:
        data = places.sources.read_file(path)
        if data is not ABSENT:
            document = json_object(data) if is_known(data) else data
            return parse_policy(places, document) if is_known(document) else document
    return ABSENT


def _group_policy(places: Places) -> Iterator[str]:
    registry = places.sources.registry
    for root in ("HKLM", "HKCU"):
        for key in (_POLICY_KEY, rf"{_POLICY_KEY}\Add"):
            names = registry.names(rf"{root}\{key}")
            for name in names if is_known(names) else ():
                value = registry.value(rf"{root}\{key}", name)
                if isinstance(value, str) and value:
                    yield value
