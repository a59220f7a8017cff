"""What a person who works a bench by hand is shown, and may choose from. Nobody's identity."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from cardio.errors import CardioError
from cardio.rig.benches.served_card import bare
from cardio.rig.benches.service import ServiceBench
from cardio.rig.control.cards import fault_table
from cardio.rig.control.language import NotUnderstood
from cardio.rig.running.bench import RunningBench
from cardio.transport.json_line import Message
from cardio_emulator.bench import Bench
from cardio_emulator.card_os import Card
from cardio_emulator.control import BenchControl
from cardio_emulator.faults import ALL_FAULTS
from cardio_emulator.kinds import KINDS
from cardio_emulator.recorded import RecordedCard
from cardio_emulator.virtual_card import VirtualCard

CARD_KINDS: Sequence[str] = tuple(KINDS)


@dataclass(frozen=True, slots=True)
class Row:
    """One reader. `presence` is None while it is unplugged or the service gone, `kind` "" for a
    card that is not cardio's; `tries` are those left of its PIN, then of its PUK.
    """

    reader: str
    presence: str | None
    kind: str
    atr: str
    apdus: int | None
    last: str
    tries: tuple[int, ...]
    faults: tuple[str, ...]


def rows(running: RunningBench) -> tuple[bool, tuple[Row, ...]]:
    """Whether the service runs, and every reader."""
    state = running.commands.carry_out({"do": "state"})
    shown = cast(list[Message], state["readers"])
    return bool(state["service"]), tuple(_row(running.place.bench, one) for one in shown)


def fault_examples() -> Mapping[str, str]:
    """Each kind of fault, and its keys with values to begin with: `at=0 seconds=1.0`."""
    examples: dict[str, str] = {}
    for word, kind in ALL_FAULTS.items():
        table = fault_table(kind.samples(0))
        examples[word] = " ".join(f"{key}={told}" for key, told in table.items() if key != "kind")
    return examples


def fault_of(kind: str, keys: str) -> Message:
    """The table of a fault, its keys as in `fault_examples`. Raises `NotUnderstood`."""
    table: Message = {"kind": kind}
    for word in keys.split():
        key, is_given, told = word.partition("=")
        if not is_given:
            raise NotUnderstood(f"{word!r} is not key=value")
        table[key] = _value(told)
    return table


def _value(told: str) -> object:
    """A number, true or false, else a text."""
    if told in ("True", "False", "true", "false"):
        return told.lower() == "true"
    with suppress(ValueError):
        return int(told, 0)
    with suppress(ValueError):
        return float(told)
    return told


def _row(bench: BenchControl, one: Message) -> Row:
    reader, presence = cast(str, one["reader"]), cast("str | None", one["presence"])
    card = bare_card_in(bench, reader) if presence not in (None, "absent") else None
    return Row(
        reader=reader,
        presence=presence,
        kind=_kind(card),
        atr=cast(str, one.get("atr", "")),
        apdus=cast("int | None", one["apdus"]) if card else None,
        last=cast("str | None", one["last"]) or "" if card else "",
        tries=_tries(card),
        faults=tuple(cast(list[str], one["faults"])),
    )


def bare_card_in(bench: BenchControl, reader: str) -> VirtualCard | None:
    """The card itself that is in a reader."""
    card = None
    with suppress(CardioError):
        if isinstance(bench, Bench):
            card = bench.reader(reader).card
        elif isinstance(bench, ServiceBench):
            card = bench.card_in(reader)
    return card and bare(card)


def _kind(card: VirtualCard | None) -> str:
    if isinstance(card, Card):
        return card.image.kind
    return "trace" if isinstance(card, RecordedCard) else ""


def _tries(card: VirtualCard | None) -> tuple[int, ...]:
    if not isinstance(card, Card | RecordedCard):
        return ()
    return tuple(card.pins[reference].tries_left for reference in sorted(card.pins))
