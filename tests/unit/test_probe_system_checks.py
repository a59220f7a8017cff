"""The checks of what the system tells: each outcome from hand-made facts."""

from dataclasses import replace

import pytest
from tests.support.probe_facts import (
    CPS,
    CPS_READER,
    GOOD,
    MACHINE,
    PCSC,
    SYSTEM,
    TWIN,
    VITALE_READER,
    facts,
    match,
)

from cardio.cards.identify import CardKind
from cardio.errors import ServiceUnavailable, SharingViolation
from cardio.probe.check import Status
from cardio.probe.facts import Failure, ReaderFacts, RevocationFacts, WorkstationFacts
from cardio.probe.network.facts import HostFacts, NetworkFacts, Reached
from cardio.probe.report import CheckResult
from cardio.probe.runner import run_checks
from cardio.probe.system.facts import (
    CardRegistration,
    Certainty,
    Clock,
    Drivers,
    HeldBy,
    Holder,
    Holders,
    Knock,
    PowerPolicy,
    Proxy,
    ProxyMode,
    Service,
    Session,
    SessionKind,
    StartMode,
    SystemFacts,
    UsbDevice,
    UsbInterface,
)
from cardio.probe.system.known import ABSENT, NotReadable, Why

DENIED = NotReadable(Why.DENIED)
PSS = UsbDevice(
    "1-1",
    "0B00:0090",
    "INGENICO Lecteur SESAM VITALE",
    (UsbInterface(0, 2, "cdc_acm"), UsbInterface(1, 10, "cdc_acm")),
    may_sleep=True,
)
KAP = UsbDevice("1-4", "2947:0101", "KAP-LINK", (UsbInterface(0, 0x0B, "usbfs"),))
DOWN = Failure.of(ServiceUnavailable("down"))


def system(**changes: object) -> SystemFacts:
    return replace(SYSTEM, **changes)  # pyright: ignore[reportArgumentType]


def seen(found: SystemFacts, *readers: ReaderFacts, down: bool = False) -> WorkstationFacts:
    return replace(facts(*readers), system=found, failure=DOWN if down else None)


def result(found: WorkstationFacts, check: str, reader: str | None = None) -> CheckResult:
    (one,) = [r for r in run_checks(found) if r.check == check and r.reader == reader]
    return one


def outcome(found: WorkstationFacts, check: str, reader: str | None = None) -> str:
    one = result(found, check, reader)
    return f"{one.status} {one.cause}"


BOTH = (CPS_READER, VITALE_READER)
LOCAL, AWAY = Session(SessionKind.CONSOLE, False), Session(SessionKind.RDP, True)


@pytest.mark.parametrize(
    ("usb", "readers", "expected"),
    [
        ((), (), "pass none"),
        ((TWIN, TWIN), BOTH, "pass all"),
        ((TWIN,), (), "fail unseen"),
        ((KAP,), BOTH[:1], "warn fewer"),
        ((KAP,), BOTH, "pass all"),
        ((PSS,), (), "fail pss"),
        ((PSS, TWIN), BOTH[:1], "warn pss-beside"),
        ((replace(PSS, usb_id="0B00:0999", product=""),), (), "fail pss"),
        ((replace(PSS, setup_class="SmartCardReader"),), BOTH, "pass all"),
        ((PSS,), (ReaderFacts("INGENICO TL TELIUM(1)"),), "pass all"),
        (ABSENT, (), "skip not-here"),
        (DENIED, (), "unknown not-readable"),
        (NotReadable(Why.NO_WAY), (), "skip no-way"),
    ],
)
def test_usb_against_pcsc(
    usb: tuple[UsbDevice, ...], readers: tuple[ReaderFacts, ...], expected: str
) -> None:
    assert outcome(seen(system(usb=usb), *readers), "usb.readers") == expected


def test_usb_is_not_compared_where_pcsc_shows_another_workstation_or_nothing() -> None:
    assert outcome(seen(system(usb=(TWIN,), session=AWAY)), "usb.readers") == "skip remote"
    assert outcome(seen(system(usb=(PSS,)), down=True), "usb.readers") == "pass seen"


