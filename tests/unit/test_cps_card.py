"""The CPS3 reader on cards that are damaged, incomplete or at odds with themselves."""

from dataclasses import replace
from datetime import date

import pytest
from tests.support.cps3 import certificate_of, emulated

from cardio.cards.cps import CertificateUsage, CpsCard
from cardio.cards.identify import CardKind
from cardio.cards.layout import Confidence
from cardio.errors import (
    CardRemoved,
    CertificateError,
    FileNotFound,
    IdentifierError,
    RecordError,
    SecurityStatusNotSatisfied,
    TruncatedAnswer,
    UnsupportedCard,
)
from cardio.iso7816.tlv import Tlv, parse_prefix


def record(container: int, **fields: bytes) -> bytes:
    return Tlv.of(
        container, *(Tlv.of(int(tag[1:], 16), value) for tag, value in fields.items())
    ).encode()


def problems(card: CpsCard) -> set[tuple[str, type[Exception]]]:
    return {(problem.part, type(problem.error)) for problem in card.problems}


def read_everything(card: CpsCard) -> None:
    _ = (card.serial, card.token_info, card.certificates, card.free_data_objects)
    _ = (card.full_holder, card.full_card, card.differences)


def test_only_a_cps_is_read() -> None:
    _, card = emulated()
    other = replace(card.match, kind=CardKind.VITALE2)
    with pytest.raises(UnsupportedCard):
        CpsCard(card._contents, other)


@pytest.mark.parametrize("odf", [None, b"", b"\xff" * 32, b"\x00" * 32, b"\xa0\x7f\x00"])
def test_without_odf_the_serial_is_still_told(odf: bytes | None) -> None:
    _, card = emulated(odf=odf)
    read_everything(card)
    assert str(card.serial) == "09821700"
    assert card.token_info is not None
    assert (card.certificates, card.free_data_objects, card.differences) == ((), {}, ())
    assert (card.holder.ps_idnat, card.card.valid_until) == (None, None)
    assert card.card.chip_serial == "09821700"
    parts = {part for part, _ in problems(card)}
    assert parts == {"EF.ODF", "EF.CDF", "EF.DODF"}
    assert odf is not None or ("EF.ODF", FileNotFound) in problems(card)


@pytest.mark.parametrize("cdf", [None, b"", b"\xff" * 64, b"\x30\x82\x01"])
def test_without_cdf_the_records_tell_the_holder(cdf: bytes | None) -> None:
    _, card = emulated(cdf=cdf)
    assert str(card.holder.ps_idnat) == "899700982178"
    assert (card.holder.family_name, card.holder.given_name) == ("MEDECIN RPPS0098217", "JULES")
    assert card.card.valid_until == date(2028, 11, 2)
    assert card.card.card_number == "2909821700"
    assert (card.card.is_test, card.differences) == (True, ())
    assert {part for part, _ in problems(card)} == {"EF.CDF"}


@pytest.mark.parametrize("dodf", [None, b"", b"\xff" * 64, b"\x30\x82\x01"])
def test_without_dodf_the_certificate_tells_the_holder(dodf: bytes | None) -> None:
    _, card = emulated(dodf=dodf)
    read_everything(card)
    assert str(card.full_holder.ps_idnat) == "899700982178"
    assert (card.full_holder.civility, card.full_card.issued) == (None, None)
    assert len(card.certificates) == 2
    assert {part for part, _ in problems(card)} == {"EF.DODF"}


def test_without_a_data_object_its_label_is_told() -> None:
    _, card = emulated(CPS_NAME_PS=None)
    assert card.full_holder.civility is None
    assert card.full_holder.speciality is not None
    assert problems(card) == {("CPS_NAME_PS", FileNotFound)}


def test_a_directory_that_lacks_a_label() -> None:
    _, card = emulated()
    path = next(e.path for e in card.application.directories.entries if e.kind == "DODF")
    raw = card.application.read(path).replace(b"CPS_NAME_PS", b"CPS_NAME_XX")
    _, card = emulated(dodf=raw)
    assert set(card.free_data_objects) == {"CPS_DATA", "CPS_ID_CARD", "CPS_LANG_PS", "CPS_INFO_PS"}
    assert problems(card) == {("CPS_NAME_PS", RecordError)}
    assert card.data_object("CPS_NAME_PS") is None


@pytest.mark.parametrize("broken", [b"", b"\x30\x03\x01\x01\x00", bytes(700), b"\xff" * 700])
def test_a_broken_certificate_leaves_the_other(broken: bytes) -> None:
    _, card = emulated(certificate0=broken)
    assert str(card.holder.ps_idnat) == "899700982178"
    assert [one.usage for one in card.certificates] == [CertificateUsage.AUTHENTICATION]
    assert card.signature_certificate is None
    assert {part for part, _ in problems(card)} == {"certificate"}


def test_a_certificate_cut_short() -> None:
    _, card = emulated(certificate0=certificate_of()[:900])
    assert len(card.certificates) == 1
    assert problems(card) == {("certificate", TruncatedAnswer)}


def test_garbage_in_a_certificate_is_a_certificate_error() -> None:
    der = certificate_of()
    _, card = emulated(certificate0=der[:40] + b"\x00" * 20 + der[60:])
    assert len(card.certificates) == 1
    assert problems(card) == {("certificate", CertificateError)}


