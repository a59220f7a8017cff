"""The options of every command that goes by the service catalogue."""

from pathlib import Path

import click

from cardio.cli.commands import option
from cardio.study.evidence import Environment

catalogue_option = option(
    "--catalogue",
    "catalogues",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    metavar="PATH",
    envvar="CARDIO_CATALOGUE",
    help="readiness.option.catalogue",
)
environment_option = option(
    "--environment",
    type=click.Choice([one.value for one in Environment]),
    default=Environment.PRODUCTION.value,
    show_default=True,
    help="readiness.option.environment",
)
