"""The patient's card as it was read: what it said, when, and whether it is the same card again."""

import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes

from cardio.cards.vitale.beneficiary import Beneficiary, Problem
from cardio.cards.vitale.card import VitaleCard
from cardio.cards.vitale.draft.model import CardSource, DraftUse, PatientDraft, to_second
from cardio.transport.base import ReaderStatus
from cardio.workstation.consultation_nature import Nature, nature_of_vitale
from cardio.workstation.freshness import Clock, Instant, ReadLimit, require_fresh

_KEY_SIZE = 32


@dataclass(frozen=True, slots=True)
class VitaleRead:
    """What a Vitale said, and when. It stays as it is when the card has gone; its repr hides it.

    `beneficiaries` are in the card's order, `problems` what is wrong with its data. `fingerprint`
    stands for the card, which has no public serial: equal for equal lists of people, and only
    within one `Workstation`.
    """

    reader: str
    taken: Instant
    beneficiaries: tuple[Beneficiary, ...] = field(repr=False)
    problems: tuple[Problem, ...] = ()
    nature: Nature = Nature.UNKNOWN
    fingerprint: bytes = field(default=b"", repr=False)

    @property
    def read_at(self) -> datetime:
        """When, in UTC."""
        return self.taken.utc

    def age(self, now: Instant | None = None) -> timedelta:
        """How long ago."""
        return (now or Instant.now()).since(self.taken)

    def require_fresh(self, limit: ReadLimit | timedelta, now: Instant | None = None) -> None:
        """Raises `StaleRead` where the read is older than a service, or the caller, allows."""
        require_fresh(self.age(now), limit)

    def draft(self, index: int, use: DraftUse) -> PatientDraft:
        """A draft for one of the people, by their place among `beneficiaries`, from 0.

        Raises `DraftError` where there is no such person.
        """
        is_test = True if self.nature is Nature.TEST else None
        source = CardSource(to_second(self.read_at), index, len(self.beneficiaries), is_test)
        return PatientDraft.of_beneficiary(self.beneficiaries[index], use, source)

    def is_of_same_card(self, other: "VitaleRead") -> bool:
        return hmac.compare_digest(self.fingerprint, other.fingerprint)


class PatientMemory:
    """Makes reads, under a key of its own, and knows the card that the last consultation left in.

    The key never leaves this object: a fingerprint tells nobody else whose card it is.
    """

    def __init__(self, clock: Clock = Instant.now) -> None:
        self._clock = clock
        self._key = token_bytes(_KEY_SIZE)
        self._left: tuple[bytes, str, int] | None = None

    def read(self, card: VitaleCard) -> VitaleRead:
        """Read the people of a card: 4 commands. Raises as `VitaleCard.beneficiaries`."""
        began = self._clock()
        beneficiaries = card.beneficiaries
        return VitaleRead(
            reader=card.reader,
            taken=began,
            beneficiaries=beneficiaries,
            problems=card.problems,
            nature=nature_of_vitale(card),
            fingerprint=self._fingerprint(beneficiaries),
        )

    def now(self) -> Instant:
        return self._clock()

    def leave(self, read: VitaleRead, status: ReaderStatus | None) -> None:
        """A consultation is over; its Vitale is still in the reader of `status`, or gone."""
        self._left = (read.fingerprint, status.name, status.event_count) if status else None

    def was_left_in(self, read: VitaleRead, status: ReaderStatus) -> bool:
        """Whether this card has not moved since the last consultation; its reader counts moves."""
        return self._left == (read.fingerprint, status.name, status.event_count)

    def _fingerprint(self, beneficiaries: tuple[Beneficiary, ...]) -> bytes:
        people = [
            (
                person.family_name,
                person.given_name,
                person.birth_date_as_written,
                person.nationality_or_country,
                person.nir.value if person.nir else None,
            )
            for person in beneficiaries
        ]
        return hmac.digest(self._key, json.dumps(people).encode(), "sha256")
