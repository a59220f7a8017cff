"""What a person must take upon themselves, by typing a word, before a code is sent."""

from collections.abc import Iterator

import click

from cardio.cli.localized import current_text
from cardio.pin.commands import PinCounters
from cardio.pin.guard import Allow
from cardio.pin.outcomes import Blocked, RefusalReason, Refused, Secret

_ALLOWED_BY = {
    RefusalReason.COUNTER_UNKNOWN: Allow.UNKNOWN_COUNTER,
    RefusalReason.ALREADY_VERIFIED: Allow.UNKNOWN_COUNTER,
    RefusalReason.LAST_TRY: Allow.LAST_TRY,
    RefusalReason.LAST_USE: Allow.LAST_USE,
}


def permission(counters: PinCounters, secret: Secret) -> Allow | Refused | Blocked:
    """What the guard may do with this code now, having asked where it would refuse."""
    if counters.is_blocked:
        return Blocked(secret)
    allowed = Allow.NOTHING
    for reason in _dangers(counters):
        if not _confirmed(reason, secret):
            return Refused(reason)
        allowed |= _ALLOWED_BY[reason]
    return allowed


def _dangers(counters: PinCounters) -> Iterator[RefusalReason]:
    if counters.tries_left is None and counters.is_verified:
        yield RefusalReason.ALREADY_VERIFIED
    elif counters.tries_left is None:
        yield RefusalReason.COUNTER_UNKNOWN
    if counters.tries_left == 1:
        yield RefusalReason.LAST_TRY
    if counters.uses_left == 1:
        yield RefusalReason.LAST_USE


def _confirmed(reason: RefusalReason, secret: Secret) -> bool:
    text = current_text()
    key = f"pin.danger.{reason.name.lower()}"
    word = text(f"{key}.word")
    click.echo(text(f"{key}.{secret.value}"), err=True)
    click.echo(f"{text('pin.danger.type', word=word)} ", nl=False, err=True)
    try:
        return input().strip() == word
    except EOFError:
        return False