def test_a_reader_is_named_by_its_model() -> None:
    devices = result(seen(system(usb=(KAP,))), "usb.readers").evidence["devices"]
    assert devices == ("Kapelse KAP-LINK (2947:0101)",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"usb": (replace(TWIN, problem=28),)}, "fail problem"),
        ({"usb": (replace(TWIN, interfaces=(UsbInterface(0, 11, "pn533_usb"),)),)}, "warn taken"),
        ({"usb": (replace(TWIN, listed=False),)}, "warn unlisted"),
        ({"usb": (TWIN,), "drivers": Drivers(())}, "fail none"),
        ({"usb": (TWIN,), "drivers": DENIED}, "pass ok"),
        ({"usb": (PSS,), "drivers": Drivers(())}, "pass ok"),
        ({"usb": DENIED}, "unknown not-readable"),
    ],
)
def test_drivers(changes: dict[str, object], expected: str) -> None:
    assert outcome(seen(system(**changes)), "usb.driver") == expected


@pytest.mark.parametrize(
    ("device", "policy", "expected"),
    [
        (PSS, None, "warn may-sleep"),
        (replace(PSS, may_sleep=False), True, "pass ok"),
        (replace(PSS, may_sleep=ABSENT), True, "warn may-sleep"),
        (replace(PSS, may_sleep=ABSENT), False, "pass ok"),
        (replace(TWIN, may_sleep=True), True, "pass ok"),
    ],
)
def test_power(device: UsbDevice, policy: bool | None, expected: str) -> None:
    power = PowerPolicy(suspend_plugged=ABSENT if policy is None else policy)
    assert outcome(seen(system(usb=(device,), power=power)), "usb.power") == expected


SOCKET, SERVICE = PCSC.socket, PCSC.service


@pytest.mark.parametrize(
    ("changes", "down", "expected"),
    [
        ({}, False, "pass ok"),
        ({"service": Service("pcscd.service", False)}, True, "fail not-installed"),
        ({"service": replace(SERVICE, start=StartMode.DISABLED)}, True, "fail disabled"),
        ({"service": replace(SERVICE, start=StartMode.DISABLED)}, False, "warn disabled"),
        ({"service": replace(SERVICE, failure="exit-code")}, True, "fail crashed"),
        ({"knock": Knock.NO_SOCKET}, True, "fail no-socket"),
        ({"socket": Service("pcscd.socket", True, StartMode.MANUAL)}, False, "warn manual"),
        (
            {"related": (Service("CertPropSvc", True, StartMode.DISABLED),)},
            False,
            "warn related-off",
        ),
        ({"service": Service("pcscd.service", DENIED, DENIED, DENIED)}, True, "pass ok"),
    ],
)
def test_start_of_the_service(changes: dict[str, object], down: bool, expected: str) -> None:
    pcsc = replace(PCSC, **changes)  # pyright: ignore[reportArgumentType]
    assert outcome(seen(system(pcsc=pcsc), down=down), "pcsc.start") == expected


@pytest.mark.parametrize(
    ("knock", "allowed", "session", "expected"),
    [
        (Knock.ANSWERED, True, LOCAL, "pass ok"),
        (Knock.DENIED, ABSENT, LOCAL, "fail socket"),
        (Knock.ANSWERED, False, LOCAL, "fail polkit"),
        (Knock.ANSWERED, False, AWAY, "fail polkit-away"),
        (Knock.ANSWERED, False, replace(LOCAL, active=False), "fail polkit-away"),
        (Knock.ANSWERED, DENIED, LOCAL, "pass ok"),
    ],
)
def test_rights(knock: Knock, allowed: bool, session: Session, expected: str) -> None:
    found = system(pcsc=replace(PCSC, knock=knock, allowed=allowed), session=session)
    assert outcome(seen(found, down=True), "pcsc.rights") == expected
    works = expected.replace("fail", "warn")
    assert outcome(seen(found), "pcsc.rights") == works


def test_copies_of_the_library() -> None:
    two = replace(PCSC, libraries=("/usr/lib", "/opt/x/lib"))
    assert outcome(seen(system(pcsc=two)), "pcsc.copies") == "warn several"
    other = replace(PCSC, redirected=True)
    assert outcome(seen(system(pcsc=other)), "pcsc.copies") == "warn redirected"
    assert outcome(seen(system(pcsc=DENIED)), "pcsc.copies") == "unknown not-readable"


HELD = replace(CPS_READER, exclusive=True)
REFUSED = ReaderFacts("R", failure=Failure.of(SharingViolation("x")))
CCM = Holder("ccm64.exe", HeldBy.PCSC, Certainty.PROBABLE)
VM = Holder("qemu-system-x86", HeldBy.USB, Certainty.CERTAIN, "08E6:3437")


