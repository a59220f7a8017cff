"""Shipped personas with the dates of the published records, whatever today is."""

from dataclasses import replace
from datetime import date

from cardio_emulator import persona
from cardio_emulator.holder import Persona

PERSONAS = (
    "medecin",
    "infirmiere",
    "pharmacien",
    "interne",
    "secretaire",
    "service",
    "agent",
    "deux-situations",
    "expire",
)
ISSUED, EXPIRES = date(2025, 11, 3), date(2028, 11, 2)
"""facts: cps_records.md §5."""


def dated(name: str) -> Persona:
    """The persona, issued and expiring as in the fact sheet."""
    return replace(persona.load(name), issued=ISSUED, expires=EXPIRES)
