"""Recordings made anonymous: what is left of the cards, and that they still hang together."""

import itertools
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from tests.support.fresh_keys import stock

from cardio.anonymise.contents import Anonymiser
from cardio.anonymise.conversation import conversation
from cardio.anonymise.issuers import issuer_certificate
from cardio.anonymise.readings import Readings
from cardio.anonymise.recording import anonymise
from cardio.cards.identify import identify
from cardio.cards.vitale.beneficiary import Beneficiary
from cardio.cards.vitale.card import VitaleCard
from cardio.errors import ConfigurationError
from cardio.pin.pin import Pin
from cardio.trace import Recorder, Trace
from cardio.transport.channel import Channel
from cardio.transport.replay import ReplayConnection
from cardio.transport.stack import stack
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench
from cardio_emulator.kinds import make

READER = "KAP-LINK2 (54B8E2F1) 00 00"
PIN = bytearray(b"1234")
WORDS = (b"RPPS0098217", b"JULES", b"00982178", b"FAMILLE", b"CARDIOLINE", b"ESSAI")


def engine(seed: bytes | None = None) -> Anonymiser:
    return Anonymiser(seed=seed, new_key=stock())


def recorded(kind: str, *, sign: bool = True) -> Trace:
    """What reading a card and signing with each of its keys says, its PIN given."""
    bench = Bench()
    bench.add_reader(READER, make(kind))
    recorder = Recorder()
    with Workstation(EmulatedResourceManager(bench), recorder=recorder) as workstation:
        if kind == "vitale2":
            card = workstation.vitale()
            _ = card.beneficiaries, card.rights, card.files
        else:
            cps = workstation.cps()
            _ = cps.holder, cps.card, cps.certificates, cps.differences
            if sign and kind != "cps2ter":
                cps.verify_pin(Pin(bytearray(PIN)))
                for key in (cps.keys.signature, cps.keys.authentication):
                    key.sign(b"a letter", padding.PKCS1v15(), hashes.SHA256())
    return recorder.trace


def files(trace: Trace) -> list[bytes]:
    found: list[bytes] = []
    for connection in trace.connections:
        readings = Readings()
        readings.follow(conversation(enumerate(trace.exchanges_of(connection.number))))
        found += (one.content for one in readings.found)
    return found


def certificates(trace: Trace) -> list[x509.Certificate]:
    found = (one for one in dict.fromkeys(files(trace)) if one[:2] == b"\x30\x82")
    return [x509.load_der_x509_certificate(one) for one in found]


def signatures(trace: Trace) -> list[bytes]:
    told = conversation(enumerate(trace.exchanges))
    return [one.answer for one in told if one.command.ins in (0x2A, 0x88) and one.answer]


@pytest.mark.parametrize("kind", ["cps3", "cps4", "cps2ter", "cps3-contactless", "vitale2"])
def test_lengths_and_status_words_stay_and_nobody_is_left(kind: str) -> None:
    before = recorded(kind, sign="contactless" not in kind)
    after, summary = anonymise(before, engine())
    assert summary.identities
    for old, new in zip(before.exchanges, after.exchanges, strict=True):
        assert (len(old.command), len(old.answer)) == (len(new.command), len(new.answer))
        assert old.answer.blanked()[-2:] == new.answer.blanked()[-2:]
        assert old.command.blanked()[:5] == new.command.blanked()[:5]
    told = b"".join(one.answer.blanked() for one in after.exchanges) + b"".join(files(after))
    assert not [word for word in WORDS if word in told]
    assert after.connections[0].reader[:11] == "KAP-LINK2 ("
    assert "54B8E2F1" not in after.connections[0].reader


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
def test_signatures_are_those_of_the_new_certificates(kind: str) -> None:
    before, (after, summary) = (trace := recorded(kind)), anonymise(trace, engine())
    assert (summary.certificates, summary.signatures, summary.random) == (2, 2, ())
    olds, news = certificates(before), certificates(after)
    for old, new in zip(olds, news, strict=True):
        assert len(old.public_bytes(Encoding.DER)) == len(new.public_bytes(Encoding.DER))
        assert (old.issuer, old.not_valid_after_utc) == (new.issuer, new.not_valid_after_utc)
        assert old.subject != new.subject
        assert old.serial_number != new.serial_number
    for old, new in zip(signatures(before), signatures(after), strict=True):
        assert old != new
        assert _signed_by(new, news)
        assert not _signed_by(new, olds)


