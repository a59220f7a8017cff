"""Which PKCS#11 modules a program will load, as files say; none is ever loaded here.

facts: workstation_systems.md §4.3.
"""

import re
from collections.abc import Iterable, Iterator

from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.software.documents import Object, inner, texts
from cardio.probe.system.software.facts import Module, ModuleKind, ModulePolicy
from cardio.probe.system.software.ini import decode
from cardio.probe.system.software.places import Places

DATABASE = "pkcs11.txt"
_P11_KIT = ("/usr/share/p11-kit/modules", "/etc/pkcs11/modules")
_P11_KIT_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu/pkcs11",
    "/usr/lib/aarch64-linux-gnu/pkcs11",
    "/usr/lib64/pkcs11",
    "/usr/lib/pkcs11",
)
_MODULE_LINE = re.compile(r"^\s*module\s*:\s*(\S.*?)\s*$", re.MULTILINE)

_KINDS = (
    (re.compile(r"cps3_pkcs11"), ModuleKind.VENDOR),
    (re.compile(r"cps_pkcs11|cpspkcs11"), ModuleKind.VENDOR_OLD),
    (re.compile(r"opensc"), ModuleKind.OPENSC),
    (re.compile(r"p11-kit"), ModuleKind.P11_KIT),
    (re.compile(r"softokn|nssckbi|ipcclientcerts|osclientcerts"), ModuleKind.NSS),
)
"""By the file's name. NSS's own modules are part of every Firefox."""


def parse_database(text: str) -> tuple[str, ...]:
    """The libraries of a pkcs11.txt, in their order; NSS itself, which has none, left out.

    Blocks are apart by an empty line; nothing in `library=` is escaped (NSS 3.87, measured).
    """
    return tuple(
        line.partition("=")[2].strip()
        for line in text.splitlines()
        if line.startswith("library=") and line.partition("=")[2].strip()
    )


def module_kind(library: str) -> ModuleKind:
    """Whose module it is, by its file name."""
    name = re.split(r"[\\/]", library)[-1].lower()
    return next((kind for pattern, kind in _KINDS if pattern.search(name)), ModuleKind.OTHER)


def module(places: Places, library: str) -> Module:
    """A registered module, and what its file is made for."""
    if places.separator not in library:
        found = NotReadable(Why.NO_WAY, "a name without a folder")
        return Module(library, module_kind(library), found)
    file = places.binary(library)
    return Module(
        places.shown(library),
        module_kind(library),
        file.architectures if is_known(file) else file,
    )


def database(places: Places, folder: str) -> Known[tuple[Module, ...]]:
    """The modules of an NSS database; `ABSENT` where there is no database."""
    data = places.sources.read_file(places.join(folder, DATABASE))
    if not is_known(data):
        return data
    return tuple(module(places, library) for library in parse_database(decode(data)))


def p11_kit(places: Places) -> Known[tuple[Module, ...]]:
    """The modules p11-kit offers; `ABSENT` where it is not set up."""
    found = [
        module(places, _placed(places, match[1]))
        for folder in _P11_KIT
        for name in places.names(folder)
        if name.endswith(".module")
        and is_known(data := places.sources.read_file(places.join(folder, name)))
        and (match := _MODULE_LINE.search(decode(data)))
    ]
    return tuple(found) or ABSENT


def parse_policy(places: Places, document: Object) -> Known[ModulePolicy]:
    """SecurityDevices in a policies.json: `{"name": "path"}`, or `{"Add": {…}, "Delete": […]}`;
    `ABSENT` where it is not about modules.
    """
    if "SecurityDevices" not in inner(document, "policies"):
        return ABSENT
    devices = inner(document, "policies", "SecurityDevices")
    added = inner(devices, "Add") if devices.keys() & {"Add", "Delete"} else devices
    return ModulePolicy(tuple(_modules(places, added.values())), len(texts(devices.get("Delete"))))


def _modules(places: Places, libraries: Iterable[object]) -> Iterator[Module]:
    return (module(places, one) for one in libraries if isinstance(one, str) and one)


def _placed(places: Places, library: str) -> str:
    """p11-kit looks for a bare name in its own folder."""
    if "/" in library:
        return library
    paths = (f"{folder}/{library}" for folder in _P11_KIT_FOLDERS)
    return next((path for path in paths if places.exists(path) is True), library)
