"""Where the person sits, and what the Mac's clock is told. facts: workstation_systems.md §5, §7."""

from cardio.probe.system.facts import Clock, Session, SessionKind
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.machines import machine_name
from cardio.probe.system.macos.property_lists import printed
from cardio.probe.system.sources import Sources

_MACHINE = ("/usr/sbin/sysctl", "-n", "kern.hv_vmm_present", "hw.model")
_ZONE = "/etc/localtime"
_ZONES = "/zoneinfo/"


def session(sources: Sources) -> Session:
    """SSH or not. Screen Sharing counts as being there: the readers are this Mac's."""
    is_ssh = bool(sources.environment.get("SSH_CONNECTION"))
    return Session(
        kind=SessionKind.SSH if is_ssh else SessionKind.CONSOLE,
        remote=is_ssh,
        virtual_machine=_virtual_machine(sources),
    )


def clock(sources: Sources) -> Clock:
    """The time zone; the rest is shown to administrators only."""
    zone = sources.read_link(_ZONE)
    return Clock(
        enabled=NotReadable(Why.NO_WAY, "shown to administrators only"),
        synchronised=NotReadable(Why.NO_WAY, "shown to administrators only"),
        timezone=(zone.partition(_ZONES)[2] or ABSENT) if is_known(zone) else zone,
    )


def _virtual_machine(sources: Sources) -> Known[str]:
    """The kernel's own word, then the model's name (I)."""
    data = printed(sources.run(*_MACHINE))
    if not is_known(data):
        return data
    present, _, model = data.decode("utf-8", "replace").strip().partition("\n")
    if present not in ("0", "1"):
        return NotReadable(Why.MALFORMED, "sysctl")
    return machine_name(model) or "?" if present == "1" else ABSENT
