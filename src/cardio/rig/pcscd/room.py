"""Room for the readers that earlier services at the same socket had, since pcsc-lite 2.5.

Its pcscd tells programs how long its table of readers is, two places at first. Its libpcsclite
follows it to a longer table, but refuses every look at readers once there is a shorter one, for
as long as the process lives (`getReaderStates` in winscard_clnt.c; seen with 2.5.1). pcscd never
shortens the table itself: so an entry that takes places, and gives them back, makes it as long as
it was.
"""

from pathlib import Path

from cardio.rig.pcscd.compiled import compiled
from cardio.rig.pcscd.host import pcscd_build

MOST_PLACES = 255
"""A driver tells its number of slots in one byte."""

_SOURCE = Path(__file__).with_name("room.c")


def room(folder: Path, readers: int) -> str:
    """The first entry of a configuration, for this many readers or as many as there ever were.

    `folder` is that of the services, which remembers. Empty where pcscd has room anyway, or where
    there is no C compiler.
    """
    if pcscd_build().max_entries is not None:
        return ""
    remembered = folder / "room"
    before = int(remembered.read_text("ascii")) if remembered.exists() else 0
    places = min(max(before, readers), MOST_PLACES)
    remembered.write_text(f"{places}", "ascii")
    driver = compiled(_SOURCE, folder)
    return f'FRIENDLYNAME "room"\nLIBPATH {driver}\nCHANNELID {places}\n' if driver else ""
