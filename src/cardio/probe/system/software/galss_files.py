"""Where galss.ini is, and which copy counts.

facts: vitale.md §7.3, workstation_systems.md §4.1.
"""

from cardio.probe.system.known import ABSENT, Known, is_known
from cardio.probe.system.software.facts import GalssFile
from cardio.probe.system.software.galss import parse
from cardio.probe.system.software.places import LINUX, MACOS, WINDOWS, Places

_FILES = {
    WINDOWS: (r"{windir}\galss.ini", r"{localappdata}\VirtualStore\Windows\galss.ini"),
    MACOS: ("/Library/Preferences/galss.ini",),
    LINUX: ("/usr/local/galss/galss.ini", "/etc/opt/santesocial/galss.ini", "/etc/galss.ini"),
}
"""The first that is there counts; a 32-bit program without rights reads the VirtualStore's copy
instead. The Linux names are inferred but for the folder /usr/local/galss.
"""
_PORT_MAP = "io_comm.ini"


def galss_file(places: Places) -> Known[GalssFile]:
    """The galss.ini of this workstation; `ABSENT` where none of the known places has one."""
    there = [(path, data) for path, data in _read(places) if data is not ABSENT]
    if not there:
        return ABSENT
    path, data = there[0]
    folder = path.rpartition(places.separator)[0]
    return GalssFile(
        place=places.shown(path),
        config=parse(data) if is_known(data) else data,
        copies=tuple(places.shown(other) for other, _ in there[1:]),
        port_map=ABSENT if places.system == WINDOWS else _has(places, folder),
    )


def _read(places: Places) -> list[tuple[str, Known[bytes]]]:
    paths = places.paths(*_FILES[places.system])
    return [(path, places.sources.read_file(path)) for path in paths]


def _has(places: Places, folder: str) -> Known[bool]:
    return places.exists(places.join(folder, _PORT_MAP))
