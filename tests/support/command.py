"""The `cardio` command as its users run it: another process."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any


def cardio(
    *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run `cardio` with these arguments; its output as text."""
    return subprocess.run(
        [sys.executable, "-m", "cardio", *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def cardio_json(*arguments: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run it with `--json`; the document it printed. Fails unless it exits with 0."""
    done = cardio(*arguments, "--json", env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)
