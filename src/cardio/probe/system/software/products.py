"""Which products of products.toml are installed, by the system's lists and by their files.

facts: workstation_systems.md §4.1.
"""

import re
from collections.abc import Iterable, Iterator

from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.software.facts import Product, Registration
from cardio.probe.system.software.known_products import KnownProduct, known_products
from cardio.probe.system.software.native_hosts import any_host
from cardio.probe.system.software.places import LINUX, MACOS, WINDOWS, Places
from cardio.probe.system.sources import Sources, View

_UNINSTALL = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
_INSTALLED = r"HKCR\Installer\Products"
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_RECEIPTS = re.compile(r"asip|santesocial|sesam|cnam|galss|cryptolib|diagam", re.IGNORECASE)
"""Words of the receipts worth a look; the exact names are not public (I)."""
_MOST_RECEIPTS = 20
_LINUX_COMMANDS = (
    ("dpkg-query", "-W", "-f", r"${Package}\t${Version}\t${db:Status-Status}\n"),
    ("rpm", "-qa", "--qf", r"%{NAME}\t%{VERSION}\tinstalled\n"),
)

Listed = tuple[str, Registration]
"""A name in the system's list, and its version."""


def products(places: Places) -> tuple[Product, ...]:
    """Every known product, there or not."""
    listed = _LISTS[places.system](places.sources)
    return tuple(_product(one, places, listed) for one in known_products())


def windows_list(sources: Sources) -> Known[tuple[Listed, ...]]:
    """The uninstall entries of both registry views and of the user, and the installer's."""
    found = [
        *_uninstall(sources, "HKLM", View.BITS_64),
        *_uninstall(sources, "HKLM", View.BITS_32),
        *_uninstall(sources, "HKCU", View.BITS_64),
        *_installer(sources),
    ]
    keys = sources.registry.keys(rf"HKLM\{_UNINSTALL}")
    return keys if isinstance(keys, NotReadable) and not found else tuple(dict.fromkeys(found))


def linux_list(sources: Sources) -> Known[tuple[Listed, ...]]:
    """All packages of dpkg and rpm; one of the two is normally absent."""
    answers = [sources.run(*command) for command in _LINUX_COMMANDS]
    found: list[Listed] = []
    for result in answers:
        rows = [line.split("\t") for line in result.text.splitlines()] if is_known(result) else []
        found += [(row[0], Registration(row[1])) for row in rows if row[2:] == ["installed"]]
    refused = next((one for one in answers if isinstance(one, NotReadable)), ABSENT)
    return tuple(found) or refused


def macos_list(sources: Sources) -> Known[tuple[Listed, ...]]:
    """The receipts of installed packages, of the makers concerned only."""
    result = sources.run("/usr/sbin/pkgutil", "--pkgs")
    if not is_known(result):
        return result
    names = [line.strip() for line in result.text.splitlines() if _RECEIPTS.search(line)]
    return tuple((name, _receipt(sources, name)) for name in names[:_MOST_RECEIPTS])


_LISTS = {WINDOWS: windows_list, LINUX: linux_list, MACOS: macos_list}


def _product(known: KnownProduct, places: Places, listed: Known[tuple[Listed, ...]]) -> Product:
    entries = listed if is_known(listed) else ()
    mine = [entry for name, entry in entries if known.is_listed_as(name, places.system)]
    mine += _registered(known, places.sources)
    paths = places.paths(*known.files.get(places.system, ()))
    files = [places.binary(path) for path in paths]
    binaries = tuple(one for one in files if is_known(one))
    refused = [one for one in (listed, *files) if isinstance(one, NotReadable)]
    installed: Known[bool] = True
    if not mine and not binaries and not any_host(places, known.hosts):
        installed = refused[0] if refused else _is_absent(known, places.system)
    return Product(known.id, installed, tuple(dict.fromkeys(mine)), binaries)


def _is_absent(known: KnownProduct, system: str) -> Known[bool]:
    """Not found is "no" only where somebody published where it would be."""
    if known.files.get(system) or (system == WINDOWS and known.listed):
        return False
    return NotReadable(Why.NO_WAY, "no known place on this system")


def _registered(known: KnownProduct, sources: Sources) -> Iterator[Registration]:
    """Versions in the product's own registry keys."""
    for key, _, name in (place.partition("|") for place in known.registry):
        for view in View:
            value = sources.registry.value(key, name, view)
            if isinstance(value, str) and value.strip():
                yield Registration(value.strip(), view.value)


def _uninstall(sources: Sources, root: str, view: View) -> Iterator[Listed]:
    registry, key = sources.registry, rf"{root}\{_UNINSTALL}"
    names = registry.keys(key, view)
    for name in names if is_known(names) else ():
        title = registry.value(rf"{key}\{name}", "DisplayName", view)
        version = registry.value(rf"{key}\{name}", "DisplayVersion", view)
        if isinstance(title, str):
            given = version if isinstance(version, str) else _version_in(title)
            yield title, Registration(given.strip(), view.value)


def _installer(sources: Sources) -> Iterator[Listed]:
    """MSI products; they tell their version in their name if at all."""
    names = sources.registry.keys(_INSTALLED)
    for name in names if is_known(names) else ():
        title = sources.registry.value(rf"{_INSTALLED}\{name}", "ProductName")
        if isinstance(title, str):
            yield title, Registration(_version_in(title))


def _receipt(sources: Sources, name: str) -> Registration:
    result = sources.run("/usr/sbin/pkgutil", "--pkg-info", name)
    lines: Iterable[str] = result.text.splitlines() if is_known(result) else ()
    given = next((line for line in lines if line.startswith("version:")), "")
    return Registration(given.removeprefix("version:").strip())


def _version_in(title: str) -> str:
    found = _VERSION.search(title)
    return found[0] if found else ""
