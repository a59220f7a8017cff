"""Who a medico-social structure has to register in RPPS+, and in which role.

facts: services.md §3.6. Which sectors of table R02 are medico-social, and which words of a job mean
which role, is INFERRED: a role is proposed, the structure decides.
"""

from cardio.study.result import RppsPlus
from cardio.study.roster.people import Person
from cardio.study.roster.spelling import folded

MEDICO_SOCIAL = frozenset({"SA16", "SA17", "SA18", "SA20", "SA21", "SA41"})

_ROLES = {
    "coordination": ("COORDIN", "ORIENTATION"),
    "care": ("SOIGN", "SOIN"),
    "social": ("SOCIAL", "EDUC"),
    "administration": ("ADMINISTR", "SECRET", "ACCUEIL"),
    "management": ("DIRECT", "GESTION", "ENCADR", "MANAGE", "RESPONSABLE"),
}
"""Starts of words. The five roles of 2024; the first that fits."""


def rpps_plus(person: Person, sector: str | None) -> RppsPlus | None:
    """None outside of the medico-social sector, or where the sector is not known."""
    if sector not in MEDICO_SOCIAL:
        return None
    return RppsPlus(person.rpps is not None, _role(person.role))


def _role(text: str | None) -> str | None:
    words = folded(text or "").split()
    for role, starts in _ROLES.items():
        if any(word.startswith(starts) for word in words):
            return role
    return None
