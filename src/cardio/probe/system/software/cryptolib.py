"""How Cryptolib CPS is set: its cache of card files, its traces.

facts: cps.md §5, vendor_library.md §1, workstation_systems.md §4.1.
"""

import re

from cardio.errors import CardioError
from cardio.iso7816.fcp import Fcp
from cardio.probe.system.known import ABSENT, Known, NotReadable, is_known
from cardio.probe.system.software.facts import CardCache, Cryptolib
from cardio.probe.system.software.ini import decode
from cardio.probe.system.software.places import LINUX, MACOS, WINDOWS, Places
from cardio.probe.system.sources import View

_CACHES = {
    WINDOWS: r"{programdata}\santesocial\cps\cache",
    MACOS: "/Library/Application Support/santesocial/CPS/cache",
    LINUX: "/etc/opt/santesocial/CPS/cache",
}
"""Windows and Linux published; macOS inferred."""
_CONFIGS = {
    MACOS: "/Library/Application Support/santesocial/CPS/cps3_pkcs11.conf",
    LINUX: "/etc/opt/santesocial/CPS/cps3_pkcs11.conf",
}
_SWITCHES = (
    (r"SOFTWARE\ASIP Sante\PKCS11", "Traces"),
    (r"SOFTWARE\ASIP Sante\PKCS11", "Debug"),
    (r"SOFTWARE\ASIP Sante\CSP", "Traces"),
)
_VARIABLES = ("CPS3_PKCS11_TRACES", "CPS3_DEBUG")
_TRACES = re.compile(r"Traces\s*[:=]?\s*\{([^}]*)\}", re.IGNORECASE)
_ON = re.compile(r"\bactive\s*[=:]\s*true\b|\bdebug\s*[=:]\s*0*[1-9]", re.IGNORECASE)

_CACHED = re.compile(r"([0-9A-Fa-f]{8})_(s_)?([0-9A-Fa-f]{4,16})")
"""`<serial>_<id>` has a file's contents, `<serial>_s_<id>` its FCP (vendor_library.md §1)."""
_MOST_CACHED = 400
"""Files looked at; a card leaves about 15."""


def cryptolib(places: Places) -> Cryptolib:
    """How it is set, also where it is no longer installed."""
    return Cryptolib(cache=card_cache(places), traces=traces(places))


def card_cache(places: Places) -> Known[CardCache]:
    """The cache, counted: names hold card serials and contents are personal, so neither is kept."""
    folder = places.path(_CACHES[places.system])
    if not folder:
        return ABSENT
    names = places.sources.list_dir(folder)
    if not is_known(names):
        return names
    files: dict[str, bytes] = {}
    for name in [one for one in names if _CACHED.fullmatch(one)][:_MOST_CACHED]:
        data = places.sources.read_file(places.join(folder, name))
        if isinstance(data, NotReadable):
            return data
        if is_known(data):
            files[name.lower()] = data
    return CardCache(
        files=len(files),
        empty=sum(not data for data in files.values()),
        torn=sum(_is_torn(name, data, files) for name, data in files.items()),
    )


def traces(places: Places) -> Known[bool]:
    """Whether traces are switched on; `ABSENT` where nothing says."""
    if any(places.sources.environment.get(name, "0") not in ("", "0") for name in _VARIABLES):
        return True
    if places.system == WINDOWS:
        return _registry_traces(places)
    data = places.sources.read_file(_CONFIGS[places.system])
    return parse_traces(decode(data)) if is_known(data) else data


def parse_traces(text: str) -> Known[bool]:
    """The `Traces { active = …; debug = …; }` group of cps3_pkcs11.conf."""
    found = _TRACES.search(re.sub(r"(?m)(#|//).*$", "", text))
    return bool(_ON.search(found[1])) if found else ABSENT


def _registry_traces(places: Places) -> Known[bool]:
    values = [
        places.sources.registry.value(rf"{root}\{key}", name, view)
        for root in ("HKLM", "HKCU")
        for key, name in _SWITCHES
        for view in View
    ]
    if any(isinstance(value, int) and value for value in values):
        return True
    refused = next((one for one in values if isinstance(one, NotReadable)), ABSENT)
    return False if any(is_known(value) for value in values) else refused


def _is_torn(name: str, data: bytes, files: dict[str, bytes]) -> bool:
    """Whether contents are not as long as the card said in the FCP beside them."""
    found = _CACHED.fullmatch(name)
    if not found or found[2] or not data:
        return False
    described = files.get(f"{found[1]}_s_{found[3]}")
    try:
        size = Fcp.decode(described).size if described else None
    except CardioError:
        return True
    return size is not None and size != len(data)
