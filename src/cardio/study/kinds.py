"""People with the same verdicts, taken together, and what has to be done for them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cardio.study.answers import State
from cardio.study.fixes import Fix, Scope
from cardio.study.result import (
    Cause,
    CheckFound,
    Errand,
    Kind,
    ServiceVerdict,
    Verdict,
)

STATES = (State.NOT_MET, State.UNKNOWN, State.ELSEWHERE)
"""Worst first."""

_STATE_OF_CHECK = {"unknown": State.UNKNOWN}
_Ids = tuple[tuple[int, ...], bool]


@dataclass(slots=True)
class Kinds:
    """Gives people with the same verdict objects the same `Kind`."""

    _kinds: dict[_Ids, Kind] = field(default_factory=dict[_Ids, Kind])

    def of(self, services: tuple[ServiceVerdict, ...], *, has_errors: bool) -> Kind:
        """`has_errors`: the line of the roster has some, which is an errand of its own."""
        key = tuple(map(id, services)), has_errors
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = _kind(services, has_errors=has_errors)
        return found


def at_workstation(
    report: str | None, checks: Iterable[CheckFound], services: Iterable[ServiceVerdict]
) -> tuple[Errand, ...]:
    """What has to be done there, by its checks and by what services ask of it."""
    if report is None:
        return (Errand(Fix.PROBE_WORKSTATION, (), State.UNKNOWN),)
    causes = _by_fix(services)
    states = {fix: _worst(found) for fix, found in causes.items()}
    for check in checks:
        state = _STATE_OF_CHECK.get(check.status, State.NOT_MET)
        states[check.fix] = min(states.get(check.fix, state), state, key=STATES.index)
    return tuple(
        Errand(fix, tuple(causes.get(fix, ())), state)
        for fix, state in states.items()
        if fix.scope is Scope.WORKSTATION
    )


def _kind(services: tuple[ServiceVerdict, ...], *, has_errors: bool) -> Kind:
    causes = _by_fix(services)
    states = {fix: _worst(found) for fix, found in causes.items()}
    if has_errors:
        states[Fix.CORRECT_ROSTER] = State.NOT_MET
    errands = tuple(Errand(fix, tuple(causes.get(fix, ())), state) for fix, state in states.items())
    order = list(Verdict)
    verdicts = (one.verdict for one in services)
    return Kind(services, errands, min(verdicts, key=order.index, default=Verdict.NOT_CONCERNED))


def _by_fix(services: Iterable[ServiceVerdict]) -> dict[Fix, list[Cause]]:
    found: dict[Fix, list[Cause]] = {}
    for service in services:
        for cause in (*service.causes, *service.to_confirm):
            found.setdefault(cause.fix, []).append(cause)
    return found


def _worst(causes: Iterable[Cause]) -> State:
    return min((cause.answer.state for cause in causes), key=STATES.index)
