"""A workstation: its readers and the cards in them."""

from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from cardio.cards.cps.card import CpsCard
from cardio.cards.cps.generation import GENERATIONS
from cardio.cards.identify import CardKind, Match, identify
from cardio.cards.vitale.card import VitaleCard
from cardio.errors import CardChanged
from cardio.trace.recorder import Recorder
from cardio.transport.base import Connection, ReaderStatus, ResourceManager
from cardio.transport.channel import Channel
from cardio.transport.readers import choose_reader
from cardio.transport.stack import stack
from cardio.workstation.managers import open_manager
from cardio.workstation.scan import SCAN_LIMIT, Slot, close_all, scan
from cardio.workstation.selection import select

READABLE_CPS = frozenset(GENERATIONS)
HOLDER_CPS = frozenset({CardKind.CPS3, CardKind.CPS4})
"""Of these, the ones that tell their holder by certificates."""

READABLE_VITALE = frozenset({CardKind.VITALE2})

CardT = TypeVar("CardT", CpsCard, VitaleCard)


class Workstation:
    """Readers as one place to find cards in. Use it as a context manager.

    Cards it gives stay connected, shared with other programs, until it is closed. `recorder`
    sees every exchange with its PINs already masked.
    """

    def __init__(self, manager: ResourceManager, *, recorder: Recorder | None = None) -> None:
        self.manager = manager
        self._recorder = recorder
        self._connections: list[Connection] = []

    @classmethod
    def open(cls, where: str = "pcsc", *, recorder: Recorder | None = None) -> Self:
        """Open the real readers (`pcsc`), the emulated `demo`, or a bench file by its path.

        Raises as `open_manager`.
        """
        return cls(open_manager(where), recorder=recorder)

    def readers(self) -> tuple[ReaderStatus, ...]:
        """Every reader as it is now."""
        return self.manager.readers()

    def scan(self, *, limit: float = SCAN_LIMIT) -> tuple[Slot, ...]:
        """Identify the card in every reader, all at once, in at most `limit` seconds.

        No connection is kept. What goes wrong with a card is in its slot's `error`.
        """
        return close_all(scan(self.readers(), self._connect, limit=limit))

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

    def close(self) -> None:
        """Let go of every card, leaving it as it is, and of the readers."""
        while self._connections:
            self._connections.pop().close()
        self.manager.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
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
