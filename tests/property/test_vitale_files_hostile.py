"""Hostile cards under the full reading: nothing but `CardioError`, and never an endless one."""

from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.property.test_vitale_hostile import Babbling, answers, files
from tests.support.vitale_card import MAP, MATCH, NUMBERS, PEOPLE, ROOT, VITALE, SoftVitale, map_of

from cardio.cards.vitale.card import VitaleCard
from cardio.cards.vitale.certificate import CvCertificate, decode_certificates
from cardio.cards.vitale.routes import Route
from cardio.cards.vitale.tlvs import FileContent
from cardio.errors import CardioError, CertificateError
from cardio.iso7816.tlv import Tlv
from cardio.transport.channel import Channel

CERTIFICATE = Tlv.of(0x7F21, Tlv.of(0x5F37, bytes(128)), Tlv.of(0x5F38, b"rest")).encode()
STAND_IN = map_of({b"\x00\x02": VITALE}, ("STANDIN", b"\x00\x02", 0x2006))
KEY = rsa.generate_private_key(65537, 1024).public_key()
READINGS = (
    lambda card: card.files,
    lambda card: card.certificates,
    lambda card: card.rights,
    lambda card: card.nature,
    lambda card: card.is_readable,
    lambda card: (card.beneficiaries, card.problems),
)
routes = st.sampled_from(Route)


@given(files(PEOPLE), files(NUMBERS), files(MAP) | files(STAND_IN), files(CERTIFICATE), routes)
def test_cards(people: bytes, numbers: bytes, card_map: bytes, other: bytes, route: Route) -> None:
    soft = SoftVitale(
        {
            ROOT: {0x2002: people, 0x2003: other},
            VITALE: {0x2001: card_map, 0x2002: numbers, 0x2004: None, 0x2006: other},
        }
    )
    card = VitaleCard(Channel(soft), MATCH, route=route)
    for read in READINGS:
        with suppress(CardioError):
            read(card)
    assert len(soft.sent) < 300


@given(answers, routes, st.sampled_from(READINGS))
def test_babbling_cards(given_answers: list[bytes], route: Route, read: object) -> None:
    soft = Babbling(b"", given_answers)
    card = VitaleCard(Channel(soft), MATCH, route=route)
    with suppress(CardioError):
        assert callable(read)
        read(card)
    assert len(soft.sent) < 1_000


@given(files(CERTIFICATE))
def test_certificates(raw: bytes) -> None:
    for found in decode_certificates(FileContent.decode(raw).templates):
        with suppress(CertificateError):
            found.opened_with(KEY)


@given(st.binary(max_size=130), st.binary(max_size=60))
def test_signatures(signature: bytes, remainder: bytes) -> None:
    with suppress(CertificateError):
        CvCertificate(signature, remainder).opened_with(KEY)
