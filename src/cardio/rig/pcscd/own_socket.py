"""Which PC/SC service this process speaks to.

libpcsclite reads `PCSCLITE_CSOCK_NAME` once, at its first call (facts: pcsc_vpcd.md §1): a process
speaks to one socket path for its whole life, and can start one service after another there.
"""

import atexit
import os
from functools import cache
from pathlib import Path

from cardio.rig.pcscd.folders import OwnFolder

PREFIX = "cardio-pcscd-"


def socket_in(directory: Path) -> Path:
    """Where the private service of this folder listens."""
    return directory / "run" / "pcscd.comm"


@cache
def own_directory() -> Path:
    """The folder of this process's private services; it ends with the process.

    From the first call on, PC/SC in this process and in those it starts reaches no other service:
    so it has to come before the first PC/SC call.
    """
    folder = OwnFolder(PREFIX)
    atexit.register(folder.close)
    os.environ["PCSCLITE_CSOCK_NAME"] = str(socket_in(folder.path))
    return folder.path
