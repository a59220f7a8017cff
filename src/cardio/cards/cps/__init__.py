"""The cards of health professionals (CPS, CPF, CPE, CPA): CPS3, CPS4 and CPS2ter."""

from cardio.cards.cps.card import CpsCard, Problem
from cardio.cards.cps.certificate import CertificateUsage, CpsCertificate
from cardio.cards.cps.differences import Difference
from cardio.cards.cps.holder import CardDescription, Holder
from cardio.cards.cps.situation import PracticeSituation, SituationReason, choose_situation
from cardio.cards.cps.update import CardUpdate

__all__ = [
    "CardDescription",
    "CardUpdate",
    "CertificateUsage",
    "CpsCard",
    "CpsCertificate",
    "Difference",
    "Holder",
    "PracticeSituation",
    "Problem",
    "SituationReason",
    "choose_situation",
]
