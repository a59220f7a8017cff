"""`cardio pin`: the codes of a professional's card. The tries left are always told first."""

from collections.abc import Callable, Mapping

import click

from cardio.cards.cps.card import CpsCard
from cardio.cli.commands import group
from cardio.cli.exit_codes import ExitCode
from cardio.cli.last_try import permission
from cardio.cli.output import print_json
from cardio.cli.pad import change_on_pad, verify_on_pad
from cardio.cli.pin_view import (
    Outcome,
    counters_as_json,
    counters_as_text,
    exit_code,
    outcome_as_json,
    outcome_as_text,
)
from cardio.cli.secret import SecretSource, no_argument, takes_secret
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.cli.which_card import Which, chooses_card
from cardio.errors import CardError, MalformedData
from cardio.pin.commands import PinCounters
from cardio.pin.guard import Allow
from cardio.pin.outcomes import RefusalReason, Refused, Secret, VerifyOutcome


@group(help="pin.help")
def pin() -> None:
    """Commands on the PIN and the PUK."""


@pin.command(help="pin.command.status")
@chooses_card
@with_settings
def status(settings: Settings, which: Which) -> None:
    """Tell the tries left, spending none; exits with 6 when the PIN is blocked."""
    with workstation_of(settings) as workstation:
        card = which.find(workstation)
        codes = {secret: _counters(card, secret) for secret in Secret if card.has_pin}
    if settings.as_json:
        told = {secret.value: counters_as_json(counters) for secret, counters in codes.items()}
        print_json({"reader": card.reader, "has_pin": card.has_pin, **told})
    else:
        _tell(codes, settings)
    blocked = Secret.PIN in codes and codes[Secret.PIN].is_blocked
    raise SystemExit(ExitCode.PIN if blocked else ExitCode.FINE)


def _tell(codes: Mapping[Secret, PinCounters], settings: Settings) -> None:
    for secret, counters in codes.items():
        click.echo(counters_as_text(secret, counters, settings.text))
    if not codes:
        click.echo(settings.text("pin.refused.no_pin"))


@pin.command(help="pin.command.verify")
@no_argument
@chooses_card
@takes_secret("pin", pad=True)
@with_settings
def verify(settings: Settings, which: Which, pin: SecretSource) -> None:
    """Try the PIN."""
    with workstation_of(settings) as workstation:
        _finish(verified(which.find(workstation), pin, settings), settings)


@pin.command(help="pin.command.change")
@no_argument
@chooses_card
@takes_secret("pin", pad=True)
@takes_secret("new_pin")
@with_settings
def change(settings: Settings, which: Which, pin: SecretSource, new_pin: SecretSource) -> None:
    """Replace the PIN, given the old one."""
    if pin.on_pad and new_pin.is_named:
        raise click.UsageError(settings.text("cli.usage.pad_takes_both"))
    with workstation_of(settings) as workstation:
        card = which.find(workstation)

        def send(allow: Allow) -> Outcome:
            if pin.on_pad:
                return change_on_pad(card, allow)
            with pin.take() as old, new_pin.take() as new:
                return card.change_pin(old, new, allow=allow)

        _finish(_guarded(card, Secret.PIN, send, settings), settings)


@pin.command(help="pin.command.unblock")
@no_argument
@chooses_card
@takes_secret("puk")
@takes_secret("new_pin")
@with_settings
def unblock(settings: Settings, which: Which, puk: SecretSource, new_pin: SecretSource) -> None:
    """Give a new PIN by the PUK."""
    with workstation_of(settings) as workstation:
        card = which.find(workstation)

        def send(allow: Allow) -> Outcome:
            with puk.take() as code, new_pin.take() as new:
                return card.unblock_pin(code, new, allow=allow)

        _finish(_guarded(card, Secret.PUK, send, settings), settings)


def verified(card: CpsCard, source: SecretSource, settings: Settings) -> Outcome:
    """Tell the tries left, ask for the PIN, and send it."""

    def send(allow: Allow) -> VerifyOutcome:
        if source.on_pad:
            return verify_on_pad(card, allow)
        with source.take() as code:
            return card.verify_pin(code, allow=allow)

    return _guarded(card, Secret.PIN, send, settings)


def _guarded(
    card: CpsCard, secret: Secret, send: Callable[[Allow], Outcome], settings: Settings
) -> Outcome:
    """Tell the tries left; then `send`, unless the person shrinks back from what it may cost."""
    if not card.has_pin:
        return Refused(RefusalReason.NO_PIN)
    counters = _counters(card, secret)
    click.echo(counters_as_text(secret, counters, settings.text), err=settings.as_json)
    allowed = permission(counters, secret)
    return send(allowed) if isinstance(allowed, Allow) else allowed


def _counters(card: CpsCard, secret: Secret) -> PinCounters:
    """Nothing known where the card does not tell them in a way that can be read."""
    try:
        return card.pin_counters() if secret is Secret.PIN else card.puk_counters()
    except (CardError, MalformedData):
        return PinCounters()


def _finish(outcome: Outcome, settings: Settings) -> None:
    if settings.as_json:
        print_json(outcome_as_json(outcome))
    else:
        click.echo(outcome_as_text(outcome, settings.text))
    raise SystemExit(exit_code(outcome))
