"""A card kept in one vpcd reader of any PC/SC service, and what is told of a card."""

import threading
from pathlib import Path

from cardio.errors import ServiceUnavailable
from cardio.transport.json_line import Message
from cardio_emulator.bench_plan import CardPlan, OfImage, OfKind
from cardio_emulator.card_os import Card
from cardio_emulator.faults import FaultyCard
from cardio_emulator.personalise import export as export_certificates
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import SEEN_WITHIN, Address, Insertion

_JOIN_WITHIN = 1.0


class ServedCard(threading.Thread):
    """`card` served in the reader at `address`; a daemon, as a mute card keeps it for a while.

    When the reader goes away, it waits `wait` seconds for it to come back.
    """

    def __init__(self, card: VirtualCard, address: Address, wait: float) -> None:
        super().__init__(name=f"card at {address}", daemon=True)
        self._insertion = Insertion(card, address)
        self._wait = wait
        self.lost: ServiceUnavailable | None = None

    def run(self) -> None:
        try:
            self._insertion.serve(self._wait)
        except ServiceUnavailable as error:
            self.lost = error

    def insert(self) -> None:
        """Put it in; give the reader a moment to see it. Raises `ServiceUnavailable`."""
        self._insertion.insert(self._wait)
        self.start()
        self._insertion.seen.wait(SEEN_WITHIN)

    def leave(self) -> None:
        """Take it out, and wait until the reader has noticed."""
        self._insertion.leave()
        if self.is_alive():
            self.join(_JOIN_WITHIN)

    def eject(self) -> None:
        """Take it out at once."""
        self._insertion.eject()


def bare(card: VirtualCard) -> VirtualCard:
    """The card itself, without what faults and counters wrap around it."""
    while isinstance(card, FaultyCard):
        card = card.card
    return card


def told_of(
    plan: CardPlan, card: VirtualCard, export: Path | None = None, reader: str | None = None
) -> Message:
    """What one JSON line says of a card: what it was made from, ATR, serial number.

    Its certificates are written to the folder `export`, in a bench one for each reader, and the
    line says where.
    """
    line: Message = {**_source(plan), "atr": card.atr.hex().upper(), "serial": card.serial}
    if reader is not None:
        line["reader"] = reader
    inner = bare(card)
    if export and isinstance(inner, Card):
        folder = export / reader if reader else export
        paths = export_certificates(inner.image, folder)
        line["certificates"] = {name: str(path) for name, path in paths.items()}
    return line


def _source(plan: CardPlan) -> dict[str, str]:
    source = plan.source
    if isinstance(source, OfKind):
        return {"card": source.kind, "persona": str(source.persona)}
    return {"image" if isinstance(source, OfImage) else "trace": str(source.file)}
