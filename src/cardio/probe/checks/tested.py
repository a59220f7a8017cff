"""Is the system among those that Cryptolib CPS was tested on? (facts: cps.md §5)"""

import re
from datetime import date

from cardio.probe.check import Finding, Status, passed, warned
from cardio.probe.facts import WorkstationFacts
from cardio.probe.machine import Machine
from cardio.probe.system.facts import SystemFacts

TABLE_DATE = date(2024, 12, 31)
"""Until when the release notes of Cryptolib CPS 5.2.1 and 5.2.2, which the table is from, speak."""

_WINDOWS = re.compile(r"10|11|20(16|19|22)Server")
_RED_HAT = re.compile(r"\.el[789]")
_DARWIN = {21: 12, 22: 13, 23: 14}
"""Kernel and macOS version; from 20 on, macOS is 9 less."""


_PLATFORMS = {"Linux": "linux", "Windows": "windows", "Darwin": "macos"}


def tested(facts: WorkstationFacts, system: SystemFacts) -> Finding:
    """Is it a tested one? The table has its date; what came later is not in it."""
    machine = facts.machine
    if _PLATFORMS.get(machine.system) != system.platform:
        return Finding(Status.SKIP, "recorded")
    told = {"system": f"{machine.system} {machine.release}", "table_date": TABLE_DATE}
    is_tested = _is_tested(machine)
    if is_tested is None:
        return Finding(Status.SKIP, "distribution", told)
    return passed(**told) if is_tested else warned("not-in-table", **told)


def _is_tested(machine: Machine) -> bool | None:
    """None for a Linux whose distribution the kernel does not tell."""
    if machine.system == "Windows":
        return _WINDOWS.fullmatch(machine.release) is not None
    if machine.system == "Darwin":
        kernel = machine.release.partition(".")[0]
        return kernel.isdecimal() and int(kernel) in _DARWIN
    return True if _RED_HAT.search(machine.release) else None
