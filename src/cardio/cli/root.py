"""The `cardio` command."""

import click

from cardio._version import __version__
from cardio.cli.commands import RootGroup
from cardio.cli.localized import LocalOption

_COMMANDS = {
    "readers": "cardio.cli.readers:readers",
    "cards": "cardio.cli.cards:cards",
    "cps": "cardio.cli.cps:cps",
    "vitale": "cardio.cli.vitale:vitale",
    "consult": "cardio.cli.consult:consult",
    "ins": "cardio.cli.ins:ins",
    "pin": "cardio.cli.pin:pin",
    "sign": "cardio.cli.sign:sign",
    "verify": "cardio.cli.verify:verify",
    "card": "cardio.cli.card:card",
    "probe": "cardio.cli.probe:probe",
    "readiness": "cardio.cli.readiness:readiness",
    "catalogue": "cardio.cli.catalogue:catalogue",
    "study": "cardio.cli.study:study",
    "roster": "cardio.cli.roster:roster",
    "emulate": "cardio.cli.emulate:emulate",
    "trace": "cardio.cli.trace:trace",
    "completion": "cardio.cli.completion:completion",
}


@click.group(
    cls=RootGroup,
    commands_at=_COMMANDS,
    help="cli.help",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="cardio", cls=LocalOption, help="cli.option.version")
def cardio() -> None:
    """All is in the commands."""
