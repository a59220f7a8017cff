"""What a probe found out about a workstation, before anything is judged.

Only `CpsIdentity` and `VitaleIdentity` say who a card belongs to, and they are None unless asked
for; the rest can be handed to a support desk.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

from cardio.cards.identify import Match
from cardio.errors import CardioError
from cardio.probe.machine import Machine
from cardio.probe.network.facts import NetworkFacts
from cardio.probe.system.facts import SystemFacts
from cardio.probe.system.software.facts import SoftwareFacts
from cardio.transport.base import CardPresence


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as a value: its stable code, its class, its message (never personal data)."""

    code: str
    name: str
    message: str

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Any error; the message of one that is not ours is left out, as it may hold anything."""
        if isinstance(error, CardioError):
            return cls(error.code, type(error).__name__, error.message)
        return cls(CardioError.code, type(error).__name__, "")

    def is_a(self, *kinds: type[CardioError]) -> bool:
        """Whether it has the code of one of these errors."""
        return self.code in {kind.code for kind in kinds}


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A certificate's use ("signature" or "authentication") and its dates, with their zone."""

    usage: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """A certificate's use, the name of the authority its chain ends with, and what is wrong."""

    usage: str
    anchor: str | None = None
    is_test: bool = False
    flaws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrustFacts:
    """The chains of a card's certificates, as far as this workstation knows authorities.

    `failure` tells why those that the user named could not be read.
    """

    chains: tuple[ChainFacts, ...] = ()
    has_authorities: bool = False
    allows_test: bool = False
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class RevocationFacts:
    """What a responder or a list said of a certificate: "good", "revoked" or "unknown", and why
    that is in doubt.
    """

    usage: str
    status: str
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class TriesFacts:
    """How often a PIN or PUK may still be presented, and how often at most; read, not spent."""

    left: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class CpsIdentity:
    """Who holds a CPS, and its numbers. Only with the user's consent.

    The codes are of tables G15 and R01.
    """

    ps_idnat: str | None = field(repr=False)
    family_name: str | None = field(repr=False)
    given_name: str | None = field(repr=False)
    profession: str | None = field(repr=False)
    profession_code: str | None = field(repr=False)
    speciality_code: str | None = field(repr=False)
    card_number: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class CpsFacts:
    """What a CPS showed without its PIN at the time `read_at`. None: the card did not give it.

    `card_type` is a code of table G02. `has_serial`: its chip told its number, with the issuer of
    the CPS cards. `lacks_speciality`: a doctor's card without one; None for other professions.
    `differences` are the names of the fields, never their values, for which the certificates and
    the card's own records disagree.
    """

    read_at: datetime
    card_type: str | None = None
    is_test: bool | None = None
    valid_until: date | None = None
    certificates: tuple[CertificateFacts, ...] = ()
    trust: TrustFacts | None = None
    revocations: tuple[RevocationFacts, ...] = ()
    has_serial: bool = False
    lacks_speciality: bool | None = None
    pin_tries: TriesFacts | None = None
    puk_tries: TriesFacts | None = None
    differences: tuple[str, ...] = ()
    problems: tuple[Failure, ...] = ()
    identity: CpsIdentity | None = None


@dataclass(frozen=True, slots=True)
class BeneficiaryIdentity:
    """One person on a Vitale card. Only with the user's consent."""

    family_name: str | None = field(repr=False)
    given_name: str | None = field(repr=False)
    birth_date: str | None = field(repr=False)
    nir: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class VitaleFacts:
    """What a Vitale card shows. `is_test` is INFERRED from month 19 of the NIRs, the convention
    of test cards (facts: vitale.md §5): False only says that no NIR has it.
    """

    beneficiaries: int
    is_test: bool | None = None
    problems: tuple[str, ...] = ()
    identity: tuple[BeneficiaryIdentity, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """One reader, and the card in it.

    `failure` tells why the card could not be identified, `reading_failure` why it could not be
    read once identified.
    """

    name: str
    presence: CardPresence = CardPresence.ABSENT
    atr: bytes = b""
    in_use: bool = False
    exclusive: bool = False
    match: Match | None = None
    failure: Failure | None = None
    cps: CpsFacts | None = None
    vitale: VitaleFacts | None = None
    reading_failure: Failure | None = None

    @property
    def is_test(self) -> bool | None:
        """Whether the card is a test card; None where it cannot be told."""
        card = self.cps or self.vitale
        return card.is_test if card else None

    @property
    def has_identity(self) -> bool:
        """Whether it says who the card belongs to."""
        card = self.cps or self.vitale
        return card is not None and card.identity is not None


@dataclass(frozen=True, slots=True)
class WorkstationFacts:
    """A workstation at the time `now` (with its zone).

    `source` is "pcsc" for real readers. `failure` tells why the readers could not be listed.
    `system`, `software` and `network` are None where nobody looked: the first two on an emulated
    workstation, the network unless it was asked for.
    """

    now: datetime
    machine: Machine
    source: str = "pcsc"
    failure: Failure | None = None
    readers: tuple[ReaderFacts, ...] = ()
    system: SystemFacts | None = None
    software: SoftwareFacts | None = None
    network: NetworkFacts | None = None
