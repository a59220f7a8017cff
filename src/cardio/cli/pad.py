"""PINs typed on the reader's own keys."""

import click

from cardio.cards.cps.card import CpsCard
from cardio.cards.cps.pin_pad import CpsPinPad
from cardio.cli.localized import current_text
from cardio.errors import UnsupportedByReader
from cardio.pin.guard import Allow
from cardio.pin.outcomes import ChangeOutcome, VerifyOutcome
from cardio.transport.pinpad import PadLanguage

_LANGUAGES = {"fr": PadLanguage.FRENCH, "en": PadLanguage.ENGLISH}


def verify_on_pad(card: CpsCard, allow: Allow) -> VerifyOutcome:
    """Have the PIN typed. Raises `UnsupportedByReader` where the reader has no pad."""
    pad = _pad(card)
    click.echo(current_text()("pin.pad.verify"), err=True)
    return card.verify_pin_on_pad(pad.verify, allow=allow)


def change_on_pad(card: CpsCard, allow: Allow) -> ChangeOutcome:
    """Have the PIN typed, and the new one twice. Raises `UnsupportedByReader`."""
    pad = _pad(card)
    if not pad.can_change:
        raise UnsupportedByReader("the PIN pad cannot change a PIN").at(card.reader)
    click.echo(current_text()("pin.pad.change"), err=True)
    return card.change_pin_on_pad(pad.change, allow=allow)


def _pad(card: CpsCard) -> CpsPinPad:
    pad = card.pin_pad(_LANGUAGES[current_text().language])
    if pad is None:
        raise UnsupportedByReader("the reader has no PIN pad").at(card.reader)
    return pad
