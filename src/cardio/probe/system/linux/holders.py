"""Who has a reader open, as far as /proc shows it to this user.

Never more than a name, and nothing is done to anybody (facts: workstation_systems.md §3). A kernel
thread has no command line, and nothing open.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cardio.probe.system.facts import Certainty, HeldBy, Holder, Holders, UsbDevice
from cardio.probe.system.known import Known, NotReadable, Why, is_known
from cardio.probe.system.known_programs import known_program
from cardio.probe.system.linux.usb import bus_address
from cardio.probe.system.sources import Sources

SERVICE = "pcscd"
_SOCKET_NAME = "pcscd.comm"
_ENDS = re.compile(r"^u_str\s+ESTAB\s+\d+\s+\d+\s+(\S+) (\d+)\s+(\S+) (\d+)", re.MULTILINE)
"""A connected stream socket of ss(8): name and inode of its own end, then of the other."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process, and the targets of what it has open; `NotReadable` where it is not ours to see."""

    name: str
    opened: Known[frozenset[str]]
    is_me: bool = False

    def has(self, *targets: str) -> bool:
        """Whether it is seen to have one of these open."""
        return is_known(self.opened) and not self.opened.isdisjoint(targets)

    @property
    def is_hidden(self) -> bool:
        """Whether it is somebody else's."""
        return isinstance(self.opened, NotReadable)


def holders(sources: Sources, devices: Sequence[UsbDevice]) -> Known[Holders]:
    """Programs with a reader's device file open, then those with a line to pcscd, then those that
    are known to use readers and do not show what they have open.
    """
    pids = sources.list_dir("/proc")
    if not is_known(pids):
        return pids
    me = sources.read_link("/proc/self")
    processes = [_process(sources, pid, is_me=pid == me) for pid in pids if pid.isdecimal()]
    ends = _client_ends(sources, processes)
    found = (
        *_usb_holders(sources, devices, processes),
        *_clients(ends if is_known(ends) else frozenset(), processes),
        *_running(processes),
    )
    return Holders(
        tuple(dict.fromkeys(found)),
        lines=len(ends) if is_known(ends) else ends,
        hidden=sum(one.is_hidden for one in processes),
    )


def client_ends(text: str) -> frozenset[str]:
    """The clients' ends of all lines to pcscd, as /proc names them, from the output of `ss -x`."""
    rows = (row.groups() for row in _ENDS.finditer(text))
    return frozenset(
        f"socket:[{peer}]" for name, _, _, peer in rows if name.rpartition("/")[2] == _SOCKET_NAME
    )


def _process(sources: Sources, pid: str, *, is_me: bool) -> Process:
    name, files = sources.read_file(f"/proc/{pid}/comm"), sources.list_dir(f"/proc/{pid}/fd")
    if isinstance(files, NotReadable) and sources.read_file(f"/proc/{pid}/cmdline") == b"":
        files = ()
    return Process(
        name.decode("utf-8", "replace").strip() if is_known(name) else "?",
        frozenset(_targets(sources, pid, files)) if is_known(files) else files,
        is_me,
    )


def _targets(sources: Sources, pid: str, files: Iterable[str]) -> Iterator[str]:
    for file in files:
        if is_known(target := sources.read_link(f"/proc/{pid}/fd/{file}")):
            yield target


def _usb_holders(
    sources: Sources, devices: Sequence[UsbDevice], processes: Sequence[Process]
) -> Iterator[Holder]:
    """Anybody but pcscd, whose task it is, with a reader's device file open."""
    for device in devices:
        file = bus_address(sources, device.location)
        for process in processes:
            if is_known(file) and process.has(file) and process.name != SERVICE:
                yield Holder(process.name, HeldBy.USB, Certainty.CERTAIN, device.usb_id)


def _client_ends(sources: Sources, processes: Sequence[Process]) -> Known[frozenset[str]]:
    """Those of all programs but this one."""
    shown = sources.run("ss", "-xH")
    if not is_known(shown):
        return shown
    if shown.exit_code:
        return NotReadable(Why.FAILED, f"exit {shown.exit_code}")
    mine = (one.opened for one in processes if one.is_me and is_known(one.opened))
    return client_ends(shown.text).difference(*mine)


def _clients(ends: frozenset[str], processes: Sequence[Process]) -> Iterator[Holder]:
    """Programs with a line to pcscd. The only one is probably the one; nobody is the only one
    while a line leads to a process that is not seen.
    """
    clients = [process for process in processes if process.has(*ends)]
    unseen = ends.difference(*(one.opened for one in clients if is_known(one.opened)))
    certainty = Certainty.POSSIBLE if unseen or len(clients) > 1 else Certainty.PROBABLE
    for process in clients:
        yield Holder(process.name, HeldBy.PCSC, certainty)


def _running(processes: Sequence[Process]) -> Iterator[Holder]:
    for process in processes:
        if process.is_hidden and known_program(process.name):
            yield Holder(process.name, HeldBy.RUNNING, Certainty.POSSIBLE)
