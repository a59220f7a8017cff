"""How the tries left and the outcome of a PIN command are told; no code is ever in them."""

from typing import Any

from cardio.cli.exit_codes import ExitCode
from cardio.locale import Translator
from cardio.pin.commands import PinCounters
from cardio.pin.outcomes import (
    Blocked,
    Changed,
    Refused,
    Secret,
    Verified,
    WrongPin,
)

Outcome = Verified | Changed | WrongPin | Blocked | Refused


def exit_code(outcome: Outcome) -> ExitCode:
    """0 when it was done, else that of PIN trouble."""
    return ExitCode.FINE if isinstance(outcome, Verified | Changed) else ExitCode.PIN


def outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    """Stable words: `outcome`, and what belongs to it."""
    match outcome:
        case Verified():
            return {"outcome": "verified"}
        case Changed():
            return {"outcome": "changed"}
        case WrongPin(tries_left=left, secret=secret):
            return {"outcome": "wrong", "secret": secret.value, "tries_left": left}
        case Blocked(secret=secret):
            return {"outcome": "blocked", "secret": secret.value, "tries_left": 0}
        case Refused(reason=reason):
            return {"outcome": "refused", "reason": reason.name.lower().replace("_", "-")}


def outcome_as_text(outcome: Outcome, text: Translator) -> str:
    """One or two sentences: what happened, and what to do."""
    match outcome:
        case Verified():
            return text("pin.outcome.verified")
        case Changed():
            return text("pin.outcome.changed")
        case WrongPin(tries_left=left, secret=secret):
            told = tries(secret, left, text)
            return f"{text(f'pin.outcome.wrong.{secret.value}')} {told}"
        case Blocked(secret=secret):
            return text(f"pin.outcome.blocked.{secret.value}")
        case Refused(reason=reason):
            return text(f"pin.refused.{reason.name.lower()}")


def counters_as_json(counters: PinCounters) -> dict[str, Any]:
    """What the card tells of one code; null where it does not."""
    return {
        "tries_left": counters.tries_left,
        "tries_max": counters.tries_max,
        "uses_left": counters.uses_left,
        "blocked": counters.is_blocked,
        "verified": counters.is_verified,
    }


def counters_as_text(secret: Secret, counters: PinCounters, text: Translator) -> str:
    """The tries left, and of a PUK its uses."""
    told = tries(secret, counters.tries_left, text)
    if counters.uses_left is not None:
        told = f"{told} {text('pin.uses', count=counters.uses_left)}"
    return f"{told} {text('pin.open')}" if counters.is_verified else told


def tries(secret: Secret, left: int | None, text: Translator) -> str:
    """`PIN: 3 tries left.`"""
    amount = {None: "unknown", 0: "none"}.get(left, "some")
    return text(f"pin.tries.{amount}", secret=text(f"pin.secret.{secret.value}"), count=left)
