"""How old a read of a card is, and how old a service lets it be."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from cardio.cards.layout import Confidence
from cardio.errors import StaleRead


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment on both clocks of a computer.

    `utc` may be set back, and `steady` (seconds) may stand still while the computer sleeps: of
    the two ages the greater one counts, so that a read is never taken for younger than it is.
    """

    utc: datetime
    steady: float

    @classmethod
    def now(cls) -> Self:
        return cls(datetime.now(UTC), time.monotonic())

    def since(self, earlier: "Instant") -> timedelta:
        """The time from `earlier` to this moment; never negative."""
        by_steady = timedelta(seconds=self.steady - earlier.steady)
        return max(self.utc - earlier.utc, by_steady, timedelta())


Clock = Callable[[], Instant]


@dataclass(frozen=True, slots=True)
class ReadLimit:
    """How old the read of a Vitale may be for one service."""

    service: str
    limit: timedelta
    confidence: Confidence
    source: str


INSI = ReadLimit(
    service="INSi",
    limit=timedelta(minutes=20),
    confidence=Confidence.OBSERVED,
    source="certificates_identifiers_services.md §4 (about 20 minutes; one source)",
)

LIMITS: Mapping[str, ReadLimit] = {"insi": INSI}
"""The limits that are known. For PSE, DMT, DMP and the others none is public."""


def require_fresh(age: timedelta, limit: ReadLimit | timedelta) -> None:
    """Raises `StaleRead` where `age` is above the limit of a service, or any other limit."""
    allowed = limit.limit if isinstance(limit, ReadLimit) else limit
    if age <= allowed:
        return
    service = f" for {limit.service}" if isinstance(limit, ReadLimit) else ""
    seconds, most = age.total_seconds(), allowed.total_seconds()
    message = f"the Vitale was read {seconds:.0f} s ago, at most {most:.0f} s are allowed{service}"
    raise StaleRead(message, age=seconds, limit=most)
