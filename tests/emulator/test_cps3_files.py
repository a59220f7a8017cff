"""The files of an emulated CPS3, byte for byte against the fact sheets."""

from dataclasses import replace
from datetime import datetime

import pytest
from tests.support.apdu_client import ask, send
from tests.support.personas import PERSONAS, dated

from cardio.iso7816 import tlv
from cardio_emulator.card_os import IAS_ECC, Card
from cardio_emulator.cards import cps3
from cardio_emulator.cards.cps_files import serial_number
from cardio_emulator.holder import CardUpdate
from cardio_emulator.image import DedicatedFile, ElementaryFile

_FREE = "A1128C077BFFFFFFFFFF009C077BFFFFFFFFFF008A0105"
_FACTORY = "A1128C077B45FFFFFF45009C077BFFFFFFFFFF008A0105"
_AID = "E828BD080F8025000001FF0010"
_START, _END = datetime(2026, 3, 1, 10, 15), datetime(2026, 3, 1, 10, 16, 30)  # noqa: DTZ001


@pytest.fixture
def card() -> Card:
    return _dated("medecin")


def _dated(name: str) -> Card:
    """A card with the dates of the fact sheet's records."""
    return Card(cps3.image(dated(name)), IAS_ECC)


def _read(card: Card, path: str) -> bytes:
    assert send(card, f"00A4090C{len(path) // 2:02X}{path}") == "9000"
    content, status = b"", "9000"
    while status == "9000":
        offset = len(content).to_bytes(2, "big").hex()
        data, status = ask(card, f"00B0{offset}E7")
        content += data
    return content


@pytest.mark.parametrize(
    ("path", "fcp"),
    [
        # A real card's (facts: iasecc_opensc.md §1.5).
        (
            "3F002F01",
            "62258002003982010183022F018801E8" + _FACTORY,
        ),
        (
            "3F002F00",
            "62258002006582010183022F008801F0" + _FACTORY,
        ),
        ("3F00D003", "62258002000C8201018302D0038801E0" + _FREE),
        # The prototype's, which both clients took (§7.1; vendor_library.md §4).
        ("3F0000015031", "622480020020820101830250318800" + _FREE),
        ("3F0000017001", "62248002006F820101830270018800" + _FREE),
        ("3F0000017002", "6224800200A7820101830270028800" + _FREE),
        ("3F0000017005", "622480020088820101830270058800" + _FREE),
        ("3F0000017006", "62248002011C820101830270068800" + _FREE),
        ("3F000001", "621F82013883020001840D" + _AID + "A1048C0202FF8A0105"),
        ("3F000002", "621F82013883020002840D" + _AID[:-2] + "20A1048C0202FF8A0105"),
        # Own rules: reading after the PIN, writing after the PIN.
        (
            "3F000001D120",
            "6224800200338201018302D1208800A1128C077BFFFFFFFFFF119C077BFFFFFFFFFFFF8A0105",
        ),
        (
            "3F000001D107",
            "6224800200408201018302D1078800A1128C077BFFFFFFFF11009C077BFFFFFFFFFF008A0105",
        ),
    ],
)
def test_fcp(card: Card, path: str, fcp: str) -> None:
    answer, status = ask(card, f"00A40904{len(path) // 2:02X}{path}")
    assert (answer.hex().upper(), status) == (fcp, "9000")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (
            "3F002F01",
            (
                "804301B8460404B0ECC147039401804F088025000001FF0100E010020201040202010402020100"
                "02020100780806062B8122F8780282029000"
            ),
        ),
        ("3F00D003", "5A0A8025000001098217000F"),
        ("3F0000015031", "A006300404027002A406300404027005A706300404027006A806300404027001"),
        # PUK flags 03 02 00 8B: with soPin (facts: vendor_library.md §2).
        (
            "3F0000017001",
            (
                "303730100C0750494E20435053030206C00401023003040101A11E301C030203880A0101020104"
                "0201040201048001010401FF300404023F00"
                "3034300D0C0750554B20435053030207803003040102A11E301C0302008B0A0101020108"
                "0201080201088001020401FF300404023F00"
            ),
        ),
        (
            "3F0000017002",
            (
                "304D30200C0C4350535F505249565F534947030207800401013009300703020204040101"
                f"301D040E{_AID}010303060040030204B002020081A10A30083002040002020800"
                "3056302A0C0C4350535F505249565F415554030206C0040101"
                "301330070302000104010130080303060040040101"
                f"301C040E{_AID}0203020560030204B002020082A10A30083002040002020800"
            ),
        ),
        (
            "3F0000017005",
            (
                "303F301D0C1B43657274696669636174206465205369676E617475726520435053"
                f"3010040E{_AID}01A10C300A300804063F000001C001"
                "304530230C214365727469666963617420642741757468656E74696669636174696F6E20435053"
                f"3010040E{_AID}02A10C300A300804063F000001C002"
            ),
        ),
        ("3F000001D107", "00" * 64),
        # The records of the doctor (facts: cps_records.md §5).
        (
            "3F000001D101",
            "E31980010081052909821700820180830420251103840420281102",
        ),
        ("3F000001D102", "E40A80011F84054A554C4553"),
        ("3F000001D103", "E50480026672"),
        (
            "3F000001D104",
            (
                "ED2F800100810C38393937303039383231373882010A84134D45444543494E20525050533030393832"
                "31378504534D3236"
            ),
        ),
    ],
)
def test_free_content(card: Card, path: str, content: str) -> None:
    assert _read(card, path).hex().upper() == content


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (
            "3F000001D120",
            (
                "EE318001008415434142494E4554204D205250505330303938323137850F34393937303039383231"
                "3738303038860453413037"
            ),
        ),
        (
            "3F000001D121",
            (
                "EE31800101841A484F504954414C2047454E4552495155452046494E2056415249850A313042303330"
                "39383239860453413031"
            ),
        ),
    ],
)
def test_activities_want_the_pin(card: Card, path: str, content: str) -> None:
    send(card, f"00A4090C06{path}")
    assert send(card, "00B0000033") == "6982"
    send(card, "002000010431323334")
    assert _read(card, path).hex().upper() == content


