"""The OpenSC that the tests run: the one whose tools come first in PATH, and the module beside.

`PATH=/opt/opensc-0.27/bin:$PATH python -m pytest -m opensc` runs another one.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from benchmarks.apdu_cost import opensc_module

MODULE = opensc_module() or Path("opensc-pkcs11.so")


def _version() -> tuple[int, int]:
    if not shutil.which("opensc-tool"):
        return 0, 0
    said = subprocess.run(("opensc-tool", "--info"), capture_output=True, text=True, check=False)
    found = re.match(r"OpenSC[- ](\d+)\.(\d+)", said.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


VERSION = _version()

needs_sdo = pytest.mark.xfail(
    VERSION >= (0, 24),
    reason="OpenSC 0.24 and newer forget what the card tells of its PINs and keys (decision 23)",
    strict=False,
)
"""On tests in which OpenSC takes a PIN or uses a key. A repaired one passes them."""
