"""A workstation: its readers and the cards in them."""

from collections.abc import Callable, Sequence
from typing import Self, TypeVar

from cardio.cards.cps.card import CpsCard
from cardio.cards.identify import CardKind, Match, identify
from cardio.cards.vitale.card import VitaleCard
from cardio.errors import CardChanged
from cardio.trace.recorder import Recorder
from cardio.transport.base import Connection, ReaderStatus, ResourceManager
from cardio.transport.channel import Channel
from cardio.transport.readers import choose_reader
from cardio.transport.stack import stack
from cardio.workstation.consultation import Consultation
from cardio.workstation.consultation_desk import Desk
from cardio.workstation.consultation_events import EndReason
from cardio.workstation.consultation_pairing import InsertionPolicy, Pairing, Prompt, Rules
from cardio.workstation.consultation_patient import PatientMemory
from cardio.workstation.consultation_which import Which
from cardio.workstation.managers import open_manager
from cardio.workstation.scan import SCAN_LIMIT, Slot, Then, as_it_is, close_all, scan
from cardio.workstation.selection import READABLE_CPS, READABLE_VITALE, select

HOLDER_CPS = frozenset({CardKind.CPS3, CardKind.CPS4})
"""Of `READABLE_CPS`, the ones that tell their holder by certificates."""

CardT = TypeVar("CardT", CpsCard, VitaleCard)


def _ignore(_: object) -> None:
    """Nobody wants to be told."""


class Workstation:
    """Readers as one place to find cards in. Use it as a context manager.

    Cards it gives stay connected, shared with other programs, until it is closed. `recorder`
    sees every exchange with its PINs already masked.
    """

    def __init__(self, manager: ResourceManager, *, recorder: Recorder | None = None) -> None:
        self.manager = manager
        self._recorder = recorder
        self._connections: list[Connection] = []
        self._consultations: list[Consultation] = []
        self._memory = PatientMemory()

    @classmethod
    def open(cls, where: str = "pcsc", *, recorder: Recorder | None = None) -> Self:
        """Open the real readers (`pcsc`), the emulated `demo`, or a bench file by its path.

        Raises as `open_manager`.
        """
        return cls(open_manager(where), recorder=recorder)

    def readers(self) -> tuple[ReaderStatus, ...]:
        """Every reader as it is now."""
        return self.manager.readers()

    def scan(
        self,
        readers: Sequence[ReaderStatus] | None = None,
        *,
        limit: float = SCAN_LIMIT,
        then: Then = as_it_is,
    ) -> tuple[Slot, ...]:
        """Identify the card in every reader, or in these, all at once, within `limit` seconds.

        `then` reads more of each card before its connection ends: none is kept. What goes wrong
        with a card is in its slot's `error`.
        """
        wanted = self.readers() if readers is None else readers
        return close_all(scan(wanted, self._connect, limit=limit, then=then))

    def cps(self, reader: str | None = None) -> CpsCard:
        """The professional's card: in whichever reader it is, or in `reader` (a name's part).

        A contactless one, which tells nothing of its holder, only where no other is. Raises
        `SelectionError` when there is not exactly one.
        """
        return self._select(CpsCard, READABLE_CPS, "CPS", reader)

    def vitale(self, reader: str | None = None) -> VitaleCard:
        """The patient's card; as `cps`."""
        return self._select(VitaleCard, READABLE_VITALE, "Vitale", reader)

    def reopen(self, card: CardT) -> CardT:
        """Connect again to the card in the same reader, after a reset or a removal.

        A PIN kept for the session stays kept. Raises `CardChanged` unless ATR, kind and chip
        serial are those of `card`: a swap can go by without any event (facts: pcsc_vpcd.md §0).
        A Vitale and a CPS2ter show no serial before they are read: of two of these only ATR and
        kind are compared.
        """
        connection = self._connect(card.reader)
        try:
            match = identify(Channel(connection))
            if (connection.atr, match.kind, match.serial) != (
                card.atr,
                card.match.kind,
                card.match.serial,
            ):
                raise CardChanged("another card is in the reader").at(card.reader)
        except BaseException:
            connection.close()
            raise
        self._connections.append(connection)
        reopened = type(card)(Channel(connection), match)
        if isinstance(card, CpsCard) and isinstance(reopened, CpsCard):
            reopened.resume(card)
        return reopened

    def consultation(
        self,
        *,
        cps_reader: str | None = None,
        cps_serial: str | None = None,
        vitale_reader: str | None = None,
        wait: float = 0.0,
        insertion: InsertionPolicy = InsertionPolicy.CONFIRM_LEFT_IN,
        refuse_doubtful: bool = False,
        on_prompt: Callable[[Prompt], None] = _ignore,
        on_end: Callable[[EndReason], None] = _ignore,
    ) -> Consultation:
        """A CPS and a Vitale together, from any readers, until the CPS leaves.

        Where they are not both there, they are waited for `wait` seconds (`math.inf`: for ever),
        and `on_prompt` is called with what to put in; one reader can take first the Vitale, then
        the CPS. `on_end` is called, once and from another thread, when the consultation ends by
        itself: the moment to lock the screen. See docs/how-to/consultation.md.

        Raises `SelectionError` when there is not exactly one of each and none was chosen, by a
        part of a reader's name or by the chip's number; `MixedTestAndReal` for a test card and a
        real one (with `refuse_doubtful` also where one of them does not tell);
        `PatientNotConfirmed` where `insertion` wants a Vitale to be put in anew.
        """
        rules = Rules(insertion, refuse_doubtful)
        which = Which(cps_reader, cps_serial, vitale_reader)
        desk = Desk(self.manager, self._connect, self._memory)
        try:
            pair = Pairing(desk, which, rules, self._memory).find(wait, on_prompt)
        except BaseException:
            desk.close()
            raise
        begun = Consultation(
            desk, pair, which=which, rules=rules, memory=self._memory, on_end=on_end
        )
        self._consultations = [one for one in self._consultations if not one.ended] + [begun]
        return begun

    def close(self) -> None:
        """Let go of every card, leaving it as it is, and of the readers; end consultations."""
        while self._consultations:
            self._consultations.pop().close()
        while self._connections:
            self._connections.pop().close()
        self.manager.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self, reader: str) -> Connection:
        return stack(self.manager.connect(reader), recorder=self._recorder)

    def _select(
        self,
        make: Callable[[Channel, Match], CardT],
        kinds: frozenset[CardKind],
        family: str,
        reader: str | None,
    ) -> CardT:
        wanted = self.readers() if reader is None else (choose_reader(reader, self.readers()),)
        slots = scan(wanted, self._connect)
        try:
            chosen = select(slots, kinds, family)
        except BaseException:
            close_all(slots)
            raise
        close_all(slot for slot in slots if slot is not chosen)
        self._connections.append(chosen.connection)
        return make(Channel(chosen.connection), chosen.match)
