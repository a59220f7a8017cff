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
from cardio.probe.saving import save
from cardio.probe.system.platform import Platform
from cardio.probe.watching import Change, changed, watch
from cardio.workstation.workstation import Workstation

__all__ = [
    "Change",
    "CheckResult",
    "Progress",
    "Report",
    "Status",
    "Step",
    "Verdict",
    "changed",
    "probe",
    "save",
    "to_html",
    "to_json",
    "watch",
]


def probe(
    where: str = "pcsc",
    *,
    opener: Opener = Workstation.open,
    with_identity: bool = False,
    network: bool = False,
    platform: Platform | None = None,
    progress: Progress = silent,
) -> Report:
    """Diagnose the workstation `where`, a word for `opener`; no PIN try is ever spent.

    The report says who the cards belong to only `with_identity`. Nothing goes over the network
    unless `network` asks for it. `platform` is a system to look at instead of this machine's,
    such as a recorded one. `progress` is told each step, in this thread. Raises only
    `ConfigurationError`, for a bad bench file.
    """
    facts = gather(
        where,
        opener=opener,
        with_identity=with_identity,
        network=network,
        platform=platform,
        progress=progress,
    )
    checked = partial(_checked, progress)
    return Report.of(facts, run_checks(facts, progress=checked), __version__)


def _checked(progress: Progress, done: int) -> None:
    progress(Step("checks", done, len(CHECKS)))
