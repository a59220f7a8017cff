"""A bench in another process or on another machine, driven through its control socket."""

import threading
from contextlib import suppress
from typing import cast

from cardio.errors import ServiceUnavailable, TransmitTimeout
from cardio.rig.control.absent_card import AbsentCard
from cardio.rig.control.cards import fault_table
from cardio.transport.json_line import Endpoint, Message
from cardio.transport.remote import ANSWER_WITHIN, RemoteLine, RemoteManager, told_error
from cardio_emulator.control import BenchControl
from cardio_emulator.faults import Fault, Struck, TornOut
from cardio_emulator.virtual_card import VirtualCard

_END_WITHIN = 5.0


class RemoteBench(BenchControl):
    """A `BenchControl` at `endpoint`; `manager()` gives its readers, for a `Workstation`.

    A card given to `insert` or `swap` stays here and is asked over the network, until it is
    removed or this bench is closed; `insert_kind` has the other side make one, which is faster.
    Closing leaves the bench itself running. Every call raises `ServiceUnavailable` where the
    bench cannot be reached, after a bounded time.
    """

    def __init__(self, endpoint: Endpoint, *, answer_within: float = ANSWER_WITHIN) -> None:
        self.endpoint = endpoint
        self._manager = self.manager(answer_within)
        self._answer_within = answer_within
        self._guard = threading.Lock()
        self._held: dict[str, _HeldCard] = {}

    def manager(self, answer_within: float = ANSWER_WITHIN) -> RemoteManager:
        """A fresh one, whoever takes it closes it."""
        return RemoteManager(self.endpoint, answer_within=answer_within)

    @property
    def readers(self) -> tuple[str, ...]:
        return tuple(str(reader["reader"]) for reader in self.state())

    def state(self) -> tuple[Message, ...]:
        """Each reader as `state` tells it (docs/reference/bench-commands.md)."""
        return tuple(cast(list[Message], self.ask("state")["readers"]))

    def ask(self, do: str, **keys: object) -> Message:
        """One command of that page. Raises the error it is answered by."""
        return self._manager.ask(do, within=None, **keys)

    def insert(self, reader: str, card: VirtualCard) -> None:
        self._put(reader, card, swap=False)

    def insert_kind(self, reader: str, kind: str, persona: str | None = None) -> None:
        """Put in a fresh card that the other side makes. Raises `ConfigurationError`."""
        named = {} if persona is None else {"persona": persona}
        self.ask("insert", reader=reader, card=kind, **named)

    def remove(self, reader: str) -> VirtualCard:
        return self._left(self.ask("remove", reader=reader))

    def swap(self, reader: str, card: VirtualCard) -> VirtualCard:
        answer, before = self._put(reader, card, swap=True)
        gone = cast(Message, answer["removed"])
        return before.card if before and before.number == gone["number"] else AbsentCard.told(gone)

    def reset(self, reader: str) -> None:
        self.ask("reset", reader=reader)

    def unplug_reader(self, reader: str) -> None:
        self.ask("unplug_reader", reader=reader)

    def plug_reader(self, reader: str) -> None:
        self.ask("plug_reader", reader=reader)

    def kill_service(self) -> None:
        self.ask("kill_service")

    def restart_service(self) -> None:
        self.ask("restart_service")

    def fault(self, reader: str, fault: Fault) -> None:
        self.ask("fault", reader=reader, fault=fault_table(fault))

    def clear_faults(self, reader: str) -> None:
        self.ask("clear_faults", reader=reader)

    def close(self) -> None:
        """Let the bench go, with the cards that are held here taken out."""
        with self._guard:
            held, self._held = self._held, {}
        for card in held.values():
            card.end()
        self._manager.close()

    def _put(
        self, reader: str, card: VirtualCard, *, swap: bool
    ) -> tuple[Message, "_HeldCard | None"]:
        """The bench's answer, and the card held here that had been in this reader before."""
        held = None
        if isinstance(card, AbsentCard):
            answer = self.ask("swap" if swap else "insert", reader=reader, number=card.number)
        else:
            held = _HeldCard(RemoteLine(self.endpoint), card)
            answer = held.begin(reader, swap=swap, within=self._answer_within)
        before = self._no_more_held(str(answer["reader"]))
        if held:
            with self._guard:
                self._held[str(answer["reader"])] = held
        return answer, before

    def _left(self, gone: Message) -> VirtualCard:
        held = self._no_more_held(str(gone["reader"]))
        return held.card if held and held.number == gone["number"] else AbsentCard.told(gone)

    def _no_more_held(self, reader: str) -> "_HeldCard | None":
        with self._guard:
            held = self._held.pop(reader, None)
        if held:
            held.end()
        return held


class _HeldCard(threading.Thread):
    """A card that is here while it is in a reader over there."""

    def __init__(self, line: RemoteLine, card: VirtualCard) -> None:
        super().__init__(name="card held for a bench", daemon=True)
        self.card = card
        self.number: int | None = None
        self._line = line
        self._begun = threading.Event()
        self._answer: Message = {}

    def begin(self, reader: str, *, swap: bool, within: float) -> Message:
        """Put it in. Raises as `BenchControl.insert`."""
        card = self.card
        self._line.send(
            {
                "do": "hold",
                "reader": reader,
                "atr": card.atr.hex().upper(),
                "serial": card.serial,
                "swap": swap,
            }
        )
        self.start()
        self._begun.wait(within)
        if "done" not in self._answer:
            self.end()
            if "error" in self._answer:
                raise told_error(self._answer)
            raise ServiceUnavailable(f"the bench at {self._line.endpoint} does not answer")
        self.number = cast(int, self._answer["number"])
        return self._answer

    def run(self) -> None:
        with suppress(ServiceUnavailable):
            while True:
                message = self._line.receive()
                if "apdu" in message:
                    self._line.send(_answer(self.card, message))
                else:
                    self._answer = message
                    self._begun.set()
        self._begun.set()

    def end(self) -> None:
        """The card is out, whatever the bench is at."""
        self._line.close()
        if self.is_alive():
            self.join(_END_WITHIN)


def _answer(card: VirtualCard, asked: Message) -> Message:
    if asked.get("reset") is True:
        card.reset()
    try:
        return {"answer": card.transmit(bytes.fromhex(str(asked["apdu"]))).hex().upper()}
    except Struck as struck:
        return {"strike": struck.strike.name}
    except TornOut as torn:
        return {"torn": torn.sent.hex().upper(), "announced": torn.announced}
    except TransmitTimeout:
        return {"silent": True}
