"""All files of a soft Vitale 2, its certificates, the two routes, who it belongs to."""

import hashlib
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.support.vitale_card import (
    MATCH,
    MF_VITALE,
    NUMBERS,
    PEOPLE,
    ROOT,
    VITALE,
    SoftVitale,
    encoded,
    family,
    map_of,
)

from cardio.cards.identify import CardKind, Interface, Match, Reason, identify
from cardio.cards.layout import Confidence
from cardio.cards.vitale.beneficiary import Beneficiary, ProblemCode
from cardio.cards.vitale.card import VitaleCard
from cardio.cards.vitale.certificate import CvCertificate, decode_certificates
from cardio.cards.vitale.inventory import MOST_FILES, FileKind, FileState
from cardio.cards.vitale.nature import CardNature, NatureReason, nature_of
from cardio.cards.vitale.pairs import check_pairs
from cardio.cards.vitale.rights.dates import CardDate
from cardio.cards.vitale.rights.grammar import encode_records
from cardio.cards.vitale.rights.model import Rights, Source
from cardio.cards.vitale.rights.records import (
    BeneficiaryRecord,
    CommonZoneRecord,
    InsuredRecord,
    ReadingApiRecord,
)
from cardio.cards.vitale.routes import Route
from cardio.cards.vitale.tlvs import FileContent
from cardio.cards.vitale.traits import traits_of, traits_of_record
from cardio.errors import CertificateError, RecordError, UnsupportedCard
from cardio.identity.birth_date import BirthDate
from cardio.identity.nir import Nir, key_of
from cardio.iso7816.tlv import Tlv
from cardio.transport.channel import Channel

TABLE = {b"\x00\x01": MF_VITALE, b"\x00\x02": VITALE}
CERTIFICATE = Tlv.of(0x7F21, Tlv.of(0x5F37, bytes(range(128))), Tlv.of(0x5F38, b"rest"))


def open_card(soft: SoftVitale, route: Route = Route.SHORT_ID) -> VitaleCard:
    return VitaleCard(Channel(soft), MATCH, route=route)


def rich() -> SoftVitale:
    """A family with a raw, a closed, an absent and an empty file, and a certificate."""
    soft = family()
    soft.applications[ROOT] |= {0x2F00: b"\x61\x02\x4f\x00", 0x2010: CERTIFICATE.encode()}
    soft.applications[VITALE] |= {
        0x2001: map_of(
            TABLE,
            ("BENEF", b"\x00\x01", 0x2002),
            ("CERTIF", b"\x00\x01", 0x2010),
            ("NIR", b"\x00\x02", 0x2002),
            ("FERME", b"\x00\x02", 0x2004),
            ("BRUT", b"\x00\x02", 0x2005),
            ("VIDE", b"\x00\x02", 0x2007),
            ("PARTI", b"\x00\x02", 0x2008),
            ("LONG", b"\x00\x02", 0x2009),
            ("NUL", b"\x00\x02", 0x200A),
        ),
        0x2005: bytes(256),
        0x2007: b"",
        0x2009: b"\x04\x00" + bytes(1000),
        0x200A: b"no data objects",
    }
    return soft


def test_every_file_is_listed_with_what_it_gives() -> None:
    files = open_card(rich()).files
    told = {
        (file.name, file.fid): (file.state.value, file.kind.value if file.kind else None, file.size)
        for file in files
    }
    assert told == {
        ("POINTERS", 0x2001): ("readable", "tlv", 168),
        ("NIR", 0x2002): ("readable", "tlv", len(NUMBERS)),
        ("FERME", 0x2004): ("needs-professional-card", None, None),
        ("BRUT", 0x2005): ("readable", "raw", 256),
        ("VIDE", 0x2007): ("readable", "empty", 0),
        ("PARTI", 0x2008): ("absent", None, None),
        ("LONG", 0x2009): ("readable", "raw", 1002),
        ("NUL", 0x200A): ("readable", "raw", 15),
        ("BENEF", 0x2002): ("readable", "tlv", len(PEOPLE)),
        ("CERTIF", 0x2010): ("readable", "tlv", len(CERTIFICATE.encode())),
        ("DIR", 0x2F00): ("readable", "tlv", 4),
        ("PAN", 0x2F02): ("absent", None, None),
    }
    assert [file.name for file in files if not file.in_map] == ["POINTERS", "DIR", "PAN"]
    closed = next(file for file in files if file.state is FileState.NEEDS_PROFESSIONAL_CARD)
    assert (closed.status, closed.application, closed.content) == (0x6982, VITALE, b"")


