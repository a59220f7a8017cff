"""What time it is, and whether the computer may be believed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeAlias

from cardio.errors import ClockSkew

Clock: TypeAlias = Callable[[], datetime]
"""Gives the current time, with its time zone."""

TOLERANCE = timedelta(minutes=2)
"""How far the clocks of program and service may differ: our choice, the services' is not public."""


def utc_now() -> datetime:
    """The computer's time, in UTC."""
    return datetime.now(UTC)


def now(clock: Clock) -> datetime:
    """The clock's time in UTC, whole seconds. Raises `ValueError` if it has no time zone."""
    time = clock()
    if time.tzinfo is None:
        raise ValueError("the clock gives a time without its zone")
    return time.astimezone(UTC).replace(microsecond=0)


def check_skew(
    http_date: str, *, tolerance: timedelta = TOLERANCE, clock: Clock = utc_now
) -> timedelta:
    """How far the computer is ahead of a server, from the `Date` of its answer (RFC 9110 §6.6.1).

    Raises `ClockSkew` beyond `tolerance`, either way: assertions would be refused. A header that
    is no date tells nothing: zero.
    """
    try:
        served = parsedate_to_datetime(http_date).astimezone(UTC)
    except (ValueError, OverflowError):
        return timedelta()
    ahead = now(clock) - served
    if abs(ahead) > tolerance:
        direction = "ahead of" if ahead > timedelta() else "behind"
        seconds = abs(int(ahead.total_seconds()))
        raise ClockSkew(f"the computer's clock is {seconds} s {direction} the server's")
    return ahead


def written(time: datetime) -> str:
    """The form of xs:dateTime in UTC that SAML wants (SAML 2.0 Core §1.3.3)."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
