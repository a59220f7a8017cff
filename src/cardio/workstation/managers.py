"""The readers a word stands for: those of this machine, the demonstration, or a bench file."""

from pathlib import Path

from cardio.transport.base import ResourceManager


def open_manager(where: str) -> ResourceManager:
    """The readers of `pcsc`, `demo`, or of the bench file at this path.

    Raises `PcscMissing`, or `ConfigurationError` for a bad file. Whether a PC/SC service answers
    shows at the first call.
    """
    if where == "pcsc":
        from cardio.transport.pcsc import PcscResourceManager

        return PcscResourceManager()
    from cardio.workstation import emulated

    return emulated.demo() if where == "demo" else emulated.from_file(Path(where))