def test_each_file_is_asked_for_once_and_each_application_selected_once() -> None:
    soft = rich()
    card = open_card(soft)
    assert card.files is card.files
    selected = [command for command in soft.sent if command[1] == 0xA4]
    applications = [command for command in selected if command[2] == 0x04]
    assert len(applications) == len(set(applications)) == 2
    assert len(selected) - len(applications) == len(card.files) == 12
    assert len(soft.sent) == 28


def test_a_card_without_a_map_still_tells_the_known_files() -> None:
    for content in (None, b"", b"\x00" * 20, b"\xe0\x02\x80\x00"):
        soft = family()
        soft.applications[VITALE][0x2001] = content
        states = {file.name: file.state for file in open_card(soft).files}
        assert set(states) == {"POINTERS", "DIR", "PAN"}
        closed = content is None
        wanted = FileState.NEEDS_PROFESSIONAL_CARD if closed else FileState.READABLE
        assert states["POINTERS"] is wanted


def test_a_card_that_refuses_all_is_listed_too() -> None:
    assert {file.state for file in open_card(SoftVitale({})).files} == {FileState.ABSENT}


def test_a_map_of_thousands_of_files_ends() -> None:
    soft = family()
    many = [("F", b"\x00\x02", fid) for fid in range(0x3000, 0x3000 + 1500)]
    soft.applications[VITALE][0x2001] = map_of(TABLE, *many)
    soft.applications[VITALE] |= {fid: bytes(32_000) for _, _, fid in many[:60]}
    card = open_card(soft)
    assert len(card.files) == MOST_FILES
    assert len(soft.sent) < 1_000


def test_is_readable_takes_one_command_after_identification() -> None:
    soft = family()
    channel = Channel(soft)
    card = VitaleCard(channel, identify(channel))
    assert card.is_readable
    assert channel.exchanged == 2


def test_is_readable_falls_back_on_the_lists() -> None:
    soft = family()
    soft.applications[ROOT][0x2010] = soft.applications[ROOT].pop(0x2002)
    soft.applications[VITALE][0x2011] = soft.applications[VITALE].pop(0x2002)
    soft.applications[VITALE][0x2001] = map_of(
        TABLE, ("BENEF", b"\x00\x01", 0x2010), ("NIR", b"\x00\x02", 0x2011)
    )
    assert open_card(soft).is_readable
    assert not open_card(SoftVitale({})).is_readable
    assert not open_card(SoftVitale({ROOT: {0x2002: None}, VITALE: {0x2002: None}})).is_readable


def test_six_commands_by_the_map_with_identification() -> None:
    soft = family()
    channel = Channel(soft)
    card = VitaleCard(channel, identify(channel), route=Route.MAP)
    assert [one.given_name for one in card.beneficiaries] == ["ZOÉ", "LEO"]
    assert all(one.nir for one in card.beneficiaries)
    assert [command.hex().upper() for command in soft.sent] == [
        "00A404000BD250000002564954414C45",
        "00A4020002200100",
        "00B0000000",
        "00B0820000",
        "00A404000ED2500000024D465F564954414C45",
        "00B0820000",
    ]
    assert card.problems == ()
    assert card.valid_from == date(2020, 1, 15)


def test_the_map_route_selects_vitale_where_another_program_left_it() -> None:
    soft = family()
    card = open_card(soft, Route.MAP)
    assert all(one.nir for one in card.beneficiaries)
    assert len(soft.sent) == 7
    assert card.problems == ()