def test_usage_and_not_place_tells_the_certificates() -> None:
    _, straight = emulated()
    path = next(e.path for e in straight.application.directories.entries if e.kind == "CDF")
    raw = straight.application.read(path)
    first = raw[1] + 2
    _, swapped = emulated(cdf=raw[first:] + raw[:first])
    assert [one.usage for one in straight.certificates] == [*CertificateUsage][:2]
    assert [one.usage for one in swapped.certificates] == [*CertificateUsage][1::-1]
    for card in (straight, swapped):
        assert card.signature_certificate is not None
        assert card.signature_certificate.usage is CertificateUsage.SIGNATURE
        assert card.authentication_certificate is not None
        assert card.authentication_certificate.usage is CertificateUsage.AUTHENTICATION


def test_the_technical_certificate_does_not_tell_the_holder() -> None:
    _, card = emulated()
    path = next(e.path for e in card.application.directories.entries if e.kind == "CDF")
    raw = card.application.read(path)
    first, size = parse_prefix(raw)
    label = Tlv.of(0x30, Tlv.of(0x0C, b"Certificat Technique CPS"))
    _, card = emulated(cdf=Tlv.of(0x30, label, *first.children[1:]).encode() + raw[size:])
    assert card.holder.ps_idnat is not None
    assert card.signature_certificate is None
    assert card.certificates[0].usage is CertificateUsage.TECHNICAL


def test_a_sound_card_has_no_difference() -> None:
    for persona in ("medecin", "infirmiere", "secretaire"):
        _, card = emulated(persona)
        read_everything(card)
        assert (card.differences, card.problems) == ((), ())


def test_differences() -> None:
    info = record(
        0xED,
        t80=b"\x01",
        t81=b"899700982251",
        t82=b"\x3c",
        t84=b"AUTRE NOM",
        t85=b"SM26",
    )
    name = record(0xE4, t80=b"\x1f", t84=b"Jul\xe8s")
    card_record = record(
        0xE3,
        t81=bytes.fromhex("2909821701"),
        t82=b"\x00",
        t83=bytes.fromhex("20251103"),
        t84=bytes.fromhex("20271102"),
    )
    _, card = emulated(CPS_INFO_PS=info, CPS_NAME_PS=name, CPS_ID_CARD=card_record)
    found = {difference.field: difference for difference in card.differences}
    assert set(found) == {
        *("ps_idnat", "rpps", "profession", "family_name"),
        *("type", "category", "card_number", "valid_until"),
    }
    assert (found["rpps"].certificate, found["rpps"].record) == ("99700982178", "99700982251")
    assert (found["profession"].certificate, found["profession"].record) == ("10", "60")
    assert found["valid_until"].confidence is Confidence.INFERRED
    assert found["ps_idnat"].confidence is Confidence.OBSERVED
    assert "9970" not in repr(card.differences)
    assert "AUTRE" not in repr(card.differences)


@pytest.mark.parametrize(
    ("name", "differs"),
    [
        (b"JULES", False),
        (b"jules", False),
        ("JÙLES".encode(), False),
        (b"JULIE", True),
        (b"", False),
    ],
)
def test_names_are_compared_as_the_records_can_hold_them(name: bytes, differs: bool) -> None:
    _, card = emulated(CPS_NAME_PS=record(0xE4, t80=b"\x1f", t84=name))
    assert ("given_name" in {one.field for one in card.differences}) is differs


def test_a_wrong_rpps_key_is_told_and_the_identifier_kept() -> None:
    _, card = emulated(cdf=b"", CPS_INFO_PS=record(0xED, t81=b"899700982179"))
    assert str(card.holder.ps_idnat) == "899700982179"
    assert card.holder.rpps is None
    assert ("PS_IdNat", IdentifierError) in problems(card)


def test_what_wants_the_pin_is_refused_and_asked_again_next_time() -> None:
    wire, card = emulated()
    for _ in range(2):
        before = len(wire.commands)
        with pytest.raises(SecurityStatusNotSatisfied):
            card.data_object("CPS_ACTIVITY_01_PS")
        assert len(wire.commands) > before


def test_a_card_that_leaves_raises() -> None:
    wire, card = emulated()
    wire.is_removed = True
    with pytest.raises(CardRemoved):
        _ = card.holder
    assert card.problems == ()


def test_a_serial_of_another_issuer_does_not_match() -> None:
    raw = bytes.fromhex("5A 0A 80 25 00 00 01 12 34 56 78 8F")
    _, card = emulated(serial=raw)
    assert card.serial is None
    assert problems(card) == {("EF.SN.ICC", RecordError)}
    assert card.card.chip_serial is None


def test_the_serial_is_read_where_identification_did_not() -> None:
    _, card = emulated()
    again = CpsCard(card._contents, replace(card.match, serial=None))
    assert str(again.serial) == str(card.serial)


def test_the_repr_of_what_is_read_shows_nobody() -> None:
    _, card = emulated()
    read_everything(card)
    shown = repr((card.full_holder, card.full_card, card.certificates, card.match, card.token_info))
    shown += repr((card.serial, card.id_card, card.holder_info, card.holder_name, card.application))
    for private in ("JULES", "RPPS", "99700", "2909821700", "09821700"):
        assert private not in shown
