"""The emulated Vitale 2, byte for byte on the two public read sequences, and its stand-ins."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.errors import ConfigurationError
from cardio.iso7816.atr import Atr
from cardio.iso7816.tlv import Tlv, parse, parse_all
from cardio_emulator.card_os import Card
from cardio_emulator.cards import vitale2
from cardio_emulator.cards.vitale2_persona import VitalePersona, load
from cardio_emulator.image import Confidence, DedicatedFile, ElementaryFile

# Written out by hand from facts: vitale_readers.md §3, not taken from the card's own code.
VITALE = "D250000002564954414C45"
MF_VITALE = "D2500000024D465F564954414C45"
IDENTITIES = (
    "6524 800C46414D494C4C452D54455354 810A43415244494F4C494E45 82083139383531393031"
    "651D 800C46414D494C4C452D54455354 81034E4FC9 82083230313231393135"
    "6520 800C46414D494C4C452D54455354 81065A4FC94C4945 82083230313531393238"
)
NIRS = (
    "6516 9003465241 930F323835313937353939303031323935"
    "6516 9003465241 930F313132313937353939303033343134"
    "6516 9003465241 930F323135313937353939303035363836"
)
ADELE = "D2500000044164E86C650101"
MAP = (
    "E0819B"
    "A037 8212 0001 0000 D2500000024D465F564954414C45 820F 0002 0000 D250000002564954414C45"
    "8210 0003 0000 D2500000044164E86C650101"
    "800C 4944454E54202020 0001 2002 800C 56414C4944495445 0001 2003"
    "800C 42454E4546202020 0002 2002 800C 50524F5445474520 0002 2004"
    "800C 4252555420202020 0002 2005 800C 4345525449462020 0003 2010"
    "800C 5354414E44494E20 0002 2006"
)


@pytest.fixture
def card() -> Card:
    made = vitale2.make()
    made.reset()
    return made


def send(card: Card, command: str) -> str:
    return card.transmit(bytes.fromhex(command)).hex().upper()


def fetch(card: Card, command: str) -> bytes:
    """What a client gets in the end, following 61xx and 6Cxx."""
    raw = bytes.fromhex(command)
    answer = card.transmit(raw)
    if answer[-2] == 0x6C:
        answer = card.transmit(raw[:-1] + answer[-1:])
    if answer[-2] == 0x61:
        answer = card.transmit(bytes((0, 0xC0, 0, 0, answer[-1])))
    return answer


def test_the_atr_is_a_published_t0_one(card: Card) -> None:
    atr = Atr.parse(card.atr)
    assert card.atr.hex().upper() == "3B751300004409EA9000"
    assert (atr.protocols, atr.tck) == ((0,), None)


def test_the_sequence_of_rufus(card: Card) -> None:
    """facts: vitale_readers.md §3, second table."""
    identities = bytes.fromhex(IDENTITIES).hex().upper()
    nirs = bytes.fromhex(NIRS).hex().upper()
    exchanges = [
        ("00A40000023F00", "6112"),
        ("00C0000012", f"6F10840E{MF_VITALE}9000"),
        ("00B0820000", "6C67"),
        ("00B0820067", f"{identities}9000"),
        (f"00A404000B{VITALE}", "610F"),
        ("00C000000F", f"6F0D840B{VITALE}9000"),
        ("00B0820000", "6C48"),
        ("00B0820048", f"{nirs}9000"),
    ]
    assert [(command, send(card, command)) for command, _ in exchanges] == exchanges


def test_the_sequence_of_cardpeek(card: Card) -> None:
    """facts: vitale_readers.md §3, first table: SELECT with Le, EF by identifier, READ BINARY."""
    assert send(card, f"00A404000B{VITALE}00") == "610F"
    assert fetch(card, f"00A404000B{VITALE}00").hex().upper() == f"6F0D840B{VITALE}9000"
    assert fetch(card, "00A402000220 0100")[0] == 0x62
    assert fetch(card, "00B0000000") == bytes.fromhex(MAP + "9000")
    assert fetch(card, f"00A404000E{MF_VITALE}00").hex().upper() == f"6F10840E{MF_VITALE}9000"
    assert fetch(card, "00A4020002200200")[0] == 0x62
    assert fetch(card, "00B0000000") == bytes.fromhex(IDENTITIES + "9000")
    assert fetch(card, "00A4020002200300")[0] == 0x62
    assert fetch(card, "00B0000000") == b"\x66\x0a\x80\x0820220301\x90\x00"
    for fid in ("2F00", "2F02"):
        assert fetch(card, f"00A4020002{fid}00")[0] == 0x62
        assert fetch(card, "00B0000000")[-2:] == b"\x90\x00"
    fetch(card, f"00A404000B{VITALE}00")
    assert fetch(card, "00A4020002200200")[0] == 0x62
    assert fetch(card, "00B0000000") == bytes.fromhex(NIRS + "9000")
    assert fetch(card, "00A4020002200400")[0] == 0x62
    assert send(card, "00B0000000") == "6982"
    assert fetch(card, "00A4020002200500")[0] == 0x62
    assert fetch(card, "00B0000000") == bytes(256) + b"\x90\x00"
    assert send(card, "00B0010000") == "6B00"
    assert fetch(card, f"00A404000C{ADELE}00").hex().upper() == f"6F0E840C{ADELE}9000"
    assert fetch(card, "00A4020002201000")[0] == 0x62
    assert fetch(card, "00B0000000")[:8] == bytes.fromhex("7F2181BB5F378180")


def test_the_map_leads_to_every_file_it_names(card: Card) -> None:
    """As cardpeek walks it (facts: vitale.md §2.5)."""
    fetch(card, f"00A404000B{VITALE}00")
    fetch(card, "00A4020002200100")
    applications, *files = parse(fetch(card, "00B0000000")[:-2]).children
    assert applications.tag == 0xA0
    names = {node.value[:2]: node.value[4:] for node in applications.children}
    for node in files:
        assert (node.tag, len(node.value)) == (0x80, 12)
        assert node.value[:8].isascii()
        assert node.value[:8].decode().isprintable()
        aid = names[node.value[8:10]]
        fetch(card, bytes((0, 0xA4, 4, 0, len(aid), *aid)).hex())
        fid = node.value[10:12].hex()
        assert fetch(card, f"00A4020002{fid}00")[-2:] == b"\x90\x00"


def test_what_both_readers_need_of_the_shipped_persona(card: Card) -> None:
    """facts: vitale_readers.md §4.3 to §4.5."""
    family = load("famille").beneficiaries
    assert len(family) == 3
    for person in family:
        assert person.nir.is_test
        assert person.nir.has_valid_key
        assert person.birth_date[4:6] == "19"
    for aid in (MF_VITALE, VITALE):
        fetch(card, f"00A40400{len(aid) // 2:02X}{aid}")
        content = fetch(card, "00B0820000")[:-2]
        assert len(content) <= 256
        templates = parse_all(content)
        assert [template.tag for template in templates] == [0x65] * 3
        assert all(len(template.value) < 128 for template in templates)


def test_nothing_can_be_written_and_no_key_is_there(card: Card) -> None:
    for command in ("00D6000001FF", "0088000008" + "00" * 8, "002A9E9A00", "0020000104" + "30" * 4):
        assert send(card, command) == "6D00"
    assert send(card, "BCA40000023F00") == "6E00"


def test_unknown_files_are_not_found(card: Card) -> None:
    assert send(card, "00A40200022005") == "6A82"
    assert send(card, "00A404000CD2500000044164E86C650102") == "6A82"
    assert send(card, "00B0830000") == "6A82"


def test_a_reset_goes_back_to_the_root(card: Card) -> None:
    fetch(card, f"00A404000B{VITALE}")
    nirs = fetch(card, "00B0820000")
    card.reset()
    assert fetch(card, "00B0820000") == bytes.fromhex(IDENTITIES + "9000") != nirs


def test_reading_ends_after_a_file_of_exactly_256_bytes() -> None:
    """cardpeek reads on after 256 bytes (facts: vitale_readers.md §3)."""
    image = vitale2.image(load("famille"))
    content = bytes(256)
    root = DedicatedFile(0x3F00, name=b"ROOT", children=(ElementaryFile(0x2005, content),))
    card = Card(type(image)(image.kind, image.atr, image.serial, root, image.manners))
    fetch(card, "00A4020002200500")
    assert fetch(card, "00B0000000") == content + b"\x90\x00"
    assert send(card, "00B0010000") == "6B00"


def test_a_family_of_ten_is_read_block_by_block(tmp_path: Path) -> None:
    people = "".join(
        f'[[beneficiary]]\nfamily_name = "FAMILLE-TEST"\ngiven_name = "PERSONNE {number}"\n'
        f'birth_date = "201019{number:02}"\nnir = "1101975990{number:03}00"\ncountry = "FRA"\n'
        for number in range(1, 11)
    )
    path = tmp_path / "ten.toml"
    header = 'serial = "9900000010"\nvalid_from = "20200101"\norganism = "013499881"\n'
    path.write_text(header + people, encoding="utf-8")
    card = vitale2.make(path)
    fetch(card, "00A4020002200200")
    content, offset = b"", 0
    while (answer := fetch(card, f"00B0{offset:04X}00"))[-2:] == b"\x90\x00":
        content += answer[:-2]
        offset += len(answer) - 2
        if len(answer) < 258:
            break
    assert len(content) > 256
    assert [t.get(0x81) for t in parse_all(content)][-1] == b"PERSONNE 10"


def folders(card: Card) -> list[DedicatedFile]:
    """The root and the applications under it."""
    root = card.image.root
    return [root, *(child for child in root.children if isinstance(child, DedicatedFile))]


def test_every_file_says_how_sure_it_is(card: Card) -> None:
    files = [file for df in folders(card) for file in df.children]
    files = [file for file in files if isinstance(file, ElementaryFile)]
    assert len(files) == 10
    for file in files:
        assert file.label
        assert file.origin.source.startswith(("vitale.md", "ISO/IEC"))
    closed = next(f for f in files if f.label == "protected file")
    assert closed.origin.confidence is Confidence.STAND_IN


GOOD = {
    "serial": '"9900000001"',
    "valid_from": '"20220301"',
    "organism": '"013499881"',
}
PERSON = {
    "family_name": '"FAMILLE-TEST"',
    "given_name": '"ALIX"',
    "birth_date": '"19851901"',
    "nir": '"285197599001295"',
    "country": '"FRA"',
}


def toml(values: dict[str, str]) -> str:
    return "".join(f"{key} = {value}\n" for key, value in values.items())


def written(folder: Path, card: dict[str, str], *people: dict[str, str]) -> Path:
    path = folder / "persona.toml"
    tables = "".join("[[beneficiary]]\n" + toml(person) for person in people)
    path.write_text(toml(card) + tables, encoding="utf-8")
    return path


def test_ones_own_persona(tmp_path: Path) -> None:
    assert vitale2.make(written(tmp_path, GOOD, PERSON)).serial == "9900000001"


def test_a_wrong_key_is_let_through_for_readers_to_report(tmp_path: Path) -> None:
    wrong = PERSON | {"nir": '"285197599001200"'}
    card = vitale2.make(written(tmp_path, GOOD, wrong))
    fetch(card, f"00A404000B{VITALE}")
    assert b"285197599001200" in fetch(card, "00B0820000")


@pytest.mark.parametrize(
    ("card", "person", "said"),
    [
        ({"serial": "12"}, {}, "'serial' must be a text in quotes"),
        ({"serial": '"12"'}, {}, "'serial' must be 10 digits in quotes"),
        ({"valid_from": '"2022-03-01"'}, {}, "'valid_from' must be 8 digits"),
        ({"organisme": '"0"'}, {}, "'organisme' is unknown; allowed: "),
        ({}, {"birth_date": '"1985"'}, "beneficiary 1: 'birth_date' must be 8 digits"),
        ({}, {"given_name": '"Ł"'}, "'given_name' has a character outside Latin-1"),
        ({}, {"nir": '"28519"'}, "'nir' is no NIR"),
        ({}, {"nir": '"285127599001242"'}, "'nir' must be a test number"),
        ({}, {"rank": '"1"'}, "beneficiary 1: 'rank' is unknown"),
        ({}, {"family_name": f'"{"A" * 120}"'}, "more than 127"),
        ({"atr": '"3B029000"'}, {}, "'atr' must be a published one: 3B751300004409EA9000, 3B7513"),
    ],
)
def test_wrong_personas_are_told(
    tmp_path: Path, card: dict[str, str], person: dict[str, str], said: str
) -> None:
    path = written(tmp_path, GOOD | card, PERSON | person)
    with pytest.raises(ConfigurationError) as caught:
        vitale2.make(path)
    assert said in str(caught.value)
    assert "ALIX" not in str(caught.value)
    assert "28512759900" not in str(caught.value)


def test_a_persona_without_rights_has_no_stand_in_file(tmp_path: Path) -> None:
    card = vitale2.make(written(tmp_path, GOOD, PERSON))
    fetch(card, f"00A404000B{VITALE}00")
    fetch(card, "00A4020002200100")
    assert b"STANDIN" not in fetch(card, "00B0000000")
    assert send(card, "00A40200022006") == "6A82"


def test_a_persona_may_choose_any_published_atr(tmp_path: Path) -> None:
    """facts: vitale.md §1; 4A is not published."""
    listed = [f"3B75130000{x:02X}09EA9000" for x in (*range(0x43, 0x4A), 0x4B, 0x4C)]
    for atr in (*listed, "3B751300004509FA9000"):
        card = vitale2.make(written(tmp_path, GOOD | {"atr": f'"{atr}"'}, PERSON))
        assert card.atr.hex().upper() == atr


def test_a_card_has_one_person_at_least(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="one person at least"):
        vitale2.make(written(tmp_path, GOOD))


def test_unknown_names_list_those_of_cardio() -> None:
    with pytest.raises(ConfigurationError, match="famille"):
        vitale2.make("nobody")


def test_no_identity_in_a_repr() -> None:
    shown = repr(load("famille")) + repr(vitale2.image(load("famille")))
    for secret in ("FAMILLE-TEST", "CARDIOLINE", "28519", "19851901"):
        assert secret not in shown


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_whatever_is_sent_gets_a_status_word(commands: list[bytes]) -> None:
    card = vitale2.make()
    for command in commands:
        assert len(card.transmit(command)) >= 2


names = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), min_size=1, max_size=40)


@given(st.lists(names, min_size=1, max_size=6))
def test_any_latin_1_names_come_back_as_written(given_names: list[str]) -> None:
    base = load("famille")
    person = base.beneficiaries[0]
    people = tuple(
        type(person)("FAMILLE-TEST", name, person.birth_date, person.nir, person.country)
        for name in given_names
    )
    image = vitale2.image(VitalePersona(base.serial, base.valid_from, base.organism, people))
    content = next(f.content for f in image.root.children if isinstance(f, ElementaryFile))
    read: tuple[Tlv, ...] = parse_all(content)
    assert [(t.get(0x81) or b"").decode("latin-1") for t in read] == given_names


def test_the_documentation_lists_every_file(card: Card) -> None:
    text = (Path(__file__).parents[2] / "docs/reference/emulated-vitale2.md").read_text("utf-8")
    for df in folders(card):
        assert (df.name or b"").hex().upper() in text
        for file in df.children:
            if isinstance(file, ElementaryFile):
                row = next(line for line in text.splitlines() if f"| {file.fid:04X} |" in line)
                assert file.origin.confidence.value in row