@pytest.mark.parametrize(
    ("found", "readers", "expected"),
    [
        ((), BOTH, "pass nobody"),
        ((CCM,), BOTH, "pass shared"),
        ((CCM,), (HELD,), "warn candidates"),
        ((CCM,), (REFUSED,), "warn candidates"),
        ((), (HELD,), "unknown nobody-seen"),
        ((VM,), (), "fail usb"),
        ((VM, CCM), BOTH, "warn usb"),
    ],
)
def test_holders(
    found: tuple[Holder, ...], readers: tuple[ReaderFacts, ...], expected: str
) -> None:
    assert outcome(seen(system(holders=Holders(found)), *readers), "reader.holders") == expected


def test_a_holder_is_named_by_its_title_and_how_sure_that_is() -> None:
    possible = replace(CCM, process="firefox", certainty=Certainty.POSSIBLE)
    found = seen(system(holders=Holders((possible, CCM))), HELD)
    evidence = result(found, "reader.holders").evidence
    assert evidence["programs"] == ("firefox", "CPS certificate manager (CCM)")
    assert evidence["certainty"] == "probable"


@pytest.mark.parametrize(
    ("session", "readers", "expected"),
    [
        (LOCAL, (), "pass ok"),
        (AWAY, BOTH, "warn remote"),
        (Session(SessionKind.SSH, True), (), "warn away"),
        (Session(DENIED, True), BOTH, "warn away"),
        (AWAY, (), "fail no-reader"),
        (replace(AWAY, redirection=False), (), "fail no-redirection"),
        (Session(SessionKind.SERVICE, False), (), "warn service"),
        (replace(LOCAL, active=False), (), "warn inactive"),
        (Session(DENIED, DENIED), (), "unknown not-readable"),
        (DENIED, (), "unknown not-readable"),
    ],
)
def test_session(session: Session, readers: tuple[ReaderFacts, ...], expected: str) -> None:
    assert outcome(seen(system(session=session), *readers), "session.place") == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "pass ok"),
        ({"virtual_machine": "VMware"}, "warn virtual"),
        ({"container": "docker", "virtual_machine": "KVM"}, "warn container"),
        ({"server": True}, "warn shared"),
    ],
)
def test_machine(changes: dict[str, object], expected: str) -> None:
    session = replace(LOCAL, **changes)  # pyright: ignore[reportArgumentType]
    assert outcome(seen(system(session=session)), "session.machine") == expected


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (Clock(True, True), "pass ok"),
        (Clock(True, True, offset=-121.0), "fail wrong"),
        (Clock(True, True, offset=120.0), "pass ok"),
        (Clock(False, False), "warn off"),
        (Clock(True, False), "warn not-set"),
        (Clock(True, DENIED), "pass enabled"),
        (Clock(DENIED, DENIED), "unknown not-readable"),
        (ABSENT, "skip not-here"),
    ],
)
def test_clock(clock: Clock, expected: str) -> None:
    assert outcome(seen(system(clock=clock)), "system.clock") == expected


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        ((), "pass direct"),
        ((Proxy("gnome", ProxyMode.DIRECT),), "pass direct"),
        ((Proxy("environment", ProxyMode.MANUAL, ("proxy.test:3128",)),), "pass manual"),
        ((Proxy("wininet", ProxyMode.DETECT),), "pass script"),
        (DENIED, "unknown not-readable"),
    ],
)
def test_proxy(proxies: tuple[Proxy, ...], expected: str) -> None:
    assert outcome(seen(system(proxies=proxies)), "system.proxy") == expected


@pytest.mark.parametrize(
    ("name", "release", "expected"),
    [
        ("Windows", "11", "pass ok"),
        ("Windows", "2022Server", "pass ok"),
        ("Windows", "8.1", "warn not-in-table"),
        ("Darwin", "23.5.0", "pass ok"),
        ("Darwin", "24.0.0", "warn not-in-table"),
        ("Linux", "4.18.0-553.el8_10.x86_64", "pass ok"),
        ("Linux", "6.1.0-21-amd64", "skip distribution"),
    ],
)
def test_tested_systems(name: str, release: str, expected: str) -> None:
    platform = {"Windows": "windows", "Darwin": "macos"}.get(name, "linux")
    machine = replace(MACHINE, system=name, release=release)
    found = replace(GOOD, machine=machine, system=system(platform=platform))
    assert outcome(found, "system.tested") == expected
    elsewhere = replace(found, system=system(platform="another"))
    assert outcome(elsewhere, "system.tested") == "skip recorded"


