"""A Vitale 2 in a reader."""

from datetime import date

from cardio.cards.identify import CardKind, Match
from cardio.cards.vitale.beneficiary import Beneficiary, Problem, ProblemCode
from cardio.cards.vitale.layout import VALID_FROM
from cardio.cards.vitale.routes import Found, MapWalk, read_by_short_id
from cardio.cards.vitale.tlvs import decode_beneficiaries, decode_date
from cardio.errors import UnsupportedCard
from cardio.iasecc.read_once import ReadOnce
from cardio.transport.channel import Channel


class VitaleCard:
    """The free data of a Vitale 2; nothing is read before it is asked for, nothing twice.

    Names, birth dates and numbers take 4 commands (facts: vitale_readers.md §3). Raises
    `UnsupportedCard` for a match of another kind. Reading raises `TransportError`s, and the
    card's first refusal (`FileNotFound`, ...) where it gives no list at all; anything less is
    told in `problems`.
    """

    def __init__(self, channel: Channel, match: Match) -> None:
        if match.kind is not CardKind.VITALE2:
            raise UnsupportedCard(f"a card of kind {match.kind.value} is not read as a Vitale")
        self.match = match
        self._channel = channel
        self._walk: MapWalk | None = None

    @property
    def reader(self) -> str:
        """Name of the reader."""
        return self._channel.reader

    @property
    def atr(self) -> bytes:
        return self._channel.atr

    @property
    def beneficiaries(self) -> tuple[Beneficiary, ...]:
        """The persons of the card, in its order."""
        return self._decoded[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with what was read so far; empty for a sound card."""
        walked = self._walk.found.problems if self._walk else ()
        return tuple(dict.fromkeys(self._decoded[1] + walked))

    @ReadOnce
    def valid_from(self) -> date | None:
        """First day of validity; None where the card tells no calendar date.

        Takes a walk through the card's map, unless the lists told it (one source: cardpeek,
        facts: vitale.md §2.6).
        """
        found = self._lists
        if found.card is None:
            found = self._walk_until_card(found)
        raw = found.card.get(VALID_FROM) if found.card else None
        return decode_date(raw) if raw else None

    @ReadOnce
    def _decoded(self) -> tuple[tuple[Beneficiary, ...], tuple[Problem, ...]]:
        found = self._lists
        beneficiaries, problems = decode_beneficiaries(found.people, found.numbers)
        if found.refusal and not found.has_lists:
            problems = (Problem(ProblemCode.REFUSED_FILE), *problems)
        return beneficiaries, found.problems + problems

    @ReadOnce
    def _lists(self) -> Found:
        """Both lists by short identifier, else what the map leads to."""
        with self._channel.transaction():
            found = read_by_short_id(self._channel)
            if not found.has_lists:
                self._walk = MapWalk(self._channel, found)
                found = self._walk.read_until(lambda so_far: so_far.has_lists)
        if found.refusal and not found.people and not found.numbers:
            raise found.refusal
        return found

    def _walk_until_card(self, lists: Found) -> Found:
        self._walk = self._walk or MapWalk(self._channel, lists)
        with self._channel.transaction():
            return self._walk.read_until(lambda so_far: so_far.card is not None)
