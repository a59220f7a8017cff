"""macOS through recorded machines: devices, CryptoTokenKit, drivers, tokens, proxies, session."""

import json
import plistlib
from pathlib import Path

import pytest

from cardio.probe.system.encode import facts_to_json
from cardio.probe.system.facts import (
    Certainty,
    Clock,
    Driver,
    HeldBy,
    Holder,
    PcscService,
    Proxy,
    ProxyMode,
    Service,
    SessionKind,
    StartMode,
    SystemFacts,
)
from cardio.probe.system.gathering import gather_system
from cardio.probe.system.known import ABSENT, Known, NotReadable, T, Why, is_known
from cardio.probe.system.macos.proxies import parse_scutil
from cardio.probe.system.macos.services import parse_disabled, parse_tokens
from cardio.probe.system.macos.smart_cards import parse_smart_cards
from cardio.probe.system.macos.usb import parse_ioreg, parse_profiler
from cardio.probe.system.recorded import read_snapshot
from cardio.probe.system.sources import CommandResult

SNAPSHOTS = Path(__file__).parents[2] / "vectors" / "systems" / "macos"
DENIED = NotReadable(Why.DENIED)
CPS_TOKEN = "fr.asip.esante.CPSToken"


def facts(name: str) -> SystemFacts:
    return gather_system(read_snapshot(SNAPSHOTS / f"{name}.json"))


def told(fact: Known[T]) -> T:
    assert is_known(fact), fact
    return fact


def pcsc(name: str) -> PcscService:
    return told(facts(name).pcsc)


def printed(text: str, exit_code: int = 0) -> CommandResult:
    return CommandResult(exit_code, text.encode())


def test_readers_and_the_driver_that_has_them() -> None:
    twin, kap_link = told(facts("ready").usb)
    assert (twin.usb_id, twin.product, twin.location) == (
        "08E6:3437",
        "PC Twin Reader",
        "0x01100000",
    )
    assert [(one.interface_class, one.driver) for one in twin.interfaces] == [
        (0x0B, "usbsmartcardreaderd")
    ]
    assert [one.number for one in kap_link.interfaces] == [0, 1]
    assert (twin.listed, kap_link.listed) == (True, False), "libccid's list is a hint only"


def test_a_reader_somebody_holds_and_one_that_is_no_reader() -> None:
    held, pss = told(facts("broken").usb)
    assert held.interfaces[0].driver == "scdaemon"
    assert (pss.usb_id, pss.has_class(0x0B)) == ("0B00:0090", False)
    assert {one.driver for one in pss.interfaces} == {ABSENT}


@pytest.mark.parametrize("name", ["profiler-15", "profiler-26"])
def test_system_profiler_where_the_registry_tells_nothing(name: str) -> None:
    (reader,) = told(facts(name).usb)
    assert (reader.usb_id, reader.product, reader.location, reader.listed) == (
        "08E6:3437",
        "PC Twin Reader",
        "0x01100000",
        True,
    )
    assert reader.interfaces == ()


def test_no_usb_interface_at_all_is_an_answer() -> None:
    assert parse_ioreg(printed("")) == ()
    assert parse_ioreg(printed("", exit_code=1)) == NotReadable(Why.FAILED, "exit 1")
    assert parse_profiler(printed('{"SPUSBDataType": []}')) == ()


def test_apples_daemons_start_on_demand() -> None:
    found = pcsc("ready")
    assert found.service == Service(
        "com.apple.usbsmartcardreaderd", True, StartMode.ON_DEMAND, running=True
    )
    ifdreader, ctkpcscd = found.related
    assert (ifdreader.running, ctkpcscd.running) == (False, True)
    assert (found.kind, found.version) == ("cryptotokenkit", "15.2")
    assert found.settings == {
        "useIFDCCID": ABSENT,
        "Logging": ABSENT,
        "UserPairing": ABSENT,
        "DisabledTokens": ABSENT,
        "tokens": (CPS_TOKEN,),
    }


