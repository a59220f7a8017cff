"""Proxy addresses without the secrets people put in them."""

import re
from urllib.parse import urlsplit

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def without_secrets(address: str) -> str:
    """A proxy or script address without user, password, query and fragment.

    One that cannot be understood gives "?": it may be anything.
    """
    address = address.strip()
    scheme = _SCHEME.match(address)
    try:
        parts = urlsplit(address if scheme else f"//{address}")
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return "?"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{scheme[0].lower() if scheme else ''}{host}{port}{parts.path.rstrip('/')}" or "?"
