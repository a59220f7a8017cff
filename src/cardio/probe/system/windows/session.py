"""Where the person sits: at this Windows, at another machine, or in a farm.

facts: workstation_systems.md §5. In a remote session programs see the readers of the person's own
machine, never those plugged in here. No client's or user's name is read.
"""

from collections.abc import Mapping

from cardio.probe.system.facts import Session, SessionKind
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why, is_known, value_or
from cardio.probe.system.machines import machine_name
from cardio.probe.system.sources import Sources
from cardio.probe.system.windows.values import (
    CONTROL,
    POLICIES,
    WINDOWS_NT,
    Record,
    asked_number,
    asked_text,
    number,
    records,
    switch,
    text,
)

WORD = "session"
"""What `Sources.ask` is asked: `{"SessionId", "ClientProtocolType", "ConnectState",
"WinStationName", "RemoteSession"}`, the last of them being SM_REMOTESESSION.
"""

_TERMINAL_SERVER = rf"{CONTROL}\Terminal Server"
_BIOS = r"HKLM\HARDWARE\DESCRIPTION\System\BIOS"
_VOLATILE = r"HKCU\Volatile Environment"
_HORIZON = "VIEWCLIENT_"
_CITRIX = "CITRIXCLIENTNAME"

_PROTOCOLS = {0: SessionKind.CONSOLE, 1: SessionKind.CITRIX, 2: SessionKind.RDP}
_STATIONS = {
    "console": SessionKind.CONSOLE,
    "rdp-": SessionKind.RDP,
    "ica-": SessionKind.CITRIX,
    "services": SessionKind.SERVICE,
}
_SERVICES_SESSION = 0
_ACTIVE = 0
"""WTSActive of WTS_CONNECTSTATE_CLASS."""

_HERE = (SessionKind.CONSOLE, SessionKind.SERVICE)


def session(sources: Sources) -> Session:
    """The session of this process."""
    shown = _shown(sources)
    kind = _kind(sources, shown)
    state = asked_number(shown, "ConnectState")
    return Session(
        kind=kind,
        remote=_remote(sources, kind, shown),
        active=state == _ACTIVE if is_known(state) else state,
        redirection=_redirection(sources, kind),
        server=_server(sources),
        virtual_machine=_virtual_machine(sources),
    )


def _shown(sources: Sources) -> Known[Record]:
    found = records(sources.ask(WORD))
    if not is_known(found):
        return found
    return found[0] if len(found) == 1 else NotReadable(Why.MALFORMED, WORD)


def _kind(sources: Sources, shown: Known[Record]) -> Known[SessionKind]:
    """Farms first: theirs may look like a console. What the system tells beats SESSIONNAME, which
    a process inherits and which is stale after a reconnection.
    """
    given = {name.upper(): value for name, value in sources.environment.items() if value}
    if farm := _farm(sources, given):
        return farm
    if given.get("SSH_CONNECTION"):
        return SessionKind.SSH
    if asked_number(shown, "SessionId") == _SERVICES_SESSION:
        return SessionKind.SERVICE
    protocol = asked_number(shown, "ClientProtocolType")
    if is_known(protocol) and protocol in _PROTOCOLS:
        return _PROTOCOLS[protocol]
    told = asked_text(shown, "WinStationName") if is_known(shown) else ""
    found = _station(told or given.get("SESSIONNAME", ""))
    return found or (shown if isinstance(shown, NotReadable) else NotReadable(Why.NO_WAY))


def _farm(sources: Sources, given: Mapping[str, str]) -> SessionKind | None:
    volatile = value_or(sources.registry.names(_VOLATILE), ())
    if any(name.upper().startswith(_HORIZON) for name in (*given, *volatile)):
        return SessionKind.HORIZON
    return SessionKind.CITRIX if _CITRIX in given else None


def _station(name: str) -> SessionKind | None:
    found = (kind for start, kind in _STATIONS.items() if name.lower().startswith(start))
    return next(found, None)


def _remote(sources: Sources, kind: Known[SessionKind], shown: Known[Record]) -> Known[bool]:
    """By its kind, by the system's own word, else by the session at the screen: a remote session
    with a virtual graphics card calls itself local (facts: §5, M10).
    """
    if is_known(kind) and kind not in _HERE:
        return True
    if kind is SessionKind.SERVICE:
        return False
    told, mine = asked_number(shown, "RemoteSession"), asked_number(shown, "SessionId")
    at_screen = number(sources.registry.value(_TERMINAL_SERVER, "GlassSessionId"))
    if is_known(told) and told != 0:
        return True
    if is_known(mine) and is_known(at_screen):
        return mine != at_screen
    return False if is_known(told) else told


def _redirection(sources: Sources, kind: Known[SessionKind]) -> Known[bool]:
    """The policy of Remote Desktop, which lets readers through unless it says no. Farms have rules
    of their own, which they show to nobody.
    """
    if kind in (SessionKind.CITRIX, SessionKind.HORIZON):
        return NotReadable(Why.NO_WAY, "the farm's own rule")
    key = rf"{POLICIES}\Windows NT\Terminal Services"
    found = switch(sources.registry.value(key, "fEnableSmartCard"))
    return True if found is ABSENT else found


def _server(sources: Sources) -> Known[bool]:
    """A session host, or Windows 10 or 11 for several people (ServerRdsh)."""
    registry = sources.registry
    if text(registry.value(WINDOWS_NT, "EditionID")) == "ServerRdsh":
        return True
    product = text(registry.value(rf"{CONTROL}\ProductOptions", "ProductType"))
    if not is_known(product) or product == "WinNT":
        return False if is_known(product) else product
    host = switch(registry.value(_TERMINAL_SERVER, "TSAppCompat"))
    return False if host is ABSENT else host


def _virtual_machine(sources: Sources) -> Known[str]:
    names = ("SystemManufacturer", "SystemProductName")
    parts = [text(sources.registry.value(_BIOS, name)) for name in names]
    found = machine_name(" ".join(part for part in parts if is_known(part)))
    unread = next((part for part in parts if not is_known(part)), ABSENT)
    return found or unread
