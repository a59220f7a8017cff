"""Read the facts off a card: free data only, no PIN, no try spent, nobody unless asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cardio.cards.cps.card import CpsCard
from cardio.cards.cps.trust.examine import RevocationSource
from cardio.cards.vitale.beneficiary import Beneficiary
from cardio.cards.vitale.card import VitaleCard
from cardio.errors import CardError, CardioError, MalformedData
from cardio.pin.commands import PinCounters
from cardio.probe.facts import (
    BeneficiaryIdentity,
    CertificateFacts,
    CpsFacts,
    CpsIdentity,
    Failure,
    ReaderFacts,
    TriesFacts,
    VitaleFacts,
)
from cardio.probe.network.hosts import RESPONDER
from cardio.probe.trust import Responder, read_trust
from cardio.transport.channel import Channel
from cardio.workstation.scan import OpenSlot
from cardio.workstation.workstation import HOLDER_CPS, READABLE_VITALE

DOCTOR = "10"
"""Table G15."""


@dataclass(frozen=True, slots=True)
class CardReader:
    """Reads the card of an open reader; asks nobody of a revocation unless `network` says so."""

    with_identity: bool = False
    network: bool = False

    def __call__(self, slot: OpenSlot, seen: ReaderFacts) -> ReaderFacts:
        """What is seen of the reader, and what its card shows. Raises a `CardioError`."""
        channel, kind = Channel(slot.connection), slot.match.kind
        if kind in HOLDER_CPS:
            card = CpsCard(channel, slot.match)
            revocation = (Responder(RESPONDER),) if self.network else ()
            return replace(seen, cps=read_cps(card, revocation, with_identity=self.with_identity))
        if kind in READABLE_VITALE:
            vitale = VitaleCard(channel, slot.match)
            return replace(seen, vitale=read_vitale(vitale, with_identity=self.with_identity))
        return seen


def read_cps(
    card: CpsCard, revocation: Sequence[RevocationSource] = (), *, with_identity: bool
) -> CpsFacts:
    """What the card shows freely. Raises a `TransportError` if it stops answering."""
    description = card.full_card
    problems: list[CardioError] = []
    pin_tries = _tries(card.pin_counters, problems)
    puk_tries = _tries(card.puk_counters, problems)
    read_at = datetime.now(UTC)
    trust, revocations = read_trust(card.certificates, read_at, revocation)
    return CpsFacts(
        read_at=read_at,
        card_type=description.type.code if description.type else None,
        is_test=description.is_test,
        valid_until=card.id_card.valid_until if card.id_card else None,
        certificates=tuple(
            CertificateFacts(one.usage.value, one.not_before, one.not_after)
            for one in card.certificates
        ),
        trust=trust,
        revocations=revocations,
        has_serial=card.match.serial is not None,
        lacks_speciality=_lacks_speciality(card),
        pin_tries=pin_tries,
        puk_tries=puk_tries,
        differences=tuple(difference.field for difference in card.differences),
        identity=_holder(card) if with_identity else None,
        problems=tuple(
            Failure.of(error) for error in (*problems, *(one.error for one in card.problems))
        ),
    )


def _lacks_speciality(card: CpsCard) -> bool | None:
    """A doctor's card without a speciality, which the DMP refuses; None for other professions."""
    holder = card.full_holder
    if holder.profession is None or holder.profession.code != DOCTOR:
        return None
    return holder.speciality is None


def _tries(read: Callable[[], PinCounters], problems: list[CardioError]) -> TriesFacts | None:
    try:
        counters = read()
    except (CardError, MalformedData) as error:
        problems.append(error)
        return None
    left = 0 if counters.is_blocked else counters.tries_left
    return None if left is None else TriesFacts(left, counters.tries_max)


def _holder(card: CpsCard) -> CpsIdentity:
    holder = card.full_holder
    return CpsIdentity(
        ps_idnat=str(holder.ps_idnat) if holder.ps_idnat else None,
        family_name=holder.family_name,
        given_name=holder.given_name,
        profession=str(holder.profession) if holder.profession else None,
        profession_code=holder.profession.code if holder.profession else None,
        speciality_code=holder.speciality.code if holder.speciality else None,
        card_number=card.full_card.card_number,
    )


def read_vitale(card: VitaleCard, *, with_identity: bool) -> VitaleFacts:
    """What the card shows freely. Raises as `VitaleCard` does when it gives no list at all."""
    people = card.beneficiaries
    nirs = [person.nir for person in people if person.nir]
    return VitaleFacts(
        beneficiaries=len(people),
        is_test=any(nir.is_test for nir in nirs) if nirs else None,
        problems=tuple(sorted({problem.code.value for problem in card.problems})),
        identity=tuple(_beneficiary(person) for person in people) if with_identity else None,
    )


def _beneficiary(person: Beneficiary) -> BeneficiaryIdentity:
    return BeneficiaryIdentity(
        family_name=person.family_name,
        given_name=person.given_name,
        birth_date=person.birth_date_as_written,
        nir=person.nir.value if person.nir else None,
    )
