"""All about software at once; a part that hangs costs nobody else a thing."""

from collections.abc import Callable, Mapping
from typing import Any

from cardio.errors import ConfigurationError
from cardio.probe.runner import side_by_side
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.software.chromium import chromiums, shared_modules
from cardio.probe.system.software.cryptolib import cryptolib
from cardio.probe.system.software.facts import Browser, SoftwareFacts
from cardio.probe.system.software.firefox import firefoxes
from cardio.probe.system.software.galss_files import galss_file
from cardio.probe.system.software.pkcs11 import p11_kit
from cardio.probe.system.software.places import LINUX, MACOS, WINDOWS, Places
from cardio.probe.system.software.products import products
from cardio.probe.system.sources import Sources

SOFTWARE_LIMIT = 20.0
"""Seconds for all parts, side by side; the longest runs four commands of 5 s at most."""

_USER_CHOICE = (
    r"HKCU\Software\Microsoft\Windows\Shell\Associations\UrlAssociations\https\UserChoice"
)
_DEFAULTS = {
    "chromehtml": "chrome",
    "msedgehtm": "edge",
    "firefox": "firefox",
    "google-chrome": "chrome",
    "chromium": "chromium",
    "microsoft-edge": "edge",
}
"""Begins of what systems call their default browser, and our word."""


def software_facts(sources: Sources, platform: str, limit: float = SOFTWARE_LIMIT) -> SoftwareFacts:
    """What is installed on "windows", "macos" or "linux", as these doors show it.

    Nothing is loaded, started or changed. A part that takes longer than `limit` seconds in all is
    `NotReadable`. Raises `ConfigurationError` for another platform.
    """
    if platform not in (WINDOWS, MACOS, LINUX):
        raise ConfigurationError(f"no platform {platform!r}: linux, windows or macos")
    places = Places(sources, platform)
    outcomes = side_by_side([lambda p=part: p(places) for part in _PARTS.values()], limit)
    found: dict[str, Any] = {}
    for name, outcome in zip(_PARTS, outcomes, strict=True):
        if outcome.error is None:
            found[name] = outcome.value
        elif isinstance(outcome.error, TimeoutError):
            found[name] = NotReadable(Why.TIMEOUT, f"{limit:g} s")
        else:
            found[name] = NotReadable(Why.FAILED, type(outcome.error).__name__)
    return SoftwareFacts(platform, **found)


def browsers(places: Places) -> tuple[Browser, ...]:
    """Every browser that is installed, or left profiles."""
    return (*firefoxes(places), *chromiums(places))


def default_browser(places: Places) -> Known[str]:
    """The browser that opens links; `ABSENT` for one not of the known families."""
    if places.system == WINDOWS:
        given = places.sources.registry.value(_USER_CHOICE, "ProgId")
    elif places.system == LINUX:
        result = places.sources.run("xdg-settings", "get", "default-web-browser")
        given = result.text.strip() if is_known(result) else result
    else:
        return NotReadable(Why.NO_WAY, "LaunchServices")
    if not is_known(given):
        return given
    name = str(given).lower()
    return next((word for start, word in _DEFAULTS.items() if name.startswith(start)), ABSENT)


_PARTS: Mapping[str, Callable[[Places], object]] = {
    "galss": galss_file,
    "products": products,
    "cryptolib": cryptolib,
    "browsers": browsers,
    "default_browser": default_browser,
    "shared_modules": shared_modules,
    "p11_kit": p11_kit,
}
"""The fields of `SoftwareFacts`, and who fills them."""
