"""Hand-made software of a workstation, for the tests of its checks; all of it is invented."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from cardio.probe.system.recorded import RecordedSources
from cardio.probe.system.software.facts import (
    Binary,
    Browser,
    CardCache,
    Cryptolib,
    Extension,
    GalssFile,
    Module,
    ModuleKind,
    NativeHost,
    Product,
    Profile,
    Registration,
    SoftwareFacts,
)
from cardio.probe.system.software.galss import Channel, ChannelKind, GalssConfig, Pad, Resource
from cardio.probe.system.software.places import Places

INI = Path(__file__).parents[2] / "vectors" / "systems" / "galss"
CPS_PKCS11 = "/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so"
VITALE_HOST = "fr.sesamvitale.srvsvcnam_native_messaging_host"
VITALE_EXTENSION = "kpjpglcbcgnblkigbedgaoegjbifejka"
ELF64 = "7f454c4602010100" + "00" * 8 + "0300" + "3e00" + "00" * 44

VENDOR = Module(CPS_PKCS11, ModuleKind.VENDOR, ("x86_64",))
OPENSC = Module("/usr/lib/opensc-pkcs11.so", ModuleKind.OPENSC, ("x86_64",))
READING = Extension("vitale", "1.0.0", active=True)
HOST = NativeHost(VITALE_HOST, "system")

FIREFOX = Browser(
    "firefox",
    "native",
    installed=True,
    version="155.0",
    is_esr=False,
    architectures=("x86_64",),
    profiles=(Profile(1, is_default=True, modules=(VENDOR,), extensions=(READING,)),),
    hosts=(HOST,),
)
CHROME = Browser(
    "chrome",
    "native",
    installed=True,
    version="153.0.7000.1",
    profiles=(Profile(1, is_default=True, extensions=(READING,)),),
    hosts=(HOST,),
)


def channel(number: int, reader: str, name: str) -> Channel:
    """A PC/SC channel with one resource."""
    return Channel(number, ChannelKind.PCSC, number, reader, (Pad(0, (Resource(name, 1),)),))


def product(product_id: str, *versions: str, places: tuple[str, ...] = ()) -> Product:
    """An installed product, as Linux lists it, with 64-bit files."""
    return Product(
        product_id,
        installed=True,
        registrations=tuple(Registration(version) for version in versions),
        files=tuple(Binary(place, ("x86_64",)) for place in places),
    )


def good_software(cps_reader: str, vitale_reader: str) -> SoftwareFacts:
    """A Linux workstation on which every check of software is asked, and passes."""
    channels = (channel(1, cps_reader, "CPS"), channel(2, vitale_reader, "Vitale"))
    return SoftwareFacts(
        "linux",
        galss=GalssFile("/usr/local/galss/galss.ini", GalssConfig(channels)),
        products=(
            product("cryptolib", "5.2.4", places=(CPS_PKCS11,)),
            product("galss", "3.45.01"),
            product("srvsvcnam", "5.10.04"),
        ),
        cryptolib=Cryptolib(CardCache(12), traces=False),
        browsers=(FIREFOX, CHROME),
        default_browser="firefox",
        shared_modules=(VENDOR,),
    )


def with_product(software: SoftwareFacts, changed: Product) -> SoftwareFacts:
    """The same workstation with one product otherwise."""
    assert isinstance(software.products, tuple)
    others = tuple(one for one in software.products if one.id != changed.id)
    return replace(software, products=(*others, changed))


def recorded(system: str, **parts: Any) -> Places:  # noqa: ANN401 (JSON)
    """The places of a snapshot (vectors/systems/README.md)."""
    return Places(RecordedSources({"system": system, **parts}), system)
