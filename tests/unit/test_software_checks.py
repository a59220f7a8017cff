"""What the checks of software say, cause by cause, in both languages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.probe_facts import CPS_READER, GOOD, VITALE_READER, match
from tests.support.software import (
    CHROME,
    CPS_PKCS11,
    FIREFOX,
    HOST,
    INI,
    OPENSC,
    READING,
    VENDOR,
    channel,
    good_software,
    product,
    with_product,
)

from cardio.cards.identify import CardKind
from cardio.errors import ServiceUnavailable
from cardio.locale import LANGUAGES, translator
from cardio.locale.catalogue import messages
from cardio.probe import wording
from cardio.probe.check import Finding, Status
from cardio.probe.checks.galss import alike
from cardio.probe.checks.software import SOFTWARE_CHECKS
from cardio.probe.facts import Failure, WorkstationFacts
from cardio.probe.report import CheckResult
from cardio.probe.system.known import ABSENT, Known, NotReadable, Why
from cardio.probe.system.software.facts import (
    Binary,
    Browser,
    CardCache,
    Cryptolib,
    HostPolicy,
    Module,
    ModuleKind,
    ModulePolicy,
    NativeHost,
    Product,
    Profile,
    Registration,
    SoftwareFacts,
)
from cardio.probe.system.software.galss import FlawKind, GalssConfig, parse
from cardio.probe.system.software.versions import references

SOFTWARE = good_software(CPS_READER.name, VITALE_READER.name)
DENIED = NotReadable(Why.DENIED)
CHECKS = {check.id: check for check in SOFTWARE_CHECKS}


def workstation(software: SoftwareFacts = SOFTWARE) -> WorkstationFacts:
    return replace(GOOD, software=software)


def finding(check: str, found: WorkstationFacts) -> Finding | None:
    """None: the question made no sense."""
    subjects = list(CHECKS[check].subjects(found))
    assert all(reader is None for reader, _ in subjects)
    return CHECKS[check].look(subjects[0][1]) if subjects else None


def outcome(check: str, software: SoftwareFacts) -> str | None:
    one = finding(check, workstation(software))
    if one is None:
        return None
    said_well(check, one)
    return f"{one.status} {one.cause}"


def said_well(check: str, one: Finding) -> None:
    """Both languages say it with its evidence, and what to do unless all is well."""
    result = CheckResult(check, None, one.status, one.cause, one.evidence, (), ())
    for language in LANGUAGES:
        text = translator(language)
        assert wording.found(result, text)
        assert bool(wording.advice(result, text)) is (one.status is not Status.PASS)


def ini(name: str) -> Known[GalssConfig]:
    return parse((INI / f"{name}.ini").read_bytes())


def galss(config: Known[GalssConfig], **changed: object) -> SoftwareFacts:
    assert SOFTWARE.galss is not ABSENT
    assert not isinstance(SOFTWARE.galss, NotReadable)
    return replace(SOFTWARE, galss=replace(SOFTWARE.galss, config=config, **changed))


def browsers(*found: Browser, **changed: object) -> SoftwareFacts:
    return replace(SOFTWARE, browsers=found, **changed)


def firefox(*profiles: Profile, **changed: object) -> SoftwareFacts:
    return browsers(replace(FIREFOX, profiles=profiles, **changed))


def profile(*modules: Module, number: int = 1) -> Profile:
    return Profile(number, number == 1, modules=modules, extensions=(READING,))


def test_a_good_workstation_is_asked_everything_and_passes() -> None:
    for check in CHECKS:
        one = finding(check, workstation())
        assert one is not None, check
        assert one.status is Status.PASS, (check, one)
        said_well(check, one)


def test_nothing_is_asked_of_a_workstation_nobody_looked_into() -> None:
    assert not [check for check in CHECKS if finding(check, GOOD)]


NO_GALSS = replace(with_product(SOFTWARE, Product("galss", installed=False)), galss=ABSENT)
TWO = (channel(1, CPS_READER.name, "CPS"), channel(2, "Lecteur absent 0", "Vitale"))
RENAMED = (channel(1, "GEMALTO  PC Twin Reader 3", "CPS"), channel(2, VITALE_READER.name, "Vitale"))
SWAPPED = (channel(1, VITALE_READER.name, "CPS"), channel(2, CPS_READER.name, "Vitale"))


@pytest.mark.parametrize(
    ("check", "software", "expected"),
    [
        ("galss.file", NO_GALSS, "pass none"),
        ("galss.file", replace(SOFTWARE, galss=ABSENT), "fail missing"),
        ("galss.file", replace(SOFTWARE, galss=DENIED), "unknown unread"),
        ("galss.file", galss(DENIED), "unknown unreadable"),
        ("galss.file", galss(ini("pcsc-two-readers"), copies=("~\\galss.ini",)), "warn several"),
        (
            "galss.file",
            replace(NO_GALSS, galss=SOFTWARE.galss),
            "warn leftover",
        ),
        ("galss.version", NO_GALSS, None),
        (
            "galss.version",
            with_product(SOFTWARE, product("galss", "3.34")),
            "warn outdated",
        ),
        ("galss.version", with_product(SOFTWARE, product("galss")), "unknown unread"),
        ("galss.structure", NO_GALSS, None),
        ("galss.structure", galss(GalssConfig()), "fail no-channel"),
        ("galss.structure", galss(ini("ghost-channel")), "warn flaws"),
        ("galss.mode", galss(ini("pcsc-two-readers")), "pass pcsc"),
        ("galss.mode", galss(ini("pss-two-slots")), "warn pss"),
        (
            "galss.mode",
            galss(GalssConfig((*TWO, replace(channel(3, "", "x"), kind=None)))),
            "unknown unknown",
        ),
        ("galss.readers", galss(ini("pss-two-slots")), None),
        ("galss.readers", galss(ini("mac-cr-only")), "fail ghost"),
        ("galss.readers", galss(GalssConfig(TWO)), "fail ghost"),
        ("galss.readers", galss(GalssConfig(RENAMED)), "fail renamed"),
        ("galss.readers", galss(GalssConfig(SWAPPED)), "pass ok"),
        ("galss.roles", galss(GalssConfig(SWAPPED)), "warn swapped"),
        ("galss.roles", galss(GalssConfig(TWO[1:])), "warn no-cps"),
    ],
)
def test_galss(check: str, software: SoftwareFacts, expected: str | None) -> None:
    assert outcome(check, software) == expected


def test_a_mixed_galss_ini() -> None:
    serial, pcsc = ini("pss-two-slots"), ini("pcsc-two-readers")
    assert isinstance(serial, GalssConfig)
    assert isinstance(pcsc, GalssConfig)
    both = replace(pcsc, channels=(*pcsc.channels, *serial.channels))
    assert outcome("galss.mode", galss(both)) == "warn mixed"


def test_readers_that_could_not_be_listed_are_not_missing() -> None:
    failure = Failure.of(ServiceUnavailable("down"))
    one = finding("galss.readers", replace(workstation(), failure=failure))
    assert one is not None
    assert (one.status, one.cause) == (Status.UNKNOWN, "no-list")
    said_well("galss.readers", one)


def test_names_are_not_compared_where_there_is_no_reader() -> None:
    assert finding("galss.readers", replace(workstation(), readers=())) is None


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("Gemalto PC Twin Reader 0", "Gemalto PC Twin Reader 00 00", True),
        ("Ingenico TL TELIUM(1)", "Ingenico TL TELIUM(2)", True),
        ("OMNIKEY AG CardMan 3121", "OMNIKEY AG CardMan 3021", False),
        ("Identive CLOUD 2700 R Smart Card Reader 0", "Gemalto PC Twin Reader 0", False),
        ("0", "1", False),
    ],
)
def test_names_of_the_same_reader(name: str, other: str, *, expected: bool) -> None:
    assert alike(name, other) is expected


def cryptolib(*versions: str, files: tuple[Binary, ...] | None = None) -> SoftwareFacts:
    given = product("cryptolib", *versions, places=(CPS_PKCS11,))
    return with_product(SOFTWARE, given if files is None else replace(given, files=files))


def settings(cache: Known[CardCache], traces: Known[bool] = False) -> SoftwareFacts:
    return replace(SOFTWARE, cryptolib=Cryptolib(cache, traces))


ABSENT_CRYPTOLIB = with_product(SOFTWARE, Product("cryptolib", installed=False))
OLD = product("cps_old", places=("/usr/local/galss/libcps_pkcs11_lux.so",))
WINDOWS = replace(SOFTWARE, platform="windows")


@pytest.mark.parametrize(
    ("check", "software", "expected"),
    [
        ("cryptolib.present", cryptolib("5.2.4"), "pass version"),
        ("cryptolib.present", cryptolib(), "pass ok"),
        ("cryptolib.present", ABSENT_CRYPTOLIB, "warn missing"),
        ("cryptolib.present", with_product(ABSENT_CRYPTOLIB, OLD), "warn only-old"),
        (
            "cryptolib.present",
            with_product(SOFTWARE, Product("cryptolib", DENIED)),
            "unknown unread",
        ),
        ("cryptolib.present", replace(SOFTWARE, products=DENIED), "unknown unread"),
        ("cryptolib.version", ABSENT_CRYPTOLIB, None),
        ("cryptolib.version", cryptolib("5.2.4-1"), "pass ok"),
        ("cryptolib.version", cryptolib("5.2.3"), "warn outdated"),
        ("cryptolib.version", cryptolib("5.2.4", "5.0.1"), "warn outdated"),
        ("cryptolib.version", cryptolib(), "unknown unread"),
        ("cryptolib.architecture", cryptolib("5.2.4", "5.0.1"), "warn two"),
        ("cryptolib.architecture", cryptolib("5.2.4", files=()), "unknown no-file"),
        (
            "cryptolib.architecture",
            cryptolib("5.2.4", files=(Binary("x", ("x86",)),)),
            "warn foreign",
        ),
        (
            "cryptolib.architecture",
            cryptolib("5.2.4", files=(Binary("x", DENIED),)),
            "unknown unreadable",
        ),
        (
            "cryptolib.architecture",
            with_product(WINDOWS, product("cryptolib", places=(r"C:\x.dll",))),
            "warn leftover",
        ),
        (
            "cryptolib.architecture",
            with_product(
                WINDOWS,
                replace(
                    product("cryptolib", places=(r"C:\x.dll",)),
                    registrations=(Registration("5.2.6", "64"), Registration("5.2.6", "32")),
                ),
            ),
            "warn two",
        ),
        ("cryptolib.cache", settings(ABSENT), "pass none"),
        ("cryptolib.cache", settings(DENIED), "unknown unreadable"),
        ("cryptolib.cache", settings(CardCache(12, 1, 2)), "warn damaged"),
        ("cryptolib.traces", settings(ABSENT, traces=True), "warn on"),
        ("cryptolib.traces", settings(ABSENT, ABSENT), "pass off"),
        ("cryptolib.traces", settings(ABSENT, DENIED), "unknown unreadable"),
        (
            "srvsvcnam.present",
            with_product(SOFTWARE, Product("srvsvcnam", installed=False)),
            "warn missing",
        ),
        (
            "srvsvcnam.present",
            with_product(SOFTWARE, Product("srvsvcnam", NotReadable(Why.NO_WAY))),
            None,
        ),
        (
            "srvsvcnam.present",
            with_product(SOFTWARE, Product("srvsvcnam", DENIED)),
            "unknown unread",
        ),
        ("srvsvcnam.version", SOFTWARE, "pass no-table"),
        ("srvsvcnam.version", WINDOWS, "pass ok"),
        (
            "srvsvcnam.version",
            with_product(WINDOWS, product("srvsvcnam", "5.9.99")),
            "warn outdated",
        ),
        ("srvsvcnam.version", with_product(WINDOWS, product("srvsvcnam")), "unknown unread"),
    ],
)
def test_middleware(check: str, software: SoftwareFacts, expected: str | None) -> None:
    assert outcome(check, software) == expected


@pytest.mark.parametrize(("version", "status"), [("5.1.9", Status.FAIL), ("5.2", Status.WARN)])
def test_a_cps4_asks_for_more(version: str, status: Status) -> None:
    cps4 = replace(CPS_READER, match=match(CardKind.CPS4))
    found = replace(workstation(cryptolib(version)), readers=(cps4, VITALE_READER))
    one = finding("cryptolib.version", found)
    assert one is not None
    assert one.status is status
    assert one.evidence["table_source"]
    said_well("cryptolib.version", one)


@pytest.mark.parametrize("check", ["cryptolib.version", "galss.version", "browser.version"])
def test_an_old_table_says_that_it_is_old(check: str) -> None:
    later = replace(workstation(), now=GOOD.now + timedelta(days=2000))
    one = finding(check, later)
    assert one is not None
    assert (one.status, one.cause) == (Status.PASS, "old-table")
    result = CheckResult(check, None, one.status, one.cause, one.evidence, (), ())
    assert str(one.evidence["table_date"]) in wording.found(result, translator("en"))


OTHER = Module("/opt/x.so", ModuleKind.OTHER, ("x86_64",))
KIT = Module("/usr/lib/p11-kit-proxy.so", ModuleKind.P11_KIT, ("x86_64",))
BARE = Module("libcps3_pkcs11_lux.so", ModuleKind.VENDOR, NotReadable(Why.NO_WAY))
GONE = replace(VENDOR, architectures=ABSENT)
PORTAL = replace(VENDOR, library="/run/user/*/doc/x/libcps3_pkcs11_lux.so")
NO_CRYPTOLIB = replace(ABSENT_CRYPTOLIB, browsers=(replace(FIREFOX, profiles=(profile(),)),))


@pytest.mark.parametrize(
    ("check", "software", "expected"),
    [
        ("browser.present", browsers(), "warn none"),
        ("browser.present", browsers(replace(CHROME, installed=DENIED)), "unknown unsure"),
        ("browser.present", replace(SOFTWARE, browsers=DENIED), "unknown unread"),
        ("browser.version", browsers(), None),
        ("browser.version", browsers(replace(FIREFOX, version="154.0")), "warn outdated"),
        ("browser.version", browsers(replace(FIREFOX, is_esr=True)), "pass no-table"),
        ("browser.version", browsers(replace(CHROME, id="chromium")), "pass no-table"),
        ("browser.firefox-module", browsers(CHROME), None),
        ("browser.firefox-module", firefox(profile(OTHER)), "warn unregistered"),
        (
            "browser.firefox-module",
            firefox(profile(VENDOR), profile(number=2)),
            "warn not-everywhere",
        ),
        (
            "browser.firefox-module",
            firefox(profile(), module_policy=ModulePolicy((VENDOR,))),
            "pass ok",
        ),
        ("browser.firefox-module", firefox(profile(BARE)), "pass ok"),
        ("browser.firefox-module", firefox(profile(GONE)), "warn gone"),
        ("browser.firefox-module", firefox(profile(PORTAL)), "warn portal"),
        ("browser.firefox-module", firefox(profile(VENDOR), packaging="snap"), "warn sandbox"),
        (
            "browser.firefox-module",
            firefox(profile(VENDOR), architectures=("x86",)),
            "warn architecture",
        ),
        (
            "browser.firefox-module",
            firefox(replace(profile(), modules=DENIED)),
            "unknown unreadable",
        ),
        ("browser.chromium-module", browsers(FIREFOX), None),
        ("browser.chromium-module", replace(SOFTWARE, platform="windows"), None),
        ("browser.chromium-module", replace(SOFTWARE, shared_modules=ABSENT), "warn unregistered"),
        ("browser.chromium-module", replace(SOFTWARE, shared_modules=DENIED), "unknown unreadable"),
        ("browser.chromium-module", replace(SOFTWARE, shared_modules=(GONE,)), "warn gone"),
        ("browser.rival-module", replace(SOFTWARE, browsers=(), shared_modules=ABSENT), None),
        ("browser.rival-module", firefox(profile(OTHER, VENDOR)), "pass ok"),
        ("browser.rival-module", firefox(profile(OPENSC, VENDOR)), "warn before"),
        ("browser.rival-module", firefox(profile(VENDOR, OPENSC)), "warn beside"),
        ("browser.rival-module", firefox(profile(OPENSC)), "pass alone"),
        ("browser.rival-module", firefox(profile(KIT, VENDOR)), "pass ok"),
        (
            "browser.rival-module",
            replace(firefox(profile(KIT, VENDOR)), p11_kit=(OPENSC,)),
            "warn before",
        ),
        ("browser.vitale-host", browsers(), None),
        (
            "browser.vitale-host",
            replace(SOFTWARE, products=(), browsers=(replace(CHROME, hosts=()),)),
            None,
        ),
        ("browser.vitale-host", browsers(FIREFOX, replace(CHROME, hosts=())), "warn missing"),
        (
            "browser.vitale-host",
            browsers(replace(CHROME, hosts=(NativeHost(HOST.name, "user", ("no-program",)),))),
            "warn flaws",
        ),
        (
            "browser.vitale-host",
            browsers(replace(CHROME, host_policy=HostPolicy((HOST.name,)))),
            "warn blocked",
        ),
        (
            "browser.vitale-host",
            browsers(
                replace(
                    CHROME,
                    hosts=(replace(HOST, scope="user"),),
                    host_policy=HostPolicy(user_hosts=False),
                )
            ),
            "warn blocked",
        ),
        (
            "browser.vitale-extension",
            browsers(replace(CHROME, profiles=(Profile(1, is_default=True, extensions=()),))),
            "warn missing",
        ),
        (
            "browser.vitale-extension",
            browsers(FIREFOX, replace(CHROME, profiles=(Profile(1, is_default=True),))),
            "warn not-everywhere",
        ),
        (
            "browser.vitale-extension",
            firefox(replace(profile(), extensions=(replace(READING, active=False),))),
            "warn off",
        ),
        (
            "browser.vitale-extension",
            firefox(replace(profile(), extensions=(replace(READING, active=DENIED),))),
            "unknown unreadable",
        ),
        (
            "browser.vitale-extension",
            firefox(replace(profile(), extensions=DENIED)),
            "unknown unreadable",
        ),
    ],
)
def test_browsers(check: str, software: SoftwareFacts, expected: str | None) -> None:
    assert outcome(check, software) == expected


def test_no_module_is_missed_where_there_is_no_cryptolib() -> None:
    assert outcome("browser.firefox-module", replace(NO_CRYPTOLIB, shared_modules=ABSENT)) is None
    assert outcome("browser.firefox-module", NO_CRYPTOLIB) == "warn unregistered"


@pytest.mark.parametrize(
    ("words", "table"),
    [
        ([kind.value for kind in FlawKind], "galss_flaws"),
        (
            [
                "no-manifest",
                "unreadable",
                "not-json",
                "wrong-name",
                "wrong-type",
                "no-path",
                "no-program",
                "not-allowed",
            ],
            "host_flaws",
        ),
        (sorted({row.source for row in references()}), "table_source"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stable_word_has_a_text(words: list[str], table: str, language: str) -> None:
    said = {key for key in messages(language, "report") if key.startswith(f"report.term.{table}.")}
    assert said == {f"report.term.{table}.{word}" for word in words}


def test_checks_need_earlier_ones_and_stand_for_known_cases() -> None:
    seen: set[str] = set()
    for check in SOFTWARE_CHECKS:
        assert set(check.needs) <= seen
        assert check.id not in seen
        assert set(check.cases) <= {2, 3, 5, 6, 7, 10, 11, 13, 20, 21, 22, 24, 25}
        seen.add(check.id)


def test_evidence_is_made_of_plain_values() -> None:
    looks: list[Callable[..., Finding]] = [check.look for check in SOFTWARE_CHECKS]
    assert len({id(look) for look in looks}) == len(looks)
    for check in CHECKS:
        one = finding(check, workstation())
        assert one is not None
        for value in one.evidence.values():
            items = value if isinstance(value, tuple) else (value,)
            assert all(isinstance(item, str | int) or hasattr(item, "isoformat") for item in items)
