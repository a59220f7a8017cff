"""The way to the services' hosts, where it was tried."""

from collections.abc import Iterable
from statistics import median_low

from cardio.probe.check import Finding, failed, passed, unknown, warned
from cardio.probe.checks.clock import MOST_SECONDS
from cardio.probe.network.facts import HostFacts, NetworkFacts, Reached

_STOPPED = (Reached.NO_ANSWER, Reached.REFUSED, Reached.PROXY, Reached.NO_TLS)


def names(network: NetworkFacts) -> Finding:
    """Are the hosts' names found?"""
    lost = [one for one in network.hosts if one.reached is Reached.NO_NAME]
    if lost and len(lost) == len(network.hosts):
        return failed("offline", hosts=_names(lost))
    return failed("unknown-names", hosts=_names(lost)) if lost else passed()


def reach(network: NetworkFacts) -> Finding:
    """Do the hosts answer?"""
    stopped = [one for one in network.hosts if one.reached in _STOPPED]
    if not stopped:
        return passed(count=len(network.hosts))
    reasons = tuple(dict.fromkeys(one.reached.value for one in stopped))
    tell = failed if len(stopped) == len(network.hosts) else warned
    return tell("stopped", hosts=_names(stopped), reached=reasons)


def inspection(network: NetworkFacts) -> Finding:
    """Is the certificate that arrives the host's own?"""
    if opened := [one for one in network.hosts if one.inspected]:
        return warned("inspected", hosts=_names(opened), issuers=_issuers(opened))
    if false := [one for one in network.hosts if one.reached is Reached.UNTRUSTED]:
        return failed("untrusted", hosts=_names(false), issuers=_issuers(false))
    seen = [one for one in network.hosts if one.issuer]
    return passed(issuers=_issuers(seen)) if seen else unknown("none")


def clock(network: NetworkFacts) -> Finding:
    """Is this workstation's clock that of the hosts? One of them may itself be wrong."""
    offsets = [one.offset for one in network.hosts if one.offset is not None]
    if not offsets:
        return unknown("none")
    seconds = round(median_low(offsets))
    tell = passed if abs(seconds) <= MOST_SECONDS else failed
    return tell("ok" if abs(seconds) <= MOST_SECONDS else "wrong", seconds=seconds)


def _names(hosts: Iterable[HostFacts]) -> tuple[str, ...]:
    return tuple(one.host for one in hosts)


def _issuers(hosts: Iterable[HostFacts]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.issuer for one in hosts if one.issuer))
