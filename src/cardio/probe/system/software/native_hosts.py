"""Native-messaging hosts: the programs a browser extension may start, and who may forbid them.

facts: workstation_systems.md §4.2. A host that is absent shows in the extension as error FF00.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Any

from cardio.probe.system.known import ABSENT, Known, NotReadable, is_known, value_or
from cardio.probe.system.software.documents import Object, json_object, plist_object, texts
from cardio.probe.system.software.facts import HostPolicy, NativeHost
from cardio.probe.system.software.known_products import known_products
from cardio.probe.system.software.places import LINUX, MACOS, WINDOWS, Places
from cardio.probe.system.sources import View

VITALE_EXTENSION = "kpjpglcbcgnblkigbedgaoegjbifejka"
"""The extension "Lecture Carte Vitale" in Chrome and Edge (s1)."""
_ORIGIN = f"chrome-extension://{VITALE_EXTENSION}/"

_KEYS = {
    "chrome": r"SOFTWARE\Google\Chrome\NativeMessagingHosts",
    "edge": r"SOFTWARE\Microsoft\Edge\NativeMessagingHosts",
    "chromium": r"SOFTWARE\Chromium\NativeMessagingHosts",
    "firefox": r"SOFTWARE\Mozilla\NativeMessagingHosts",
}
_FOLDERS: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = {
    (MACOS, "chrome"): (
        ("user", "{home}/Library/Application Support/Google/Chrome/NativeMessagingHosts"),
        ("system", "/Library/Google/Chrome/NativeMessagingHosts"),
    ),
    (MACOS, "edge"): (
        ("user", "{home}/Library/Application Support/Microsoft Edge/NativeMessagingHosts"),
        ("system", "/Library/Microsoft/Edge/NativeMessagingHosts"),
    ),
    (MACOS, "chromium"): (
        ("user", "{home}/Library/Application Support/Chromium/NativeMessagingHosts"),
        ("system", "/Library/Application Support/Chromium/NativeMessagingHosts"),
    ),
    (MACOS, "firefox"): (
        ("user", "{home}/Library/Application Support/Mozilla/NativeMessagingHosts"),
        ("system", "/Library/Application Support/Mozilla/NativeMessagingHosts"),
    ),
    (LINUX, "chrome"): (
        ("user", "{config}/google-chrome/NativeMessagingHosts"),
        ("system", "/etc/opt/chrome/native-messaging-hosts"),
    ),
    (LINUX, "edge"): (
        ("user", "{config}/microsoft-edge/NativeMessagingHosts"),
        ("system", "/etc/opt/edge/native-messaging-hosts"),
    ),
    (LINUX, "chromium"): (
        ("user", "{config}/chromium/NativeMessagingHosts"),
        ("system", "/etc/chromium/native-messaging-hosts"),
    ),
    (LINUX, "firefox"): (
        ("user", "{home}/.mozilla/native-messaging-hosts"),
        ("system", "/usr/lib/mozilla/native-messaging-hosts"),
        ("system", "/usr/lib64/mozilla/native-messaging-hosts"),
    ),
}
_POLICY_KEYS = {
    "chrome": r"SOFTWARE\Policies\Google\Chrome",
    "edge": r"SOFTWARE\Policies\Microsoft\Edge",
}
_POLICY_FOLDERS = {
    "chrome": "/etc/opt/chrome/policies/managed",
    "edge": "/etc/opt/edge/policies/managed",
    "chromium": "/etc/chromium/policies/managed",
}
_POLICY_FILES = {
    "chrome": "/Library/Managed Preferences/com.google.Chrome.plist",
    "edge": "/Library/Managed Preferences/com.microsoft.Edge.plist",
}
_GONE = frozenset({"no-manifest", "unreadable", "not-json", "no-path", "no-program"})
"""Flaws of a host whose program may not be there any more."""
_BLOCK, _ALLOW, _USER = (
    "NativeMessagingBlocklist",
    "NativeMessagingAllowlist",
    "NativeMessagingUserLevelHosts",
)


def host_names() -> tuple[str, ...]:
    """The hosts of the products of products.toml."""
    return tuple(host for product in known_products() for host in product.hosts)


def native_hosts(places: Places, browser: str) -> Known[tuple[NativeHost, ...]]:
    """Those registered for a browser; a user's own before the system's, as browsers look."""
    if places.system == WINDOWS:
        return tuple(_windows_hosts(places, browser))
    return tuple(_file_hosts(places, browser))


def any_host(places: Places, names: Collection[str]) -> bool:
    """Whether some browser has one of these hosts, with its program."""
    hosts = chain.from_iterable(value_or(native_hosts(places, browser), ()) for browser in _KEYS)
    return any(one.name in names and not set(one.flaws) & _GONE for one in hosts)


def host_flaws(data: bytes, name: str, browser: str) -> tuple[str, ...]:
    """What keeps a browser from using a manifest, its program apart."""
    manifest = json_object(data)
    if not is_known(manifest):
        return ("not-json",)
    flaws: list[str] = []
    if manifest.get("name") != name:
        flaws.append("wrong-name")
    if manifest.get("type") != "stdio":
        flaws.append("wrong-type")
    if not isinstance(manifest.get("path"), str) or not manifest["path"]:
        flaws.append("no-path")
    if not _allows(manifest, name, browser):
        flaws.append("not-allowed")
    return tuple(flaws)


def host_policy(places: Places, browser: str) -> Known[HostPolicy]:
    """What administrators decided for a browser; `ABSENT` where they decided nothing."""
    settings = _settings(places, browser)
    if not is_known(settings):
        return settings
    blocked, allowed = texts(settings.get(_BLOCK)), texts(settings.get(_ALLOW))
    stopped = {
        name for name in host_names() if {"*", name} & set(blocked) and name not in set(allowed)
    }
    return HostPolicy(tuple(sorted(stopped)), settings.get(_USER) not in (0, False))


def _windows_hosts(places: Places, browser: str) -> Iterator[NativeHost]:
    """HKCU before HKLM, the 32-bit view before the 64-bit one."""
    for name in host_names():
        for root, scope in (("HKCU", "user"), ("HKLM", "system")):
            key = rf"{root}\{_KEYS[browser]}\{name}"
            for view in (View.BITS_32, View.BITS_64):
                path = places.sources.registry.value(key, "", view)
                if isinstance(path, str) and path:
                    yield _host(places, browser, name, scope, path)
                    break


def _file_hosts(places: Places, browser: str) -> Iterator[NativeHost]:
    for name in host_names():
        for scope, pattern in _FOLDERS[places.system, browser]:
            folder = places.path(pattern)
            if folder and f"{name}.json" in places.names(folder):
                path = places.join(folder, f"{name}.json")
                yield _host(places, browser, name, scope, path)


def _host(places: Places, browser: str, name: str, scope: str, path: str) -> NativeHost:
    data = places.sources.read_file(path)
    if not is_known(data):
        return NativeHost(name, scope, ("no-manifest" if data is ABSENT else "unreadable",))
    flaws = host_flaws(data, name, browser)
    manifest = json_object(data)
    program = manifest.get("path") if is_known(manifest) else None
    if isinstance(program, str) and program and _is_missing(places, path, program):
        flaws = (*flaws, "no-program")
    return NativeHost(name, scope, flaws)


def _is_missing(places: Places, manifest: str, program: str) -> bool:
    """Whether the program is certainly not there; a relative path starts at the manifest, which
    only Windows allows.
    """
    is_absolute = program.startswith("/") or program[1:3] in (":\\", ":/")
    if not is_absolute and places.system != WINDOWS:
        return True
    folder = manifest.rpartition(places.separator)[0]
    whole = program if is_absolute else places.join(folder, program)
    if places.system == WINDOWS:
        whole = whole.replace("/", "\\")
    return places.exists(whole) is False


def _allows(manifest: Object, name: str, browser: str) -> bool:
    """Whether it lets extensions in; for the Vitale host in Chrome and Edge, the known one.

    The extension's id in Edge's own store is not public: there any extension will do.
    """
    if browser == "firefox":
        return bool(texts(manifest.get("allowed_extensions")))
    origins = texts(manifest.get("allowed_origins"))
    if browser == "chrome" and "srvsvcnam" in name:
        return _ORIGIN in origins
    return any(one.startswith("chrome-extension://") and one.endswith("/") for one in origins)


def _settings(places: Places, browser: str) -> Known[Object]:
    if places.system == WINDOWS:
        return _registry_settings(places, browser)
    if places.system == MACOS:
        path = _POLICY_FILES.get(browser)
        data = places.sources.read_file(path) if path else ABSENT
        return plist_object(data) if is_known(data) else data
    folder = _POLICY_FOLDERS.get(browser)
    return _merged(places, folder) if folder else ABSENT


def _merged(places: Places, folder: str) -> Known[Object]:
    """All files of a policy folder."""
    settings: dict[str, Any] = {}
    for name in places.names(folder):
        data = places.sources.read_file(places.join(folder, name))
        if isinstance(data, NotReadable):
            return data
        document = json_object(data) if name.endswith(".json") and is_known(data) else ABSENT
        settings.update(document if is_known(document) else {})
    return settings or ABSENT


def _registry_settings(places: Places, browser: str) -> Known[Object]:
    registry, settings = places.sources.registry, dict[str, Any]()
    for root in ("HKCU", "HKLM") if browser in _POLICY_KEYS else ():
        key = rf"{root}\{_POLICY_KEYS[browser]}"
        for setting in (_BLOCK, _ALLOW):
            names = registry.names(rf"{key}\{setting}")
            if is_known(names) and names:
                settings[setting] = [registry.value(rf"{key}\{setting}", one) for one in names]
        if is_known(user := registry.value(key, _USER)):
            settings[_USER] = user
    return settings or ABSENT
