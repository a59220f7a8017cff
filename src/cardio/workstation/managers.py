"""The readers a word stands for: this machine's, the demonstration, a bench file or socket."""

from pathlib import Path

from cardio.transport.base import ResourceManager


def open_manager(where: str) -> ResourceManager:
    """The readers of `pcsc`, `demo`, the bench file at this path, or a bench's control socket.

    That is `tcp://HOST:PORT` or `unix:PATH`: see docs/reference/bench-commands.md.

    Raises `PcscMissing`, or `ConfigurationError` for a bad file. Whether a PC/SC service answers
    shows at the first call.
    """
    if where == "pcsc":
        from cardio.transport.pcsc import PcscResourceManager

        return PcscResourceManager()
    if where.startswith(("tcp://", "unix:")):
        from cardio.transport.json_line import Endpoint
        from cardio.transport.remote import RemoteManager

        return RemoteManager(Endpoint.parse(where))
    from cardio.workstation import emulated

    return emulated.demo() if where == "demo" else emulated.from_file(Path(where))
