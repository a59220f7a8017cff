"""Another program at the same readers: `python pcsc_client.py READER shared|exclusive|transaction`.

Prints `ready` once it holds the card; ends when its input does, with the disposition (`leave`,
`reset`) read from there.
"""

import sys
from contextlib import nullcontext

from cardio.transport.base import Disposition, ShareMode
from cardio.transport.pcsc import PcscResourceManager

reader, how = sys.argv[1:]
share = ShareMode.EXCLUSIVE if how == "exclusive" else ShareMode.SHARED
connection = PcscResourceManager().connect(reader, share)
with connection.transaction() if how == "transaction" else nullcontext():
    print("ready", flush=True)
    disposition = sys.stdin.readline().strip() or "leave"
connection.close(Disposition(disposition))