def test_the_new_certificates_have_one_issuer() -> None:
    made = engine()
    after, _ = anonymise(recorded("cps3"), made)
    ((name, _), key), *others = made.keys.issuers.items()
    assert not others
    issuer = x509.load_der_x509_certificate(issuer_certificate(name, key))
    for one in certificates(after):
        one.verify_directly_issued_by(issuer)
        own = one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        assert own == x509.SubjectKeyIdentifier.from_public_key(_key(one))
        authority = one.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
        assert (
            authority.key_identifier
            == x509.SubjectKeyIdentifier.from_public_key(_key(issuer)).digest
        )
    issuer.verify_directly_issued_by(issuer)


def test_the_same_person_on_both_sides_of_the_card() -> None:
    after, _ = anonymise(recorded("cps3"), engine())
    rpps = {
        attribute.value
        for one in certificates(after)
        for attribute in one.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    }
    assert len(rpps) == 1
    assert any(str(*rpps).encode() in content for content in files(after) if content[0] == 0xED)


def test_the_recording_is_played_by_the_same_reader() -> None:
    before = recorded("vitale2")
    after, _ = anonymise(before, engine())
    people = [_people(trace) for trace in (before, after)]
    for old, new in zip(*people, strict=True):
        assert (old.nationality_or_country, old.nir and old.nir.sex) == (
            new.nationality_or_country,
            new.nir and new.nir.sex,
        )
        assert new.nir
        assert new.nir.is_test
        assert new.nir.has_valid_key
        assert (old.nir, old.family_name) != (new.nir, new.family_name)


def test_by_a_seed_the_same_and_else_never() -> None:
    trace = recorded("vitale2")
    made = [anonymise(trace, engine(seed))[0] for seed in (b"one", b"one", b"two", None, None)]
    assert made[0] == made[1]
    assert all(one != other for one, other in itertools.combinations(made[1:], 2))


def test_without_the_certificate_a_signature_becomes_random_and_is_told() -> None:
    whole = recorded("cps3")
    used = next(n for n, one in enumerate(whole.exchanges) if one.command.before[1:2] == b"\x22")
    trace = Trace(whole.created, whole.connections, whole.exchanges[used:])
    after, summary = anonymise(trace, engine())
    assert (summary.signatures, len(summary.random)) == (0, 2)
    for old, new in zip(signatures(trace), signatures(after), strict=True):
        assert len(old) == len(new)
        assert old != new


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00B0000000", b"CARTE DE MARTIN DURAND"),
        ("BCB0028820", b"\x12\x34\x56\x78"),
        ("FFCA000000", bytes.fromhex("04A1B2C3D4E5F6")),
        ("80CA9F7F00", b"\x9f\x7f\x04\x01\x02\x03\x04"),
        ("00B2010400", b"MARTIN DURAND"),
    ],
)
def test_what_nobody_understands_is_masked(command: str, answer: bytes) -> None:
    recorder = Recorder()
    connection = recorder.connection(READER, b"\x3b\x00", 1)
    connection.record(bytes.fromhex(command), answer + b"\x90\x00", 0.0)
    after, summary = anonymise(recorder.trace, engine())
    assert after.exchanges[0].answer.before == bytes(len(answer)) + b"\x90\x00"
    assert summary.masked


_INFO = bytes.fromhex("ED 1B 80 01 00 81 0C") + b"810101234567" + b"\x84\x08MARTINEZ"


@pytest.mark.parametrize(
    "commands",
    [
        [("00B0000000", 0, 99)],
        [("00B000000A", 0, 10), ("00B0000A0A", 10, 20), ("00B0001400", 20, 99)],
        [("00B000000A", 0, 10), ("00B0001400", 20, 99), ("00B0000A0A", 10, 20)],
        [("00B0850000", 0, 99)],
        [("00B085000A", 0, 10), ("00B0000A00", 10, 99)],
        [("00B00000000000", 0, 99)],
        [("A0B000000F", 0, 15), ("A0B0000F00", 15, 99)],
    ],
)
def test_a_file_is_put_together_from_any_commands(commands: list[tuple[str, int, int]]) -> None:
    recorder = Recorder()
    connection = recorder.connection(READER, b"\x3b\x00", 1)
    for command, start, end in commands:
        connection.record(bytes.fromhex(command), _INFO[start:end] + b"\x90\x00", 0.0)
    after, _ = anonymise(recorder.trace, engine())
    assert [one[:7] + one[19:21] for one in files(after)] == [_INFO[:7] + _INFO[19:21]]
    assert b"MARTINEZ" not in files(after)[0]


