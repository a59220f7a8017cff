"""Personas, certificates and card images: what goes on a card, and what is refused."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from stdnum import luhn
from tests.support.personas import PERSONAS, dated

from cardio.errors import ConfigurationError
from cardio_emulator import persona
from cardio_emulator.cards import cps3
from cardio_emulator.image import DedicatedFile
from cardio_emulator.kinds import KINDS, make
from cardio_emulator.personalise import export, personalise

_SHIPPED = Path(persona.__file__).with_name("personas")
_ARC = "1.2.250.1.71."
_DATES = 'issued = "%s"\nexpires = "%s"'


def _certificates(name: str = "medecin") -> dict[str, x509.Certificate]:
    image = personalise(name)
    return {role: x509.load_der_x509_certificate(der) for role, der in image.certificates.items()}


def _private(certificate: x509.Certificate) -> dict[str, bytes]:
    return {
        extension.oid.dotted_string.removeprefix(_ARC): extension.value.value
        for extension in certificate.extensions
        if isinstance(extension.value, x509.UnrecognizedExtension)
    }


class TestCertificates:
    def test_chain(self) -> None:
        found = _certificates()
        found["signature"].verify_directly_issued_by(found["ca"])
        found["authentication"].verify_directly_issued_by(found["ca"])
        found["ca"].verify_directly_issued_by(found["root"])
        found["root"].verify_directly_issued_by(found["root"])

    @pytest.mark.parametrize("name", PERSONAS)
    def test_sizes_fit_the_reading_budget(self, name: str) -> None:
        for role in ("signature", "authentication"):
            assert 1000 < len(personalise(name).certificates[role]) <= 2048

    def test_issuers_say_test_and_emulator(self) -> None:
        for role in ("ca", "root"):
            subject = _certificates()[role].subject
            units = [
                a.value for a in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
            ]
            assert units == ["0002 187512751", "IGC-SANTE TEST", "EMULATEUR CARDIO"]
            (name,) = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            assert str(name.value).startswith("TEST AC")

    def test_subject_of_a_professional(self) -> None:
        subject = _certificates()["signature"].subject
        assert [len(list(rdn)) for rdn in subject.rdns] == [1, 1, 3]
        values = {a.oid: a.value for a in subject}
        assert values == {
            NameOID.COUNTRY_NAME: "FR",
            NameOID.TITLE: "Médecin",
            NameOID.GIVEN_NAME: "JULES",
            NameOID.COMMON_NAME: "899700982178",
            NameOID.SURNAME: "MEDECIN RPPS0098217",
        }

    def test_subject_of_an_employee(self) -> None:
        values = {a.oid: a.value for a in _certificates("secretaire")["signature"].subject}
        assert values[NameOID.ORGANIZATIONAL_UNIT_NAME] == "10B0309829"
        assert values[NameOID.COMMON_NAME] == "30B0309829/CPET00001"
        assert NameOID.TITLE not in values

    def test_a_service_card_names_nobody(self) -> None:
        values = {a.oid: a.value for a in _certificates("service")["signature"].subject}
        assert values[NameOID.PSEUDONYM] == "EMPLOYE002"
        assert values[NameOID.TITLE] == "Carte de service santé ou social"
        assert values[NameOID.COMMON_NAME] == "30B0309829/CPET00002"
        assert not values.keys() & {NameOID.SURNAME, NameOID.GIVEN_NAME}

    def test_signature_usage(self) -> None:
        extensions = _certificates()["signature"].extensions
        usage = extensions.get_extension_for_class(x509.KeyUsage)
        assert usage.critical
        assert usage.value.content_commitment
        assert not usage.value.digital_signature
        extended = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(extended) == [ExtendedKeyUsageOID.EMAIL_PROTECTION]
        with pytest.raises(x509.ExtensionNotFound):
            extensions.get_extension_for_class(x509.SubjectAlternativeName)

    def test_authentication_usage_and_logon_name(self) -> None:
        extensions = _certificates()["authentication"].extensions
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        assert usage.digital_signature
        assert not usage.content_commitment
        extended = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert set(extended) == {
            ExtendedKeyUsageOID.CLIENT_AUTH,
            ExtendedKeyUsageOID.SMARTCARD_LOGON,
        }
        (name,) = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert isinstance(name, x509.OtherName)
        assert name.value[2:] == b"8.99700982178@carte-cps.fr"

    def test_addresses_and_policy(self) -> None:
        extensions = _certificates()["signature"].extensions
        (policy,) = extensions.get_extension_for_class(x509.CertificatePolicies).value
        assert policy.policy_identifier == ObjectIdentifier("1.2.250.1.213.1.7.2.1.1.1.1")
        access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        assert access[0].access_location.value == "http://ocsp.esante.gouv.fr"
        (point,) = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        assert point.full_name is not None
        assert str(point.full_name[0].value).endswith("/CRL/ACI-FO-PP-TEST.crl")

    def test_private_extensions(self) -> None:
        assert _private(_certificates()["signature"]) == {
            "1.2.2": bytes.fromhex("020100"),
            "1.2.3": b"\x13\x15" + b"8025000001/2909821700",
            "1.2.5": bytes.fromhex("040180"),
            "1.2.7": bytes.fromhex("02010A"),
            "4.2.5": bytes.fromhex("3006") + b"\x0c\x04SM26",
        }
        nurse = _private(_certificates("infirmiere")["signature"])
        assert nurse["1.2.7"] == bytes.fromhex("02013C")
        assert "4.2.5" not in nurse
        employee = _private(_certificates("secretaire")["authentication"])
        assert employee["1.2.2"] == bytes.fromhex("020102")
        assert "1.2.7" not in employee
        intern = _private(_certificates("interne")["signature"])
        assert (intern["1.2.2"], intern["1.2.8"]) == (b"\x02\x01\x01", b"\x02\x01\x0a")
        assert "1.2.7" not in intern

    def test_validity_is_the_card_s(self) -> None:
        image = cps3.image(dated("medecin"))
        certificate = x509.load_der_x509_certificate(image.certificates["authentication"])
        assert certificate.not_valid_before_utc == datetime(2025, 11, 3, tzinfo=UTC)
        assert certificate.not_valid_after_utc == datetime(2028, 11, 2, 23, 59, 59, tzinfo=UTC)

    def test_keys_are_four_different_ones_made_once(self) -> None:
        numbers = set[int]()
        for certificate in _certificates().values():
            key = certificate.public_key()
            assert isinstance(key, RSAPublicKey)
            assert key.key_size == 2048
            numbers.add(key.public_numbers().n)
        assert len(numbers) == 4
        assert personalise() is personalise("medecin")
        assert personalise("infirmiere").certificates["ca"] == personalise().certificates["ca"]


@pytest.mark.parametrize("name", PERSONAS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("cps")])
def test_every_persona_fits_every_card(kind: str, name: str) -> None:
    card = make(kind, name)
    assert card.image.kind == kind
    assert card.serial == persona.load(name).chip_serial


def test_cards_of_one_image_are_apart() -> None:
    one, other = cps3.make(), cps3.make()
    one.transmit(bytes.fromhex("002000010439393939"))
    assert (one.pins[1].tries_left, other.pins[1].tries_left) == (2, 3)
    assert (one.serial, one.atr) == (other.serial, cps3.ATR)


def test_export_writes_pem_files(tmp_path: Path) -> None:
    files = export(personalise(), tmp_path / "new" / "folder")
    assert set(files) == {"signature", "authentication", "ca", "root"}
    for role, file in files.items():
        assert file.name == f"{role}.pem"
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        assert certificate == _certificates()[role]
        assert b"PRIVATE" not in file.read_bytes()


def test_no_secret_shows() -> None:
    card = cps3.make()
    shown = f"{card.image!r} {card.pins!r} {persona.load('medecin')!r}"
    assert "1234'" not in shown
    assert "12345678" not in shown


class TestPersonaFiles:
    def _changed(self, folder: Path, before: str, after: str) -> Path:
        text = (_SHIPPED / "medecin.toml").read_text(encoding="utf-8")
        assert before in text
        file = folder / "mine.toml"
        file.write_text(text.replace(before, after), encoding="utf-8")
        return file

    @pytest.mark.parametrize("name", PERSONAS)
    def test_shipped_ones_are_test_cards(self, name: str) -> None:
        loaded = persona.load(name)
        assert loaded.category == 0x80
        identifier = loaded.ps_idnat
        if identifier.startswith("8"):
            assert identifier.startswith("8997")
            assert luhn.is_valid(identifier[1:])
        digits = [a.structure[1:] for a in loaded.activities if a.structure[0] in "23"]
        assert all(luhn.is_valid(number) for number in digits)

    def test_own_pin_and_puk(self, tmp_path: Path) -> None:
        file = self._changed(
            tmp_path, 'type = "CPS"', 'type = "CPS"\npin = "2468"\npuk = "87654321"'
        )
        card = cps3.make(file)
        assert card.transmit(bytes.fromhex("002000010432343638")) == b"\x90\x00"
        assert card.transmit(bytes.fromhex("00200002083837363534333231")) == b"\x90\x00"

    def test_future_professional(self, tmp_path: Path) -> None:
        file = self._changed(tmp_path, 'type = "CPS"', 'type = "CPF"')
        with pytest.raises(ConfigurationError, match="'future_profession' is missing"):
            persona.load(file)
        intern = persona.load("interne")
        assert (intern.profession, intern.future_profession) == (None, 10)

    def test_dates_follow_today_unless_fixed(self) -> None:
        doctor = persona.load("medecin", today=date(2031, 7, 1))
        assert (doctor.issued, doctor.expires) == (date(2031, 1, 2), date(2034, 1, 1))
        assert persona.load("medecin").expires > datetime.now(UTC).date()
        assert persona.load("expire").expires == date(2024, 3, 14)

    def test_activity_numbers_may_have_holes(self, tmp_path: Path) -> None:
        file = self._changed(tmp_path, "mode = 1 ", "number = 16\nmode = 1 ")
        assert [situation.number for situation in persona.load(file).activities] == [1, 16]
        labels = {
            entry.label
            for child in cps3.image(persona.load(file)).root.children
            if isinstance(child, DedicatedFile)
            for entry in child.children
        }
        assert {"CPS_ACTIVITY_01_PS", "CPS_ACTIVITY_16_PS"} <= labels
        assert "CPS_ACTIVITY_02_PS" not in labels

    def test_card_update(self, tmp_path: Path) -> None:
        dates = 'updated = { start = "2026-03-01T10:15:00" }'
        file = self._changed(tmp_path, 'type = "CPS"', f'type = "CPS"\n{dates}')
        update = persona.load(file).update
        assert update is not None
        assert (update.start, update.end) == (datetime(2026, 3, 1, 10, 15), None)  # noqa: DTZ001
        assert persona.load("medecin").update is None

    def test_yaml(self, tmp_path: Path) -> None:
        import tomllib

        import yaml

        content = tomllib.loads((_SHIPPED / "medecin.toml").read_text(encoding="utf-8"))
        file = tmp_path / "medecin.yaml"
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        assert persona.load(file) == persona.load("medecin")

    def test_yaml_without_pyyaml(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / "mine.yaml"
        file.write_text("card: {}", encoding="utf-8")
        monkeypatch.setitem(sys.modules, "yaml", None)
        with pytest.raises(ConfigurationError, match=r"need PyYAML .*cardio-sante\[yaml\]"):
            persona.load(file)

    @pytest.mark.parametrize(
        ("name", "text", "problem"),
        [
            ("bad.yaml", "a: [", "bad.yaml"),
            ("list.yaml", "- a", "must hold keys and values"),
            ("none.yaml", None, "No such file"),
            ("none.toml", None, "No such file"),
            ("bad.toml", "[card]\ntype = CPS\n", "line 2"),
            ("empty.toml", "", r"must be one \[card\] table"),
        ],
    )
    def test_files_that_cannot_be_read(
        self, tmp_path: Path, name: str, text: str | None, problem: str
    ) -> None:
        file = tmp_path / name
        if text is not None:
            file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=problem):
            persona.load(file)

    def test_unknown_name_lists_those_there_are(self) -> None:
        with pytest.raises(ConfigurationError, match=r"agent.*infirmiere.*medecin"):
            persona.load("dentiste")

    @pytest.mark.parametrize(
        ("before", "after", "problem"),
        [
            ('type = "CPS"', 'type = "CPX"', "'type' is 'CPX'; allowed: CPS, CPF, CPE, CPA"),
            ('category = "80"', 'category = "00"', "'category' must be 80"),
            ('number = "2909821700"', 'number = "29098"', "'number' must be 10 digits"),
            ('serial = "09821700"', 'serial = "0982170A"', "'serial' must be 8 digits"),
            ('serial = "09821700"', "", "'serial' is missing"),
            (
                'type = "CPS"',
                f'type = "CPS"\n{_DATES % ("03/11/2025", "2028-11-02")}',
                "'issued' must",
            ),
            (
                'type = "CPS"',
                f'type = "CPS"\n{_DATES % (("2025-11-03",) * 2)}',
                "'expires' must be af",
            ),
            ('type = "CPS"', 'type = "CPS"\nissued = "2025-11-03"', "'expires' is missing"),
            ('type = "CPS"', 'type = "CPS"\nupdated = { start = "x" }', "'start' must be a moment"),
            ('type = "CPS"', 'type = "CPS"\nupdated = { ends = "x" }', "'ends' is unknown"),
            (
                'language = "fr"',
                'language = "fr"\npseudonym = "X"',
                "is unknown; allowed: language",
            ),
            ('sector = "SA07"', 'sector = "SA07"\nnumber = 2', "two .* have one number"),
            ('sector = "SA07"', 'sector = "SA07"\nnumber = 17', "numbers 1 to 16"),
            ('sector = "SA07"', 'sector = "SA07"\npharmacist_table = "Z"', "a letter of table G05"),
            ('ps_idnat = "899700982178"', 'ps_idnat = "x"', "'ps_idnat' must be"),
            ("civility = 31", "civility = 256", "'civility' must be 0 to 255"),
            ("civility = 31", 'civility = "31"', "'civility' must be a whole number"),
            ('given_name = "JULES"', 'given_name = "JÉRÔME"', "'given_name' must be 1 to 27"),
            ('language = "fr"', 'language = "FR"', "'language' must be two small letters"),
            ('speciality = "SM26"', 'speciality = "?"', "'speciality' must be a code"),
            ('sector = "SA07"', 'sector = "07"', "activity 1: 'sector' must be SA"),
            ('sector = "SA07"', 'sector = "SA07"\nmood = 1', "activity 1: 'mood' is unknown"),
            ('type = "CPS"', 'type = "CPS"\npin = "12345"', "'pin' must be 4 digits"),
            ('language = "fr"', 'language = "fr"\nnir = 1', "'nir' is unknown; allowed:"),
        ],
    )
    def test_wrong_values_name_file_key_and_what_is_allowed(
        self, tmp_path: Path, before: str, after: str, problem: str
    ) -> None:
        file = self._changed(tmp_path, before, after)
        with pytest.raises(ConfigurationError, match=problem) as caught:
            persona.load(file)
        assert "mine.toml" in str(caught.value)

    def test_staff_card_needs_an_employer(self, tmp_path: Path) -> None:
        text = (_SHIPPED / "secretaire.toml").read_text(encoding="utf-8")
        file = tmp_path / "mine.toml"
        file.write_text(text.split("[[activity]]")[0], encoding="utf-8")
        with pytest.raises(ConfigurationError, match="needs an"):
            persona.load(file)

    def test_at_most_16_activities(self, tmp_path: Path) -> None:
        text = (_SHIPPED / "secretaire.toml").read_text(encoding="utf-8")
        head, activity = text.split("[[activity]]")
        file = tmp_path / "mine.toml"
        file.write_text(head + ("[[activity]]" + activity) * 17, encoding="utf-8")
        with pytest.raises(ConfigurationError, match="at most 16"):
            persona.load(file)
