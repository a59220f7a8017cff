"""`cardio sign`: what is signed, what is refused before the PIN, and what is left behind."""

import json
import os
import shutil
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from click.testing import Result
from tests.support.desk import Desk
from tests.support.signing import run

from cardio.cli.exit_codes import ExitCode
from cardio_emulator.card_os import Card
from cardio_emulator.kinds import make
from cardio_emulator.personalise import export

READER = "Reader A 00 00"
CODES = {"CODE": "1234", "BAD": "9999"}
CONTENT = b"Compte rendu\n\x00\xff"
DOCUMENT = "<cr xmlns='urn:test'><t>Été</t></cr>".encode()


class Signing:
    """A card in a reader, a folder with files to sign, and the authorities as files."""

    def __init__(self, desk: Desk, card: Card, folder: Path) -> None:
        self.desk, self.card, self.folder = desk, card, folder
        desk.put(READER, card)
        self.file = folder / "report.pdf"
        self.file.write_bytes(CONTENT)
        self.pem = export(card.image, folder / "pem") if card.image.certificates else {}
        if self.pem:
            chain = self.pem["ca"].read_text() + self.pem["root"].read_text()
            (folder / "chain.pem").write_text(chain)

    def sign(self, *words: str | Path, typed: str = "", code: str = "CODE") -> Result:
        return self.desk.run("sign", *map(str, words), "--pin-env", code, typed=typed, env=CODES)

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()} - {"pem", "chain.pem"}

    @property
    def tries_left(self) -> int:
        return self.card.pins[1].tries_left


@pytest.fixture(scope="module")
def cards() -> dict[str, Card]:
    return {kind: make(kind) for kind in ("cps3", "cps4")}


@pytest.fixture(params=["cps3", "cps4"])
def signing(
    request: pytest.FixtureRequest, desk: Desk, tmp_path: Path, cards: dict[str, Card]
) -> Signing:
    return Signing(desk, cards[request.param], tmp_path)


@pytest.fixture
def cps3(desk: Desk, tmp_path: Path, cards: dict[str, Card]) -> Signing:
    return Signing(desk, cards["cps3"], tmp_path)


@pytest.mark.parametrize("key", ["signature", "authentication"])
def test_cms_that_openssl_verifies(signing: Signing, key: str) -> None:
    done = signing.sign(signing.file, "--key", key)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, f"Signed: {signing.file}.p7s")
    assert signing.names() == {"report.pdf", "report.pdf.p7s"}
    assert signing.file.read_bytes() == CONTENT
    words = f"cms -verify -binary -inform DER -in {signing.file}.p7s -content {signing.file}"
    options = f"-CAfile {signing.folder}/chain.pem -purpose any -signer {signing.folder}/who.pem"
    verified = run("openssl", *words.split(), *options.split(), "-out", os.devnull)
    assert verified.returncode == 0, verified.stderr
    who = run("openssl", "x509", "-in", signing.folder / "who.pem", "-outform", "PEM").stdout
    assert who == signing.pem[key].read_text()


@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="xmlsec1 is not installed")
def test_xml_that_xmlsec_verifies(signing: Signing) -> None:
    file = signing.folder / "cr.xml"
    file.write_bytes(DOCUMENT)
    assert signing.sign(file, "--format", "xml").exit_code == 0
    pem = signing.pem
    trusted = f"--trusted-pem {pem['root']} --untrusted-pem {pem['ca']}"
    words = ("xmlsec1", "--verify", "--enabled-key-data", "x509", *trusted.split())
    verified = run(*words, signing.folder / "cr.signed.xml")
    assert verified.returncode == 0, verified.stderr
    assert file.read_bytes() == DOCUMENT


def test_jws_with_what_the_key_can_do(signing: Signing) -> None:
    assert signing.sign(signing.file, "--format", "jws").exit_code == 0
    header, content, _ = (signing.folder / "report.pdf.jws").read_text().strip().split(".")
    algorithm = {"cps3": "RS256", "cps4": "PS256"}[signing.card.image.kind]
    assert json.loads(urlsafe_b64decode(header + "==="))["alg"] == algorithm
    assert urlsafe_b64decode(content + "===") == CONTENT


