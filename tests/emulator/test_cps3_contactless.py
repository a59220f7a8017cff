"""The contactless CPS3: technical certificate and key, no PIN, nothing of the holder.

facts: cps.md §2.2, §2.4, §3 and the contactless row of vendor_library.md §2.
"""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate
from cryptography.x509.oid import NameOID
from tests.support.apdu_client import send

from cardio.iso7816 import tlv
from cardio_emulator.card_os import Card
from cardio_emulator.cards import cps3, cps3_contactless

_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


@pytest.fixture
def card() -> Card:
    return cps3_contactless.make()


def _read(card: Card, path: str) -> bytes:
    answer = send(card, f"00A40904{len(path) // 2:02X}{path}00")
    assert answer.endswith("9000"), answer
    size = tlv.parse(bytes.fromhex(answer[:-4])).get(0x80)
    content = b""
    while len(content) < int.from_bytes(size or b"", "big"):
        answer = send(card, f"00B0{len(content):04X}00")
        assert answer.endswith("9000"), answer
        content += bytes.fromhex(answer[:-4])
    return content


def test_answers_at_once_as_over_t1(card: Card) -> None:
    assert card.atr.hex().upper() == "3B8F80010031B86404B0ECC1739401808290000E"
    for trailing in ("", "00"):
        answer = send(card, f"00A40904043F00D003{trailing}")
        assert answer.startswith("62258002000C8201018302D0038801E0")
        assert answer.endswith("9000")
    assert send(card, "00B000000C") == "5A0A8025000001098217000F9000"


def test_free_files(card: Card) -> None:
    for file in cps3.factory_files():
        assert _read(card, f"3F00{file.fid:04X}") == file.content
    assert _read(card, "3F00D003").hex().upper() == "5A0A8025000001098217000F"


def test_objects_of_the_application(card: Card) -> None:
    assert _read(card, "3F0000025031").hex().upper() == (
        "A006300404027002A406300404027005A706300404027006"
    )
    info = tlv.parse(_read(card, "3F0000025032"))
    assert info.get(0x80) == b"CPS3v3-2909821700"
    key = tlv.parse(_read(card, "3F0000027002"))
    assert [node.value for node in key.children[0].children] == [b"CPS_PRIV_TECH_AUT"]
    assert key.children[1].get(0x02) == b"\x00\x83"
    certificate = tlv.parse(_read(card, "3F0000027005"))
    assert certificate.children[0].get(0x0C) == b"Certificat Technique CPS"
    assert certificate.children[1].get(0x04) == key.children[1].get(0x04)
    assert tlv.parse_all(_read(card, "3F0000027006"), padding=True) == ()


def test_the_certificate_names_the_card_and_nobody(card: Card) -> None:
    der = _read(card, "3F000002C003")
    assert der == card.image.certificates["technical"]
    subject = {a.oid: a.value for a in load_der_x509_certificate(der).subject}
    assert subject == {
        NameOID.COUNTRY_NAME: "FR",
        NameOID.COMMON_NAME: "8025000001/2909821700",
    }


def test_signs_without_a_pin(card: Card) -> None:
    assert send(card, "00A4090C043F000002") == "9000"
    assert send(card, "002241A406800102840183") == "9000"
    digest_info = _DIGEST_INFO + hashlib.sha256(b"text").digest()
    answer = send(card, f"0088000033{digest_info.hex()}00")
    assert (len(answer), answer[-4:]) == (2 * 258, "9000")
    key = load_der_x509_certificate(card.image.certificates["technical"]).public_key()
    assert isinstance(key, RSAPublicKey)
    key.verify(bytes.fromhex(answer[:-4]), b"text", padding.PKCS1v15(), hashes.SHA256())
    assert send(card, "002241B606800142840183") == "9000"
    assert send(card, "002A9E9A20" + "00" * 32) == "6982"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("002000010431323334", "6A88"),
        ("0020000100", "6A88"),
        ("00240001083132333434333231", "6A88"),
        ("002C02010431323334", "6A88"),
        ("00CB3FFF0A4D087006BF810102A080", "6A88"),
        ("00A40904043F00D010", "6A82"),
        ("00A40904063F000001C001", "6A82"),
        ("A0A40000023F00", "6E00"),
        ("01A4040C088025000001FF0100", "6881"),
    ],
)
def test_no_pin_and_nothing_more(card: Card, command: str, status: str) -> None:
    assert send(card, command) == status


@pytest.mark.parametrize("fid", ["7001", "D101", "D102", "D104", "D107", "D120", "D121"])
def test_contact_files_are_refused(card: Card, fid: str) -> None:
    assert send(card, f"00A4090C063F000001{fid}") == "9000"
    assert send(card, "00B0000000") == "6982"
    assert send(card, "00D600000100") == "6982"


def test_contact_keys_are_not_there(card: Card) -> None:
    for df in ("0001", "0002"):
        send(card, f"00A4090C043F00{df}")
        assert send(card, "002241A406800102840182") == "6A88"
