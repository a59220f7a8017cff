"""cardio's own reader driver for pcscd: built on demand from `ifd_cardio.c`.

It is optional; the readers of vpcd are the default (docs/decisions/0018-reader-driver.md).
"""

import hashlib
from pathlib import Path

from cardio.errors import RigUnavailable
from cardio.rig.pcscd.compiled import compile_library, compiler

SOURCE = Path(__file__).with_name("ifd_cardio.c")

_HEADERS = ("/usr/include/PCSC", "/usr/local/include/PCSC")
_FLAGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-O2")


def build(folder: Path, *extra: str) -> Path:
    """The driver as a library in `folder`, compiled if this source is not there compiled yet.

    `extra` are more options for the compiler. Raises `RigUnavailable`, which says what to
    install.
    """
    wanted = hashlib.sha256(SOURCE.read_bytes() + repr(extra).encode()).hexdigest()[:16]
    library = folder / f"libifdcardio-{wanted}.so"
    if not library.exists():
        _compile(library, extra)
    return library


def unavailable() -> str | None:
    """Why the driver cannot be built here; None when it can."""
    missing = ["gcc"] if compiler() is None else []
    if not any(Path(folder, "ifdhandler.h").exists() for folder in _HEADERS):
        missing.append("libpcsclite-dev")
    if not missing:
        return None
    packages = " ".join(missing)
    return f"building the reader driver takes {packages}: apt-get install {packages}"


def reader_conf(name: str, library: Path, server: Path) -> str:
    """An entry for pcscd's reader.conf: the readers that a `ReaderServer` has at `server`.

    They are called `name RR SS`: RR counts the entries of this library, SS the server's readers.
    """
    return f'FRIENDLYNAME "{name}"\nDEVICENAME {server}\nLIBPATH {library}\n'


def _compile(library: Path, extra: tuple[str, ...]) -> None:
    program, reason = compiler(), unavailable()
    if program is None or reason:
        raise RigUnavailable(str(reason))
    includes = [f"-I{folder}" for folder in _HEADERS]
    complaint = compile_library(program, SOURCE, library, *_FLAGS, *extra, *includes)
    if complaint is not None:
        raise RigUnavailable(f"the reader driver does not compile: {complaint[-500:]}")
