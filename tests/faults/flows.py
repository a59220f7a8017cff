"""The public flows of cardio, each with the kinds of card it is for."""

import ssl
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree
from signxml.exceptions import InvalidSignature as SignXMLInvalidSignature
from signxml.verifier import XMLVerifier
from tests.faults.matrix import READERS, Desk, Flow, Row, Told
from tests.faults.matrix_cards import NEW_PIN, PIN, PROTECTED, PUK, WRONG_PIN, WRONG_PUK
from tests.support.assertions import BILLING_ID, SOFTWARE
from tests.support.key_cards import key_of
from tests.support.tls_memory import authority, handshake, server_context

from cardio.authentication import Requester, Signatory, TlsSession, insi_assertion, tls_session
from cardio.cards.cps import choose_situation
from cardio.cards.cps.card import CpsCard
from cardio.cards.cps.layout import CPS_DATA
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import CardioError, CardReset, SharingViolation
from cardio.identity.environment import Environment
from cardio.keys.private_key import CardPrivateKey
from cardio.pin.entry import PinEntryMode
from cardio.pin.guard import Allow
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin
from cardio.probe import Status, probe
from cardio_emulator.pad import EmulatedPad

ALL = ("cps3", "cps3-contactless", "cps4", "cps4-t0", "cps2ter", "vitale2", "vitale1")
CPS = ("cps3", "cps3-contactless", "cps4", "cps4-t0", "cps2ter")
WITH_PIN = ("cps3", "cps4", "cps2ter")
WITH_KEYS = ("cps3", "cps4", "cps4-t0")
MESSAGE = b"what is signed " * 10
NOTE = b"what is written"
PKCS1, SHA256 = padding.PKCS1v15(), hashes.SHA256()


def identify(desk: Desk) -> Told:
    (slot,) = desk.workstation.scan(desk.workstation.readers()[:1])
    if slot.error:
        raise slot.error
    match = slot.match
    assert match
    told = match.kind, match.interface, match.serial
    return Told(told, (match.reason, match.confidence))


def holder(desk: Desk) -> Told:
    card = desk.cps()
    return Told((card.holder, card.card), said(card))


def everything_free(desk: Desk) -> Told:
    card = desk.cps()
    facts = card.full_holder, card.full_card, card.free_data_objects, card.certificates
    more = card.token_info, card.differences, card.last_update
    expiries = (("expires", one.not_after) for one in card.certificates)
    return Told((*facts, *more), (*said(card), *expiries))


def said(card: CpsCard) -> tuple[object, ...]:
    """The problems of a card, and that it is out of date where it told its last day."""
    told = [(problem.part, type(problem.error).__name__) for problem in card.problems]
    return (*told, ("valid until", card.card.valid_until))


def situations(desk: Desk) -> Told:
    card = desk.cps()
    outcome = verify_pin(card, PIN)
    if not isinstance(outcome, Verified):
        return Told((None,), (outcome,))
    return Told((card.situations(),), said(card))


def tries(desk: Desk) -> Told:
    """What the card tells of its counters is what they are, or nothing."""
    card, model = desk.cps(), desk.card.model
    assert model
    told = card.tries_left(), card.puk_counters().tries_left
    assert told[0] in (None, model.pin.left)
    assert told[1] in (None, model.puk.left)
    return Told(tuple(one is None for one in told), told)


def allowed(card: CpsCard) -> Allow:
    """A CPS2ter does not tell its counter: nothing is sent unless the caller says so."""
    is_silent = card.match.kind.value == "cps2ter"
    return Allow.UNKNOWN_COUNTER if is_silent else Allow.NOTHING


def verify_pin(
    card: CpsCard, value: bytes, *, more: Allow = Allow.NOTHING, keep: bool = False
) -> object:
    with Pin.of(value) as pin:
        return card.verify_pin(pin, allow=allowed(card) | more, keep_for_session=keep)


def verify(desk: Desk, value: bytes = PIN) -> Told:
    return of_pin(verify_pin(desk.cps(), value))


