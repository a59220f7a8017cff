"""Which CPS a command is for: the only one, the one in a reader, or the one with a serial."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce, wraps
from typing import Any

import click

from cardio.cards.cps.card import CpsCard
from cardio.cards.cps.serial import ChipSerial
from cardio.cli.commands import option
from cardio.cli.localized import current_text
from cardio.errors import CardChanged, RecordError, SelectionError, SharingViolation
from cardio.transport.contention import WAIT_LIMIT, Waiting, wait_for_card
from cardio.workstation.scan import Slot
from cardio.workstation.selection import SelectionReason
from cardio.workstation.workstation import Workstation


@dataclass(frozen=True, slots=True)
class Which:
    """A part of a reader's name; the chip's number as `cardio cps show` prints it; a patience.

    `wait` is how many seconds another program may hold the card.
    """

    reader: str | None
    serial: str | None
    wait: float

    def find(self, workstation: Workstation) -> CpsCard:
        """The card asked for, connected. Raises `SelectionError`, or `CardChanged` after a swap.

        With a serial any number of other cards may be present. A card that another program
        holds is waited for, and the wait told on standard error; then raises
        `SharingViolation`, or the class of it that says how the card is held.
        """
        try:
            return self._find(workstation)
        except SelectionError as error:
            holder = error.__cause__
            if not isinstance(holder, SharingViolation) or holder.where.reader is None:
                raise
        return wait_for_card(
            workstation.manager,
            holder.where.reader,
            lambda: self._find_held(workstation),
            limit=self.wait,
            progress=_tell,
        )

    def _find(self, workstation: Workstation) -> CpsCard:
        if self.serial is None:
            return workstation.cps(self.reader)
        card = workstation.cps(self.reader or _reader_of(self.serial, workstation))
        if card.serial is None or card.serial.number != self.serial:
            raise CardChanged("the card in the reader has another serial").at(card.reader)
        return card

    def _find_held(self, workstation: Workstation) -> CpsCard:
        """As `_find`; that the card is held is the error itself, not the cause of one."""
        try:
            return self._find(workstation)
        except SelectionError as error:
            if isinstance(error.__cause__, SharingViolation):
                raise error.__cause__ from None
            raise


def chooses_card(command: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Give a command `--reader`, `--serial` and `--wait`; it gets a `Which` as `which`."""

    @wraps(command)
    def call(
        *args: Any,  # noqa: ANN401
        reader: str | None,
        serial: str | None,
        wait: float,
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        return command(*args, which=Which(reader, serial, wait), **kwargs)

    options = (
        option("--reader", metavar="PART", help="cli.option.reader"),
        option("--serial", metavar="NUMBER", help="cli.option.serial"),
        option(
            "--wait",
            type=click.FloatRange(min=0),
            default=WAIT_LIMIT,
            show_default=True,
            metavar="SECONDS",
            help="cli.option.wait",
        ),
    )
    return reduce(lambda made, add: add(made), reversed(options), call)


def _tell(waiting: Waiting) -> None:
    text = current_text()
    how = text(f"cli.held.{waiting.contention.value}", reader=waiting.reader)
    click.echo(f"{how} ({waiting.waited:.0f}/{waiting.limit:.0f} s)", err=True)


def _reader_of(serial: str, workstation: Workstation) -> str:
    slots = workstation.scan()
    for slot in slots:
        if _serial(slot) == serial:
            return slot.status.name
    error = SelectionError("no card has this serial", reason=SelectionReason.NOT_FOUND.value)
    error.__cause__ = next((slot.error for slot in slots if slot.error), None)
    raise error


def _serial(slot: Slot) -> str | None:
    raw = slot.match.serial if slot.match else None
    try:
        return ChipSerial.decode(raw).number if raw else None
    except RecordError:
        return None