def test_both_routes_give_the_same_people() -> None:
    for soft in (family(), rich()):
        by_map = open_card(SoftVitale(soft.applications), Route.MAP)
        by_id = open_card(SoftVitale(soft.applications))
        assert by_map.beneficiaries == by_id.beneficiaries
        assert by_map.problems == by_id.problems == ()


def test_the_map_route_does_without_short_identifiers() -> None:
    class NoShortIds(SoftVitale):
        def transmit(self, command: bytes) -> bytes:
            if command[1] == 0xB0 and command[2] & 0x80:
                self.sent.append(command)
                return b"\x6a\x86"
            return super().transmit(command)

    card = open_card(NoShortIds(family().applications), Route.MAP)
    assert [one.given_name for one in card.beneficiaries] == ["ZOÉ", "LEO"]
    assert card.problems == ()


def test_a_pan_file_of_the_same_short_id_is_no_list() -> None:
    """2F02 ends like 2002: what is read decides, not the name."""
    soft = family()
    soft.applications[VITALE][0x2001] = map_of(
        TABLE, ("PAN", b"\x00\x01", 0x2F02), ("X", b"\x00\x01", 0x2010), ("N", b"\x00\x02", 0x2002)
    )
    soft.applications[ROOT] = {
        0x2002: b"\x5a\x02\x12\x34",
        0x2F02: b"\x5a\x02\x12\x34",
        0x2010: PEOPLE,
    }
    card = open_card(soft, Route.MAP)
    assert [one.given_name for one in card.beneficiaries] == ["ZOÉ", "LEO"]
    assert card.problems == ()


def test_rights_of_a_card_without_our_file_are_not_public() -> None:
    soft = family()
    found = open_card(soft).rights
    assert (found.rights, found.confidence) == (None, None)
    assert "not public" in found.why
    assert len(soft.sent) == 3
    assert open_card(SoftVitale({})).rights.rights is None


def test_rights_of_the_stand_in_file() -> None:
    rights = Rights((CommonZoneRecord("x" * 200), CommonZoneRecord("y" * 200)))
    soft = family()
    for fid, content in ((0x2006, encode_records(rights)), (0x2007, b"\x00\x65")):
        soft.applications[VITALE][0x2001] = map_of(TABLE, ("STANDIN", b"\x00\x02", fid))
        soft.applications[VITALE][fid] = content
        soft.sent.clear()
        card = open_card(soft)
        if fid == 0x2007:
            with pytest.raises(RecordError):
                _ = card.rights
            continue
        assert card.rights.rights == rights
        assert card.rights.confidence is Confidence.STAND_IN
        assert len(soft.sent) == 6


def test_a_file_of_that_name_elsewhere_is_not_ours() -> None:
    soft = family()
    soft.applications[VITALE][0x2001] = map_of(TABLE, ("STANDIN", b"\x00\x01", 0x2003))
    assert open_card(soft).rights.rights is None


def test_certificates_of_the_files() -> None:
    (found,) = open_card(rich()).certificates
    assert found == CvCertificate(bytes(range(128)), b"rest")
    assert found.authority_key_bits == 1024
    assert "rest" not in repr(found)


def key_pair() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)


def signed(key: rsa.RSAPrivateKey, message: bytes, trailer: bytes, hash_name: str) -> CvCertificate:
    """ISO/IEC 9796-2 scheme 1, written here anew."""
    numbers = key.private_numbers()
    digest = hashlib.new(hash_name, message).digest()
    room = 128 - 1 - len(digest) - len(trailer)
    inside = b"\x6a" + message[:room] + digest + trailer
    value = pow(int.from_bytes(inside, "big"), numbers.d, numbers.public_numbers.n)
    return CvCertificate(value.to_bytes(128, "big"), message[room:])