def change(desk: Desk, old: bytes) -> Told:
    card = desk.cps()
    with Pin.of(old) as pin, Pin.of(NEW_PIN) as new:
        return of_pin(card.change_pin(pin, new, allow=allowed(card)))


def unblock(desk: Desk, value: bytes) -> Told:
    card = desk.cps()
    with Pin.of(value) as puk, Pin.of(NEW_PIN) as new:
        return of_pin(card.unblock_pin(puk, new, allow=allowed(card) | Allow.UNKNOWN_COUNTER))


def verify_and_log_out(desk: Desk) -> Told:
    card = desk.cps()
    outcome = verify_pin(card, PIN)
    card.log_out()
    return of_pin(outcome)


def of_pin(outcome: object) -> Told:
    """An outcome speaks for itself."""
    return Told((outcome,), (outcome,))


def verify_on_pad(desk: Desk, typed: bytes = PIN) -> Told:
    card = desk.cps()
    _types(desk, typed)
    return of_pin(card.log_in(PinEntryMode.PAD, allow=allowed(card)))


def change_on_pad(desk: Desk) -> Told:
    card = desk.cps()
    _types(desk, PIN, NEW_PIN, NEW_PIN)
    pad = card.pin_pad()
    assert pad
    return of_pin(card.change_pin_on_pad(pad.change, allow=allowed(card)))


def _types(desk: Desk, *digits: bytes) -> None:
    """The reader has a PIN pad, and a person who types this."""
    desk.bench.reader(READERS[0]).pad = EmulatedPad(one.decode() for one in digits)


def verify_as_it_is(desk: Desk) -> Told:
    """With the PIN that the card has now: the counter is full afterwards, unless it is blocked."""
    model = desk.card.model
    assert model
    was_blocked = model.pin.is_blocked
    outcome = verify_pin(desk.cps(), model.pin.value, more=Allow.LAST_TRY)
    desk.card.check_counters()
    assert isinstance(outcome, Verified) != was_blocked, outcome
    return Told(())


def read_after_resets(desk: Desk, *, keep: bool = True) -> Told:
    """Another program resets the card between VERIFY and reading: twice."""
    card = desk.cps()
    outcome = verify_pin(card, PIN, keep=keep)
    content = None
    for _ in range(2):
        with suppress(CardioError):
            desk.bench.reset(READERS[0])
        label = PROTECTED[desk.row.kind]
        with suppress(CardReset):  # unless it was read before, and is known
            card.data_object(label)
        card = desk.workstation.reopen(card)
        desk.used.append(card)
        content = card.data_object(label)
    return Told((outcome, content), (outcome,))


def beneficiaries(desk: Desk) -> Told:
    card = desk.workstation.vitale()
    return Told((card.beneficiaries, card.valid_from), card.problems)


def rights(desk: Desk) -> Told:
    card = desk.workstation.vitale()
    told = card.rights
    return Told((told,), (told.why,))


def files(desk: Desk) -> Told:
    """Everything the card gives, file by file, where a status word is an answer as well."""
    card = desk.workstation.vitale()
    told = card.files
    said = ((one.name, one.status, one.objects.is_damaged) for one in told)
    return Told((told, card.certificates), tuple(said))


def cps_data(desk: Desk) -> Told:
    """Written, and then read back."""
    card = desk.cps()
    outcome = verify_pin(card, PIN)
    if not isinstance(outcome, Verified):
        return Told((None,), (outcome,))
    card.write_cps_data(NOTE)
    return Told((card.data_object(CPS_DATA),))


def sign(desk: Desk, role: str) -> Told:
    return _with_key(desk, role, _signed)


def sign_unread(desk: Desk, role: str) -> Told:
    """By who reads the certificate afterwards only: nothing is verified before it is given."""
    return _with_key(desk, role, lambda key: _is_good(key.sign(MESSAGE, PKCS1, SHA256), key))


def decrypt(desk: Desk) -> Told:
    return _with_key(
        desk,
        "authentication",
        lambda key: key.decrypt(key.public_key().encrypt(MESSAGE, PKCS1), PKCS1),
    )