def test_json_and_french(cps3: Signing) -> None:
    target = cps3.folder / "s"
    done = cps3.sign(cps3.file, "--out", target, "--json")
    assert json.loads(done.stdout) == {
        "signature": str(target),
        "reader": READER,
        "format": "cms",
        "pin": {"outcome": "verified"},
    }
    said = cps3.sign(cps3.file, "--lang", "fr").stdout.splitlines()
    assert said[-1] == f"Signé : {cps3.file}.p7s"
    assert said[0].startswith("Code porteur : 3 essais restants.")


def test_nobody_is_named_by_signing(cps3: Signing) -> None:
    done = cps3.sign(cps3.file, "-v")
    assert "MEDECIN" not in done.output
    assert "899700982178" not in done.output


def test_a_wrong_pin_leaves_nothing(cps3: Signing) -> None:
    done = cps3.sign(cps3.file, "--json", code="BAD")
    assert done.exit_code == ExitCode.PIN
    told = json.loads(done.stdout)
    assert (told["signature"], told["pin"]["outcome"]) == (None, "wrong")
    assert cps3.names() == {"report.pdf"}
    assert cps3.tries_left == 2
    assert cps3.sign(cps3.file).exit_code == 0
    assert cps3.tries_left == 3


def test_what_is_there_stays_unless_forced(cps3: Signing) -> None:
    target = cps3.folder / "report.pdf.p7s"
    target.write_bytes(b"mine")
    done = cps3.sign(cps3.file)
    assert done.exit_code == ExitCode.USAGE
    assert "--force" in done.stderr
    assert "PIN" not in done.output
    assert target.read_bytes() == b"mine"
    assert cps3.sign(cps3.file, "--force").exit_code == 0
    assert target.read_bytes()[:1] == b"\x30"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("report.pdf", "--out", "report.pdf", "--force"), "is the file it would be made from"),
        (("report.pdf", "--out", "nowhere/x"), "cannot write to the folder"),
        (("report.pdf", "--format", "xml"), "CARD-1821"),
        (("instruction.xml", "--format", "xml"), "CARD-1844"),
        (("report.pdf", "1234"), "one FILE is taken"),
        (("none",), "does not exist"),
    ],
)
def test_refused_before_the_card_is_touched(
    cps3: Signing, words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(cps3.folder)
    (cps3.folder / "instruction.xml").write_bytes(b"<?xml-stylesheet href='x'?><a/>")
    before = cps3.names()
    done = cps3.sign(*words)
    assert done.exit_code != 0
    assert said in done.stderr
    assert "tries left" not in done.output
    assert "1234" not in done.output
    assert cps3.names() == before


def test_an_expired_certificate_is_told_before_the_pin(desk: Desk, tmp_path: Path) -> None:
    expired = Signing(desk, make("cps3", "expire"), tmp_path)
    done = expired.sign(expired.file)
    assert done.exit_code == ExitCode.CARD_ERROR
    assert "CARD-1706" in done.stderr
    assert "tries left" not in done.output
    assert expired.names() == {"report.pdf"}


@pytest.mark.parametrize("kind", ["cps3-contactless", "cps2ter"])
def test_cards_without_a_signature_key(desk: Desk, tmp_path: Path, kind: str) -> None:
    other = Signing(desk, make(kind), tmp_path)
    done = other.sign(other.file)
    assert done.exit_code == ExitCode.CARD_ERROR
    assert "CARD-1701" in done.stderr
    assert other.names() == {"report.pdf"}


def test_an_empty_file(cps3: Signing) -> None:
    cps3.file.write_bytes(b"")
    assert cps3.sign(cps3.file).exit_code == 0
    assert cps3.desk.json("verify", str(cps3.file), code=1)["verdict"] == "unknown"
