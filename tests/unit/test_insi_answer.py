"""Answers of the INSi, as recorded ones look and as nobody would write them."""

from datetime import date

import pytest
from tests.support.insi_service import KNOWN, envelope, fault, person

from cardio.authentication import InsiAnswer, InsiOutcome, InsiPerson
from cardio.errors import (
    IdentifierError,
    LeakedTestIdentity,
    TeleserviceFault,
    XmlRefused,
)
from cardio.identity.environment import Environment
from cardio.identity.matricule import InsOid
from cardio.identity.nir import Sex
from cardio.identity.status import IdentityStatus

HEAD = '<RESULTAT xmlns="http://www.cnamts.fr/INSiResultat"><CR><CodeCR>00</CodeCR></CR>'
PIERRE = next(known for known in KNOWN if known.name == "ECETINSI")
FOUND = envelope(f"{HEAD}{person(PIERRE)}</RESULTAT>")


def read(raw: bytes) -> InsiPerson:
    answer = InsiAnswer.parse(raw, Environment.TEST)
    assert answer.outcome is InsiOutcome.FOUND
    assert answer.person is not None
    return answer.person


def test_a_person_with_a_history() -> None:
    found = read(FOUND)
    assert str(found.matricule) == "109076322083489"
    assert found.matricule.oid is InsOid.NIR
    assert [str(one.matricule) for one in found.former] == ["209076322083439", "209066322012355"]
    identity = found.identity()
    assert identity.state.status is IdentityStatus.RETRIEVED
    assert identity.traits.insi_given_name == "PIERRE-ALAIN"
    assert identity.traits.sex is Sex.MALE
    assert len(identity.former) == 2


def test_the_dates_of_a_former_matricule_are_kept_even_crossed() -> None:
    dated = FOUND.replace(
        b"</OID></INSHISTO>",
        b"</OID><DateDeb>2019-03-01</DateDeb><DateFin>2019-02-28</DateFin></INSHISTO>",
        1,
    )
    first, second = read(dated).former
    assert (first.start, first.end) == (date(2019, 3, 1), date(2019, 2, 28))
    assert (second.start, second.end) == (None, None)
    with pytest.raises(XmlRefused, match="date"):
        read(dated.replace(b"2019-02-28", b"yesterday"))


def test_a_first_given_name_told_apart() -> None:
    told = FOUND.replace(b"<ListePrenom>", b"<Prenom>PIERRE-ALAIN</Prenom><ListePrenom>")
    assert read(told).identity().traits.first_given_name == "PIERRE-ALAIN"


def test_a_key_left_out_is_computed_and_a_wrong_one_kept() -> None:
    assert str(read(FOUND.replace(b"<Cle>89</Cle>", b"")).matricule) == "109076322083489"
    wrong = read(FOUND.replace(b"<Cle>89</Cle>", b"<Cle>88</Cle>")).matricule
    assert not wrong.number.has_valid_key


def test_a_lunar_date_is_told_and_makes_no_strict_trait() -> None:
    lunar = read(FOUND.replace(b"2009-07-14", b"2009-00-00"))
    assert str(lunar.birth_date) == "2009-00-00"
    with pytest.raises(IdentifierError):
        lunar.identity()


def test_a_trait_left_out_is_none() -> None:
    bare = read(FOUND.replace(b"<NomNaissance>ECETINSI</NomNaissance>", b""))
    assert bare.birth_name is None
    with pytest.raises(IdentifierError, match="strict trait"):
        bare.identity()


@pytest.mark.parametrize("oid", ["1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"])
def test_a_test_matricule_in_production_is_a_leak(oid: str) -> None:
    leaked = FOUND.replace(b"1.2.250.1.213.1.4.8", oid.encode(), 1)
    assert read(leaked).matricule.oid.is_for_tests
    with pytest.raises(LeakedTestIdentity):
        InsiAnswer.parse(leaked, Environment.PRODUCTION)


@pytest.mark.parametrize(("code", "outcome"), [("01", "NOT_FOUND"), ("02", "SEVERAL")])
def test_nobody_or_several(code: str, outcome: str) -> None:
    raw = envelope(f"{HEAD}</RESULTAT>".replace("00", code))
    assert InsiAnswer.parse(raw, Environment.PRODUCTION) == InsiAnswer(InsiOutcome[outcome])


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        (fault("siram_100", "DESIR_560", "Non."), "desir_560", "access level"),
        (fault("siram_100", "desir_550", "Non."), "desir_550", "authorisation number"),
        (fault("siram_40", "insi_102", "Plus tard."), "insi_102", "search itself"),
        (fault("siram_40", "autre_999", "Plus tard."), "autre_999", "out of service"),
        (fault("siram_7", "autre_999", "?"), "autre_999", "not explained"),
        (fault("", "MARTIN JEANNE 2751263220749", "x"), None, "without a known code"),
    ],
)
def test_faults(raw: bytes, code: str | None, words: str) -> None:
    with pytest.raises(TeleserviceFault) as failed:
        InsiAnswer.parse(raw, Environment.PRODUCTION)
    assert failed.value.service_code == code
    assert words in str(failed.value)
    assert "MARTIN" not in str(failed.value)


def test_a_fault_without_details_still_has_its_text() -> None:
    bare = envelope(
        "<soap:Fault><soap:Reason><soap:Text>Indisponible</soap:Text></soap:Reason></soap:Fault>"
    )
    with pytest.raises(TeleserviceFault) as failed:
        InsiAnswer.parse(bare, Environment.PRODUCTION)
    assert (failed.value.service_code, failed.value.text) == (None, "Indisponible")


@pytest.mark.parametrize(
    "raw",
    [
        b"<html><body>Bad gateway</body></html>",
        b'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"/>',
        envelope(""),
        envelope(f"{HEAD}</RESULTAT>"),
        envelope(f"{HEAD}</RESULTAT>".replace("00", "99")),
        envelope(f"{HEAD}{person(PIERRE)}{person(PIERRE)}</RESULTAT>"),
        envelope(f"{HEAD}{person(PIERRE)}</RESULTAT>" * 2),
    ],
)
def test_what_is_no_answer_is_refused(raw: bytes) -> None:
    with pytest.raises(XmlRefused):
        InsiAnswer.parse(raw, Environment.TEST)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (b"1090763220834", b"109076322083"),
        (b"1090763220834", b"10907632208340"),
        (b"<Cle>89</Cle>", b"<Cle>890</Cle>"),
        (b"1.2.250.1.213.1.4.8", b"1.2.3"),
        (b"<Sexe>M", b"<Sexe>X"),
        (b"63220", b"632"),
        (b"2009-07-14", b"hier"),
    ],
)
def test_identifiers_that_are_none_are_told_without_them(good: bytes, bad: bytes) -> None:
    with pytest.raises(IdentifierError) as failed:
        read(FOUND.replace(good, bad))
    assert "1090763220834" not in str(failed.value)
