r"""How programs find their way out of Windows: browsers, services, environment.

facts: workstation_systems.md §7. Browsers (WinINET) may have several ways at once: each is one
setting, in the order they are tried. A direct WinHTTP does not undo a browser's proxy.
"""

import re
import struct
from collections.abc import Iterator

from cardio.probe.system.facts import Proxy, ProxyMode
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known, is_no, is_yes
from cardio.probe.system.linux.proxies import from_environment
from cardio.probe.system.proxy_text import without_secrets
from cardio.probe.system.sources import Registry, Sources
from cardio.probe.system.windows.values import POLICIES, blob, switch, text

_SETTINGS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings"
_POLICY = rf"{POLICIES}\Windows\CurrentVersion\Internet Settings"

_DETECT_FLAG = 0x08
_FLAGS_AT = 8
"""Byte of DefaultConnectionSettings with 1 direct, 2 manual, 4 script, 8 detect (I)."""

_HEADER = struct.Struct("<III")
"""WinHttpSettings: a size, a counter, flags (1 direct, 3 with a proxy); then two strings, each
after its length in bytes (layout I).
"""
_LENGTH = struct.Struct("<I")
_PROXY_FLAG = 0x02
_BETWEEN = re.compile(r"[;\s]+")


def proxies(sources: Sources) -> Known[tuple[Proxy, ...]]:
    """Every setting found, also those that say "direct"."""
    key = rf"HKLM\{_SETTINGS}\Connections"
    services = parse_winhttp(blob(sources.registry.value(key, "WinHttpSettings")))
    environment = tuple(from_environment(sources.environment))
    parts = (environment, _browsers(sources.registry), services)
    found = tuple(proxy for part in parts if is_known(part) for proxy in part)
    unread = next((part for part in parts if isinstance(part, NotReadable)), ABSENT)
    return found or unread


def parse_winhttp(value: Known[bytes]) -> Known[tuple[Proxy, ...]]:
    """The proxy of services, from its binary value."""
    if not is_known(value):
        return value
    try:
        flags = _HEADER.unpack_from(value)[2]
        servers, at = _counted(value, _HEADER.size)
        bypass = _counted(value, at)[0]
    except (struct.error, ValueError):
        return NotReadable(Why.MALFORMED, "WinHttpSettings")
    if not flags & _PROXY_FLAG or not servers:
        return (Proxy("winhttp", ProxyMode.DIRECT),)
    return (Proxy("winhttp", ProxyMode.MANUAL, _servers(servers), bypass=_list(bypass)),)


def _counted(value: bytes, at: int) -> tuple[str, int]:
    """A string after its length, and where the next one begins. Raises `struct.error` or
    `ValueError` where it is cut or not ASCII.
    """
    length = _LENGTH.unpack_from(value, at)[0]
    start = at + _LENGTH.size
    if start + length > len(value):
        raise ValueError("cut")
    return value[start : start + length].decode("ascii"), start + length


def _browsers(registry: Registry) -> Known[tuple[Proxy, ...]]:
    """The user's setting, or the machine's where a policy says that it is for all."""
    per_user = switch(registry.value(_POLICY, "ProxySettingsPerUser"))
    key = rf"{'HKLM' if is_no(per_user) else 'HKCU'}\{_SETTINGS}"
    enabled = switch(registry.value(key, "ProxyEnable"))
    flags = blob(registry.value(rf"{key}\Connections", "DefaultConnectionSettings"))
    script = text(registry.value(key, "AutoConfigURL"))
    ways = tuple(_ways(registry, key, enabled, flags, script))
    unread = [part for part in (enabled, flags, script) if isinstance(part, NotReadable)]
    if ways or unread:
        return ways or unread[0]
    return ABSENT if enabled is ABSENT else (Proxy("wininet", ProxyMode.DIRECT),)


def _ways(
    registry: Registry,
    key: str,
    enabled: Known[bool],
    flags: Known[bytes],
    script: Known[str],
) -> Iterator[Proxy]:
    if is_known(flags) and len(flags) > _FLAGS_AT and flags[_FLAGS_AT] & _DETECT_FLAG:
        yield Proxy("wininet", ProxyMode.DETECT)
    if is_known(script) and script:
        yield Proxy("wininet", ProxyMode.SCRIPT, script=without_secrets(script))
    servers = text(registry.value(key, "ProxyServer"))
    if is_yes(enabled) and is_known(servers):
        bypass = text(registry.value(key, "ProxyOverride"))
        listed = _list(bypass) if is_known(bypass) else ()
        yield Proxy("wininet", ProxyMode.MANUAL, _servers(servers), bypass=listed)


def _servers(given: str) -> tuple[str, ...]:
    """`host:port` for all, or `http=host:port;https=host:port`; the names of the schemes stay."""
    pairs = (one.rpartition("=") for one in _list(given))
    return tuple(f"{scheme}{sign}{without_secrets(server)}" for scheme, sign, server in pairs)


def _list(given: str) -> tuple[str, ...]:
    return tuple(one for one in _BETWEEN.split(given) if one)
