"""Hostile cards and files: nothing but `CardioError`, and never an endless reading."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st
from tests.support.vitale_card import MAP, MATCH, NUMBERS, PEOPLE, ROOT, VITALE, SoftVitale

from cardio.cards.identify import CardKind, candidates, identify
from cardio.cards.vitale.card import VitaleCard
from cardio.cards.vitale.map import decode_map
from cardio.cards.vitale.tlvs import FileContent, decode_beneficiaries, decode_date
from cardio.errors import CardioError, IdentifierError, MalformedData
from cardio.identity.nir import Nir, key_of
from cardio.iso7816.tlv import Tlv
from cardio.transport.channel import Channel

tags = st.sampled_from([0x65, 0x66, 0x80, 0x81, 0x82, 0x90, 0x93, 0xE0, 0xA0, 0x7F21, 0x5F37])
trees = st.recursive(
    st.builds(Tlv, tags, st.binary(max_size=20)),
    lambda inner: st.builds(
        lambda tag, nodes: Tlv(tag, b"".join(node.encode() for node in nodes)),
        tags,
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@st.composite
def bent(draw: st.DrawFn, sound: bytes) -> bytes:
    """A sound file with a few bytes changed, then cut or lengthened."""
    raw = bytearray(sound)
    for _ in range(draw(st.integers(0, 6))):
        raw[draw(st.integers(0, len(raw) - 1))] = draw(st.integers(0, 255))
    return bytes(raw[: draw(st.integers(0, len(raw)))]) + draw(st.binary(max_size=20))


def files(sound: bytes) -> st.SearchStrategy[bytes]:
    encoded_trees = st.lists(trees, max_size=4).map(
        lambda nodes: b"".join(node.encode() for node in nodes)
    )
    return st.one_of(bent(sound), encoded_trees, st.binary(max_size=600))


@given(files(PEOPLE), files(NUMBERS))
def test_templates(people: bytes, numbers: bytes) -> None:
    lists = FileContent.decode(people).people, FileContent.decode(numbers).people
    found, problems = decode_beneficiaries(*lists)
    assert len(found) == len(lists[0])
    if len(lists[0]) != len(lists[1]):
        assert all(one.nir is None for one in found)
    assert all(
        problem.beneficiary is None or problem.beneficiary < len(found) for problem in problems
    )


@given(files(MAP))
def test_map(raw: bytes) -> None:
    with suppress(MalformedData):
        assert all(1 <= len(file.aid) <= 16 and file.fid < 0x10000 for file in decode_map(raw))


@given(st.binary(max_size=10))
def test_date(raw: bytes) -> None:
    decoded = decode_date(raw)
    assert decoded is None or decoded.strftime("%m%d") in raw.decode("latin-1")


@given(files(PEOPLE), files(NUMBERS), files(MAP), files(bytes.fromhex("660A80083230323030313135")))
def test_cards(people: bytes, numbers: bytes, card_map: bytes, validity: bytes) -> None:
    soft = SoftVitale(
        {
            ROOT: {0x2002: people, 0x2003: validity},
            VITALE: {0x2001: card_map, 0x2002: numbers, 0x2004: None},
        }
    )
    card = VitaleCard(Channel(soft), MATCH)
    with suppress(CardioError):
        assert isinstance(card.beneficiaries, tuple)
        assert isinstance(card.problems, tuple)
        assert card.valid_from is None or card.valid_from.year > 0
    assert len(set(soft.sent)) <= len(soft.sent) < 200


class Babbling(SoftVitale):
    """Answers anything to anything."""

    def __init__(self, atr: bytes, answers: list[bytes]) -> None:
        super().__init__({}, atr=atr)
        self._answers = answers

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return self._answers[len(self.sent) % len(self._answers)]


status_words = st.sampled_from([b"\x90\x00", b"\x62\x82", b"\x6a\x82", b"\x69\x82", b"\x6b\x00"])
answers = st.lists(
    st.one_of(
        st.binary(max_size=300),
        st.builds(bytes.__add__, st.one_of(files(PEOPLE), files(MAP)), status_words),
        st.builds(bytes.__add__, st.just(b"\x65" + bytes(255)), status_words),
    ),
    min_size=1,
    max_size=6,
)


@given(st.binary(max_size=40), answers)
def test_identify_takes_any_card_within_three_commands(
    atr: bytes, given_answers: list[bytes]
) -> None:
    soft = Babbling(atr, given_answers)
    assert isinstance(identify(Channel(soft)).kind, CardKind)
    assert len(soft.sent) <= 3


@given(answers)
def test_reading_a_babbling_card_ends(given_answers: list[bytes]) -> None:
    card = VitaleCard(Channel(Babbling(b"", given_answers)), MATCH)
    with suppress(CardioError):
        assert isinstance(card.beneficiaries, tuple)
        _ = card.valid_from


@given(st.binary(max_size=40))
def test_candidates_take_any_bytes(atr: bytes) -> None:
    assert all(len(candidate.pattern) == len(atr) for candidate in candidates(atr))


@given(st.text(max_size=20))
def test_nir_takes_any_text(text: str) -> None:
    with suppress(IdentifierError):
        assert len(Nir.parse(text, check_key=False).value) == 15


@given(st.from_regex(r"[1-8][0-9]{4}([0-9]{2}|2[AB])[0-9]{6}", fullmatch=True))
def test_a_key_is_valid_and_no_other_is(number: str) -> None:
    key = key_of(number)
    keys = [f"{other:02}" for other in range(100)]
    assert [other for other in keys if Nir(number + other).has_valid_key] == [key]
    less = {"A": 1_000_000, "B": 2_000_000}.get(number[6], 0)
    plain = int(number.replace("A", "0").replace("B", "0")) - less
    assert int(key) == 97 - plain % 97
