"""Diagnose a workstation: facts, then checks, then a report that any view can show."""

from functools import partial

from cardio._version import __version__
from cardio.probe.check import Status
from cardio.probe.encode import to_json
from cardio.probe.gathering import Opener, Progress, Step, gather, silent
from cardio.probe.html import to_html
from cardio.probe.registry import CHECKS
from cardio.probe.report import CheckResult, Report, Verdict
from cardio.probe.runner import run_checks
from cardio.workstation.workstation import Workstation

__all__ = [
    "CheckResult",
    "Progress",
    "Report",
    "Status",
    "Step",
    "Verdict",
    "probe",
    "to_html",
    "to_json",
]


def probe(
    where: str = "pcsc",
    *,
    opener: Opener = Workstation.open,
    with_identity: bool = False,
    progress: Progress = silent,
) -> Report:
    """Diagnose the workstation `where`, a word for `opener`; no PIN try is ever spent.

    The report says who the cards belong to only `with_identity`. `progress` is told each step,
    in this thread. Raises only `ConfigurationError`, for a bad bench file.
    """
    facts = gather(where, opener=opener, with_identity=with_identity, progress=progress)
    checked = partial(_checked, progress)
    return Report.of(facts, run_checks(facts, progress=checked), __version__)


def _checked(progress: Progress, done: int) -> None:
    progress(Step("checks", done, len(CHECKS)))
