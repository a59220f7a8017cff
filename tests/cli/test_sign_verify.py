"""`cardio verify`: who signed, told without card, reader or service."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.support import trust
from tests.support.signing import DAY, NOW, authorities, certificate, key

from cardio.authentication.cms import sign_cms
from cardio.authentication.jws import sign_jws
from cardio.authentication.xml_file import sign_xml
from cardio.cli.root import cardio

CONTENT = b"Compte rendu\n"
DOCUMENT = b"<cr><t>1</t></cr>"


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No authority of this machine, and no readers: opening any would fail the test."""
    for name in ("CARDIO_ANCHORS", "CARDIO_TEST_ANCHORS", "CARDIO_WORKSTATION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("cardio.cards.cps.trust.pinned.installed", lambda _environ: ())
    monkeypatch.setattr("cardio.workstation.workstation.open_manager", lambda _where: None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "report.pdf"
    path.write_bytes(CONTENT)
    return path


def verify(*words: str | Path, anchors: Path | None = None) -> Result:
    env = {"LC_ALL": "C", "COLUMNS": "100"}
    if anchors:
        env["CARDIO_TEST_ANCHORS"] = str(anchors)
    return CliRunner().invoke(cardio, ["verify", *map(str, words)], env=env)


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    return trust.write(tmp_path / "anchors", *authorities())


def signed(file: Path, since: int = -100, until: int = 900) -> Path:
    path = file.with_name(f"{file.name}.p7s")
    path.write_bytes(sign_cms(CONTENT, key(), certificate(since, until)))
    return path


def test_a_known_signer(file: Path, anchors: Path) -> None:
    signed(file)
    done = verify(file, anchors=anchors)
    assert done.exit_code == 0, done.output
    assert "899700000017" in done.stdout
    assert "TEST AC RACINE" in done.stdout
    assert "worth nothing outside tests" in done.stdout


def test_as_json(file: Path, anchors: Path) -> None:
    signed(file)
    told = json.loads(verify(file, "--json", anchors=anchors).stdout)
    assert (told["verdict"], told["format"]) == ("trusted-test", "cms")
    assert told["signer"]["ps_idnat"] == "899700000017"
    assert told["certificate"]["usage"] == "signature"
    assert told["certificate"]["test"] is True
    assert told["trust"]["flaws"] == []
    assert told["trust"]["revocation"] == "unchecked"
    assert told["when_signed"] == "valid"


def test_a_signer_nobody_here_knows(file: Path) -> None:
    signed(file)
    done = verify(file, "--lang", "fr")
    assert done.exit_code == 1
    assert "La signature va avec le fichier." in done.stdout
    assert "CARDIO_TEST_ANCHORS" in done.stdout
    assert json.loads(verify(file, "--json").stdout)["verdict"] == "unknown"


def test_expired_since(file: Path, anchors: Path) -> None:
    signed(file, until=1)
    late, day = f"{NOW + 3 * DAY:%Y-%m-%d}", f"{NOW:%Y-%m-%dT%H:%M:%S}"
    done = verify(file, "--at", late, anchors=anchors)
    assert done.exit_code == 1
    assert "It was valid at the time the signer's clock gave" in done.stdout
    assert json.loads(verify(file, "--at", late, "--json").stdout)["verdict"] == "not-trusted"
    assert verify(file, "--at", day, anchors=anchors).exit_code == 0


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_chain_that_is_wrong(file: Path, tmp_path: Path, lang: str) -> None:
    signed(file)
    other = trust.authority(trust.ISSUER_NAME, trust.root(), label="false", path_length=0)
    false = trust.write(tmp_path / "false", other.certificate, trust.root().certificate)
    done = verify(file, "--lang", lang, anchors=false)
    assert done.exit_code == 1
    flaw = {"en": "its issuer did not sign it", "fr": "son émetteur"}[lang]
    assert flaw in " ".join(done.stdout.split())


def test_another_content(file: Path) -> None:
    path = signed(file)
    file.write_bytes(CONTENT + b"x")
    for words in ((file,), (file, "--signature", path)):
        done = verify(*words, "--json")
        assert done.exit_code == 1
        assert json.loads(done.stdout)["error"]["code"] == "CARD-1842"
        assert "899700000017" not in done.output


def test_a_damaged_signature(file: Path) -> None:
    path = signed(file)
    path.write_bytes(path.read_bytes()[:-9] + bytes(9))
    done = verify(file)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "CARD-1841" in done.stderr


def test_xml_in_the_file_itself(file: Path, anchors: Path) -> None:
    file.write_bytes(sign_xml(DOCUMENT, key(), certificate()))
    assert verify(file, anchors=anchors).exit_code == 0
    other = file.with_name("other")
    other.write_bytes(b"x")
    assert "CARD-1843" in verify(other, "--signature", file, anchors=anchors).stderr


def test_a_jws_with_and_without_its_file(file: Path, anchors: Path) -> None:
    token = file.with_name("report.pdf.jws")
    token.write_text(sign_jws(CONTENT, key(), certificate()) + "\n")
    for words in ((file,), (token,), (file, "--signature", token)):
        assert verify(*words, anchors=anchors).exit_code == 0
    file.write_bytes(b"other")
    assert "CARD-1842" in verify(file, anchors=anchors).stderr


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"x" * 100_000])
def test_no_signature_at_all(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    done = verify(file, "--lang", "fr")
    assert done.exit_code == 1
    assert "CARD-1843" in done.stderr


def test_a_signature_needs_its_file(file: Path) -> None:
    assert "CARD-1843" in verify(signed(file)).stderr


def test_anchors_that_cannot_be_read(file: Path, tmp_path: Path) -> None:
    signed(file)
    done = verify(file, anchors=tmp_path / "none")
    assert done.exit_code == 2
    assert "CARD-1600" in done.stderr
