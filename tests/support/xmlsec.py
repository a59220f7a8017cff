"""`xmlsec1 --verify`, which knows nothing of signxml, trusting the emulator's root alone."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cardio_emulator.certificates import hierarchy

_ID = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"


def verify(document: bytes, folder: Path, at: str = "2026-11-22 09:30:00") -> bool:
    """Whether the first signature of a document holds, its chain included, at that moment.

    Skips the test where xmlsec1 is not installed.
    """
    if shutil.which("xmlsec1") is None:
        pytest.skip("xmlsec1 is not installed")
    files = {"signed.xml": document, "root.der": hierarchy().root.der}
    files["persons.der"] = hierarchy().persons.der
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command = ["xmlsec1", "--verify", "--enabled-key-data", "x509", "--id-attr:ID", _ID]
    command += ["--trusted-der", "root.der", "--untrusted-der", "persons.der"]
    command += ["--verification-time", at, "signed.xml"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=20, check=False
    )
    return done.returncode == 0
