"""Signed XML documents: the one profile, and every way around it that is known."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from tests.support import trust
from tests.support.signing import certificate, key

from cardio.authentication.xml_file import sign_xml
from cardio.authentication.xml_signature import sign_enveloped
from cardio.authentication.xml_verification import DS, verify_xml
from cardio.errors import (
    CardioError,
    CertificateExpired,
    ContentChanged,
    KeyMismatch,
    SignatureDamaged,
    UnknownSignatureFormat,
    UnsupportedSignature,
    XmlRefused,
)

DOCUMENT = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!-- before -->
<c:compteRendu xmlns:c="urn:test" xmlns="urn:other"><titre>Été &amp; hiver</titre><!-- in -->
<ligne n="1"/> fin</c:compteRendu>
<!-- after -->""".encode("latin-1")


@pytest.fixture(scope="module")
def signed() -> bytes:
    return sign_xml(DOCUMENT, key(), certificate())


def test_the_document_stays_what_it_was(signed: bytes) -> None:
    tree = etree.fromstring(signed)
    found = tree[-1]
    assert found.tag == f"{{{DS}}}Signature"
    tree.remove(found)
    assert etree.tostring(tree, method="c14n") == etree.tostring(
        etree.fromstring(DOCUMENT), method="c14n"
    )
    assert signed.count(b"<!-- before -->") == signed.count(b"<!-- after -->") == 1


def test_whose_it_is(signed: bytes) -> None:
    found = verify_xml(signed)
    assert found.certificate.der == certificate().public_bytes(Encoding.DER)
    assert (found.algorithm, found.signed_at) == ("RSA SHA-256", None)


@pytest.mark.parametrize("attribute", ["ID", "Id"])
def test_an_identifier_of_the_root(attribute: str) -> None:
    made = sign_xml(f'<a {attribute}="x1"><b/></a>'.encode(), key(), certificate())
    assert b'URI="#x1"' in made
    assert verify_xml(made)
    with pytest.raises(UnsupportedSignature):
        verify_xml(made.replace(b"<b/>", b'<b ID="x1"/>'))


def replaced(before: str, after: str) -> Callable[[bytes], bytes]:
    def change(raw: bytes) -> bytes:
        assert before.encode() in raw
        return raw.replace(before.encode(), after.encode(), 1)

    return change


C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f'<ds:Transform Algorithm="{DS}enveloped-signature"/>'
CHANGES: dict[str, tuple[Callable[[bytes], bytes], type[CardioError]]] = {
    "text": (replaced("Été", "Ete"), ContentChanged),
    "attribute": (replaced('n="1"', 'n="2"'), ContentChanged),
    "text after the signature": (replaced("</ds:Signature>", "</ds:Signature>x"), ContentChanged),
    "a child after it": (replaced("</ds:Signature>", "</ds:Signature><x/>"), ContentChanged),
    "digest": (replaced("<ds:DigestValue>", "<ds:DigestValue>AAAA"), SignatureDamaged),
    "value": (replaced("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"), SignatureDamaged),
    "no base64": (replaced("<ds:SignatureValue>", "<ds:SignatureValue>?"), SignatureDamaged),
    "reference": (replaced('URI=""', 'URI="#x"'), SignatureDamaged),
    "transform": (replaced(ENVELOPED, ""), SignatureDamaged),
    "algorithm": (replaced("rsa-sha256", "rsa-sha1"), UnsupportedSignature),
    "canonical form": (replaced(f'"{C14N}"', '"urn:x"'), UnsupportedSignature),
    "no certificate": (replaced("ds:X509Certificate>", "ds:X509Other>"), XmlRefused),
    "entity": (replaced("<!-- before -->", '<!DOCTYPE a [<!ENTITY e "x">]>'), XmlRefused),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_are_told(signed: bytes, name: str) -> None:
    change, error = CHANGES[name]
    with pytest.raises(error):
        verify_xml(change(signed))


def test_comments_are_not_signed(signed: bytes) -> None:
    """As C14N without comments has it: they are never part of what was signed."""
    assert verify_xml(signed.replace(b"<!-- in -->", b"<!-- other -->"))


def wrapped(raw: bytes) -> bytes:
    """The signed document moved into another: XML signature wrapping."""
    tree = etree.fromstring(raw)
    outer = etree.Element("outer")
    outer.append(tree)
    signature = tree.find(f"{{{DS}}}Signature")
    assert signature is not None
    outer.append(signature)
    return etree.tostring(outer)


def test_wrapping_is_refused(signed: bytes) -> None:
    for raw in (signed, sign_xml(b'<a ID="x1"><b/></a>', key(), certificate())):
        with pytest.raises((UnsupportedSignature, ContentChanged)):
            verify_xml(wrapped(raw))
        deep = b"<outer>" + raw[raw.index(b"<c:" if b"<c:" in raw else b"<a") :] + b"</outer>"
        with pytest.raises((UnsupportedSignature, XmlRefused)):
            verify_xml(deep)


def test_one_signature_and_no_other(signed: bytes) -> None:
    start, end = signed.index(b"<ds:Signature "), signed.index(b"</ds:Signature>") + 15
    twice = signed[:end] + signed[start:end] + signed[end:]
    with pytest.raises(UnsupportedSignature, match="2 signatures"):
        verify_xml(twice)
    with pytest.raises(UnknownSignatureFormat):
        verify_xml(DOCUMENT)


def test_a_signature_of_two_references() -> None:
    root = etree.fromstring(b"<a><b/></a>")
    raw = etree.tostring(sign_enveloped(root, key(), certificate().public_bytes(Encoding.DER)))
    start, end = raw.index(b"<ds:Reference"), raw.index(b"</ds:Reference>") + 15
    with pytest.raises(SignatureDamaged):
        verify_xml(raw[:end] + raw[start:end] + raw[end:])


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (b"<?xml version='1.0'?><?xml-stylesheet href='x'?><a/>", UnsupportedSignature),
        (b"<a/><?after?>", UnsupportedSignature),
        (f'<a><s:Signature xmlns:s="{DS}"/></a>'.encode(), UnsupportedSignature),
        (b'<a xmlns="relative"/>', UnsupportedSignature),
        (b"<a>", XmlRefused),
        (b"<!DOCTYPE a><a/>", XmlRefused),
        (b"<a>" + b" " * (1 << 20) + b"</a>", XmlRefused),
    ],
)
def test_documents_that_are_not_signed(document: bytes, error: type[CardioError]) -> None:
    with pytest.raises(error):
        sign_xml(document, key(), certificate())


def test_keys_that_do_not_sign() -> None:
    with pytest.raises(CertificateExpired):
        sign_xml(DOCUMENT, key(), certificate(-900, -1))
    with pytest.raises(KeyMismatch):
        sign_xml(DOCUMENT, trust.key("another"), certificate())
