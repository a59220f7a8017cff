"""The cards of health professionals (CPS, CPF, CPE, CPA) of the CPS3 generation."""

from cardio.cards.cps.card import CpsCard, Problem
from cardio.cards.cps.certificate import CertificateUsage, CpsCertificate
from cardio.cards.cps.differences import Difference
from cardio.cards.cps.holder import CardDescription, Holder

__all__ = [
    "CardDescription",
    "CertificateUsage",
    "CpsCard",
    "CpsCertificate",
    "Difference",
    "Holder",
    "Problem",
]
