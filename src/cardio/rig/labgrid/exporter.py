"""labgrid's exporter, knowing benches: `python -m cardio.rig.labgrid.exporter`.

Its options are those of `labgrid-exporter`. In its resource file, a bench that starts afresh for
each acquisition of its place, and one that runs already:

    rack-1:
      CardioBench:
        bench: bench.toml
        reader: Gemalto PC Twin Reader 00 00
    rack-2:
      CardioBench:
        port: 7816
"""

import sys
from pathlib import Path

import attr
from attr.validators import in_, instance_of, optional
from labgrid.remote import exporter
from labgrid.resource.common import Resource

from cardio.errors import CardioError, ConfigurationError
from cardio.rig.control.server import ControlServer
from cardio.transport.base import ResourceManager
from cardio.transport.json_line import Endpoint
from cardio.workstation.emulated import EmulatedResourceManager
from cardio_emulator.bench import Bench
from cardio_emulator.bench_file import read_bench
from cardio_emulator.control import BenchControl

_LOOPBACK = "127.0.0.1"
_IN_PROCESS, _PCSCD = "in-process", "pcscd"
_BAD_USAGE = 2


@attr.s(eq=False)
class _LocalBench(Resource):
    """The keys of a resource file: docs/how-to/labgrid.md."""

    bench: str | None = attr.ib(default=None, validator=optional(instance_of(str)))
    port: int | None = attr.ib(default=None, validator=optional(instance_of(int)))
    reader: str = attr.ib(default="", validator=instance_of(str))
    over: str = attr.ib(default=_IN_PROCESS, validator=in_((_IN_PROCESS, _PCSCD)))
    listen: str = attr.ib(default=_LOOPBACK, validator=instance_of(str))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if (self.bench is None) == (self.port is None):
            raise ConfigurationError(
                "CardioBench: one of 'bench' (a bench file) and 'port' (of a bench that runs)"
            )
        if self.bench is not None:
            read_bench(Path(self.bench))


@attr.s(eq=False)
class CardioBenchExport(exporter.ResourceExport):
    """A bench of this machine.

    A client elsewhere reaches one that listens on loopback through SSH, where the exporter runs
    with `--isolated`; with another `listen` address, whoever reaches it uses its cards.
    """

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self.local = _LocalBench(target=None, name=None, **self.local_params)
        self._server: ControlServer | None = None
        self._bench: BenchControl | None = None

    def _get_start_params(self) -> dict[str, object]:
        return {"bench": self.local.bench}

    def _get_params(self) -> dict[str, object]:
        is_local = Endpoint(self.local.listen).is_of_this_machine
        port = self._server.endpoint.port if self._server else self.local.port
        return {
            "host": _LOOPBACK if is_local else self.host,
            "port": port,
            "reader": self.local.reader,
        }

    def _start(self, start_params: dict[str, object]) -> None:
        del start_params
        if self.local.bench is None:
            return
        file = Path(self.local.bench)
        bench, manager = _opened(file, self.local.over)
        at = Endpoint(self.local.listen)
        try:
            server = ControlServer(bench, manager, at, folder=file.parent, anywhere=True)
            self._server, self._bench = server.start(), bench
        except BaseException:
            bench.close()
            raise

    def _stop(self, start_params: dict[str, object]) -> None:
        del start_params
        server, self._server = self._server, None
        bench, self._bench = self._bench, None
        if server and bench:
            server.close()
            bench.close()


def _opened(file: Path, over: str) -> tuple[BenchControl, ResourceManager]:
    """A fresh bench and its readers."""
    if over == _PCSCD:
        from cardio.rig.benches.service import ServiceBench
        from cardio.transport.pcsc import PcscResourceManager

        return ServiceBench.load(file), PcscResourceManager()
    bench = Bench.load(file)
    return bench, EmulatedResourceManager(bench)


exporter.exports["CardioBench"] = CardioBenchExport


def main() -> None:
    """Run until stopped; exits with 2 for a mistake in a bench file."""
    try:
        exporter.main()
    except CardioError as error:
        print(f"cardio: {error}", file=sys.stderr)
        sys.exit(_BAD_USAGE)


if __name__ == "__main__":
    main()
