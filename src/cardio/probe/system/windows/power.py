"""May Windows put idle USB devices to sleep? facts: workstation_systems.md §6."""

from cardio.probe.system.facts import PowerPolicy
from cardio.probe.system.known import ABSENT, Known, NotReadable, is_known, is_yes
from cardio.probe.system.sources import Sources
from cardio.probe.system.windows.values import CONTROL, SERVICES, number, switch, text

_SCHEMES = rf"{CONTROL}\Power\User\PowerSchemes"
_SUSPEND = r"2a737441-1930-4402-8d77-b2bebba308a3\48e6b7a6-50f5-4782-a5d4-53bb8f07e226"
"""USB settings, and in them USB selective suspend (facts: §6, I)."""


def power(sources: Sources) -> PowerPolicy:
    """The switch for all USB devices, else the active plan's setting."""
    registry = sources.registry
    never = switch(registry.value(rf"{SERVICES}\USB", "DisableSelectiveSuspend"))
    scheme = text(registry.value(_SCHEMES, "ActivePowerScheme"))
    plugged, battery = (_setting(sources, scheme, index) for index in ("AC", "DC"))
    hiberboot = registry.value(rf"{CONTROL}\Session Manager\Power", "HiberbootEnabled")
    return PowerPolicy(
        suspend_plugged=_unless(never, plugged),
        suspend_battery=_unless(never, battery),
        fast_startup=switch(hiberboot),
    )


def _unless(never: Known[bool], planned: Known[bool]) -> Known[bool]:
    """What the plan says, unless the switch for all says never, or may say so."""
    if is_yes(never):
        return False
    return never if isinstance(never, NotReadable) and planned is not False else planned


def _setting(sources: Sources, scheme: Known[str], index: str) -> Known[bool]:
    """A plan that does not set it has the default, which is yes (facts: §6, I)."""
    if not is_known(scheme):
        return scheme
    key = rf"{_SCHEMES}\{scheme}\{_SUSPEND}"
    found = number(sources.registry.value(key, f"{index}SettingIndex"))
    if found is ABSENT:
        return True
    return found != 0 if is_known(found) else found
