"""C libraries for a private pcscd, compiled where there is a compiler."""

import os
import shutil
import subprocess
from pathlib import Path


def compiler() -> str | None:
    """The C compiler of this machine; None without one."""
    return shutil.which("cc") or shutil.which("gcc")


def compile_library(program: str, source: Path, library: Path, *options: str) -> str | None:
    """Have `program` make the library, whole or not at all: None, or what it complains of."""
    half_made = library.with_suffix(f".{os.getpid()}")
    command = [program, "-shared", "-fPIC", *options, "-o", str(half_made), str(source)]
    env = {**os.environ, "TMPDIR": str(library.parent)}  # a killed compiler leaves files there
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)  # noqa: S603
    if done.returncode:
        return done.stderr
    half_made.replace(library)
    return None


def compiled(source: Path, folder: Path) -> Path | None:
    """The library of this C file in `folder`; None where no C compiler can make it."""
    library, program = folder / f"{source.stem}.so", compiler()
    if program and not library.exists():
        compile_library(program, source, library, "-O1")
    return library if library.exists() else None
