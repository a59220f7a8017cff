"""Moves the cards of one reader of a bench, wherever labgrid has it run, and reads them."""

import attr
from attr.validators import instance_of
from labgrid.driver.common import Driver
from labgrid.factory import target_factory
from labgrid.step import step
from labgrid.util.proxy import proxymanager

from cardio.errors import ConfigurationError
from cardio.rig.control.remote import RemoteBench
from cardio.rig.labgrid.resource import CardioBench
from cardio.transport.base import ReaderStatus
from cardio.transport.json_line import Endpoint, Message
from cardio.transport.readers import choose_reader
from cardio.transport.remote import RemoteManager
from cardio.workstation.workstation import Workstation


@target_factory.reg_driver
@attr.s(eq=False)
class CardioReaderDriver(Driver):
    """One reader: that named by `reader` here, else by its resource, else the only one.

    Its methods raise the errors of `cardio`.
    """

    bindings = {"bench": CardioBench}  # noqa: RUF012 - labgrid reads it from the class
    bench: CardioBench
    reader: str = attr.ib(default="", validator=instance_of(str))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._remote: RemoteBench | None = None
        self._reader_name = ""

    def on_activate(self) -> None:
        """Reach the bench, by labgrid's SSH forward where its exporter is isolated."""
        remote = RemoteBench(self._endpoint())
        try:
            self._reader_name = _chosen(self.reader or self.bench.reader, remote.readers)
        except BaseException:
            remote.close()
            raise
        self._remote = remote

    def on_deactivate(self) -> None:
        """Let the bench go: cards it made stay where they are."""
        remote, self._remote = self._remote, None
        if remote:
            remote.close()

    @property
    @Driver.check_active
    def reader_name(self) -> str:
        """The full name of the reader, as PC/SC programs see it."""
        return self._reader_name

    @property
    @Driver.check_active
    def remote(self) -> RemoteBench:
        """The whole bench: its other readers, its service, cards of one's own."""
        if self._remote is None:
            raise ConfigurationError("the driver is not active")
        return self._remote

    @Driver.check_active
    @step(args=["card", "persona"])
    def insert(self, card: str, persona: str | None = None) -> None:
        """Put in a fresh card of this kind, made where the bench is."""
        self.remote.insert_kind(self._reader_name, card, persona)

    @Driver.check_active
    @step(args=["card", "persona"])
    def swap(self, card: str, persona: str | None = None) -> None:
        """A fresh card in the place of the one that is in."""
        named = {} if persona is None else {"persona": persona}
        self.remote.ask("swap", reader=self._reader_name, card=card, **named)

    @Driver.check_active
    @step()
    def remove(self) -> None:
        """Take the card out, whatever is under way."""
        self.remote.remove(self._reader_name)

    @Driver.check_active
    @step()
    def reset(self) -> None:
        """Reset the card, as another program would."""
        self.remote.reset(self._reader_name)

    @Driver.check_active
    @step(args=["kind"])
    def fault(self, kind: str, **keys: object) -> None:
        """Have the card, and later ones, show a fault; its keys are in docs/reference/faults.md."""
        self.remote.ask("fault", reader=self._reader_name, fault={"kind": kind, **keys})

    @Driver.check_active
    @step()
    def clear_faults(self) -> None:
        """Undo every `fault`."""
        self.remote.clear_faults(self._reader_name)

    @Driver.check_active
    def shown(self) -> Message:
        """What the reader shows now: presence, ATR, number of APDUs…"""
        return next(one for one in self.remote.state() if one["reader"] == self._reader_name)

    @Driver.check_active
    def workstation(self) -> Workstation:
        """The readers of the bench as a workstation, for a `with` block."""
        return Workstation(RemoteManager(self._endpoint()))

    def _endpoint(self) -> Endpoint:
        if self.bench.port is None:
            raise ConfigurationError("the bench does not run: acquire its place first")
        host, port = proxymanager.get_host_and_port(self.bench)
        return Endpoint(host, port)


def _chosen(fragment: str, readers: tuple[str, ...]) -> str:
    """Raises `ConfigurationError`, `NoReader`, `SelectionError`."""
    if not fragment and len(readers) == 1:
        return readers[0]
    return choose_reader(fragment, [ReaderStatus(name) for name in readers]).name