@pytest.mark.parametrize(
    ("trailer", "hash_name"), [(b"\xbc", "sha1"), (b"\x33\xcc", "sha1"), (b"\x34\xcc", "sha256")]
)
def test_the_authoritys_key_opens_a_certificate(trailer: bytes, hash_name: str) -> None:
    key, message = key_pair(), bytes(range(200))
    certificate = signed(key, message, trailer, hash_name)
    opened = certificate.opened_with(key.public_key())
    assert (opened.message, opened.hash_name, opened.is_genuine) == (message, hash_name, True)
    other = CvCertificate(certificate.signature, b"another rest")
    assert not other.opened_with(key.public_key()).is_genuine


def test_another_key_does_not_open_it() -> None:
    certificate = signed(key_pair(), bytes(200), b"\xbc", "sha1")
    for key in (key_pair(), rsa.generate_private_key(65537, 2048)):
        with pytest.raises(CertificateError):
            certificate.opened_with(key.public_key())
    with pytest.raises(CertificateError):
        CvCertificate(None, None).opened_with(key_pair().public_key())


def test_a_certificate_may_lack_a_part() -> None:
    nodes = FileContent.decode(Tlv.of(0x7F21, Tlv.of(0x42, b"CA")).encode()).templates
    (found,) = decode_certificates(nodes)
    assert (found.signature, found.remainder, found.authority_key_bits) == (None, None, None)
    assert [node.tag for node in found.others] == [0x42]


def test_test_cards_are_told_with_the_reason() -> None:
    nature = open_card(family()).nature
    assert (nature.card, nature.is_test) == (CardNature.TEST, True)
    assert [(one.reason, one.beneficiary) for one in nature.evidence] == [
        (NatureReason.TEST_NUMBER, 0),
        (NatureReason.TEST_NUMBER, 1),
    ]
    assert all(one.confidence is Confidence.PUBLISHED and one.why for one in nature.evidence)


def test_what_nothing_tells_stays_unknown() -> None:
    plausible = Beneficiary(nir=Nir("1750599005001" + key_of("1750599005001")))
    for people in ((), (Beneficiary(),), (plausible,)):
        nature = nature_of(people)
        assert (nature.card, nature.is_test) == (CardNature.UNKNOWN, None)


@pytest.mark.parametrize(
    ("rights", "nature", "confidence"),
    [
        (InsuredRecord(card_type="T"), CardNature.TEST, Confidence.PUBLISHED),
        (InsuredRecord(card_type="D"), CardNature.DEMONSTRATION, Confidence.STAND_IN),
        (InsuredRecord(regime="01", fund="999"), CardNature.TEST, Confidence.PUBLISHED),
        (InsuredRecord(card_type="Q", regime="01", fund="101"), CardNature.UNKNOWN, None),
    ],
)
def test_nature_by_rights(
    rights: InsuredRecord, nature: CardNature, confidence: Confidence | None
) -> None:
    found = nature_of((), Rights((rights,)))
    assert found.card is nature
    assert [one.confidence for one in found.evidence] == ([confidence] if confidence else [])


def test_nature_by_the_api_de_lecture() -> None:
    records = (BeneficiaryRecord(), ReadingApiRecord(regime="01", fund="349", centre="0001"))
    assert nature_of((), Rights(records, Source.READING_API)).card is CardNature.TEST


def someone(name: str, birth: str, number_: str) -> Beneficiary:
    return Beneficiary(
        family_name=name, birth_date_as_written=birth, nir=Nir(number_ + key_of(number_))
    )


A = someone("A", "19851901", "2851975990012")
B = someone("B", "20121915", "1121975990034")
C = someone("C", "20151928", "2151975990056")


def swapped(*people: Beneficiary, order: tuple[int, ...]) -> tuple[Beneficiary, ...]:
    numbers = [people[index].nir for index in order]
    return tuple(
        Beneficiary(
            family_name=one.family_name, birth_date_as_written=one.birth_date_as_written, nir=nir
        )
        for one, nir in zip(people, numbers, strict=True)
    )


