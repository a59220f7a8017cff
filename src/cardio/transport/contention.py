"""Another program holds the card: wait for it, up to a limit, and say how it holds it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from cardio.errors import HeldExclusively, HeldInTransaction, SharingViolation
from cardio.transport.base import ResourceManager

T = TypeVar("T")

WAIT_LIMIT = 10.0
"""Seconds to wait by default: as long as a person waits without a thought of trouble."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two attempts, doubled each time."""


class Contention(Enum):
    """How another program holds a card."""

    EXCLUSIVE = "exclusive"
    """It lets nobody else connect; only its end, or its user, changes that."""
    TRANSACTION = "transaction"
    """It is in the middle of something; this should pass by itself."""
    UNKNOWN = "unknown"
    """The service no longer shows anybody."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where a wait stands: `waited` of at most `limit` seconds."""

    reader: str
    contention: Contention
    waited: float
    limit: float


def contention(manager: ResourceManager, reader: str) -> Contention:
    """How the card in this reader is held, as the service shows it now."""
    for status in manager.readers():
        if status.name == reader and status.exclusive:
            return Contention.EXCLUSIVE
        if status.name == reader and status.in_use:
            return Contention.TRANSACTION
    return Contention.UNKNOWN


def wait_for_card(
    manager: ResourceManager,
    reader: str,
    attempt: Callable[[], T],
    *,
    limit: float = WAIT_LIMIT,
    progress: Callable[[Waiting], None] = lambda _: None,
) -> T:
    """What `attempt` gives once no other program is in its way.

    `attempt` opens the card anew each time and closes what it opened when it fails. It is called
    again after every `SharingViolation`, and `progress` before every pause. The last attempt
    starts within `limit` seconds. Raises `HeldExclusively`, `HeldInTransaction` or a plain
    `SharingViolation` after it, and at once whatever else `attempt` raises.
    """
    began, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        try:
            return attempt()
        except SharingViolation as violation:
            held, waited = contention(manager, reader), time.monotonic() - began
            if waited >= limit:
                raise _given_up(violation, Waiting(reader, held, waited, limit)) from violation
        progress(Waiting(reader, held, waited, limit))
        time.sleep(min(pause, limit - waited))
        pause = min(2 * pause, _LONGEST_PAUSE)


def _given_up(violation: SharingViolation, waiting: Waiting) -> SharingViolation:
    after = f"after {waiting.waited:.0f} s of waiting"
    match waiting.contention:
        case Contention.EXCLUSIVE:
            error = HeldExclusively(f"another program keeps the card for itself, {after}")
        case Contention.TRANSACTION:
            error = HeldInTransaction(f"another program is still busy with the card, {after}")
        case Contention.UNKNOWN:
            error = SharingViolation(f"{violation.message}, {after}")
    return error.at(waiting.reader, violation.where.apdu_index)