def test_token_info(card: Card) -> None:
    """Label, serial, flags and the six algorithms (facts: iasecc_opensc.md §2.3)."""
    info = tlv.parse(_read(card, "3F0000015032"))
    assert info.get(0x80) == b"CPS3v3-2909821700"
    assert info.get(0x04) == bytes.fromhex("8025000001098217000F")
    assert info.get(0x03) == bytes.fromhex("0450")
    algorithms = info.find(0xA2)
    assert algorithms is not None
    assert len(algorithms.value) == 0xA6
    assert algorithms.children[4].encode().hex().upper() == (
        "301A02010502010105000302064006092A864886F70D010101020102"
    )


def test_ef_dir_names_the_contactless_application_first(card: Card) -> None:
    content = _read(card, "3F002F00")
    assert len(content) == 0x65
    assert [entry.get(0x50) for entry in tlv.parse_all(content)] == [b"CPX IAS CL", b"CPX IAS"]
    assert [
        entry.get(
            0x51,
        )
        for entry in tlv.parse_all(content)
    ] == [
        bytes.fromhex("3F000002"),
        bytes.fromhex("3F000001"),
    ]


def test_data_object_directory(card: Card) -> None:
    """CPS_DATA first and modifiable, activities private (facts: vendor_library.md §4)."""
    entries = tlv.parse_all(_read(card, "3F0000017006"))
    assert entries[0].encode().hex().upper() == (
        "302630110C084350535F444154410302064004010130050C03435053A10A300804063F000001D107"
    )
    assert entries[-1].encode().hex().upper() == (
        "3030301B0C124350535F41435449564954595F30325F50530302078004010130050C03435053"
        "A10A300804063F000001D121"
    )
    assert len(entries) == 7


def test_card_update_file_is_absent(card: Card) -> None:
    assert send(card, "00A40904043F00D010") == "6A82"


@pytest.mark.parametrize(
    ("update", "content"),
    [
        (CardUpdate(_START, _END), "EC12810720260301101500820720260301101630"),
        (CardUpdate(_START), "EC09810720260301101500"),
        (CardUpdate(_END, _START), "EC12810720260301101630820720260301101500"),
        (CardUpdate(), ""),
    ],
    ids=["done", "interrupted", "end before start", "empty"],
)
def test_card_update_file(update: CardUpdate, content: str) -> None:
    """EF_ACTUA in its valid form, and what the ANS library refuses (vendor_library.md §2)."""
    card = Card(cps3.image(replace(dated("medecin"), update=update)), IAS_ECC)
    fcp, status = ask(card, "00A40904043F00D010")
    assert status == "9000"
    assert fcp[:8].hex().upper() == f"62248002{len(content) // 2:04X}8201"
    assert _read(card, "3F00D010").hex().upper() == content


def test_contactless_application_is_empty_in_contact_mode(card: Card) -> None:
    assert send(card, "00A40904063F0000025031") == "6A82"


@pytest.mark.parametrize(
    ("persona", "records"),
    [
        (
            "infirmiere",
            {
                "D101": "E31980010081052909822500820180830420251103840420281102",
                "D102": "E40A80011684054144454C45",
                "D103": "E50480026672",
                "D104": "ED2B800100810C38393937303039383232353182013C8415494E4649524D494552"
                "205250505330303938323235",
            },
        ),
        (
            "secretaire",
            {
                "D101": "E31980010081052909823300820180830420251103840420281102",
                "D102": "E4098001168404524F5345",
                "D104": "ED2D8001028114333042303330393832392F4350455430303030318412"
                "454D504C4F59452043504530303938323333",
            },
        ),
    ],
)
def test_records_of_other_personas(persona: str, records: dict[str, str]) -> None:
    card = _dated(persona)
    for fid, content in records.items():
        assert _read(card, f"3F000001{fid}").hex().upper() == content


def test_records_have_short_lengths() -> None:
    """The vendor's display reads no longer ones (facts: cps_records.md §0.2)."""
    for persona in PERSONAS:
        application = cps3.make(persona).image.root.children[3]
        assert isinstance(application, DedicatedFile)
        sizes = [
            len(file.content)
            for file in application.children
            if isinstance(file, ElementaryFile)
            and file.label.startswith(("CPS_I", "CPS_N", "CPS_A"))
        ]
        assert len(sizes) >= 4
        assert max(sizes) <= 2 + 127


def test_serial_ends_with_its_luhn_digit() -> None:
    """The example of vendor_library.md §4, and each persona has a serial of its own."""
    assert serial_number("12345678").hex().upper() == "8025000001123456789F"
    assert len({cps3.make(persona).serial for persona in PERSONAS}) == len(PERSONAS)
