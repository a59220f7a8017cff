"""Small C libraries for a private pcscd, compiled where there is a compiler."""

import os
import shutil
import subprocess
from pathlib import Path


def compiled(source: Path, folder: Path) -> Path | None:
    """The library of this C file in `folder`; None where no C compiler can make it."""
    library, compiler = folder / f"{source.stem}.so", shutil.which("cc")
    if compiler and not library.exists():
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source)]
        env = {**os.environ, "TMPDIR": str(folder)}  # what a killed compiler leaves goes with it
        subprocess.run(command, check=False, capture_output=True, env=env)  # noqa: S603
    return library if library.exists() else None
