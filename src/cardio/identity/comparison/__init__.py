"""Two identities side by side, for the screen of identity vigilance."""

from cardio.identity.comparison.compare import compare, worst
from cardio.identity.comparison.model import (
    Cause,
    Difference,
    Severity,
    Side,
    Trait,
    Traits,
)

__all__ = ["Cause", "Difference", "Severity", "Side", "Trait", "Traits", "compare", "worst"]
