"""XML in and out, and the signature around an element."""

import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree
from signxml.exceptions import InvalidSignature
from signxml.verifier import XMLVerifier
from tests.support.assertions import NOW, authentication_of, clock, signature_of

from cardio.authentication import xml_document, xml_signature
from cardio.authentication.clock import TOLERANCE, check_skew, now, written
from cardio.authentication.saml import Draft, sign
from cardio.authentication.signatory import Signatory
from cardio.errors import ClockSkew, ConfigurationError, KeyMismatch, XmlRefused
from cardio.identity.environment import Environment

BILLION_LAUGHS = (
    b"""<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>"""
)
EXTERNAL = (
    b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"""
)
HOSTILE = {
    "billion laughs": BILLION_LAUGHS,
    "external entity": EXTERNAL,
    "external subset": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "lower case": BILLION_LAUGHS.replace(b"DOCTYPE", b"doctype"),
    "in UTF-16": BILLION_LAUGHS.decode().encode("utf-16"),
    "in UTF-7": b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE a+AD4-<a/>",
    "in EBCDIC": EXTERNAL.decode().encode("cp037"),
    "unknown entity": b"<a>&nothing;</a>",
    "deep": b"<a>" * 300 + b"</a>" * 300,
    "huge": b"<a>" + b" " * xml_document.MAX_SIZE + b"</a>",
    "huge attribute": b"<a b='" + b"x" * xml_document.MAX_SIZE + b"'/>",
    "two roots": b"<a/><a/>",
    "nothing": b"",
    "no XML": b"HTTP/1.1 502 Bad Gateway",
    "cut": b"<a><b></b>",
    "unbound prefix": b"<x:a/>",
    "unknown encoding": b"<?xml version='1.0' encoding='nowhere'?><a/>",
    "bad UTF-8": b"<?xml version='1.0' encoding='UTF-8'?><a>\xff\xfe</a>",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_refused_without_a_word_of_them(raw: bytes) -> None:
    with pytest.raises(XmlRefused) as refused:
        xml_document.parse(raw)
    assert refused.value.code == "CARD-1821"
    assert not {"passwd", "nothing", "nowhere", "Gateway"} & set(str(refused.value).split())


def test_what_is_written_is_read_back() -> None:
    root = xml_document.new("urn:a", "Root", "a")
    xml_document.add(root, "Child", "é & <b>", attribute='"')
    read = xml_document.parse(xml_document.serialise(root))
    assert read[0].text == "é & <b>"
    assert read[0].get("attribute") == '"'
    with pytest.raises(XmlRefused):
        xml_document.add(root, "Child", "\x00")


def document() -> xml_document.Element:
    root = xml_document.new("urn:a", "Root")
    xml_document.add(root, "First", "1")
    xml_document.add(root, "Second", "2")
    return root


def test_the_signature_stands_where_it_is_wanted() -> None:
    root = document()
    root.insert(1, xml_signature.place())
    one = signature_of()
    signed = xml_signature.sign_enveloped(root, one.key, one.certificate.der)
    assert [etree.QName(child).localname for child in signed] == ["First", "Signature", "Second"]
    at_the_end = xml_signature.sign_enveloped(document(), one.key, one.certificate.der)
    assert etree.QName(at_the_end[-1]).localname == "Signature"
    assert at_the_end.find(".//{*}Reference").get("URI") == ""  # type: ignore[union-attr]


def test_signxml_accepts_it_and_notices_a_change() -> None:
    one = signature_of()
    signed = xml_signature.sign_enveloped(document(), one.key, one.certificate.der)
    raw = xml_document.serialise(signed)
    certificate = one.certificate.load()
    XMLVerifier().verify(raw, x509_cert=certificate)
    with pytest.raises(InvalidSignature):
        XMLVerifier().verify(raw.replace(b">1<", b">3<"), x509_cert=certificate)


def test_a_certificate_of_another_key_is_noticed_before_anything_leaves() -> None:
    stranger = Signatory(signature_of().key, authentication_of().certificate)
    with pytest.raises(KeyMismatch):
        sign(Draft("899700982178", NOW, ()), stranger, Environment.TEST)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "signxml.signer", None)
    one = signature_of()
    with pytest.raises(ConfigurationError, match=r"cardio-sante\[xml\]"):
        xml_signature.sign_enveloped(document(), one.key, one.certificate.der)


def test_the_missing_extra_is_named_at_the_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    import cardio.authentication as face

    for name in list(sys.modules):
        if name.startswith("cardio.authentication."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(vars(face), "insi_assertion", raising=False)
    monkeypatch.setitem(sys.modules, "lxml", None)
    with pytest.raises(ConfigurationError, match=r"cardio-sante\[xml\]"):
        face.insi_assertion  # noqa: B018


def test_a_clock_without_a_zone_is_no_clock() -> None:
    with pytest.raises(ValueError, match="zone"):
        now(lambda: datetime(2026, 11, 22))  # noqa: DTZ001
    paris = timezone(timedelta(hours=1))
    assert now(lambda: datetime(2026, 11, 22, 10, 30, 0, 999, paris)) == NOW
    assert written(datetime(2026, 11, 22, 10, 30, tzinfo=paris)) == "2026-11-22T09:30:00Z"


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Sun, 22 Nov 2026 09:30:00 GMT", 0),
        ("Sun, 22 Nov 2026 09:28:00 GMT", 120),
        ("Sun, 22 Nov 2026 09:32:00 GMT", -120),
        ("no date", 0),
        ("", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2300", 0),
    ],
)
def test_a_clock_within_tolerance(date: str, ahead: int) -> None:
    assert check_skew(date, clock=clock) == timedelta(seconds=ahead)


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("Sun, 22 Nov 2026 09:27:59 GMT", "121 s ahead of"),
        ("Sun, 22 Nov 2026 19:30:00 GMT", "36000 s behind"),
    ],
)
def test_a_wrong_clock_is_told(date: str, words: str) -> None:
    with pytest.raises(ClockSkew, match=words):
        check_skew(date, clock=clock, tolerance=TOLERANCE)


def test_the_default_clock_is_in_utc() -> None:
    from cardio.authentication.clock import utc_now

    assert utc_now().tzinfo is UTC
