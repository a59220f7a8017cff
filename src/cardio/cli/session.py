"""Open the workstation a command was told to use."""

from cardio.cli.settings import Settings
from cardio.workstation.workstation import Workstation


def workstation_of(settings: Settings) -> Workstation:
    """The workstation chosen; with `-v` each exchange is explained on standard error."""
    if not settings.verbose:
        return Workstation.open(settings.workstation)
    from cardio.cli.narrator import Narrator

    return Workstation.open(settings.workstation, recorder=Narrator(settings.text.language))
