"""A Vitale 2 in a reader."""

from datetime import date

from cardio.cards.identify import CardKind, Match
from cardio.cards.vitale.beneficiary import Beneficiary, Problem, ProblemCode
from cardio.cards.vitale.certificate import CvCertificate, decode_certificates
from cardio.cards.vitale.inventory import FileEntry, read_inventory
from cardio.cards.vitale.layout import LIST_SFI, VALID_FROM, Tag
from cardio.cards.vitale.nature import Nature, nature_of
from cardio.cards.vitale.routes import Found, MapWalk, Route, read_by_short_id
from cardio.cards.vitale.stand_in import CardRights, read_stand_in
from cardio.cards.vitale.tlvs import decode_beneficiaries, decode_date
from cardio.errors import CardError, UnsupportedCard
from cardio.iasecc.commands import read_by_sfi
from cardio.iasecc.read_once import ReadOnce
from cardio.iso7816.apdu import SHORT_MAX_LE
from cardio.transport.channel import Channel


class VitaleCard:
    """The free data of a Vitale 2; nothing is read before it is asked for, nothing twice.

    Names, birth dates and numbers take 4 commands by short identifier, 5 by the map (facts:
    vitale_readers.md §3). Raises `UnsupportedCard` for a match of another kind. Reading raises
    `TransportError`s, and the card's first refusal (`FileNotFound`, ...) where it gives no list at
    all; anything less is told in `problems`.
    """

    def __init__(self, channel: Channel, match: Match, *, route: Route = Route.SHORT_ID) -> None:
        if match.kind is CardKind.VITALE1:
            raise UnsupportedCard("a Vitale 1 is too old to read here")
        if match.kind is not CardKind.VITALE2:
            raise UnsupportedCard(f"a card of kind {match.kind.value} is not read as a Vitale")
        self.match = match
        self._route = route
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
    def is_readable(self) -> bool:
        """Whether the card gives a list to anyone: 1 command where it just proved what it is.

        It is in the VITALE application then; if not, the lists themselves tell.
        """
        if self._tells_a_list():
            return True
        try:
            return bool(self.beneficiaries)
        except CardError:
            return False

    @property
    def nature(self) -> Nature:
        """Whether it is a test card, as far as the free lists tell."""
        return nature_of(self.beneficiaries)

    @ReadOnce
    def files(self) -> tuple[FileEntry, ...]:
        """Every file, with what it gives without the professional's card; reads all of them."""
        with self._channel.transaction():
            return read_inventory(self._channel)

    @property
    def certificates(self) -> tuple[CvCertificate, ...]:
        """The card-verifiable certificates in the files."""
        contents = (file.objects.templates for file in self.files)
        return tuple(one for nodes in contents for one in decode_certificates(nodes))

    @ReadOnce
    def rights(self) -> CardRights:
        """Those of an emulated card; where a real one keeps them is not public.

        Raises `RecordError` where they are damaged.
        """
        with self._channel.transaction():
            return read_stand_in(self._channel)

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
        """Both lists by the route asked for; what short identifiers do not give, by the map."""
        with self._channel.transaction():
            found = self._by_map() if self._route is Route.MAP else self._by_short_id()
        if found.refusal and not found.people and not found.numbers:
            raise found.refusal
        return found

    def _by_short_id(self) -> Found:
        found = read_by_short_id(self._channel)
        if found.has_lists:
            return found
        self._walk = MapWalk(self._channel, found)
        return self._walk.read_until(lambda so_far: so_far.has_lists)

    def _by_map(self) -> Found:
        self._walk = MapWalk(self._channel, Found())
        return self._walk.read_lists()

    def _tells_a_list(self) -> bool:
        answer = self._channel.send(read_by_sfi(LIST_SFI, SHORT_MAX_LE))
        return answer.data[:1] == bytes((Tag.PERSON,))

    def _walk_until_card(self, lists: Found) -> Found:
        self._walk = self._walk or MapWalk(self._channel, lists)
        with self._channel.transaction():
            return self._walk.read_until(lambda so_far: so_far.card is not None)
