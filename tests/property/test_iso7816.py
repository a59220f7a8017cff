"""Commands, answers, TLV, FCP, paths and ATRs: what is written is read back the same."""

from functools import reduce
from operator import xor

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.property.strategies import BYTE, COMMANDS, PRIMITIVES, TREES, refused_within

from cardio.errors import ApduError, AtrError, FcpError, MalformedData, TlvError
from cardio.iso7816 import Atr, CommandApdu, Fcp, Path, ResponseApdu, StatusWord, Tlv, tlv
from cardio.iso7816.historical import Capability, HistoricalBytes, parse_compact_tlv

UNKNOWN_TO_FCP = PRIMITIVES.filter(
    lambda node: node.tag not in (0x80, 0x81, 0x82, 0x83, 0x84, 0x88, 0x8A)
)
FCPS = st.builds(
    Fcp,
    size=st.none() | st.integers(0, 2**32 - 1),
    descriptor=st.none() | BYTE,
    fid=st.none() | st.integers(0, 0xFFFF),
    df_name=st.none() | st.binary(min_size=1, max_size=16),
    sfi=st.none() | st.integers(1, 30),
    life_cycle=st.none() | BYTE,
    security=st.lists(UNKNOWN_TO_FCP, max_size=3).map(tuple),
)


@st.composite
def atrs(draw: st.DrawFn) -> tuple[bytes, list[int], bytes, bytes]:
    """An ATR, its TD protocols, its interface bytes without TDs, its historical bytes."""
    historical = draw(st.binary(max_size=15))
    protocols = draw(st.lists(st.integers(0, 15), max_size=4))
    announcer, raw, others = len(historical), bytearray(), bytearray()
    raw.append(draw(st.sampled_from([0x3B, 0x3F])))
    groups: list[bytes] = []
    for protocol in [*protocols, None]:
        present = draw(st.integers(0, 7))
        values = draw(st.binary(min_size=present.bit_count(), max_size=present.bit_count()))
        others += values
        more = 0x80 if protocol is not None else 0
        groups.append(bytes((announcer | present << 4 | more,)) + values)
        announcer = protocol or 0
    raw += b"".join(groups) + historical
    if any(protocols):
        raw.append(reduce(xor, raw[1:]))
    assume(len(raw) <= 33)
    return bytes(raw), protocols, bytes(others), historical


@given(COMMANDS)
def test_commands_come_back(command: CommandApdu) -> None:
    assert CommandApdu.decode(command.encode()) == command


@given(st.binary(max_size=300))
def test_bytes_are_a_command_or_an_apdu_error(raw: bytes) -> None:
    with refused_within(raw, ApduError):
        assert CommandApdu.decode(raw).encode() == raw


@given(st.binary(min_size=2, max_size=300))
def test_bytes_are_an_answer(raw: bytes) -> None:
    assert ResponseApdu.decode(raw).encode() == raw


@given(st.integers(0, 0xFFFF))
def test_every_status_word_has_a_meaning(value: int) -> None:
    status = StatusWord(value)
    assert status.text
    assert int.from_bytes(bytes(status), "big") == value
    told = (status.tries_left, status.available, status.exact_le)
    assert sum(number is not None for number in told) <= 1


@given(TREES)
def test_trees_come_back(tree: Tlv) -> None:
    assert tlv.parse(tree.encode()) == tree


@given(st.lists(TREES, max_size=4), st.lists(st.sampled_from([b"\x00", b"\xff"]), max_size=4))
def test_trees_come_back_from_a_padded_file(trees: list[Tlv], padding: list[bytes]) -> None:
    pad = b"".join(padding)
    raw = pad + pad.join(tree.encode() for tree in trees) + pad
    assume(all(tree.encode()[0] != 0xFF for tree in trees))
    assert tlv.parse_all(raw, padding=True) == tuple(trees)


@given(TREES, st.data())
def test_a_truncated_tree_is_refused_within_it(tree: Tlv, data: st.DataObject) -> None:
    raw = tree.encode()
    cut = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(TlvError) as caught:
        tlv.parse(raw[:cut])
    assert 0 <= caught.value.offset <= cut


@given(st.binary(max_size=200))
def test_bytes_are_objects_or_a_tlv_error(raw: bytes) -> None:
    for read in (tlv.parse, tlv.parse_all, parse_compact_tlv):
        with refused_within(raw, TlvError):
            read(raw)


@given(FCPS)
def test_fcps_come_back(fcp: Fcp) -> None:
    assert Fcp.decode(fcp.encode()) == fcp


@given(st.binary(max_size=60))
@example(b"\x80")
def test_bytes_are_an_fcp_or_an_error(body: bytes) -> None:
    for raw in (body, b"\x62" + tlv.encode_length(len(body)) + body):
        with refused_within(raw, FcpError, TlvError):
            Fcp.decode(raw)


@given(st.lists(st.integers(0, 0xFFFF), max_size=6))
def test_paths_come_back(fids: list[int]) -> None:
    path = Path.of(*fids)
    assert Path.decode(path.encode()) == path
    assert Path.parse(str(path)) == path


@given(st.text(max_size=20))
def test_text_is_a_path_or_an_error(text: str) -> None:
    with refused_within(text, MalformedData):
        path = Path.parse(text)
        assert Path.parse(str(path)) == path


@given(atrs())
def test_atrs_are_taken_apart(made: tuple[bytes, list[int], bytes, bytes]) -> None:
    raw, protocols, others, historical = made
    atr = Atr.parse(raw)
    assert [byte.value & 0xF for byte in atr.interface_bytes if byte.name == "TD"] == protocols
    assert bytes(byte.value for byte in atr.interface_bytes if byte.name != "TD") == others
    assert atr.historical_bytes == historical
    assert set(atr.protocols) == (set(protocols) - {15} or {0})
    assert (atr.tck is not None) == any(protocols)


@given(st.binary(max_size=40))
def test_bytes_are_an_atr_or_an_error(raw: bytes) -> None:
    for candidate in (raw, b"\x3b" + raw):
        with refused_within(candidate, AtrError):
            Atr.parse(candidate)


@given(st.binary(max_size=15))
def test_bytes_are_historical_bytes_or_an_error(raw: bytes) -> None:
    with refused_within(raw, TlvError):
        historical = HistoricalBytes.decode(raw)
        assert set(historical.capabilities) <= set(Capability)
        assert historical.status_word is None or bytes(historical.status_word) in raw
