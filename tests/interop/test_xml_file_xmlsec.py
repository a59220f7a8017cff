"""Signed XML documents against xmlsec1, both ways, and on documents changed at random.

What we accept, it must accept too.
"""

import random
import shutil
from pathlib import Path

import pytest
from tests.support import trust
from tests.support.signing import certificate, files, key, run

from cardio.authentication.judgement import judge
from cardio.authentication.xml_file import sign_xml
from cardio.authentication.xml_verification import DS, verify_xml
from cardio.errors import CardioError, ContentChanged

pytestmark = pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed")

DOCUMENTS = (
    b"<a/>",
    "<c:d xmlns:c='urn:test' xmlns='urn:other'><t a='é'>Été &amp;</t> <c:l/>fin</c:d>".encode(),
    b"<!-- c --><a xml:lang='fr'>\n<b xmlns:z='urn:z' z:y='1'/><![CDATA[<x>]]>\r\n</a><!-- d -->",
)
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
TEMPLATE = """<r:root xmlns:r="urn:r" xmlns:unused="urn:u" xml:lang="fr">
 <r:x a="1"/>text<Signature xmlns="{ds}"><SignedInfo>
 <CanonicalizationMethod Algorithm="{method}"/>
 <SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha{size}"/>
 <Reference URI=""><Transforms><Transform Algorithm="{ds}enveloped-signature"/>{transform}
 </Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha{size}"/>
 <DigestValue/></Reference></SignedInfo><SignatureValue/>
 <KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo></Signature> tail</r:root>"""


def xmlsec_verifies(folder: Path, raw: bytes) -> bool:
    (folder / "signed.xml").write_bytes(raw)
    trusted = f"--trusted-pem {folder}/root.pem --untrusted-pem {folder}/issuer.pem"
    words = ("xmlsec1", "--verify", "--enabled-key-data", "x509", *trusted.split())
    return run(*words, folder / "signed.xml").returncode == 0


@pytest.mark.parametrize("document", DOCUMENTS)
def test_xmlsec_verifies_ours(tmp_path: Path, document: bytes) -> None:
    files(tmp_path)
    raw = sign_xml(document, key(), certificate())
    assert xmlsec_verifies(tmp_path, raw)
    assert not xmlsec_verifies(tmp_path, raw.replace(b"</ds:Signature>", b"</ds:Signature>x"))


@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize("method", [EXCLUSIVE, INCLUSIVE])
@pytest.mark.parametrize("transform", ["", EXCLUSIVE, INCLUSIVE])
def test_we_verify_those_of_xmlsec(tmp_path: Path, method: str, transform: str, size: int) -> None:
    files(tmp_path)
    further = f'<Transform Algorithm="{transform}"/>' if transform else ""
    text = TEMPLATE.format(ds=DS, method=method, transform=further, size=size)
    (tmp_path / "template.xml").write_text(text, encoding="utf-8")
    keys = f"{tmp_path}/key.pem,{tmp_path}/certificate.pem"
    words = f"--sign --privkey-pem {keys} --output {tmp_path}/theirs.xml {tmp_path}/template.xml"
    done = run("xmlsec1", *words.split())
    assert done.returncode == 0, done.stderr
    raw = (tmp_path / "theirs.xml").read_bytes()
    assert verify_xml(raw).algorithm == f"RSA SHA-{size}"
    with pytest.raises(ContentChanged):
        verify_xml(raw.replace(b'a="1"', b'a="2"'))


@pytest.mark.filterwarnings("ignore::Warning")
def test_nothing_is_accepted_that_xmlsec_refuses(tmp_path: Path) -> None:
    """Bytes changed, left out or doubled at random; seeded."""
    files(tmp_path)
    raw = sign_xml(DOCUMENTS[1], key(), certificate())
    store = trust.store(tmp_path / "known", trust.root(), trust.persons())
    chance = random.Random(20261122)
    accepted = 0
    for _ in range(1000):
        changed = _changed(raw, chance)
        try:
            judge(verify_xml(changed), store).require_trusted()
        except CardioError:
            continue
        accepted += 1
        assert xmlsec_verifies(tmp_path, changed), changed
    assert accepted < 100


def _changed(raw: bytes, chance: random.Random) -> bytes:
    at, size = chance.randrange(len(raw)), chance.randrange(1, 12)
    match chance.randrange(3):
        case 0:
            return raw[:at] + bytes((chance.randrange(0x20, 0x7F),)) + raw[at + 1 :]
        case 1:
            return raw[:at] + raw[at + size :]
        case _:
            return raw[:at] + raw[at : at + size] + raw[at:]
