"""Which programs and browsers a report shows (docs/reference/report.md, `software`).

What was not looked for, or could not be read, is left out: it is not known.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from cardio.catalogue.values import Browser, Middleware

Json = Mapping[str, Any]

_PRODUCTS = {
    "cryptolib": Middleware.CRYPTOLIB,
    "galss": Middleware.GALSS,
    "srvsvcnam": Middleware.SRVSVCNAM,
}
_BROWSERS = {one.value: one for one in Browser}
_VITALE_EXTENSION = "vitale"

FIRST_FOR_CPS4 = (5, 2)
"""Cryptolib CPS that knows a CPS4 (facts: certificates_identifiers_services.md §4.1)."""


def middleware(report: Json, *, has_cps4: bool) -> dict[Middleware, bool]:
    """Programs found or missing. A Cryptolib CPS too old for a CPS4 is none, for that card."""
    found: dict[Middleware, bool] = {}
    for product in _list(_software(report), "products"):
        known = _PRODUCTS.get(str(product.get("id")))
        if known and isinstance(product.get("installed"), bool):
            found[known] = product["installed"]
            if known is Middleware.CRYPTOLIB and has_cps4 and _all_too_old(product):
                found[known] = False
    extension = _extension(report)
    if extension is not None:
        found[Middleware.VITALE_EXTENSION] = extension
    return found


def browsers(report: Json) -> frozenset[Browser] | None:
    """Those that are installed; None where nobody looked, or one could not be told."""
    software = _software(report)
    if not isinstance(software.get("browsers"), list):
        return None
    found = {
        _BROWSERS[str(one.get("id"))]
        for one in _list(software, "browsers")
        if one.get("id") in _BROWSERS and one.get("installed") is True
    }
    unread = any(isinstance(one.get("installed"), dict) for one in _list(software, "browsers"))
    return frozenset(found) if found or not unread else None


def _extension(report: Json) -> bool | None:
    """Whether a profile has the extension that reads the Vitale; None where none was readable."""
    is_known = False
    for browser in _list(_software(report), "browsers"):
        for profile in _list(browser, "profiles"):
            if not isinstance(profile.get("extensions"), list):
                continue
            is_known = True
            for one in _list(profile, "extensions"):
                if one.get("id") == _VITALE_EXTENSION and one.get("active") is not False:
                    return True
    return False if is_known else None


def _all_too_old(product: Json) -> bool:
    versions = [
        tuple(map(int, re.findall(r"\d+", version)[:2]))
        for one in (*_list(product, "registrations"), *_list(product, "files"))
        if isinstance(version := one.get("version"), str) and version[:1].isdigit()
    ]
    return bool(versions) and all(version < FIRST_FOR_CPS4 for version in versions)


def _software(report: Json) -> Json:
    found = report.get("software")
    return cast(Json, found) if isinstance(found, dict) else {}


def _list(value: Json, name: str) -> Iterator[Json]:
    """The objects of a list; nothing for what is absent or not readable."""
    found = value.get(name)
    if isinstance(found, list):
        yield from (cast(Json, one) for one in cast(list[object], found) if isinstance(one, dict))
