"""Is the clock of Windows set over the network? facts: workstation_systems.md §7.

Whether it is right is shown to administrators only (`w32tm /query`): a comparison with an HTTPS
answer tells more.
"""

from cardio.probe.system.facts import Clock, StartMode
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.sources import Sources
from cardio.probe.system.windows.services import start_mode
from cardio.probe.system.windows.values import CONTROL, SERVICES, text

_PARAMETERS = rf"{SERVICES}\W32Time\Parameters"
_FROM_SERVERS = ("NTP", "AllSync")
_FROM_DOMAIN = "NT5DS"
_NEVER = "NoSync"


def clock(sources: Sources) -> Clock:
    """What the time service is told to do."""
    kind = text(sources.registry.value(_PARAMETERS, "Type"))
    zone = sources.registry.value(rf"{CONTROL}\TimeZoneInformation", "TimeZoneKeyName")
    return Clock(
        enabled=_enabled(kind, start_mode(sources, "W32Time")),
        synchronised=NotReadable(Why.NO_WAY, "shown to administrators only"),
        source=_source(sources, kind),
        timezone=text(zone),
    )


def _enabled(kind: Known[str], start: Known[StartMode]) -> Known[bool]:
    if start is StartMode.DISABLED or kind == _NEVER:
        return False
    if is_known(kind) and kind not in (*_FROM_SERVERS, _FROM_DOMAIN):
        return NotReadable(Why.MALFORMED, "W32Time Type")
    return True if is_known(kind) else kind


def _source(sources: Sources, kind: Known[str]) -> Known[str]:
    """The time servers, or the domain; flags such as ",0x8" after a server's name are left out."""
    if kind == _FROM_DOMAIN:
        return "domain"
    if not is_known(kind) or kind not in _FROM_SERVERS:
        return ABSENT if is_known(kind) else kind
    servers = text(sources.registry.value(_PARAMETERS, "NtpServer"))
    if not is_known(servers):
        return servers
    return " ".join(one.partition(",")[0] for one in servers.split()) or ABSENT
