"""Hand-made facts for the probe's tests; every person in them is invented."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from cardio.cards.identify import CardKind, Interface, Match, Reason
from cardio.cards.layout import Confidence
from cardio.errors import CardioError
from cardio.probe.facts import (
    BeneficiaryIdentity,
    CertificateFacts,
    ChainFacts,
    CpsFacts,
    CpsIdentity,
    Failure,
    ReaderFacts,
    RevocationFacts,
    TriesFacts,
    TrustFacts,
    VitaleFacts,
    WorkstationFacts,
)
from cardio.probe.machine import Machine
from cardio.probe.network.facts import HostFacts, NetworkFacts, Reached
from cardio.probe.report import Report
from cardio.probe.runner import run_checks
from cardio.probe.system.facts import (
    SMART_CARD_CLASS,
    CardRegistration,
    Clock,
    Driver,
    Drivers,
    Holders,
    Knock,
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
    UsbInterface,
)
from cardio.transport.base import CardPresence

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MACHINE = Machine(
    "0123456789abcdef0123456789abcdef", "Linux", "5.14.0-427.el9.x86_64", "x86_64", "3.11.7"
)

HOLDER = CpsIdentity(
    ps_idnat="899700000017",
    family_name="TEST-ESSAI",
    given_name="ZEPHYRINE",
    profession="Médecin",
    profession_code="10",
    speciality_code="SM26",
    card_number="2900000017",
)
PATIENT = BeneficiaryIdentity("TEST-FICTIF", "ANATOLE", "1984-02-30", "184190000000041")

ATR_CPS3 = bytes.fromhex("3BAC00402A001225006480000310009000")
ATR_VITALE2 = bytes.fromhex("3B751300004409EA9000")


def match(kind: CardKind, confidence: Confidence = Confidence.PUBLISHED) -> Match:
    generation = "" if kind is CardKind.UNKNOWN else kind.value.removeprefix("cps")
    reason = Reason.UNKNOWN_ATR if kind is CardKind.UNKNOWN else Reason.ATR_ONLY
    return Match(kind, generation, Interface.CONTACT, confidence, reason)


def certificate(
    usage: str, *, days: float = 400, started: float = 700, now: datetime = NOW
) -> CertificateFacts:
    """A certificate with `days` left, begun `started` days ago."""
    begin, end = now - timedelta(days=started), now + timedelta(days=days)
    return CertificateFacts(usage, begin, end)


CPS = CpsFacts(
    read_at=NOW,
    card_type="00",
    is_test=True,
    valid_until=date(2028, 1, 31),
    certificates=(certificate("signature"), certificate("authentication")),
    trust=TrustFacts(
        tuple(
            ChainFacts(usage, "TEST AC RACINE IGC-SANTE FORT", is_test=True)
            for usage in ("signature", "authentication")
        ),
        has_authorities=True,
        allows_test=True,
    ),
    pin_tries=TriesFacts(3, 3),
    puk_tries=TriesFacts(10, 10),
    revocations=(RevocationFacts("signature", "good"),),
    has_serial=True,
    lacks_speciality=False,
)
VITALE = VitaleFacts(beneficiaries=3, is_test=True)

EMPTY = ReaderFacts("Lecteur vide 02 00")
CPS_READER = ReaderFacts(
    "Gemalto PC Twin Reader 00 00",
    CardPresence.PRESENT,
    ATR_CPS3,
    match=match(CardKind.CPS3),
    cps=CPS,
)
VITALE_READER = ReaderFacts(
    "Gemalto PC Twin Reader 01 00",
    CardPresence.PRESENT,
    ATR_VITALE2,
    match=match(CardKind.VITALE2),
    vitale=VITALE,
)
MUTE = ReaderFacts("KAP-LINK 1 03 00", CardPresence.MUTE)


TWIN = UsbDevice(
    "1-2",
    "08E6:3437",
    "USB SmartCard Reader",
    (UsbInterface(0, SMART_CARD_CLASS, "usbfs"),),
    listed=True,
    may_sleep=False,
)
PCSC = PcscService(
    "pcscd",
    Service("pcscd.service", True, StartMode.ON_DEMAND, True),
    Service("pcscd.socket", True, StartMode.AUTOMATIC, True),
    version="1.9.9",
    knock=Knock.ANSWERED,
    asks_polkit=True,
    allowed=True,
    libraries=("/usr/lib/x86_64-linux-gnu",),
)
SYSTEM = SystemFacts(
    "linux",
    usb=(TWIN, replace(TWIN, location="1-3")),
    pcsc=PCSC,
    drivers=Drivers((Driver("ifd-ccid", "1.5.2", 562),), ()),
    holders=Holders((), lines=0),
    session=Session(SessionKind.CONSOLE, False, True, "wayland"),
    power=PowerPolicy(),
    clock=Clock(True, True, "systemd-timesyncd"),
    proxies=(Proxy("gnome", ProxyMode.DIRECT),),
    cards=(CardRegistration("CPS3", ATR_CPS3, provider="ASIP Sante Cryptographic Provider"),),
)
NETWORK = NetworkFacts(
    (HostFacts("auth.esante.gouv.fr", 443, Reached.TRUSTED, "TEST Autorité", offset=1.0),)
)


def facts(*readers: ReaderFacts, failure: CardioError | None = None) -> WorkstationFacts:
    return WorkstationFacts(
        NOW, MACHINE, failure=Failure.of(failure) if failure else None, readers=readers
    )


GOOD = replace(facts(CPS_READER, VITALE_READER), system=SYSTEM, network=NETWORK)
WITH_IDENTITY = facts(
    replace(CPS_READER, cps=replace(CPS, identity=HOLDER)),
    replace(VITALE_READER, vitale=replace(VITALE, identity=(PATIENT,))),
)
NOT_READY = facts(
    replace(
        CPS_READER,
        in_use=True,
        cps=replace(
            CPS,
            pin_tries=TriesFacts(1, 3),
            certificates=(certificate("signature"), certificate("authentication", days=40)),
            differences=("given_name",),
        ),
    ),
    replace(VITALE_READER, vitale=replace(VITALE, is_test=False, problems=("wrong-nir-key",))),
    MUTE,
    EMPTY,
)


def report(found: WorkstationFacts) -> Report:
    return Report.of(found, run_checks(found), "0.0.0")
