"""What is asked of a site as a whole: the INSi's certificate, referents, FAMI.

facts: services.md §3.1 (choice of card or certificate), §2.3 (referents),
certificates_identifiers_services.md §5 (FAMI).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cardio.catalogue.values import Confidence, Contract, Credential
from cardio.study.result import Verdict
from cardio.study.roster.rules import ONE_REFERENT, RosterRule
from cardio.study.site import Site
from cardio.study.tally import INSI, Tally

CERTIFICATE_NAMES = ("INSI-AUTO", "INSI-MANU")
"""The certificate has one of these names, exactly (facts: …services.md §4 [L1])."""


class InsiChoice(StrEnum):
    """How people of a site get to the INSi.

    `ASK_EDITOR`: where the software takes a certificate, one is ordered and no card; else a card
    for each person (CPE by form F301).
    """

    CERTIFICATE_THERE = "certificate-there"
    CARDS_SUFFICE = "cards-suffice"
    ASK_EDITOR = "ask-editor"


@dataclass(frozen=True, slots=True)
class InsiNeeds:
    """`people` are to use it; `staff_without_card` need a CPE where there is no certificate."""

    people: int
    ready: int
    staff_without_card: int
    choice: InsiChoice
    source: str = "services.md §3.1 [12]; certificates_identifiers_services.md §4 [L1]"
    date: str = "2024-05"
    confidence: Confidence = Confidence.SOURCED


class Proof(StrEnum):
    """Whether a machine can show an indicator, or somebody has to declare it."""

    PARTLY_SEEN = "partly-seen"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Indicator:
    """An equipment indicator of the FAMI. `is_met` None: not known. `seen`, `of`: workstations."""

    id: str
    proof: Proof
    is_met: bool | None
    seen: int | None = None
    of: int | None = None
    source: str = "certificates_identifiers_services.md §5 [T2][T3]"
    confidence: Confidence = Confidence.SOURCED


@dataclass(frozen=True, slots=True)
class Referents:
    """BSI referents of a health centre, by the lines of the roster that say so."""

    lines: tuple[int, ...]
    limit: int = 1
    rule: RosterRule = ONE_REFERENT


def insi(site: Site, tally: Tally) -> InsiNeeds | None:
    """None where nobody is to use it."""
    verdicts = tally.verdicts.get(INSI)
    people = sum(verdicts.values()) - verdicts[Verdict.NOT_CONCERNED] if verdicts else 0
    if not verdicts or not people:
        return None
    ready = verdicts[Verdict.READY]
    if site.means.credentials.get(Credential.ORG_AUTH_CLI):
        choice = InsiChoice.CERTIFICATE_THERE
    else:
        choice = InsiChoice.CARDS_SUFFICE if ready == people else InsiChoice.ASK_EDITOR
    return InsiNeeds(people, ready, tally.staff_without_card, choice)


def fami(site: Site, tally: Tally) -> Iterator[Indicator]:
    """Nothing where no profession of the FAMI is there. Only readers are seen by a machine."""
    if not tally.fami:
        return
    told: Mapping[Contract, bool] = site.means.contracts
    yield Indicator("dmp-software", Proof.DECLARED, told.get(Contract.DMP_HOMOLOGATION))
    yield Indicator("sesam-vitale", Proof.PARTLY_SEEN, None, tally.with_readers, tally.workstations)
    yield Indicator("scor", Proof.DECLARED, None)
    yield Indicator("fse-rate", Proof.DECLARED, None)
    yield Indicator("secure-mail", Proof.DECLARED, told.get(Contract.MAILBOX))


def referents(tally: Tally) -> Referents | None:
    """None where the roster names nobody."""
    return Referents(tuple(tally.referents)) if tally.referents else None