def test_read_binary_by_tag_has_its_bytes_in_an_object() -> None:
    recorder = Recorder()
    connection = recorder.connection(READER, b"\x3b\x00", 1)
    for at, end in ((0, 15), (15, len(_INFO))):
        part = _INFO[at:end]
        command = bytes.fromhex(f"00B10000035401{at:02X}00")
        connection.record(command, bytes((0x53, len(part))) + part + b"\x90\x00", 0.0)
    after, _ = anonymise(recorder.trace, engine())
    told = b"".join(one.answer.before[2:-2] for one in after.exchanges)
    assert told[:7] == _INFO[:7]
    assert b"MARTINEZ" not in told
    assert told[21:].isalpha()


def test_answers_that_wait_are_gathered() -> None:
    recorder = Recorder()
    connection = recorder.connection(READER, b"\x3b\x00", 0)
    connection.record(bytes.fromhex("00B0000000"), b"\x61\x1d", 0.0)
    connection.record(bytes.fromhex("00C0000010"), _INFO[:16] + b"\x61\x0d", 0.0)
    connection.record(bytes.fromhex("00C000000D"), _INFO[16:] + b"\x90\x00", 0.0)
    after, _ = anonymise(recorder.trace, engine())
    told = b"".join(one.answer.before[:-2] for one in after.exchanges)
    assert (told[:7], len(told)) == (_INFO[:7], len(_INFO))
    assert b"MARTINEZ" not in told


def test_nothing_is_given_out_with_a_name_left_in_it() -> None:
    anonymiser = engine()
    anonymiser.look_at([_INFO])
    anonymiser.rewrite(_INFO)
    with pytest.raises(ConfigurationError) as told:
        anonymiser.sweep().require_clean([("file 7", b"..martinez..")])
    assert "MARTINEZ" not in str(told.value).upper()
    assert "file 7" in str(told.value)


def test_hidden_answers_and_torn_ones_pass() -> None:
    recorder = Recorder(with_answers=False)
    connection = recorder.connection(READER, b"\x3b\x00", 1)
    connection.record(bytes.fromhex("00B0000000"), _INFO + b"\x90\x00", 0.0)
    connection.record(bytes.fromhex("00B0000000"), b"", 0.0)
    connection.record(bytes.fromhex("00B0000000"), b"\x90", 0.0)
    after, _ = anonymise(recorder.trace, engine())
    assert [one.answer for one in after.exchanges] == [
        one.answer for one in recorder.trace.exchanges
    ]


def _people(trace: Trace) -> tuple[Beneficiary, ...]:
    connection = ReplayConnection(trace)
    channel = Channel(stack(connection))
    return VitaleCard(channel, identify(channel)).beneficiaries


def _key(certificate: x509.Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    return key


def _signed_by(signature: bytes, by: list[x509.Certificate]) -> bool:
    for one in by:
        try:
            _key(one).verify(signature, b"a letter", padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            continue
        return True
    return False


def named(reader: str) -> Trace:
    """A recording of a family's Vitale in a reader of this name."""
    trace = recorded("vitale2")
    connections = tuple(replace(one, reader=reader) for one in trace.connections)
    return replace(trace, connections=connections)


@pytest.mark.parametrize(
    ("reader", "serial"),
    [
        ("KAP-LINK2 (54B8E2F1) 00 00", "54B8E2F1"),
        ("Kapelse KAP-LINK [TEST-0001 KAP-LINK 0] 00 00", "TEST-0001"),
        ("Kapelse KAP-LINK [AB12 KAP-LINK 1] 00 00", "AB12"),
        ("Ingenico TL 201948 00 00", "201948"),
    ],
)
def test_the_serial_number_of_a_reader_is_replaced(reader: str, serial: str) -> None:
    given, _ = anonymise(named(reader), engine())
    names = {one.reader for one in given.connections}
    assert len(names) == 1
    assert serial not in names.pop()


def test_a_reader_called_like_somebody_gets_a_number() -> None:
    given, _ = anonymise(named("FAMILLE-TEST reader 00 00"), engine())
    assert {one.reader for one in given.connections} == {"Reader 00 00"}