def test_daemons_somebody_disabled_and_preferences() -> None:
    """Older systems say "true", newer ones "disabled"."""
    found = pcsc("broken")
    starts = [one.start for one in (found.service, *found.related)]
    assert starts == [StartMode.DISABLED, StartMode.DISABLED, StartMode.ON_DEMAND]
    assert found.settings == {
        "useIFDCCID": True,
        "Logging": True,
        "UserPairing": False,
        "DisabledTokens": ("com.apple.CryptoTokenKit.pivtoken",),
        "tokens": (),
    }


@pytest.mark.parametrize("name", ["ready", "broken"])
def test_drivers_whatever_the_language_of_the_headings(name: str) -> None:
    assert told(facts(name).drivers).drivers == (
        Driver("fr.apdu.ccid.smartcardccid", "1.5.1"),
        Driver("ifd-old.bundle", NotReadable(Why.MALFORMED, "not loaded")),
    )
    tokens = told(facts(name).cards)
    assert [(one.name, one.minidriver) for one in tokens] == [
        ("com.apple.CryptoTokenKit.pivtoken", "pivtoken.appex"),
        (CPS_TOKEN, "CPSToken.appex"),
    ]


def test_who_holds_a_reader() -> None:
    assert told(facts("ready").holders).found == ()
    assert told(facts("broken").holders).found == (
        Holder("scdaemon", HeldBy.USB, Certainty.CERTAIN, "08E6:3437"),
        Holder("scdaemon", HeldBy.RUNNING, Certainty.POSSIBLE),
        Holder("CCM", HeldBy.RUNNING, Certainty.POSSIBLE),
    )


def test_session_and_clock() -> None:
    here, there = told(facts("ready").session), told(facts("broken").session)
    assert (here.kind, here.remote, here.virtual_machine) == (SessionKind.CONSOLE, False, ABSENT)
    assert (there.kind, there.remote) == (SessionKind.SSH, True)
    assert there.virtual_machine == "Apple Virtualization"
    not_shown = NotReadable(Why.NO_WAY, "shown to administrators only")
    assert facts("ready").clock == Clock(not_shown, not_shown, timezone="Europe/Paris")
    assert facts("ready").power is ABSENT


def test_proxies_without_anybodys_password() -> None:
    server = "proxy.exemple.local:8080"
    assert facts("ready").proxies == (Proxy("macos", ProxyMode.DIRECT),)
    assert facts("broken").proxies == (
        Proxy("macos", ProxyMode.DETECT),
        Proxy("macos", ProxyMode.SCRIPT, script="http://proxy.exemple.local/proxy.pac"),
        Proxy(
            "macos",
            ProxyMode.MANUAL,
            (f"http={server}", f"https={server}"),
            bypass=("*.local", "169.254/16"),
        ),
    )


def test_what_is_refused_is_never_absent() -> None:
    found = facts("denied")
    for family in ("usb", "holders", "proxies", "cards"):
        assert getattr(found, family) == DENIED
    assert told(found.drivers).drivers == DENIED
    service = told(found.pcsc)
    assert (service.service.start, service.service.running) == (DENIED, DENIED)
    assert set(service.settings.values()) == {DENIED}


@pytest.mark.parametrize("shown", ["", "Killed", "Erreur", "\x00\xff" * 20])
def test_other_answers_are_malformed(shown: str) -> None:
    result = printed(shown)
    for parse in (parse_smart_cards, parse_disabled, parse_scutil, parse_profiler):
        found = parse(result)
        assert isinstance(found, NotReadable), parse
        assert found.why is Why.MALFORMED
    assert parse_tokens(result) == ()


def test_a_property_list_of_another_shape_is_malformed() -> None:
    for value in ({}, "text", 3):
        result = CommandResult(0, plistlib.dumps(value))
        assert parse_ioreg(result) == NotReadable(Why.MALFORMED, "ioreg")
    assert parse_ioreg(CommandResult(0, plistlib.dumps([1, {}, {"idVendor": -1}]))) == ()


@pytest.mark.parametrize("path", sorted(SNAPSHOTS.glob("*.json")), ids=lambda path: path.stem)
def test_nobody_no_number_and_no_certificate_is_told(path: Path) -> None:
    shown = json.dumps(facts_to_json(gather_system(read_snapshot(path))))
    for secret in ("jean", "motdepasse", "EXEMPLE0001", "0000000000:", "CERTIFICATE", "RVhFTVBM"):
        assert secret not in shown
    assert "/Users/" not in shown
