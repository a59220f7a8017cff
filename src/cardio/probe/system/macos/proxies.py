"""How programs find their way out of macOS: `scutil --proxy`, and the environment.

facts: workstation_systems.md §7.
"""

import re
from collections.abc import Iterator, Mapping

from cardio.probe.system.facts import Proxy, ProxyMode
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.linux.proxies import from_environment
from cardio.probe.system.macos.property_lists import printed
from cardio.probe.system.proxy_text import without_secrets
from cardio.probe.system.sources import CommandResult, Sources

_COMMAND = ("/usr/sbin/scutil", "--proxy")
_SCOPE = "macos"
_START = "<dictionary> {"
_PAIR = re.compile(r"^  (\w+) : ([^<\n].*)$", re.MULTILINE)
_EXCEPTIONS = re.compile(r"^  ExceptionsList : <array> \{\n(.*?)^  \}", re.MULTILINE | re.DOTALL)
_MEMBER = re.compile(r"^    \d+ : (\S.*)$", re.MULTILINE)
_SCHEMES = ("HTTP", "HTTPS", "SOCKS")


def proxies(sources: Sources) -> Known[tuple[Proxy, ...]]:
    """Every setting found, also one that says "direct"."""
    system = parse_scutil(sources.run(*_COMMAND))
    parts = (tuple(from_environment(sources.environment)), system)
    found = tuple(proxy for part in parts if is_known(part) for proxy in part)
    return found or (system if isinstance(system, NotReadable) else ABSENT)


def parse_scutil(result: Known[CommandResult]) -> Known[tuple[Proxy, ...]]:
    """The ways in the order they are tried; several may be set at once."""
    data = printed(result)
    if not is_known(data):
        return data
    shown = data.decode("utf-8", "replace")
    if not shown.startswith(_START):
        return NotReadable(Why.MALFORMED, "scutil")
    ways = tuple(_ways(dict(_PAIR.findall(shown)), _exceptions(shown)))
    return ways or (Proxy(_SCOPE, ProxyMode.DIRECT),)


def _ways(settings: Mapping[str, str], bypass: tuple[str, ...]) -> Iterator[Proxy]:
    if settings.get("ProxyAutoDiscoveryEnable") == "1":
        yield Proxy(_SCOPE, ProxyMode.DETECT)
    if settings.get("ProxyAutoConfigEnable") == "1":
        script = settings.get("ProxyAutoConfigURLString", "")
        yield Proxy(_SCOPE, ProxyMode.SCRIPT, script=without_secrets(script))
    if servers := tuple(_servers(settings)):
        yield Proxy(_SCOPE, ProxyMode.MANUAL, servers, bypass=bypass)


def _servers(settings: Mapping[str, str]) -> Iterator[str]:
    for scheme in _SCHEMES:
        host = settings.get(f"{scheme}Proxy")
        if host and settings.get(f"{scheme}Enable") == "1":
            port = settings.get(f"{scheme}Port", "")
            yield f"{scheme.lower()}={without_secrets(f'{host}:{port}')}"


def _exceptions(shown: str) -> tuple[str, ...]:
    found = _EXCEPTIONS.search(shown)
    return tuple(_MEMBER.findall(found[1])) if found else ()
