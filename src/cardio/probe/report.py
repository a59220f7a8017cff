"""The report: what was found, judged, as plain values that any view can show."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from cardio.probe.check import Check, Evidence, Finding, Status
from cardio.probe.facts import ReaderFacts, WorkstationFacts
from cardio.probe.machine import Machine
from cardio.probe.network.facts import NetworkFacts
from cardio.probe.system.facts import SystemFacts
from cardio.probe.system.software.facts import SoftwareFacts

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; a new field does not raise it."""


class Verdict(StrEnum):
    """What the checks come to, worst first: any failure, anything not told that decides, anything
    else not told or warned of.
    """

    NOT_READY = "not-ready"
    UNKNOWN = "unknown"
    ATTENTION = "attention"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check, asked of the workstation (`reader` None) or of one reader."""

    check: str
    reader: str | None
    status: Status
    cause: str
    evidence: Evidence
    needs: tuple[str, ...]
    cases: tuple[int, ...]
    decides: bool = True

    @classmethod
    def of(cls, check: Check[Any], reader: str | None, finding: Finding) -> Self:
        """The finding of this check about this reader."""
        return cls(
            check=check.id,
            reader=reader,
            status=finding.status,
            cause=finding.cause,
            evidence=finding.evidence,
            needs=check.needs,
            cases=check.cases,
            decides=check.decides,
        )


@dataclass(frozen=True, slots=True)
class Report:
    """One probe of one workstation. Holders and patients are in `readers` only if asked for."""

    created: datetime
    version: str
    machine: Machine
    source: str
    readers: tuple[ReaderFacts, ...]
    checks: tuple[CheckResult, ...]
    system: SystemFacts | None = None
    software: SoftwareFacts | None = None
    network: NetworkFacts | None = None

    @classmethod
    def of(cls, facts: WorkstationFacts, checks: tuple[CheckResult, ...], version: str) -> Self:
        """The report on these facts and what the checks said of them."""
        return cls(
            facts.now,
            version,
            facts.machine,
            facts.source,
            facts.readers,
            checks,
            facts.system,
            facts.software,
            facts.network,
        )

    @property
    def verdict(self) -> Verdict:
        return verdict(self.checks)

    @property
    def has_identity(self) -> bool:
        """Whether it says who the cards belong to."""
        return any(reader.has_identity for reader in self.readers)

    def count(self, status: Status) -> int:
        """How many checks came out so."""
        return sum(result.status is status for result in self.checks)


def verdict(checks: tuple[CheckResult, ...]) -> Verdict:
    """The worst of the checks decides; what was skipped follows from something worse."""
    found = {result.status for result in checks}
    if Status.FAIL in found:
        return Verdict.NOT_READY
    if any(result.status is Status.UNKNOWN and result.decides for result in checks):
        return Verdict.UNKNOWN
    return Verdict.ATTENTION if found & {Status.WARN, Status.UNKNOWN} else Verdict.READY