def _signed(key: CardPrivateKey) -> bool:
    """What the certificate is of is looked at first, as any program does that sends it along."""
    key.check_validity()
    return _is_good(key.sign(MESSAGE, PKCS1, SHA256), key)


def _is_good(signature: bytes, key: CardPrivateKey) -> bool:
    try:
        key.public_key().verify(signature, MESSAGE, PKCS1, SHA256)
    except InvalidSignature:
        return False
    return True


def _with_key(desk: Desk, role: str, work: Callable[[CardPrivateKey], object]) -> Told:
    card = desk.cps()
    outcome = verify_pin(card, PIN) if card.has_pin else Verified()
    if not isinstance(outcome, Verified):
        return Told((None,), (outcome,))
    return Told((work(key_of(card, role)),))


def shake_hands(desk: Desk) -> Told:
    """Both ends have shaken hands; or an error that ends the session, and no further command.

    Another program's moment with the card ends nothing.
    """
    card = desk.cps()
    card.log_in(PinEntryMode.DEFER, lambda: Pin.of(PIN), allow=allowed(card))
    with (
        _authority() as file,
        tls_session(card, server_authorities=file, store=TrustStore()) as session,
    ):
        error = _handshake(session)
        if error is None:
            return Told((True,))
        if isinstance(error, ssl.SSLError):  # the server's
            return Told((None,), (error.reason,))
        if isinstance(error, SharingViolation):
            assert session.ended_by is None
        else:
            count = desk.faulty.count
            assert _handshake(session) is session.ended_by is error
            assert desk.faulty.count == count
        raise error


def _handshake(session: TlsSession) -> CardioError | ssl.SSLError | None:
    try:
        handshake(session.context, server_context())
    except (CardioError, ssl.SSLError) as error:
        return error
    return None


@contextmanager
def _authority() -> Iterator[Path]:
    """The file of who issued the server's certificate."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "authority.pem"
        file.write_bytes(authority().certificate)
        yield file


def assertion(desk: Desk) -> Told:
    """An INSi assertion that verifies, whose holder and place of work are the right ones."""
    card = desk.cps()
    outcome = verify_pin(card, PIN)
    if not isinstance(outcome, Verified):
        return Told((None,), (outcome,))
    made = insi_assertion(
        Requester.of_card(card, choose_situation(card.situations(), number=1)),
        Signatory.signature_of(card),
        SOFTWARE,
        environment=Environment.TEST,
        billing_id=BILLING_ID,
    )
    encoded = etree.fromstring(made.xml).findtext(".//{*}X509Certificate", "")
    certificate = x509.load_der_x509_certificate(b64decode(encoded))
    try:
        XMLVerifier().verify(made.xml, id_attribute="ID", x509_cert=certificate)
    except (InvalidSignature, SignXMLInvalidSignature):
        return Told(("does not verify",))
    return Told((made.name_id, b">SA07<" in made.xml), said(card))


def consultation(desk: Desk) -> Told:
    """What a client does: both cards, the PIN, and a check before a service is called."""
    with desk.workstation.consultation() as begun:
        seen = begun.vitale
        card = begun.cps
        desk.used.append(card)
        outcome = verify_pin(card, PIN)
        checked = begun.check()
        told = card.holder, seen.beneficiaries, outcome, checked.beneficiaries
        return Told(told, (*said(card), *seen.problems, *checked.problems, outcome))


def probed(desk: Desk) -> Told:
    report = probe("bench", opener=lambda _: desk.open())
    told = tuple((one.check, one.reader, one.status, one.cause) for one in report.checks)
    return Told(told, tuple(one for one in told if one[2] is not Status.PASS))


_AFTER = verify_as_it_is
_UNSIZED = frozenset({"short", "extra"})
"""Of a plain text nobody but the card knows the length."""
_UNENDED = _UNSIZED | {f"status{word}" for word in ("", " 6982", " 6985", " 6100", " 6C00")}
"""Nor of a Vitale's file: a refusal after the first block may be its end."""
_FOR_PROFESSIONALS = frozenset({"status 6982"})
"""What a Vitale keeps for professionals is no fault of the card."""

