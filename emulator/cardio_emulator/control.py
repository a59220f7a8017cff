"""The seam of a bench: what hands, plugs and other programs do to readers and cards.

In process it is `cardio_emulator.bench.Bench`, over pcscd and vpcd
`cardio.rig.benches.service.ServiceBench`. Tests, commands and timelines drive a `BenchControl` and
do not care which.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias, runtime_checkable

from cardio_emulator.virtual_card import VirtualCard

if TYPE_CHECKING:
    from cardio_emulator.faults import Fault


Answered: TypeAlias = Callable[[str, bytes], None]
"""Takes the name of a reader and the status word (2 bytes) of an APDU that its card answered."""


@runtime_checkable
class AnswerSource(Protocol):
    """What a bench may have beside: it tells of every APDU that is answered, never of its data."""

    def listen(self, told: Answered) -> None:
        """Call `told` from now on, before the answer is given back or right after.

        In whichever thread serves the card, which nobody may keep.
        """
        ...


class BenchControl(Protocol):
    """Readers, the cards in them, and the service that holds them all.

    `reader` is always the full name that PC/SC programs see. Every method that takes one raises
    `ReaderUnavailable` where no reader has this name, and all but `plug_reader` also while it is
    unplugged. Each method returns once what it does can be seen by every program. Safe to use
    from several threads; a context manager that closes the bench.
    """

    @property
    def readers(self) -> tuple[str, ...]:
        """Every reader of the bench, those that are unplugged too."""
        ...

    def insert(self, reader: str, card: VirtualCard) -> None:
        """Put a card in. Raises `ConfigurationError` if there is one already."""
        ...

    def remove(self, reader: str) -> VirtualCard:
        """Take the card out, whatever is under way: the one put in. Raises `NoCard`."""
        ...

    def swap(self, reader: str, card: VirtualCard) -> VirtualCard:
        """Another card in the place of the one that is in; gives that one. Raises `NoCard`.

        The removal is seen before the new card is (facts: pcsc_vpcd.md §0.5).
        """
        ...

    def reset(self, reader: str) -> None:
        """Reset the card, as another program would: every session on it has to start over.

        Raises `NoCard`, and `SharingViolation` while a program keeps the card to itself.
        """
        ...

    def unplug_reader(self, reader: str) -> None:
        """Take a reader away, its card still in."""
        ...

    def plug_reader(self, reader: str) -> None:
        """Bring an unplugged reader back, with its card; nothing to do if it is there."""
        ...

    def kill_service(self) -> None:
        """End the PC/SC service without a word to its clients; nothing to do if it is gone."""
        ...

    def restart_service(self) -> None:
        """Start the service, with every card where it was; old connections stay dead.

        Event counts start anew. A running service is killed first.
        """
        ...

    def fault(self, reader: str, fault: "Fault") -> None:
        """Have the card in the reader, and the later ones, show this fault from now on too.

        Its APDUs are counted from now for the card that is in, from its insertion for a later one.
        """
        ...

    def clear_faults(self, reader: str) -> None:
        """Undo every `fault` of this reader; what was done to a card stays done."""
        ...

    def close(self) -> None:
        """End all of it and leave nothing behind; a second call does nothing."""
        ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
