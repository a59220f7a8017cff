"""`cardio.authentication` loads nothing before it is asked for something."""

import subprocess
import sys

_LOOK = """
import sys
import cardio.authentication
def loaded(*names): return sorted(name for name in names if name in sys.modules)
print(loaded("cryptography", "sslcontext", "requests", "lxml", "signxml", "jwt"))
from cardio.authentication import TlsSession, tls_context, tls_session
print(loaded("sslcontext", "requests", "lxml", "signxml", "jwt", "smartcard"))
"""


def test_what_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "[]"]
