"""What must be known of somebody, and who says so (facts: services.md §1 X3, §2.3, §5)."""

from dataclasses import dataclass

from cardio.catalogue.model import RuleDate
from cardio.catalogue.values import Confidence


@dataclass(frozen=True, slots=True)
class RosterRule:
    """A rule about rosters. `id` is stable, the key of its text (`roster.rule.<id>`)."""

    id: str
    source: str
    date: RuleDate | None
    confidence: Confidence


_FEBRUARY_2020 = RuleDate(2020, 2)

DOCTOR_ENTRY = RosterRule(
    "doctor-entry", "services.md §1 X3 [1]", _FEBRUARY_2020, Confidence.SOURCED
)
"""Civility, names, ADELI, RPPS, FINESS géographique and caisse of a health centre's doctor."""

NURSE_ENTRY = RosterRule("nurse-entry", "services.md §1 X3 [1]", _FEBRUARY_2020, Confidence.SOURCED)
"""The same without RPPS for a nurse; in 2024 nurses were enrolled in the RPPS (services.md §5)."""

IDENTIFIER = RosterRule(
    "identifier", "certificates_identifiers_services.md §2 [G2]", None, Confidence.SOURCED
)
"""A professional is known by the RPPS number, by ADELI only where there is none."""

ONE_REFERENT = RosterRule(
    "one-referent", "services.md §2.3 [1][3]", _FEBRUARY_2020, Confidence.INFERRED
)
"""One referent nurse for BSI per health centre: of 2020, not repeated in 2025, to be confirmed."""
