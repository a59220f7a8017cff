"""The how-to's first program runs as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/how-to/assertions.md"


def test_the_first_program_of_the_page_runs() -> None:
    program = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    shown = program + "\nprint(request.body.decode())\n"
    done = subprocess.run(
        [sys.executable, "-c", shown], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "<NomNaissance>ADRUN</NomNaissance><Prenom>ZOE</Prenom>" in done.stdout