@pytest.mark.parametrize("order", [(2, 1, 0), (1, 0, 2), (1, 2, 0), (0, 2, 1)])
def test_lists_in_two_orders_give_no_number(order: tuple[int, ...]) -> None:
    people, problems = check_pairs(swapped(A, B, C, order=order))
    assert all(one.nir is None for one in people)
    assert [problem.code for problem in problems] == [ProblemCode.ORDER_DIFFERS]
    assert [one.family_name for one in people] == ["A", "B", "C"]


def test_a_reversed_list_on_the_card_gives_no_number() -> None:
    soft = family()
    first, second = FileContent.decode(NUMBERS).people
    soft.applications[VITALE][0x2002] = encoded(second, first)
    card = open_card(soft)
    assert all(one.nir is None for one in card.beneficiaries)
    assert [problem.code for problem in card.problems] == [ProblemCode.ORDER_DIFFERS]


def test_a_child_under_a_parents_number_keeps_it_with_a_warning() -> None:
    child = someone("B", "20121915", "2851975990012")
    people, problems = check_pairs((A, child))
    assert people == (A, child)
    assert [(p.code, p.beneficiary) for p in problems] == [
        (ProblemCode.BIRTH_YEAR_DIFFERS, 1),
        (ProblemCode.DUPLICATE_NIR, 0),
        (ProblemCode.DUPLICATE_NIR, 1),
    ]


def test_twins_provisional_numbers_and_dates_without_century_are_in_order() -> None:
    twin = someone("T", "20121915", "1121975990035")
    provisional = someone("P", "19701901", "7991975990036")
    old = someone("O", "381900", "1381975990037")
    unknown = someone("U", "", "1991975990038")
    people = (A, B, twin, provisional, old, unknown)
    assert check_pairs(people) == (people, ())


def test_an_empty_entry_keeps_its_place() -> None:
    people = (Beneficiary(), A, Beneficiary(family_name="X"))
    assert check_pairs(people) == (people, ())


def test_a_vitale_1_is_told_to_be_too_old() -> None:
    match = Match(CardKind.VITALE1, "1", Interface.CONTACT, Confidence.INFERRED, Reason.ATR_ONLY)
    with pytest.raises(UnsupportedCard, match="too old to read here"):
        VitaleCard(Channel(family()), match)


def test_traits_for_comparison() -> None:
    zoe, _ = open_card(family()).beneficiaries
    traits = traits_of(zoe)
    assert (traits.family_name, traits.given_names) == ("TEST-DÉMO", "ZOÉ")
    assert (traits.birth_name, traits.sex, traits.nir) == (None, None, zoe.nir)
    assert traits.birth_date == BirthDate(1985, 19, 12)
    assert traits_of(Beneficiary(birth_date_as_written="??")).birth_date is None


def test_traits_of_a_record() -> None:
    record = BeneficiaryRecord(
        used_name="USAGE",
        birth_name="NAISSANCE",
        given_name="ALIX",
        birth_date=CardDate("198519010000"),
        certified_number="2851975990012",
        certified_key="95",
    )
    traits = traits_of_record(record)
    assert (traits.birth_name, traits.used_name, traits.family_name) == ("NAISSANCE", "USAGE", None)
    assert traits.birth_date == BirthDate(1985, 19, 1)
    assert traits.nir is not None
    alone = traits_of_record(BeneficiaryRecord(used_name="SEUL", birth_name="", birth_date=None))
    assert (alone.birth_name, alone.used_name, alone.family_name) == (None, None, "SEUL")
    assert (alone.nir, alone.birth_date) == (None, None)


def test_a_file_begins_as_data_objects_or_is_raw() -> None:
    soft = family()
    contents = {0x3001: b"\x00abc", 0x3002: b"\x04\x00", 0x3003: b"\x04\x01a", 0x3004: b"\xff\xff"}
    soft.applications[VITALE][0x2001] = map_of(
        TABLE, *((f"F{fid:X}", b"\x00\x02", fid) for fid in contents)
    )
    soft.applications[VITALE] |= contents
    kinds = {file.fid: file.kind for file in open_card(soft).files if file.fid in contents}
    assert list(kinds.values()) == [FileKind.RAW, FileKind.RAW, FileKind.TLV, FileKind.RAW]
