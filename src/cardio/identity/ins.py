"""The identity of a patient in the INS: traits, matricule, and how sure all that is."""

from dataclasses import dataclass, field

from cardio.errors import IdentityRuleError
from cardio.identity.environment import Environment
from cardio.identity.matricule import Matricule
from cardio.identity.status import IdentityState
from cardio.identity.traits import ComplementaryTraits, StrictTraits


@dataclass(frozen=True, slots=True)
class InsIdentity:
    """A patient. An identity that cannot be is not made: raises `IdentityRuleError`.

    The matricule is there exactly where the status says so; `former` are those the INSi answers
    as superseded (INSHISTO), kept as they were.
    """

    traits: StrictTraits
    state: IdentityState = field(default_factory=IdentityState)
    matricule: Matricule | None = None
    former: tuple[Matricule, ...] = ()
    complementary: ComplementaryTraits = field(default_factory=ComplementaryTraits)

    def __post_init__(self) -> None:
        status = self.state.status
        if status.has_matricule and self.matricule is None:
            raise IdentityRuleError(f"an identity {status.value} has a matricule")
        if self.matricule and not status.has_matricule:
            raise IdentityRuleError(f"an identity {status.value} has no matricule")

    def matricule_to_share(self, environment: Environment = Environment.PRODUCTION) -> Matricule:
        """The matricule for a document or a message.

        Raises `IdentityRuleError` for any identity that is not qualifiée, `LeakedTestIdentity`
        for a test matricule in production.
        """
        if self.matricule is None or not self.state.may_share_matricule:
            raise IdentityRuleError("only an identity qualifiee gives its matricule away")
        return self.matricule.require(environment)
