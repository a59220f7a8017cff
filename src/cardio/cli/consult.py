"""`cardio consult`: both cards of a consultation; whose they are is said only when asked for."""

import math
import signal
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

import click

from cardio.cli.commands import group, option
from cardio.cli.consult_view import View
from cardio.cli.exit_codes import ExitCode
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.errors import CardioError
from cardio.workstation.consultation import Consultation
from cardio.workstation.consultation_events import EndReason, PatientChanged
from cardio.workstation.consultation_pairing import InsertionPolicy

_CODES = {
    EndReason.CPS_LEFT: ExitCode.NO_CARD,
    EndReason.CPS_CHANGED: ExitCode.NO_CARD,
    EndReason.READERS_LOST: ExitCode.NO_READER,
    EndReason.CLOSED: ExitCode.FINE,
}


@group(help="consult.help")
def consult() -> None:
    """Commands on two cards at once."""


@consult.command(help="consult.watch.help")
@option("--with-identity", is_flag=True, help="consult.watch.with_identity")
@option("--cps-reader", metavar="PART", help="consult.watch.cps_reader")
@option("--vitale-reader", metavar="PART", help="consult.watch.vitale_reader")
@option("--serial", metavar="NUMBER", help="cli.option.serial")
@option("--wait", type=click.FloatRange(min=0), metavar="SECONDS", help="consult.watch.wait")
@with_settings
def watch(
    settings: Settings,
    with_identity: bool,
    cps_reader: str | None,
    vitale_reader: str | None,
    serial: str | None,
    wait: float | None,
) -> None:
    """Exits with 0 when stopped, 5 when the CPS left or never came, 4 when the readers are gone."""
    view = View(settings, with_identity=with_identity)
    ended = EndReason.CLOSED
    with workstation_of(settings) as workstation, _until_stopped():
        begin = partial(
            workstation.consultation,
            cps_reader=cps_reader,
            cps_serial=serial,
            vitale_reader=vitale_reader,
            wait=math.inf if wait is None else wait,
            insertion=InsertionPolicy.TELL,
            on_prompt=view.prompt,
        )
        with begin() as consultation:
            ended = _follow(consultation, view)
    view.ended(ended)
    raise SystemExit(_CODES[ended])


def _follow(consultation: Consultation, view: View) -> EndReason:
    """Show all that happens, the patients of other Vitales included, up to the end."""
    view.started(consultation)
    for event in consultation.events():
        view.event(event)
        if isinstance(event, PatientChanged):
            try:
                consultation.change_patient()
            except CardioError as error:
                view.hint(error)
            else:
                view.started(consultation)
    return consultation.wait() or EndReason.CLOSED


@contextmanager
def _until_stopped() -> Generator[None, None, None]:
    """Run the `with` block until it ends, or Ctrl-C or SIGTERM ends it in order."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
