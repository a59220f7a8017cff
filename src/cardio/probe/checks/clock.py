"""The clock and the way out, as the system has them set."""

from cardio.probe.check import Finding, failed, passed, untold, warned
from cardio.probe.system.facts import ProxyMode, SystemFacts
from cardio.probe.system.known import is_known, is_no, is_yes

MOST_SECONDS = 120
"""Seconds a clock may be wrong: our choice. Assertions and certificates are refused by services
that go by their own clock (facts: services.md §4, tlsi: "correct clock")."""


def clock(system: SystemFacts) -> Finding:
    """Is the clock set over the network, and right as far as that is known?"""
    found = system.clock
    if not is_known(found):
        return untold(found)
    if is_known(found.offset) and abs(found.offset) > MOST_SECONDS:
        return failed("wrong", seconds=round(found.offset))
    if is_yes(found.synchronised):
        return passed()
    if is_no(found.enabled):
        return warned("off")
    if is_no(found.synchronised):
        return warned("not-set")
    return passed("enabled") if is_yes(found.enabled) else _unsaid(system)


def _unsaid(system: SystemFacts) -> Finding:
    found = system.clock
    if not is_known(found):
        return untold(found)
    return passed("enabled") if is_known(found.synchronised) else untold(found.synchronised)


def proxy(system: SystemFacts) -> Finding:
    """How do programs find their way out?"""
    found = system.proxies
    if not is_known(found):
        return untold(found)
    used = [one for one in found if one.mode is not ProxyMode.DIRECT]
    scopes = tuple(dict.fromkeys(one.scope for one in used))
    if any(one.mode in (ProxyMode.SCRIPT, ProxyMode.DETECT) for one in used):
        return passed("script", scopes=scopes)
    if used:
        servers = tuple(dict.fromkeys(server for one in used for server in one.servers))
        return passed("manual", servers=servers, scopes=scopes)
    return passed("direct")
