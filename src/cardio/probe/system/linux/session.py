"""Where the person sits: at the machine, at another, or in a box on it.

facts: workstation_systems.md §5; polkit refuses remote and inactive sessions (§1.3).
"""

from collections.abc import Mapping

from cardio.probe.system.facts import Session, SessionKind
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.linux.shown import Block, first_block, text, yes_no
from cardio.probe.system.machines import machine_name
from cardio.probe.system.sources import Sources

_PROPERTIES = ("Remote", "Type", "Class", "Active", "Seat", "Service")

_VARIABLES = {
    "XRDP_SESSION": SessionKind.XRDP,
    "SSH_CONNECTION": SessionKind.SSH,
}
_SERVICES = {"xrdp": SessionKind.XRDP, "ssh": SessionKind.SSH}
"""Beginnings of PAM service names, as sshd and xrdp-sesman."""

_BOXES = {"FLATPAK_ID": "flatpak", "SNAP": "snap"}
_BOX_FILES = {"/run/.containerenv": "podman", "/.dockerenv": "docker"}


def session(sources: Sources) -> Session:
    """The session of this process, and what it runs in."""
    shown = _shown(sources)
    kind = _kind(sources.environment, shown)
    return Session(
        kind=kind,
        remote=True if kind in _VARIABLES.values() else yes_no(shown, "Remote"),
        active=yes_no(shown, "Active"),
        display=text(shown, "Type"),
        virtual_machine=_virtual_machine(sources),
        container=_container(sources),
    )


def _shown(sources: Sources) -> Known[Block]:
    """loginctl(1) takes one name for each -p, no list."""
    session_id = sources.environment.get("XDG_SESSION_ID", "auto")
    asked = (word for name in _PROPERTIES for word in ("-p", name))
    return first_block(sources.run("loginctl", "show-session", session_id, *asked))


def _kind(environment: Mapping[str, str], shown: Known[Block]) -> Known[SessionKind]:
    """Xrdp is asked about before SSH, whose variable it may inherit."""
    for variable, kind in _VARIABLES.items():
        if environment.get(variable):
            return kind
    if not is_known(shown):
        return shown
    service = shown.get("Service", "")
    found = (kind for start, kind in _SERVICES.items() if service.startswith(start))
    if kind := next(found, None):
        return kind
    if shown.get("Class") in ("background", "manager"):
        return SessionKind.SERVICE
    return NotReadable(Why.NO_WAY) if shown.get("Remote") == "yes" else SessionKind.CONSOLE


def _container(sources: Sources) -> Known[str]:
    """The technique's name; `ABSENT` outside of containers."""
    for variable, name in _BOXES.items():
        if sources.environment.get(variable):
            return name
    told = sources.read_file("/run/systemd/container")
    if is_known(told) and told.strip():
        return told.decode("utf-8", "replace").strip()
    for path, name in _BOX_FILES.items():
        if is_known(sources.read_file(path)):
            return name
    version = sources.read_file("/proc/version")
    return "wsl" if is_known(version) and b"microsoft" in version.lower() else ABSENT


def _virtual_machine(sources: Sources) -> Known[str]:
    """By the names in the firmware, else by the processor's own flag, which names nobody."""
    parts = [sources.read_file(f"/sys/class/dmi/id/{name}") for name in _FIRMWARE]
    told = " ".join(part.decode("utf-8", "replace").strip() for part in parts if is_known(part))
    if name := machine_name(told):
        return name
    processor = sources.read_file("/proc/cpuinfo")
    if not is_known(processor):
        return processor
    return "?" if b"hypervisor" in processor else ABSENT


_FIRMWARE = ("sys_vendor", "product_name")
