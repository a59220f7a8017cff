"""Of what a check is asked: the workstation, its readers, or the cards in them."""

from collections.abc import Iterable
from typing import TypeAlias, TypeVar

from cardio.cards.identify import CardKind
from cardio.probe.facts import CpsFacts, ReaderFacts, VitaleFacts, WorkstationFacts
from cardio.probe.network.facts import NetworkFacts
from cardio.probe.system.facts import SystemFacts
from cardio.transport.base import CardPresence
from cardio.workstation.workstation import HOLDER_CPS, READABLE_VITALE

SubjectT = TypeVar("SubjectT")
Subjects: TypeAlias = Iterable[tuple[str, SubjectT]]

CPS_KINDS = HOLDER_CPS | {CardKind.CPS3_CONTACTLESS, CardKind.CPS2TER}
VITALE_KINDS = READABLE_VITALE | {CardKind.VITALE1}


def the_workstation(facts: WorkstationFacts) -> Iterable[tuple[None, WorkstationFacts]]:
    """The workstation as a whole."""
    return [(None, facts)]


def the_system(facts: WorkstationFacts) -> Iterable[tuple[None, SystemFacts]]:
    """The system, where it was looked at."""
    return [(None, facts.system)] if facts.system else []


def the_system_beside(
    facts: WorkstationFacts,
) -> Iterable[tuple[None, tuple[WorkstationFacts, SystemFacts]]]:
    """The system, where it was looked at, beside what is known of the readers."""
    return [(None, (facts, facts.system))] if facts.system else []


def the_network(facts: WorkstationFacts) -> Iterable[tuple[None, NetworkFacts]]:
    """The network, where it was asked for."""
    return [(None, facts.network)] if facts.network else []


def each_reader(facts: WorkstationFacts) -> Subjects[ReaderFacts]:
    """Every reader."""
    return [(reader.name, reader) for reader in facts.readers]


def each_card(facts: WorkstationFacts) -> Subjects[ReaderFacts]:
    """Every reader with something in it."""
    return [
        (name, reader)
        for name, reader in each_reader(facts)
        if reader.presence is not CardPresence.ABSENT
    ]


def each_readable_cps(facts: WorkstationFacts) -> Subjects[ReaderFacts]:
    """Every reader with a CPS that tells its holder."""
    return _holding(facts, HOLDER_CPS)


def each_readable_vitale(facts: WorkstationFacts) -> Subjects[ReaderFacts]:
    """Every reader with a Vitale that cardio reads."""
    return _holding(facts, READABLE_VITALE)


def each_cps(facts: WorkstationFacts) -> Subjects[CpsFacts]:
    """Every CPS that was read."""
    return [(reader.name, reader.cps) for reader in facts.readers if reader.cps]


def each_asked_cps(facts: WorkstationFacts) -> Subjects[CpsFacts]:
    """Every CPS that a responder was asked about."""
    return [(name, card) for name, card in each_cps(facts) if card.revocations]


def each_vitale(facts: WorkstationFacts) -> Subjects[VitaleFacts]:
    """Every Vitale that was read."""
    return [(reader.name, reader.vitale) for reader in facts.readers if reader.vitale]


def readers_holding(facts: WorkstationFacts, kinds: frozenset[CardKind]) -> tuple[str, ...]:
    """Names of the readers whose card is of one of `kinds`."""
    return tuple(name for name, _ in _holding(facts, kinds))


def _holding(facts: WorkstationFacts, kinds: frozenset[CardKind]) -> Subjects[ReaderFacts]:
    return [
        (name, reader)
        for name, reader in each_reader(facts)
        if reader.match and reader.match.kind in kinds
    ]
