"""Where the person sits, and on what kind of machine (facts: workstation_systems.md §5)."""

from cardio.probe.check import Finding, failed, passed, untold, warned
from cardio.probe.facts import WorkstationFacts
from cardio.probe.system.facts import SessionKind, SystemFacts
from cardio.probe.system.known import is_known, is_no, is_yes

_BRINGS_READERS = (SessionKind.RDP, SessionKind.CITRIX, SessionKind.HORIZON)
"""Sessions in which programs see the readers of the workstation the person sits at."""


def shows_other_readers(system: SystemFacts) -> bool:
    """Whether the readers seen are those of another workstation than this one."""
    session = system.session
    if not is_known(session) or not is_yes(session.remote):
        return False
    if is_known(session.kind):
        return session.kind in _BRINGS_READERS
    return system.platform == "windows"


def place(facts: WorkstationFacts, system: SystemFacts) -> Finding:
    """Is this a session at the machine itself? If not: whose readers are seen?"""
    session = system.session
    if not is_known(session):
        return untold(session)
    kind = session.kind.value if is_known(session.kind) else "unknown"
    if is_yes(session.remote):
        if not shows_other_readers(system):
            return warned("away", session=kind)
        if facts.readers:
            return warned("remote", session=kind)
        return failed("no-redirection" if is_no(session.redirection) else "no-reader", session=kind)
    if session.kind == SessionKind.SERVICE:
        return warned("service")
    if is_no(session.active):
        return warned("inactive")
    if not is_known(session.remote):
        return untold(session.remote)
    return passed()


def machine(system: SystemFacts) -> Finding:
    """Is it a machine of its own? Readers must be handed on to a virtual one."""
    session = system.session
    if not is_known(session):
        return untold(session)
    if is_known(session.container):
        return warned("container", machine=session.container)
    if is_known(session.virtual_machine):
        return warned("virtual", machine=session.virtual_machine)
    return warned("shared") if is_yes(session.server) else passed()
