"""Open the workstation a command was told to use."""

from cardio.cli.settings import Settings
from cardio.workstation.workstation import Workstation


def workstation_of(settings: Settings) -> Workstation:
    """The workstation chosen; with `-v` each exchange is explained on standard error."""
    recorder = settings.recorder
    if not settings.verbose:
        return Workstation.open(settings.workstation, recorder=recorder)
    from cardio.cli.narrator import Narrator

    narrator = Narrator(settings.text.language)
    if recorder:
        recorder.narrator = narrator
    return Workstation.open(settings.workstation, recorder=recorder or narrator)