def test_a_card_the_system_does_not_know() -> None:
    none = seen(system(cards=()), *BOTH)
    assert outcome(none, "card.registered", CPS_READER.name) == "warn unregistered"
    assert [r.reader for r in run_checks(none) if r.check == "card.registered"] == [CPS_READER.name]
    token = seen(system(cards=(CardRegistration("fr.asip.esante.CPSToken"),)), *BOTH)
    assert outcome(token, "card.registered", CPS_READER.name) == "pass token"
    for absent in (ABSENT, DENIED):
        found = run_checks(seen(system(cards=absent), *BOTH))
        assert not [r for r in found if r.check == "card.registered"]


def test_readers_that_differ_by_a_number() -> None:
    assert outcome(GOOD, "reader.twins") == "pass twins"
    other = replace(VITALE_READER, name="KAP-LINK (0001) 01 00")
    assert outcome(facts(CPS_READER, other), "reader.twins") == "pass ok"
    same = replace(other, name="KAP-LINK (0002) 02 00")
    assert result(facts(other, same), "reader.twins").evidence["readers"] == (other.name, same.name)


def contactless(name: str) -> ReaderFacts:
    return replace(VITALE_READER, name=name, match=match(CardKind.CPS3_CONTACTLESS), vitale=None)


def test_a_contactless_cps() -> None:
    assert outcome(facts(contactless("A")), "cps.interface") == "warn contactless"
    assert outcome(facts(contactless("A"), CPS_READER), "cps.interface") == "warn both"


@pytest.mark.parametrize(
    ("changes", "check", "expected"),
    [
        ({"has_serial": False}, "cps.serial", "warn missing"),
        ({"lacks_speciality": None}, "cps.speciality", "pass not-asked"),
        ({"lacks_speciality": True}, "cps.speciality", "warn missing"),
        (
            {
                "revocations": (
                    RevocationFacts("signature", "unknown", "no-answer"),
                    RevocationFacts("authentication", "revoked"),
                )
            },
            "cps.revocation",
            "fail revoked",
        ),
        (
            {"revocations": (RevocationFacts("signature", "unknown", "no-answer"),)},
            "cps.revocation",
            "unknown untold",
        ),
    ],
)
def test_more_of_a_cps(changes: dict[str, object], check: str, expected: str) -> None:
    card = replace(CPS, **changes)  # pyright: ignore[reportArgumentType]
    found = facts(replace(CPS_READER, cps=card))
    assert outcome(found, check, CPS_READER.name) == expected


def host(reached: Reached, **changes: object) -> HostFacts:
    return replace(HostFacts("h.test", 443, reached), **changes)  # pyright: ignore[reportArgumentType]


FINE = host(Reached.TRUSTED, issuer="TEST", offset=2.0)


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ((FINE,), "names pass ok, reach pass ok, inspection pass ok, clock pass ok"),
        (
            (host(Reached.NO_NAME),),
            "names fail offline, reach pass ok, inspection unknown none, clock unknown none",
        ),
        (
            (FINE, host(Reached.NO_NAME), host(Reached.REFUSED)),
            "names fail unknown-names, reach warn stopped, inspection pass ok, clock pass ok",
        ),
        (
            (host(Reached.NO_TLS), host(Reached.PROXY)),
            "names pass ok, reach fail stopped, inspection unknown none, clock unknown none",
        ),
        (
            (host(Reached.UNTRUSTED, issuer="TEST Zscaler Inc.", inspected=True),),
            "names pass ok, reach pass ok, inspection warn inspected, clock unknown none",
        ),
        (
            (host(Reached.UNTRUSTED, issuer="TEST"), replace(FINE, offset=-3600.0)),
            "names pass ok, reach pass ok, inspection fail untrusted, clock fail wrong",
        ),
    ],
)
def test_the_network(hosts: tuple[HostFacts, ...], expected: str) -> None:
    found = replace(GOOD, network=NetworkFacts(hosts))
    words = ("names", "reach", "inspection", "clock")
    said = ", ".join(f"{word} {outcome(found, f'network.{word}')}" for word in words)
    assert said == expected


def test_what_nobody_looked_at_is_not_told() -> None:
    found = {r.check for r in run_checks(facts(*BOTH))}
    assert not {one for one in found if one.partition(".")[0] in ("usb", "system", "network")}
    assert result(facts(*BOTH), "cps.present").status is Status.PASS
