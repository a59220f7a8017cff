"""Linux as seen through recorded machines: what is told, what is absent, what is not readable."""

import json
from pathlib import Path

import pytest

from cardio.probe.system.encode import facts_to_json
from cardio.probe.system.facts import (
    Certainty,
    ConfiguredReader,
    Driver,
    HeldBy,
    Holder,
    Knock,
    PcscService,
    Proxy,
    ProxyMode,
    Session,
    SessionKind,
    StartMode,
    SystemFacts,
)
from cardio.probe.system.gathering import gather_system
from cardio.probe.system.known import ABSENT, Known, NotReadable, T, Why, is_known
from cardio.probe.system.recorded import read_snapshot

SNAPSHOTS = Path(__file__).parents[2] / "vectors" / "systems" / "linux"
DENIED = NotReadable(Why.DENIED)
NO_SYSTEMD = NotReadable(Why.NO_WAY, "no systemd")


def facts(name: str) -> SystemFacts:
    return gather_system(read_snapshot(SNAPSHOTS / f"{name}.json"))


def told(fact: Known[T]) -> T:
    assert is_known(fact), fact
    return fact


def pcsc(name: str) -> PcscService:
    return told(facts(name).pcsc)


def test_readers_are_told_and_nothing_else_plugged_in() -> None:
    twin, kap_link = told(facts("ready").usb)
    assert (twin.usb_id, twin.product, twin.location) == (
        "08E6:3437",
        "USB SmartCard Reader",
        "1-2",
    )
    assert [(one.number, one.driver) for one in kap_link.interfaces] == [(0, "usbfs"), (1, "usbfs")]
    assert [twin.listed, twin.may_sleep, kap_link.may_sleep] == [True, True, False]


def test_a_pss_reader_is_a_serial_port_to_the_kernel() -> None:
    pss, contactless, unknown_model = told(facts("pss-reader").usb)
    assert pss.usb_id == "0B00:0090"
    assert not pss.has_class(0x0B)
    assert {one.driver for one in pss.interfaces} == {"cdc_acm"}
    assert pss.listed is False
    assert (contactless.interfaces[0].driver, contactless.asleep) == ("pn533_usb", True)
    assert unknown_model.interfaces[0].driver is ABSENT
    assert unknown_model.may_sleep is False, "a negative delay means never"


@pytest.mark.parametrize(
    ("snapshot", "start", "running", "knock"),
    [
        ("ready", StartMode.AUTOMATIC, True, Knock.ANSWERED),
        ("spoilt", StartMode.DISABLED, False, Knock.REFUSED),
        ("container", NO_SYSTEMD, NO_SYSTEMD, Knock.NO_SOCKET),
        ("denied", DENIED, DENIED, DENIED),
    ],
)
def test_the_socket_of_the_service(
    snapshot: str, start: object, running: object, knock: object
) -> None:
    service = pcsc(snapshot)
    assert service.socket
    assert (service.socket.start, service.socket.running) == (start, running)
    assert service.knock == knock


def test_a_service_that_broke_says_why() -> None:
    assert pcsc("spoilt").service.failure == "core-dump"
    assert pcsc("ready").service.failure is ABSENT


@pytest.mark.parametrize(
    ("snapshot", "asks", "allowed"),
    [
        ("ready", True, True),
        ("ssh-refused", True, False),
        ("held", False, ABSENT),
        ("spoilt", True, NotReadable(Why.FAILED, "exit 127")),
        ("denied", DENIED, ABSENT),
        ("container", False, ABSENT),
    ],
)
def test_who_polkit_lets_in(snapshot: str, asks: object, allowed: object) -> None:
    service = pcsc(snapshot)
    assert (service.asks_polkit, service.allowed) == (asks, allowed)


def test_versions_copies_and_other_sockets() -> None:
    assert [pcsc(name).version for name in ("ready", "held", "container", "denied")] == [
        "2.3.3",
        "1.9.9",
        ABSENT,
        DENIED,
    ]
    assert pcsc("ready").libraries == ("/usr/lib/x86_64-linux-gnu",)
    assert set(told(pcsc("spoilt").libraries)) == {
        "$LD_LIBRARY_PATH",
        "/usr/lib/x86_64-linux-gnu",
        "/usr/local/lib",
    }
    assert pcsc("denied").libraries == DENIED
    assert [pcsc(name).redirected for name in ("ready", "spoilt")] == [False, True]
    assert [pcsc(name).hides_processes for name in ("ready", "ssh-refused")] == [False, True]


def test_drivers_and_configured_readers() -> None:
    assert told(facts("ready").drivers).drivers == (Driver("ifd-ccid", "1.5.2", 4),)
    spoilt = told(facts("spoilt").drivers)
    torn = NotReadable(Why.MALFORMED, "Info.plist")
    assert spoilt.drivers == (Driver("ifd-ccid", torn, torn),)
    assert spoilt.configured == (
        ConfiguredReader("?", DENIED, DENIED),
        ConfiguredReader("Lecteur série", "/dev/ttyS0", library_exists=False),
        ConfiguredReader("Autre", "/dev/ttyS1", library_exists=True),
    )
    denied = told(facts("denied").drivers)
    assert (denied.drivers, denied.configured) == (DENIED, DENIED)


