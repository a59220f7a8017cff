"""Windows through recorded machines: devices, services, sessions, cards, proxies, clock."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cardio.probe.system.encode import facts_to_json
from cardio.probe.system.facts import (
    Certainty,
    Clock,
    ConfiguredReader,
    Driver,
    HeldBy,
    Holder,
    PcscService,
    PowerPolicy,
    Proxy,
    ProxyMode,
    Service,
    Session,
    SessionKind,
    StartMode,
    SystemFacts,
    UsbDevice,
)
from cardio.probe.system.gathering import gather_system
from cardio.probe.system.known import ABSENT, Known, NotReadable, T, Why, is_known
from cardio.probe.system.recorded import read_snapshot, recorded_platform
from cardio.probe.system.windows.proxies import parse_winhttp

SNAPSHOTS = Path(__file__).parents[2] / "vectors" / "systems" / "windows"
DENIED = NotReadable(Why.DENIED)
NOT_SHOWN = NotReadable(Why.NO_WAY, "shown to administrators only")
CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
SERVICES = r"HKLM\SYSTEM\CurrentControlSet\Services"


def facts(name: str) -> SystemFacts:
    return gather_system(read_snapshot(SNAPSHOTS / f"{name}.json"))


def told(fact: Known[T]) -> T:
    assert is_known(fact), fact
    return fact


def machine(
    keys: Mapping[str, object] | None = None,
    asked: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> SystemFacts:
    """A Windows with nothing but these keys, answers and variables."""
    parts = {"registry": {"64": keys or {}}, "asked": asked or {}, "environment": environment or {}}
    return gather_system(recorded_platform({"system": "windows", **parts}))


def test_readers_are_usb_devices_and_never_cards_or_their_doubles() -> None:
    twin, kap_link = told(facts("ready").usb)
    assert twin == UsbDevice(
        location="Port_#0002.Hub_#0001",
        usb_id="08E6:3437",
        product="Microsoft Usbccid Smartcard Reader (WUDF)",
        interfaces=twin.interfaces,
        setup_class="SmartCardReader",
        driver="wudfusbcciddriver.inf",
        driver_version="10.0.19041.1",
        may_sleep=True,
    )
    assert [(one.number, one.interface_class, one.driver) for one in twin.interfaces] == [
        (0, 0x0B, "WUDFRd")
    ]
    assert [(one.number, one.interface_class) for one in kap_link.interfaces] == [(0, 11), (1, 11)]
    assert (kap_link.location, kap_link.may_sleep) == ("Port_#0003.Hub_#0001", False)


def test_what_is_wrong_with_a_device_is_told_by_its_code() -> None:
    pss, no_driver, no_start, well = told(facts("broken").usb)
    assert (pss.usb_id, pss.setup_class, pss.has_class(0x0B)) == ("0B00:0090", "Ports", False)
    assert pss.interfaces[0].driver == "usbser"
    assert (no_driver.problem, no_driver.driver, no_driver.setup_class) == (28, ABSENT, ABSENT)
    assert (no_start.problem, no_start.driver, no_start.has_class(0xFF)) == (10, "oem30.inf", True)
    assert (well.problem, well.location) == (ABSENT, "?"), "an instance may be a serial number"


def test_one_device_alone_is_a_list_of_one() -> None:
    """Windows PowerShell 5.1 writes it so."""
    given = {"InstanceId": r"USB\VID_0B00&PID_0090\5&1&0&1", "Problem": 43, "FriendlyName": "x"}
    (device,) = told(machine(asked={"devices": given}).usb)
    assert (device.usb_id, device.problem, device.product) == ("0B00:0090", 43, "x")


def test_interfaces_without_a_prefix_find_the_only_device_of_their_model() -> None:
    child = r"USB\VID_2947&PID_0101&MI_0{}\7&1&0&000{}"
    names = [child.format(at, at) for at in (0, 1)]
    whole = [r"USB\VID_2947&PID_0101\5&1&0&1", r"USB\VID_2947&PID_0101\5&1&0&2"]
    for parents, devices in ((whole[:1], 1), (whole, 4), ([], 2)):
        nodes = [{"InstanceId": name, "Problem": 0} for name in (*parents, *names)]
        assert len(told(machine(asked={"devices": nodes}).usb)) == devices


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({"SelectiveSuspendEnabled": 0}, False),
        ({"SelectiveSuspendEnabled": 0, "EnhancedPowerManagementEnabled": 1}, True),
        ({"SelectiveSuspendEnabled": {"unreadable": "denied"}}, DENIED),
        ({"SelectiveSuspendEnabled": "0"}, NotReadable(Why.MALFORMED)),
        ({}, ABSENT),
    ],
)
def test_whether_a_reader_may_sleep(switches: dict[str, object], expected: object) -> None:
    instance = r"USB\VID_0B00&PID_0090\5&1&0&1"
    keys = {rf"HKLM\SYSTEM\CurrentControlSet\Enum\{instance}\Device Parameters": switches}
    asked = {"devices": [{"InstanceId": instance, "Problem": 0}]}
    (device,) = told(machine(keys=keys, asked=asked).usb)
    assert device.may_sleep == expected


def test_drivers_and_readers_introduced_by_hand() -> None:
    ready, broken = told(facts("ready").drivers), told(facts("broken").drivers)
    assert ready.drivers == (Driver("wudfusbcciddriver.inf (Microsoft)", "10.0.19041.1"),)
    assert ready.configured is ABSENT
    assert broken.drivers == (Driver("oem30.inf (Exemple)", "4.1.4.0"),)
    assert broken.configured == (ConfiguredReader("Lecteur serie exemple", "COM1"),)


def pcsc(name: str) -> PcscService:
    return told(facts(name).pcsc)


def test_manual_with_a_trigger_is_on_demand() -> None:
    service = pcsc("ready").service
    assert service == Service("SCardSvr", True, StartMode.ON_DEMAND, running=True)
    device_enum, propagation, removal = pcsc("ready").related
    assert (device_enum.start, device_enum.running) == (StartMode.ON_DEMAND, False)
    assert (propagation.start, propagation.running) == (StartMode.MANUAL, True)
    assert removal.failure is ABSENT, "1077: nobody started it since the system did"
    assert pcsc("ready").version == "10.0.19045.5011"


def test_a_disabled_service_and_one_that_is_not_there() -> None:
    found = pcsc("broken")
    assert found.service == Service("SCardSvr", True, StartMode.DISABLED, False, "exit 1058")
    device_enum, propagation, _ = found.related
    assert device_enum == Service("ScDeviceEnum", False)
    assert propagation.start is StartMode.DISABLED
    shown = {name: found.settings[name] for name in ("EnableScPnP", "CertPropEnabled")}
    assert shown == {"EnableScPnP": 0, "CertPropEnabled": 0}
    assert found.settings["scremoveoption"] == "2"
    assert found.settings["SERIALCOMM"] == ("COM1", "COM9")
    assert found.settings["ScPnPNotification"] is ABSENT


def test_triggers_that_are_not_readable_leave_the_start_unknown() -> None:
    keys = {f"{SERVICES}\\SCardSvr": {"Start": 3}}
    denied = {f"{SERVICES}\\SCardSvr\\TriggerInfo\\0": {"unreadable": "denied"}}
    service = told(machine(keys=keys | denied).pcsc).service
    assert (service.installed, service.start) == (True, DENIED)
    service = told(machine(keys={f"{SERVICES}\\SCardSvr": {"Start": 9}}).pcsc).service
    assert (service.installed, service.start) == (True, NotReadable(Why.MALFORMED, "Start 9"))


def test_a_service_nobody_may_look_at() -> None:
    asked = {"services": [{"Name": "scardsvr", "unreadable": "denied"}]}
    service = told(machine(asked=asked).pcsc).service
    assert (service.running, service.failure) == (DENIED, DENIED)


@pytest.mark.parametrize(
    ("name", "kind", "remote", "redirection"),
    [
        ("ready", SessionKind.CONSOLE, False, True),
        ("rdp-host", SessionKind.RDP, True, False),
        ("citrix", SessionKind.CITRIX, True, NotReadable(Why.NO_WAY, "the farm's own rule")),
        ("horizon", SessionKind.HORIZON, True, NotReadable(Why.NO_WAY, "the farm's own rule")),
        ("denied", DENIED, DENIED, DENIED),
    ],
)
def test_sessions(name: str, kind: object, remote: object, redirection: object) -> None:
    session = told(facts(name).session)
    assert (session.kind, session.remote, session.redirection) == (kind, remote, redirection)


def test_a_session_host_in_a_virtual_machine() -> None:
    session = told(facts("rdp-host").session)
    assert (session.server, session.virtual_machine, session.active) == (True, "Hyper-V", True)
    keys = {r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion": {"EditionID": "ServerRdsh"}}
    assert told(machine(keys=keys).session).server is True


@pytest.mark.parametrize(
    ("asked", "environment", "at_screen", "expected"),
    [
        ({"RemoteSession": 0, "SessionId": 2, "ClientProtocolType": 2}, {}, 1, ("rdp", True)),
        ({"RemoteSession": 0, "SessionId": 2, "ClientProtocolType": 0}, {}, 1, ("console", True)),
        ({"RemoteSession": 0, "SessionId": 0}, {}, 1, ("service", False)),
        ({"SessionId": 0}, {"SSH_CONNECTION": "x"}, 1, ("ssh", True)),
        ({"RemoteSession": 0}, {"SESSIONNAME": "RDP-Tcp#1"}, None, ("rdp", True)),
        ({"WinStationName": "Console"}, {"sessionname": "RDP-Tcp#1"}, None, ("console", ABSENT)),
    ],
)
def test_what_the_system_tells_beats_an_old_variable(
    asked: dict[str, object],
    environment: dict[str, str],
    at_screen: int | None,
    expected: tuple[str, object],
) -> None:
    glass = {"GlassSessionId": at_screen} if at_screen is not None else {}
    keys = {f"{CONTROL}\\Terminal Server": glass}
    session = told(machine(asked={"session": asked}, keys=keys, environment=environment).session)
    assert (session.kind, session.remote) == expected


def test_session_without_any_answer_is_unknown() -> None:
    session = told(machine().session)
    assert session == replace(
        Session(), kind=NotReadable(Why.NO_WAY), remote=ABSENT, redirection=True, server=ABSENT
    )


def test_power_of_usb_devices() -> None:
    assert facts("ready").power == PowerPolicy(False, True, fast_startup=True)
    assert facts("broken").power == PowerPolicy(False, False, fast_startup=True)
    schemes = f"{CONTROL}\\Power\\User\\PowerSchemes"
    default = machine(keys={schemes: {"ActivePowerScheme": "x"}}).power
    assert default == PowerPolicy(True, True), "what a plan does not set is on"
    unknown = {schemes: {"ActivePowerScheme": "x"}, f"{SERVICES}\\USB": {"unreadable": "denied"}}
    assert machine(keys=unknown).power == PowerPolicy(DENIED, DENIED)


def test_the_clock() -> None:
    zone = "Romance Standard Time"
    assert facts("ready").clock == Clock(True, NOT_SHOWN, "time.windows.com", timezone=zone)
    assert facts("broken").clock == Clock(False, NOT_SHOWN, timezone=zone)
    assert facts("rdp-host").clock == Clock(True, NOT_SHOWN, "domain", timezone=zone)


def test_proxies_of_browsers_and_services() -> None:
    detect = Proxy("wininet", ProxyMode.DETECT)
    assert facts("ready").proxies == (detect, Proxy("winhttp", ProxyMode.DIRECT))
    server = "proxy.exemple.local:8080"
    both = (f"http={server}", f"https={server}")
    assert facts("broken").proxies == (
        Proxy("environment", ProxyMode.MANUAL, (f"https=http://{server}",)),
        detect,
        Proxy("wininet", ProxyMode.SCRIPT, script="http://wpad.exemple.local/proxy.pac"),
        Proxy("wininet", ProxyMode.MANUAL, both, bypass=("*.exemple.local", "<local>")),
        Proxy("winhttp", ProxyMode.MANUAL, (server,), bypass=("localhost", "*.exemple.local")),
    )


def test_a_policy_takes_the_proxy_from_the_machine() -> None:
    settings = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings"
    policy = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings"
    keys = {
        policy: {"ProxySettingsPerUser": 0},
        f"HKLM\\{settings}": {"ProxyEnable": 1, "ProxyServer": "192.0.2.1:3128"},
        f"HKCU\\{settings}": {"ProxyEnable": 0},
    }
    assert machine(keys=keys).proxies == (Proxy("wininet", ProxyMode.MANUAL, ("192.0.2.1:3128",)),)
    del keys[policy]
    assert machine(keys=keys).proxies == (Proxy("wininet", ProxyMode.DIRECT),)


@pytest.mark.parametrize(
    "spoilt",
    ["", "18000000", "180000000000000003000000ff000000", "180000000000000003000000ffffffff41"],
)
def test_a_cut_winhttp_value_is_malformed(spoilt: str) -> None:
    assert parse_winhttp(bytes.fromhex(spoilt)) == NotReadable(Why.MALFORMED, "WinHttpSettings")


def test_all_card_types_that_match_an_atr_are_found_in_their_view() -> None:
    atr = bytes.fromhex("3B0F") + bytes(17)
    cards = {name: told(facts(name).cards) for name in ("ready", "broken")}
    found = {name: [one for one in cards[name] if one.matches(atr)] for name in cards}
    assert [(one.name, one.view) for one in found["ready"]] == [
        ("Carte de Professionnel de Sante CPS3", "64")
    ]
    assert [(one.provider, one.view) for one in found["broken"]] == [
        ("Exemple CSP", "64"),
        ("ASIP Sante Cryptographic Provider", "32"),
    ]
    (piv,) = (one for one in cards["ready"] if one.minidriver and one.view == "64")
    assert (piv.minidriver, piv.mask) == ("msclmd.dll", b"\xff\x00")


def test_windows_of_32_bits_has_one_registry() -> None:
    key = r"HKLM\SOFTWARE\Microsoft\Cryptography\Calais\SmartCards\Carte"
    views = {view: {key: {"ATR": {"hex": "3B00"}}} for view in ("64", "32")}
    for environment, expected in (
        ({"PROCESSOR_ARCHITECTURE": "x86"}, ["32"]),
        ({"PROCESSOR_ARCHITECTURE": "x86", "PROCESSOR_ARCHITEW6432": "AMD64"}, ["64", "32"]),
    ):
        document = {"system": "windows", "environment": environment, "registry": views}
        cards = told(gather_system(recorded_platform(document)).cards)
        assert [card.view for card in cards] == expected


def test_candidates_that_may_hold_a_reader() -> None:
    found = told(facts("ready").holders)
    assert found.found == (
        Holder("ccm.exe", HeldBy.LIBRARY, Certainty.PROBABLE),
        Holder("firefox.exe", HeldBy.LIBRARY, Certainty.POSSIBLE),
    )
    assert found.hidden == 2
    assert isinstance(found.lines, NotReadable)
    asked = {"processes": [{"name": "GALSVW32.exe", "winscard": None}]}
    (galss,) = told(machine(asked=asked).holders).found
    assert galss == Holder("GALSVW32.exe", HeldBy.RUNNING, Certainty.POSSIBLE)


def test_what_is_refused_is_never_absent() -> None:
    found = facts("denied")
    for family in ("usb", "holders", "proxies", "cards"):
        assert getattr(found, family) == DENIED
    service = told(found.pcsc)
    assert set(service.settings.values()) == {DENIED}
    assert service.service == Service("SCardSvr", DENIED, DENIED, DENIED, DENIED)
    assert found.power == PowerPolicy(DENIED, DENIED, DENIED)
    assert found.clock == Clock(DENIED, NOT_SHOWN, DENIED, timezone=DENIED)


@pytest.mark.parametrize("path", sorted(SNAPSHOTS.glob("*.json")), ids=lambda path: path.stem)
def test_nobody_and_no_serial_number_is_named(path: Path) -> None:
    shown = json.dumps(facts_to_json(gather_system(read_snapshot(path))))
    for secret in ("jean", "motdepasse", "POSTE-EXEMPLE", "EXEMPLE0001", "12345678901234"):
        assert secret not in shown
    assert r"Users\\exemple" not in shown
