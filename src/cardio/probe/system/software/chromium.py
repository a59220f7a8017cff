"""Chrome, Edge and Chromium: versions, profiles, and the extension that reads Vitale cards.

facts: workstation_systems.md §4.2 to §4.4.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.software.documents import inner, json_object, plist_object
from cardio.probe.system.software.facts import Browser, Extension, Module, Profile
from cardio.probe.system.software.native_hosts import VITALE_EXTENSION, host_policy, native_hosts
from cardio.probe.system.software.pkcs11 import database
from cardio.probe.system.software.places import LINUX, MACOS, WINDOWS, Places
from cardio.probe.system.software.versions import parts
from cardio.probe.system.sources import View

_PROFILE = re.compile(r"Default|Profile [0-9]+")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_UPDATE_KEY = (
    r"HKLM\SOFTWARE\Google\Update\Clients\{8A69D345-D564-463C-AFF1-A69D9E530F96}"  # Chrome's
)
_ENABLED = 1
"""`state` of an extension in Chromium's settings."""


@dataclass(frozen=True, slots=True)
class Family:
    """One browser on one system: its profiles, and where its version shows."""

    id: str
    profiles: str
    installs: tuple[str, ...] = ()
    beacon: str = ""
    command: str = ""


_FAMILIES = {
    WINDOWS: (
        Family(
            "chrome",
            r"{localappdata}\Google\Chrome\User Data",
            (
                r"{programs}\Google\Chrome\Application",
                r"{programs32}\Google\Chrome\Application",
                r"{localappdata}\Google\Chrome\Application",
            ),
            beacon=r"HKCU\Software\Google\Chrome\BLBeacon",
        ),
        Family(
            "edge",
            r"{localappdata}\Microsoft\Edge\User Data",
            (r"{programs32}\Microsoft\Edge\Application", r"{programs}\Microsoft\Edge\Application"),
            beacon=r"HKCU\Software\Microsoft\Edge\BLBeacon",
        ),
    ),
    MACOS: (
        Family(
            "chrome",
            "{home}/Library/Application Support/Google/Chrome",
            ("/Applications/Google Chrome.app/Contents/Info.plist",),
        ),
        Family(
            "edge",
            "{home}/Library/Application Support/Microsoft Edge",
            ("/Applications/Microsoft Edge.app/Contents/Info.plist",),
        ),
        Family(
            "chromium",
            "{home}/Library/Application Support/Chromium",
            ("/Applications/Chromium.app/Contents/Info.plist",),
        ),
    ),
    LINUX: (
        Family("chrome", "{config}/google-chrome", command="google-chrome"),
        Family("edge", "{config}/microsoft-edge", command="microsoft-edge"),
        Family("chromium", "{config}/chromium", command="chromium"),
    ),
}
_NSS_DATABASE = "{home}/.pki/nssdb"


def chromiums(places: Places) -> Iterator[Browser]:
    """Every browser of the family that is installed, or left profiles."""
    for family in _FAMILIES[places.system]:
        version = _VERSIONS[places.system](places, family)
        profiles = _profiles(places, family)
        if version is not ABSENT or is_known(profiles):
            yield Browser(
                id=family.id,
                packaging="native",
                installed=version if isinstance(version, NotReadable) else is_known(version),
                version=version,
                profiles=profiles,
                hosts=native_hosts(places, family.id),
                host_policy=host_policy(places, family.id),
            )


def shared_modules(places: Places) -> Known[tuple[Module, ...]]:
    """The modules of the user's NSS database, which Chromium loads on Linux; elsewhere `ABSENT`."""
    folder = places.path(_NSS_DATABASE) if places.system == LINUX else None
    return database(places, folder) if folder else ABSENT


def is_active(settings: bytes) -> Known[bool]:
    """Whether a profile's Preferences file says that the extension is on; `ABSENT`: not a word."""
    document = json_object(settings)
    if not is_known(document):
        return document
    own = inner(document, "extensions", "settings", VITALE_EXTENSION)
    if not own:
        return ABSENT
    if own.get("disable_reasons"):
        return False
    state = own.get("state", _ENABLED)
    return state == _ENABLED if isinstance(state, int) else NotReadable(Why.MALFORMED, "state")


def _profiles(places: Places, family: Family) -> Known[tuple[Profile, ...]]:
    """Profiles have fixed names, "Default" and "Profile 2": people's are elsewhere."""
    folder = places.path(family.profiles)
    if not folder:
        return ABSENT
    names = places.sources.list_dir(folder)
    if not is_known(names):
        return names
    found = [name for name in names if _PROFILE.fullmatch(name)]
    found.sort(key=lambda name: (name != "Default", parts(name)))
    return tuple(
        Profile(
            number,
            name == "Default",
            extensions=_extensions(places, places.join(folder, name)),
        )
        for number, name in enumerate(found, start=1)
    )


def _extensions(places: Places, profile: str) -> Known[tuple[Extension, ...]]:
    versions = places.sources.list_dir(places.join(profile, "Extensions", VITALE_EXTENSION))
    if not is_known(versions):
        return () if versions is ABSENT else versions
    newest = max(versions, key=parts, default="")
    if not newest:
        return ()
    return (Extension("vitale", newest.partition("_")[0], _activity(places, profile)),)


def _activity(places: Places, profile: str) -> Known[bool]:
    """By the signed settings first, which some versions use instead; by default an extension that
    is there is on.
    """
    for name in ("Secure Preferences", "Preferences"):
        data = places.sources.read_file(places.join(profile, name))
        active = is_active(data) if is_known(data) else data
        if active is not ABSENT:
            return active
    return True


def _windows_version(places: Places, family: Family) -> Known[str]:
    """The newest installed folder; else what the browser wrote when it last ran."""
    names = [name for folder in places.paths(*family.installs) for name in places.names(folder)]
    versions = [name for name in names if _VERSION.fullmatch(name)]
    if versions:
        return max(versions, key=parts)
    registry = places.sources.registry
    told = [registry.value(family.beacon, "version")]
    told += [registry.value(_UPDATE_KEY, "pv", view) for view in View if family.id == "chrome"]
    return next((one for one in told if isinstance(one, str) and one), ABSENT)


def _macos_version(places: Places, family: Family) -> Known[str]:
    for path in family.installs:
        data = places.sources.read_file(path)
        if not is_known(data):
            return data
        document = plist_object(data)
        if is_known(document):
            return str(document.get("CFBundleShortVersionString", "")) or NotReadable(Why.MALFORMED)
        return document
    return ABSENT


def _linux_version(places: Places, family: Family) -> Known[str]:
    result = places.sources.run(family.command, "--version")
    if not is_known(result):
        return result
    found = _VERSION.search(result.text)
    return found[0] if found else NotReadable(Why.MALFORMED, family.command)


_VERSIONS = {WINDOWS: _windows_version, MACOS: _macos_version, LINUX: _linux_version}
