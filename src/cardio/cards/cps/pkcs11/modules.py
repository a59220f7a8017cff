"""Where the module of the Cryptolib CPS is, and what is known of modules: data."""

import os
import sys
from dataclasses import dataclass
from enum import Flag, auto
from pathlib import Path

from cardio.errors import Pkcs11ModuleMissing

_IS_64_BIT = sys.maxsize > 1 << 32
_WINDOWS = Path(os.environ.get("SYSTEMROOT", "C:/Windows"))


@dataclass(frozen=True, slots=True)
class ModulePlace:
    """One file the Cryptolib CPS installs; `system` as `sys.platform` has it."""

    system: str
    path: str


PLACES = (
    ModulePlace("linux", "/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so"),
    ModulePlace("linux", "/usr/local/galss/libcps3_pkcs11_lux.so"),
    ModulePlace("darwin", "/usr/local/lib/libcps3_pkcs11_osx.dylib"),
    ModulePlace("win32", f"System32/cps3_pkcs11_{'w64' if _IS_64_BIT else 'w32'}.dll"),
)
"""facts: cps.md §5, workstation_systems.md §4.1. That the file in the older folder, `galss`, has
the same name is INFERRED. On Windows below `%windir%`; a 32-bit program is shown SysWOW64 there."""


def find_module(named: str | Path | None = None) -> Path:
    """The module's file: the one `named`, else the Cryptolib's where this system has it.

    Raises `Pkcs11ModuleMissing`, which tells where it was looked for.
    """
    places = known_places() if named is None else (Path(named),)
    for place in places:
        if place.is_file():
            return place
    looked = ", ".join(str(place) for place in places) or f"no place is known on {sys.platform}"
    raise Pkcs11ModuleMissing(f"there is no PKCS#11 module: {looked}")


def known_places(system: str = sys.platform) -> tuple[Path, ...]:
    """Where the Cryptolib CPS puts its module on such a system."""
    return tuple(
        (_WINDOWS if place.system == "win32" else Path()) / place.path
        for place in PLACES
        if place.system == system
    )


class Manner(Flag):
    """How a module behaves where the standard leaves it free.

    TELLS_TRIES: its token flags say when a try was lost, so that no flag means none was.
    UNBLOCKS: it takes the PUK for the security officer's PIN.
    NO_BARE: it lists the bare RSA operation and refuses it. PSS, which it has a CPS4 pad, is then
    the signature key's only: the card pads nothing with its authentication key.
    """

    NONE = 0
    TELLS_TRIES = auto()
    UNBLOCKS = auto()
    NO_BARE = auto()


_CRYPTOLIB = Manner.TELLS_TRIES | Manner.UNBLOCKS | Manner.NO_BARE
_BY_MODEL = {"IAS ECC": _CRYPTOLIB, "ChipDoc": _CRYPTOLIB}
"""Token models of the Cryptolib CPS, and of it alone (facts: cps.md §2.4, vendor_library.md §2):
OBSERVED with its 5.2.2 on emulated cards. Whether a real CPS4 refuses PSS with its authentication
key, as the emulated one does, is not public."""

_BY_MAKER = {"OpenSC Project": Manner.TELLS_TRIES, "SoftHSM": Manner.UNBLOCKS}
"""By the maker of the library: OBSERVED with OpenSC 0.23 and SoftHSM 2.6, in the tests."""


_OPENSC_FORGETS = "OpenSC Project", (0, 24)
"""The maker and the first version whose token flags tell of no lost try: OBSERVED up to 0.27
(docs/decisions/0023-opensc-from-0.24-on.md)."""


def manner_of(maker: str, version: tuple[int, int], model: str) -> Manner:
    """What is known of the module that shows a token of this model; nothing of most."""
    unreliable, since = _OPENSC_FORGETS
    if maker == unreliable and version >= since:
        return Manner.NONE
    return _BY_MODEL.get(model) or _BY_MAKER.get(maker, Manner.NONE)