_FLOWS: tuple[tuple[str, tuple[str, ...], Flow], ...] = (
    ("identify", ALL, Flow(identify)),
    ("holder", CPS, Flow(holder)),
    ("everything free", ("cps3", "cps3-contactless", "cps4", "cps2ter"), Flow(everything_free)),
    ("situations", WITH_PIN, Flow(situations, 1)),
    ("tries left", WITH_PIN, Flow(tries)),
    ("verify PIN", (*WITH_PIN, "cps4-t0"), Flow(verify, 1, searched=True)),
    (
        "verify, wrong PIN",
        WITH_PIN,
        Flow(partial(verify, value=WRONG_PIN), 1, _AFTER, searched=True),
    ),
    ("verify, blocked PIN", WITH_PIN, Flow(verify, 0, _AFTER, blocked=True, searched=True)),
    ("change PIN", WITH_PIN, Flow(partial(change, old=PIN), 1, _AFTER, searched=True)),
    ("change, wrong PIN", WITH_PIN, Flow(partial(change, old=WRONG_PIN), 1, _AFTER, searched=True)),
    (
        "unblock PIN",
        WITH_PIN,
        Flow(partial(unblock, value=PUK), 1, _AFTER, blocked=True, searched=True),
    ),
    (
        "unblock, wrong PUK",
        WITH_PIN,
        Flow(partial(unblock, value=WRONG_PUK), 1, _AFTER, blocked=True, searched=True),
    ),
    ("verify PIN on a pad", WITH_PIN, Flow(verify_on_pad, 1, searched=True, on_pad=1)),
    (
        "verify on a pad, wrong PIN",
        WITH_PIN,
        Flow(partial(verify_on_pad, typed=WRONG_PIN), 1, _AFTER, searched=True, on_pad=2),
    ),
    (
        "change PIN on a pad",
        WITH_PIN,
        Flow(change_on_pad, 1, _AFTER, searched=True, on_pad=2),
    ),
    ("write CPS_DATA", ("cps3", "cps4"), Flow(cps_data, 1)),
    ("log out", WITH_PIN, Flow(verify_and_log_out, 1, searched=True)),
    (
        "PIN kept over resets",
        ("cps3", "cps4"),
        Flow(read_after_resets, 3, keeps=True, searched=True),
    ),
    (
        "sign, authentication key",
        ("cps3", "cps4"),
        Flow(partial(sign, role="authentication"), 1),
    ),
    ("sign, signature key", WITH_KEYS, Flow(partial(sign, role="signature"), 1)),
    ("sign, technical key", ("cps3-contactless",), Flow(partial(sign, role="technical"))),
    (
        "sign, certificate unread",
        ("cps3",),
        Flow(partial(sign_unread, role="authentication"), 1),
    ),
    ("decrypt", ("cps3", "cps4"), Flow(decrypt, 1, believes=_UNSIZED)),
    ("TLS handshake", ("cps3", "cps4"), Flow(shake_hands, 1, keeps=True)),
    ("INSi assertion", ("cps3",), Flow(assertion, 1)),
    ("beneficiaries", ("vitale2",), Flow(beneficiaries, believes=_FOR_PROFESSIONALS)),
    ("files", ("vitale2",), Flow(files, believes=_UNENDED)),
    ("rights", ("vitale2",), Flow(rights)),
    ("consultation", ("cps3",), Flow(consultation, 1, beside="vitale2", is_watched=True)),
    ("consultation", ("vitale2",), Flow(consultation, 1, beside="cps3", is_watched=True)),
    ("probe", ("cps3",), Flow(probed, beside="vitale2")),
    ("probe", ("vitale2",), Flow(probed, beside="cps3")),
)

ROWS = {
    str(row): row
    for row in (Row(name, kind, flow) for name, kinds, flow in _FLOWS for kind in kinds)
}
