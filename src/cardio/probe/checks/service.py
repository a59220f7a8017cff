"""The PC/SC service: does it come up by itself, whom does it let in, which copy is used?

facts: workstation_systems.md §1.
"""

from cardio.probe.check import Finding, failed, passed, untold, warned
from cardio.probe.facts import WorkstationFacts
from cardio.probe.system.facts import Knock, PcscService, Service, StartMode, SystemFacts
from cardio.probe.system.known import is_known, is_no, is_yes


def start(facts: WorkstationFacts, system: SystemFacts) -> Finding:
    """Is the service installed, enabled, and whole?"""
    pcsc = system.pcsc
    if not is_known(pcsc):
        return untold(pcsc)
    works = facts.failure is None
    if is_no(pcsc.service.installed) and not works:
        return failed("not-installed", service=pcsc.service.name)
    if off := [one.name for one in _units(pcsc) if one.start == StartMode.DISABLED]:
        return (warned if works else failed)("disabled", services=tuple(off))
    for one in _units(pcsc):
        if is_known(one.failure) and not works:
            return failed("crashed", service=one.name, reason=one.failure)
    if not works and pcsc.knock == Knock.NO_SOCKET:
        return failed("no-socket")
    if pcsc.socket and pcsc.socket.start == StartMode.MANUAL and _is_manual(pcsc.service):
        return warned("manual", service=pcsc.socket.name)
    return _related(pcsc)


def _related(pcsc: PcscService) -> Finding:
    """Services that help: where one is off, browsers may not see the certificate (§1.1)."""
    if off := [one.name for one in pcsc.related if one.start == StartMode.DISABLED]:
        return warned("related-off", services=tuple(off))
    return passed(version=pcsc.version if is_known(pcsc.version) else None)


def _units(pcsc: PcscService) -> list[Service]:
    return [pcsc.service, *([pcsc.socket] if pcsc.socket else [])]


def _is_manual(service: Service) -> bool:
    """Not started by itself when the machine starts."""
    return service.start != StartMode.AUTOMATIC


def rights(facts: WorkstationFacts, system: SystemFacts) -> Finding:
    """May this user, in this session, use the readers?"""
    pcsc = system.pcsc
    if not is_known(pcsc):
        return untold(pcsc)
    tell = failed if facts.failure else warned
    if pcsc.knock == Knock.DENIED:
        return tell("socket")
    if is_no(pcsc.allowed):
        away = is_known(system.session) and (
            is_yes(system.session.remote) or is_no(system.session.active)
        )
        return tell("polkit-away" if away else "polkit")
    return passed()


def copies(system: SystemFacts) -> Finding:
    """Is there one client library, and does it speak to the system's own service?"""
    pcsc = system.pcsc
    if not is_known(pcsc):
        return untold(pcsc)
    if pcsc.redirected:
        return warned("redirected")
    if is_known(pcsc.libraries) and len(pcsc.libraries) > 1:
        return warned("several", folders=pcsc.libraries)
    return passed()
