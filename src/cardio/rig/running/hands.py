"""A bench as its commands see it: whatever is done to it here is as if it had been commanded."""

from collections.abc import Mapping
from typing import cast

from cardio.errors import ConfigurationError
from cardio.rig.control.absent_card import AbsentCard
from cardio.rig.control.cards import fault_table
from cardio.rig.control.commands import BenchCommands
from cardio.rig.control.language import NotUnderstood
from cardio.transport.json_line import Message
from cardio_emulator.control import Answered, AnswerSource, BenchControl
from cardio_emulator.faults import Fault
from cardio_emulator.virtual_card import VirtualCard


class Hands(BenchControl):
    """The `BenchControl` of `commands`: cards get numbers and are counted, faults are listed.

    `names` are other names of readers. A card taken out can only be put back.
    """

    def __init__(self, commands: BenchCommands, names: Mapping[str, str]) -> None:
        self._commands = commands
        self._names = names

    @property
    def readers(self) -> tuple[str, ...]:
        return self._commands.bench.readers

    def insert(self, reader: str, card: VirtualCard) -> None:
        if isinstance(card, AbsentCard):
            self._do("insert", reader, number=card.number)
        else:
            self._commands.put(self._full(reader), card)

    def remove(self, reader: str) -> VirtualCard:
        return AbsentCard.told(self._do("remove", reader))

    def swap(self, reader: str, card: VirtualCard) -> VirtualCard:
        if isinstance(card, AbsentCard):
            answer = self._do("swap", reader, number=card.number)
        else:
            answer = self._commands.put(self._full(reader), card, swap=True)
        return AbsentCard.told(cast(Message, answer["removed"]))

    def reset(self, reader: str) -> None:
        self._do("reset", reader)

    def unplug_reader(self, reader: str) -> None:
        self._do("unplug_reader", reader)

    def plug_reader(self, reader: str) -> None:
        self._do("plug_reader", reader)

    def kill_service(self) -> None:
        self._commands.carry_out({"do": "kill_service"})

    def restart_service(self) -> None:
        self._commands.carry_out({"do": "restart_service"})

    def fault(self, reader: str, fault: Fault) -> None:
        self._do("fault", reader, fault=fault_table(fault))

    def clear_faults(self, reader: str) -> None:
        self._do("clear_faults", reader)

    def listen(self, told: Answered) -> None:
        """See `AnswerSource.listen`. Raises `ConfigurationError` for a bench that counts none."""
        bench = self._commands.bench
        if not isinstance(bench, AnswerSource):
            raise ConfigurationError("this bench does not count APDUs")
        bench.listen(told)

    def close(self) -> None:
        self._commands.bench.close()

    def _do(self, do: str, reader: str, **keys: object) -> Message:
        try:
            return self._commands.carry_out({"do": do, "reader": self._full(reader), **keys})
        except NotUnderstood as error:
            raise ConfigurationError(f"{do}: {error.message}") from error

    def _full(self, reader: str) -> str:
        return self._names.get(reader, reader)
