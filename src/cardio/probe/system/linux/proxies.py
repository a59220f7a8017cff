"""How programs find their way out: environment, GNOME, KDE. facts: workstation_systems.md §7."""

import ast
import configparser
from collections.abc import Iterator, Mapping
from typing import cast

from cardio.probe.system.facts import Proxy, ProxyMode
from cardio.probe.system.known import ABSENT, Known, NotReadable, is_known, value_or
from cardio.probe.system.proxy_text import without_secrets
from cardio.probe.system.sources import Sources

_SCHEMA = "org.gnome.system.proxy"
_SCHEMES = ("http", "https")
_GNOME_MODES = {"none": ProxyMode.DIRECT, "manual": ProxyMode.MANUAL, "auto": ProxyMode.SCRIPT}

_KDE_MODES = {
    "0": ProxyMode.DIRECT,
    "1": ProxyMode.MANUAL,
    "2": ProxyMode.SCRIPT,
    "3": ProxyMode.DETECT,
    "4": ProxyMode.DIRECT,
}
"""ProxyType of kioslaverc (I); 4 is "as the environment says", which is told for itself."""


def proxies(sources: Sources) -> Known[tuple[Proxy, ...]]:
    """Every setting found, also those that say "direct"; `ABSENT` where nobody set anything."""
    parts = (tuple(from_environment(sources.environment)), _gnome(sources), _kde(sources))
    found = tuple(proxy for part in parts if is_known(part) for proxy in part)
    unread = next((part for part in parts if isinstance(part, NotReadable)), ABSENT)
    return found or unread


def from_environment(environment: Mapping[str, str]) -> Iterator[Proxy]:
    """The variables that most programs obey, in lower or upper case; the same on all systems."""
    values = {name.lower(): value for name, value in environment.items() if value}
    names = (*(f"{scheme}_proxy" for scheme in _SCHEMES), "all_proxy")
    servers = tuple(
        f"{name.removesuffix('_proxy')}={without_secrets(values[name])}"
        for name in names
        if name in values
    )
    if servers:
        bypass = tuple(one.strip() for one in values.get("no_proxy", "").split(",") if one.strip())
        yield Proxy("environment", ProxyMode.MANUAL, servers, bypass=bypass)


def _gnome(sources: Sources) -> Known[tuple[Proxy, ...]]:
    """GNOME's setting; "auto" without a script is automatic detection."""
    word = _get(sources, _SCHEMA, "mode")
    mode = _GNOME_MODES.get(word) if is_known(word) else word
    if not isinstance(mode, ProxyMode):
        return ABSENT if mode is None else mode
    if mode is ProxyMode.MANUAL:
        bypass = _strings(value_or(_get(sources, _SCHEMA, "ignore-hosts"), ""))
        return (Proxy("gnome", mode, tuple(_gnome_servers(sources)), bypass=bypass),)
    if mode is ProxyMode.DIRECT:
        return (Proxy("gnome", mode),)
    script = value_or(_get(sources, _SCHEMA, "autoconfig-url"), "")
    return (_scripted("gnome", script),)


def _scripted(scope: str, script: str) -> Proxy:
    if not script:
        return Proxy(scope, ProxyMode.DETECT)
    return Proxy(scope, ProxyMode.SCRIPT, script=without_secrets(script))


def _gnome_servers(sources: Sources) -> Iterator[str]:
    """Host and port only: the schema also holds a password, which is never asked for."""
    for scheme in _SCHEMES:
        host = value_or(_get(sources, f"{_SCHEMA}.{scheme}", "host"), "")
        if host:
            port = value_or(_get(sources, f"{_SCHEMA}.{scheme}", "port"), "")
            yield f"{scheme}={without_secrets(f'{host}:{port}')}"


def _get(sources: Sources, schema: str, key: str) -> Known[str]:
    """A GNOME setting as text; exit code 1: GNOME's settings are not installed."""
    result = sources.run("gsettings", "get", schema, key)
    if not is_known(result):
        return result
    return ABSENT if result.exit_code else result.text.strip().strip("'")


def _strings(variant: str) -> tuple[str, ...]:
    """A list of strings as GVariant prints it; an empty one begins with its type, `@as []`."""
    try:
        found = ast.literal_eval(variant.removeprefix("@as "))
    except (ValueError, SyntaxError):
        return ()
    return tuple(str(one) for one in cast(list[object], found)) if isinstance(found, list) else ()


def _kde(sources: Sources) -> Known[tuple[Proxy, ...]]:
    home = sources.environment.get("HOME", "")
    folder = sources.environment.get("XDG_CONFIG_HOME") or f"{home}/.config"
    data = sources.read_file(f"{folder}/kioslaverc")
    if not is_known(data):
        return data
    settings = _section(data, "Proxy Settings")
    mode = _KDE_MODES.get(settings.get("proxytype", ""))
    if mode is None:
        return ABSENT
    if mode is ProxyMode.SCRIPT:
        return (_scripted("kde", settings.get("proxy config script", "")),)
    servers = tuple(
        f"{scheme}={without_secrets(settings[f'{scheme}proxy'].replace(' ', ':'))}"
        for scheme in _SCHEMES
        if mode is ProxyMode.MANUAL and settings.get(f"{scheme}proxy")
    )
    return (Proxy("kde", mode, servers),)


def _section(data: bytes, name: str) -> Mapping[str, str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(data.decode("utf-8", "replace"))
    except configparser.Error:
        return {}
    return dict(parser[name]) if parser.has_section(name) else {}