def test_who_holds_the_readers() -> None:
    held = told(facts("held").holders)
    assert set(held.found) == {
        Holder("scdaemon", HeldBy.USB, Certainty.CERTAIN, "08E6:3437"),
        Holder("firefox", HeldBy.PCSC, Certainty.POSSIBLE),
        Holder("java", HeldBy.PCSC, Certainty.POSSIBLE),
        Holder("cpgeslux", HeldBy.RUNNING, Certainty.POSSIBLE),
        Holder("DmpConnect-JS", HeldBy.RUNNING, Certainty.POSSIBLE),
    }
    assert held.lines == 3, "this program's own line does not count, the unseen one does"
    assert held.hidden == 3, "a kernel thread hides nothing"


def test_the_only_client_of_the_service_is_probably_the_one() -> None:
    ready = told(facts("ready").holders)
    assert ready.found == (Holder("firefox", HeldBy.PCSC, Certainty.PROBABLE),)


def test_holders_that_nobody_shows_are_not_told_as_none() -> None:
    assert facts("denied").holders == DENIED
    assert told(facts("container").holders).lines == NotReadable(Why.FAILED, "exit 255")


@pytest.mark.parametrize(
    ("snapshot", "kind", "remote", "active"),
    [
        ("ready", SessionKind.CONSOLE, False, True),
        ("ssh-refused", SessionKind.SSH, True, True),
        ("spoilt", SessionKind.XRDP, True, False),
        ("container", NO_SYSTEMD, NO_SYSTEMD, NO_SYSTEMD),
        ("denied", DENIED, DENIED, DENIED),
    ],
)
def test_where_the_person_sits(snapshot: str, kind: object, remote: object, active: object) -> None:
    session = told(facts(snapshot).session)
    assert (session.kind, session.remote, session.active) == (kind, remote, active)


def test_machines_in_machines() -> None:
    def box(session: Session) -> tuple[object, object]:
        return session.virtual_machine, session.container

    assert box(told(facts("ready").session)) == (ABSENT, ABSENT)
    assert box(told(facts("spoilt").session)) == ("VirtualBox", ABSENT)
    assert box(told(facts("container").session)) == ("?", "docker")
    assert told(facts("denied").session).virtual_machine == DENIED


@pytest.mark.parametrize(
    ("snapshot", "synchronised", "source", "offset"),
    [
        ("ready", True, ABSENT, ABSENT),
        ("pss-reader", True, "ntp.exemple.fr", 0.000123456),
        ("spoilt", False, ABSENT, 420.5),
        ("container", NO_SYSTEMD, ABSENT, ABSENT),
        ("denied", DENIED, DENIED, DENIED),
    ],
)
def test_the_clock(snapshot: str, synchronised: object, source: object, offset: object) -> None:
    clock = told(facts(snapshot).clock)
    assert (clock.synchronised, clock.source, clock.offset) == (synchronised, source, offset)


def test_proxies_are_told_without_passwords() -> None:
    environment, gnome, kde = told(facts("spoilt").proxies)
    assert environment == Proxy(
        "environment",
        ProxyMode.MANUAL,
        ("http=proxy.exemple.local:3128", "https=http://proxy.exemple.local:8080"),
        bypass=("localhost", ".exemple.local"),
    )
    assert gnome.servers == ("https=proxy.exemple.local:8080",)
    assert kde.servers == (
        "http=http://proxy.exemple.local:3128",
        "https=http://proxy.exemple.local:8080",
    )
    assert facts("ready").proxies == (Proxy("gnome", ProxyMode.DIRECT),)
    assert (facts("held").proxies, facts("denied").proxies) == (ABSENT, DENIED)


def test_power_is_told_for_all_devices() -> None:
    powers = [told(facts(name).power).suspend_plugged for name in ("ready", "spoilt", "denied")]
    assert powers == [True, True, DENIED]


@pytest.mark.parametrize("snapshot", sorted(SNAPSHOTS.glob("*.json")), ids=lambda path: path.stem)
def test_no_person_no_home_no_secret_gets_into_the_facts(snapshot: Path) -> None:
    shown = json.dumps(facts_to_json(gather_system(read_snapshot(snapshot))))
    for secret in ("/home/", "marie", "secret", "u:p", "192.0.2."):
        assert secret not in shown.lower()


def test_unknown_is_null_or_says_why_in_json() -> None:
    shown = facts_to_json(facts("denied"))
    assert shown["usb"] == {"not_readable": "denied"}
    assert shown["cards"] is None
    assert shown["pcsc"]["knock"] == {"not_readable": "denied"}
