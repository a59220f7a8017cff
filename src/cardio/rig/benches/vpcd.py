"""A bench in process whose cards are put in vpcd readers of a PC/SC service that is not its own."""

from collections.abc import Callable, Iterable, Mapping

from cardio.errors import ConfigurationError, ServiceUnavailable, TransmitTimeout
from cardio.rig.benches.served_card import ServedCard
from cardio_emulator.bench import Bench
from cardio_emulator.faults import TornOut
from cardio_emulator.reader import VirtualReader
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import Address

Lost = Callable[[ServiceUnavailable], None]
"""A reader went away and did not come back."""


class VpcdBench(Bench):
    """Each of `readers` stands for the vpcd reader at its address; without one it takes no card.

    Cards go in and out, and show faults. What belongs to the reader or the service itself is
    refused (`ConfigurationError`): they are somebody else's. `wait` is how many seconds a reader
    may be away; `lost` is told of one that stays away, in a thread of its own.
    """

    def __init__(
        self,
        readers: Iterable[str],
        addresses: Mapping[str, Address],
        *,
        wait: float,
        lost: Lost,
        seed: int = 0,
    ) -> None:
        super().__init__(readers, seed=seed)
        self._addresses = addresses
        self._wait, self._lost = wait, lost
        self._cards: dict[str, ServedCard] = {}

    def insert(self, reader: str, card: VirtualCard) -> None:
        if reader in self.readers and reader not in self._addresses:
            raise ConfigurationError(f"reader {reader!r} has no vpcd address: no card can be in it")
        super().insert(reader, card)
        served = _Watched(self.reader(reader), self._addresses[reader], self._wait, self._lost)
        self._cards[reader] = served
        try:
            served.insert()
        except ServiceUnavailable:
            super().remove(reader)
            raise

    def remove(self, reader: str) -> VirtualCard:
        card = super().remove(reader)
        self._cards.pop(reader).leave()
        return card

    def swap(self, reader: str, card: VirtualCard) -> VirtualCard:
        before = self.remove(reader)
        self.insert(reader, card)
        return before

    def reset(self, reader: str) -> None:  # noqa: ARG002
        raise _not_ours("reset")

    def unplug_reader(self, reader: str) -> None:  # noqa: ARG002
        raise _not_ours("unplug_reader")

    def plug_reader(self, reader: str) -> None:  # noqa: ARG002
        raise _not_ours("plug_reader")

    def restart_service(self) -> None:
        raise _not_ours("restart_service")

    def kill_service(self) -> None:
        raise _not_ours("kill_service")

    def close(self) -> None:
        while self._cards:
            _, served = self._cards.popitem()
            served.eject()
        super().kill_service()


class _Watched(ServedCard):
    """The card of a bench's reader, served until it is taken out of it."""

    def __init__(self, reader: VirtualReader, address: Address, wait: float, lost: Lost) -> None:
        super().__init__(_CardInReader(reader), address, wait)
        self._tell = lost

    def run(self) -> None:
        super().run()
        if self.lost:
            self._tell(self.lost)


class _CardInReader:
    """The `VirtualCard` that vpcd is given: what the reader shows, its faults included."""

    def __init__(self, reader: VirtualReader) -> None:
        self._reader = reader
        self._shown = reader.shown
        self._atr, self._serial = b"", ""

    @property
    def atr(self) -> bytes:
        if shown := self._reader.shown:
            self._atr = shown.atr
        return self._atr

    @property
    def serial(self) -> str:
        if shown := self._reader.shown:
            self._serial = shown.serial
        return self._serial

    def reset(self) -> None:
        if shown := self._reader.shown:
            shown.reset()

    def transmit(self, command: bytes) -> bytes:
        """A strike on the reader is as a card torn out: only the card is ours."""
        shown = self._reader.shown
        if shown is None:
            raise TornOut
        try:
            with self._reader.exchanging:
                answer = shown.transmit(command)
        except (TornOut, TransmitTimeout):
            self._take_out(shown)
            raise
        self._reader.tell_answer(answer)
        return answer

    def _take_out(self, shown: VirtualCard) -> None:
        with self._reader.changed:
            if self._reader.shown is shown:
                self._reader.remove()


def _not_ours(act: str) -> ConfigurationError:
    return ConfigurationError(
        f"{act}: the readers at vpcd addresses are another PC/SC service's; "
        "without 'vpcd' in its file, the bench has a service of its own"
    )
