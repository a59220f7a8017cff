"""Who has a reader, as far as the system tells. Nobody is ever stopped.

facts: workstation_systems.md §3.
"""

from collections.abc import Iterable

from cardio.errors import SharingViolation
from cardio.probe.check import Finding, failed, passed, unknown, untold, warned
from cardio.probe.facts import WorkstationFacts
from cardio.probe.system.facts import Certainty, HeldBy, Holder, SystemFacts
from cardio.probe.system.known import is_known
from cardio.probe.system.known_programs import known_program


def holders(facts: WorkstationFacts, system: SystemFacts) -> Finding:
    """Which programs hold a reader, or may?"""
    if not is_known(system.holders):
        return untold(system.holders)
    found, held = system.holders.found, _held(facts)
    if direct := [one for one in found if one.by is HeldBy.USB]:
        tell = failed if held or not facts.readers else warned
        return tell("usb", programs=_names(direct), devices=_devices(direct))
    if held and found:
        return warned("candidates", programs=_names(found), certainty=_best(found), readers=held)
    if held:
        return unknown("nobody-seen", readers=held, hidden=system.holders.hidden)
    if found:
        return passed("shared", programs=_names(found))
    return passed("nobody")


def _held(facts: WorkstationFacts) -> tuple[str, ...]:
    """The readers that somebody keeps to himself."""
    return tuple(
        one.name
        for one in facts.readers
        if one.exclusive or (one.failure and one.failure.is_a(SharingViolation))
    )


def _best(found: Iterable[Holder]) -> str:
    order = list(Certainty)
    return min((one.certainty for one in found), key=order.index).value


def _names(found: Iterable[Holder]) -> tuple[str, ...]:
    """Titles where the program is known, else process names; each once."""
    return tuple(dict.fromkeys(known_program(one.process) or one.process for one in found))


def _devices(found: Iterable[Holder]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.device for one in found if one.device))
