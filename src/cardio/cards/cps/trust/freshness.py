"""Whether what was said of a certificate is said of the time in question."""

from datetime import datetime, timedelta

SKEW = timedelta(minutes=5)
"""By how much two clocks may differ: our choice."""

MAX_AGE = timedelta(days=1)
"""How old an answer that names no next update may be: our choice."""


def is_fresh(as_of: datetime, next_update: datetime | None, at: datetime) -> bool:
    """Whether `at` lies between an answer's time and its next update, clocks being what they are
    (RFC 5280 §6.3.3, RFC 6960 §4.2.2.1).
    """
    end = as_of + MAX_AGE if next_update is None else next_update
    return as_of - SKEW <= at <= end + SKEW
