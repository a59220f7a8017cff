"""Authorities from files of every form, from the environment, and from where they are installed."""

import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from tests.support import trust

from cardio.cards.cps.certificate import CpsCertificate
from cardio.cards.cps.trust import pinned
from cardio.cards.cps.trust import store as store_module
from cardio.cards.cps.trust.authority import Standing
from cardio.cards.cps.trust.examine import examine
from cardio.cards.cps.trust.flaw import Flaw
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import ConfigurationError
from cardio_emulator.personalise import export, personalise

BOTH = [trust.root().certificate, trust.persons().certificate]
FORMS = {
    "pem": b"".join(one.public_bytes(Encoding.PEM) for one in BOTH),
    "pem with text": b"AC\n" + b"\n".join(one.public_bytes(Encoding.PEM) for one in BOTH),
    "p7b": serialize_certificates(BOTH, Encoding.DER),
    "p7b as pem": serialize_certificates(BOTH, Encoding.PEM),
}


def names(store: TrustStore) -> set[str]:
    return {authority.name for authority in store.authorities}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_files(form: str, tmp_path: Path) -> None:
    file = tmp_path / "Chaine_de_certification"
    file.write_bytes(FORMS[form])
    store = TrustStore.load(file, allow_test=True)
    assert names(store) == {trust.ROOT_NAME, trust.ISSUER_NAME}
    assert [anchor.name for anchor in store.anchors] == [trust.ROOT_NAME]


def test_der_files_and_others_in_a_folder(tmp_path: Path) -> None:
    for index, certificate in enumerate(BOTH):
        (tmp_path / f"{index}.cer").write_bytes(certificate.public_bytes(Encoding.DER))
    (tmp_path / "DICO-FR.GIP").write_bytes("G15\t10\tMédecin".encode("latin-1"))
    (tmp_path / "large.pem").write_bytes(bytes(store_module.MAX_FILE + 1))
    (tmp_path / "broken.pem").write_bytes(
        b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----"
    )
    (tmp_path / "again.pem").write_bytes(FORMS["pem"])
    (tmp_path / "folder").mkdir()
    store = TrustStore.load(tmp_path)
    assert len(store.authorities) == 2
    assert store.anchors == ()


def test_a_p7b_made_by_openssl(tmp_path: Path) -> None:
    (tmp_path / "both.pem").write_bytes(FORMS["pem"])
    command = ["openssl", "crl2pkcs7", "-nocrl", "-certfile", str(tmp_path / "both.pem")]
    command += ["-outform", "DER", "-out", str(tmp_path / "chain.p7b")]
    subprocess.run(command, check=True, capture_output=True, timeout=20)
    assert len(TrustStore.load(tmp_path / "chain.p7b").authorities) == 2


@pytest.mark.parametrize("content", [None, b"", b"text", b"\x30\x03\x02\x01\x00"])
def test_a_named_file_without_certificate_is_an_error(
    content: bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / "anchors.p7b"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"anchors\.p7b"):
        TrustStore.load(file)


def test_too_many_authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MAX_AUTHORITIES", 1)
    with pytest.raises(ConfigurationError, match="more than 1"):
        TrustStore.load(trust.write(tmp_path, *BOTH))


@pytest.fixture
def no_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing installed but in the folder given, which does not exist yet."""
    place = tmp_path / "santesocial" / "coffre"
    monkeypatch.setattr(pinned, "installed", lambda environ: (tmp_path / "nowhere", place))
    return place


def test_nothing_on_the_workstation(no_installation: Path) -> None:
    assert TrustStore.of_workstation({}) == TrustStore()


def test_installed_authorities_are_found_but_allow_no_test(no_installation: Path) -> None:
    trust.write(no_installation, *BOTH)
    store = TrustStore.of_workstation({})
    assert names(store) == {trust.ROOT_NAME, trust.ISSUER_NAME}
    assert store.anchors == ()


def test_variables_name_files_and_folders(no_installation: Path, tmp_path: Path) -> None:
    first = trust.write(tmp_path / "a", BOTH[0])
    second = trust.write(tmp_path / "b", BOTH[1]) / "0.pem"
    both = os.pathsep.join((str(first), str(second)))
    production = TrustStore.of_workstation({pinned.PRODUCTION_VARIABLE: both})
    assert (len(production.authorities), production.anchors) == (2, ())
    test = TrustStore.of_workstation({pinned.TEST_VARIABLE: both})
    assert [anchor.standing for anchor in test.anchors] == [Standing.TEST]
    with pytest.raises(ConfigurationError):
        TrustStore.of_workstation({pinned.PRODUCTION_VARIABLE: str(tmp_path / "missing")})


def test_places_of_the_vendor() -> None:
    windows = pinned.installed({"SANTESOCIAL": "home"})
    assert windows[0] == Path("home", "CPS", "coffre")
    assert Path("/etc/opt/santesocial/CPS/coffre") in pinned.installed({})


def test_the_emulators_exported_hierarchy(tmp_path: Path) -> None:
    """A card of the emulator, its issuers as the emulator exports them."""
    image = personalise("medecin")
    files = export(image, tmp_path)
    store = TrustStore.load(files["ca"], files["root"], allow_test=True)
    for role in ("signature", "authentication"):
        report = examine(CpsCertificate.decode(image.certificates[role]), store)
        assert (report.flaws, report.is_trusted, report.is_test) == ((), True, True)
        assert report.role.value == role
    without = TrustStore.load(files["root"], allow_test=True)
    report = examine(CpsCertificate.decode(image.certificates["signature"]), without)
    assert report.flaws == (Flaw.ISSUER_MISSING,)
