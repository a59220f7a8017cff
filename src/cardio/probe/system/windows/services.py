r"""The smart-card services of Windows, and what is set for them.

facts: workstation_systems.md §1.1. Start types come from the registry, states from the service
manager: neither is translated.
"""

from cardio.probe.system.facts import PcscService, Scalar, Service, Settings, StartMode
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known
from cardio.probe.system.sources import Sources
from cardio.probe.system.windows.values import (
    POLICIES,
    SERVICES,
    WINDOWS_NT,
    Record,
    asked_number,
    asked_text,
    number,
    records,
    text,
)

SMART_CARD = "SCardSvr"
RELATED = ("ScDeviceEnum", "CertPropSvc", "SCPolicySvc")
WORD = "services"
"""What `Sources.ask` is asked: `[{"Name", "Status", "ExitCode"}]`; Status 4 is running."""

_RUNNING = 4
_NEVER_STARTED = 1077
"""Exit code of a service that nobody started since the system did (ERROR_SERVICE_NEVER_STARTED)."""

_STARTS = {
    0: StartMode.AUTOMATIC,
    1: StartMode.AUTOMATIC,
    2: StartMode.AUTOMATIC,
    3: StartMode.MANUAL,
    4: StartMode.DISABLED,
}
_START_ACTION = 1
"""`Action` of a trigger that starts the service; 2 stops it (SERVICE_TRIGGER_ACTION…)."""

_NUMBERS = {
    "CertPropEnabled": rf"{POLICIES}\Windows\CertProp",
    "EnableRootCertificatePropagation": rf"{POLICIES}\Windows\CertProp",
    "EnableScPnP": rf"{POLICIES}\Windows\ScPnP",
    "ScPnPNotification": rf"{POLICIES}\Windows\ScPnP",
    "fEnableSmartCard": rf"{POLICIES}\Windows NT\Terminal Services",
    "fDisablePNPRedir": rf"{POLICIES}\Windows NT\Terminal Services",
}
REMOVAL = "scremoveoption"
SERIAL_PORTS = "SERIALCOMM"
_SERIAL_PORTS_KEY = r"HKLM\HARDWARE\DEVICEMAP\SERIALCOMM"


def winscard(sources: Sources) -> PcscService:
    """The resource manager, its helpers and its policies."""
    states = records(sources.ask(WORD))
    return PcscService(
        kind="winscard",
        service=_service(sources, SMART_CARD, states),
        version=windows_version(sources),
        related=tuple(_service(sources, name, states) for name in RELATED),
        settings=_settings(sources),
    )


def start_mode(sources: Sources, name: str) -> Known[StartMode]:
    """How a service starts. Manual with a start trigger is on demand, and normal."""
    key = rf"{SERVICES}\{name}"
    start = number(sources.registry.value(key, "Start"))
    if not is_known(start):
        return start
    mode = _STARTS.get(start, NotReadable(Why.MALFORMED, f"Start {start}"))
    return _manual(sources, rf"{key}\TriggerInfo") if mode is StartMode.MANUAL else mode


def windows_version(sources: Sources) -> Known[str]:
    """Such as 10.0.19045.5011: all four numbers, as WinSCard has none of its own."""
    registry = sources.registry
    names = ("CurrentMajorVersionNumber", "CurrentMinorVersionNumber")
    major, minor = (number(registry.value(WINDOWS_NT, name)) for name in names)
    build = text(registry.value(WINDOWS_NT, "CurrentBuildNumber"))
    if not is_known(build):
        return build
    revision = number(registry.value(WINDOWS_NT, "UBR"))
    parts = (part for part in (major, minor, build, revision) if is_known(part))
    return ".".join(str(part) for part in parts)


def _manual(sources: Sources, key: str) -> Known[StartMode]:
    """Manual, or on demand; which of the two is unknown while triggers are not readable."""
    names = sources.registry.keys(key)
    if isinstance(names, NotReadable):
        return names
    triggers = names if is_known(names) else ()
    actions = [number(sources.registry.value(rf"{key}\{name}", "Action")) for name in triggers]
    if _START_ACTION in actions:
        return StartMode.ON_DEMAND
    return next((one for one in actions if isinstance(one, NotReadable)), StartMode.MANUAL)


def _service(sources: Sources, name: str, states: Known[tuple[Record, ...]]) -> Service:
    state = _record(states, name)
    status = _answered(state, "Status")
    return Service(
        name,
        installed=_is_there(sources, name),
        start=start_mode(sources, name),
        running=status == _RUNNING if is_known(status) else status,
        failure=_failure(status, asked_number(state, "ExitCode")),
    )


def _is_there(sources: Sources, name: str) -> Known[bool]:
    """A start type that means nothing is one all the same."""
    start = sources.registry.value(rf"{SERVICES}\{name}", "Start")
    return start if isinstance(start, NotReadable) else start is not ABSENT


def _record(states: Known[tuple[Record, ...]], name: str) -> Known[Record]:
    if not is_known(states):
        return states
    named = (one for one in states if asked_text(one, "Name").casefold() == name.casefold())
    return next(named, ABSENT)


def _answered(state: Known[Record], name: str) -> Known[int]:
    """A number, or why the service manager did not tell."""
    if is_known(state) and (why := asked_text(state, "unreadable")):
        return NotReadable(Why.DENIED if why == Why.DENIED else Why.FAILED)
    return asked_number(state, name)


def _failure(status: Known[int], exit_code: Known[int]) -> Known[str]:
    """The code a service left with that does not run and did run once."""
    if not is_known(status) or status == _RUNNING or not is_known(exit_code):
        return ABSENT if is_known(status) else status
    return ABSENT if exit_code in (0, _NEVER_STARTED) else f"exit {exit_code}"


def _settings(sources: Sources) -> Settings:
    """Removal policy, group policies as their numbers, and the serial ports."""
    registry = sources.registry
    found: dict[str, Known[Scalar]] = {
        name: number(registry.value(key, name)) for name, key in _NUMBERS.items()
    }
    found[REMOVAL] = text(registry.value(rf"{WINDOWS_NT}\Winlogon", REMOVAL))
    found[SERIAL_PORTS] = _serial_ports(sources)
    return found


def _serial_ports(sources: Sources) -> Known[tuple[str, ...]]:
    names = sources.registry.names(_SERIAL_PORTS_KEY)
    if not is_known(names):
        return names
    ports = (text(sources.registry.value(_SERIAL_PORTS_KEY, name)) for name in names)
    return tuple(sorted(port for port in ports if is_known(port) and port))
