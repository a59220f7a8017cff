"""What the property tests draw from, and how they tell a fair refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import strategies as st

from cardio.errors import MalformedData
from cardio.iso7816 import CommandApdu, Tlv, tlv

BYTE = st.integers(0, 0xFF)
LE = st.one_of(st.none(), st.integers(1, 65536), st.sampled_from([1, 256, 257, 65536]))
DATA = st.one_of(
    st.binary(max_size=300),
    st.integers(250, 65535).map(lambda size: b"\xa5" * size),
)
COMMANDS = st.builds(CommandApdu, BYTE, BYTE, BYTE, BYTE, data=DATA, le=LE, extended=st.booleans())

LEADING = st.integers(1, 0xFF)
SHORT_TAGS = LEADING.filter(lambda byte: byte & 0x1F != 0x1F)
LONG_TAGS = st.builds(
    lambda first, rest: int.from_bytes(bytes((first | 0x1F, *rest)), "big"),
    LEADING,
    st.one_of(
        st.tuples(st.integers(0x1F, 0x7F)),
        st.tuples(st.integers(0x81, 0xFF), st.integers(0, 0x7F)),
    ),
)
TAGS = st.one_of(SHORT_TAGS, LONG_TAGS)
PRIMITIVES = st.builds(Tlv.of, TAGS.filter(lambda t: not tlv.is_constructed(t)), DATA)
TREES = st.recursive(
    PRIMITIVES,
    lambda children: st.builds(
        lambda tag, parts: Tlv.of(tag, *parts),
        TAGS.filter(tlv.is_constructed),
        st.lists(children, max_size=4),
    ),
    max_leaves=12,
)


@contextmanager
def refused_within(raw: bytes | str, *kinds: type[MalformedData]) -> Iterator[None]:
    """The block may raise one of these errors, with an offset that is a place in `raw`."""
    try:
        yield
    except kinds as error:
        if not 0 <= error.offset <= len(raw):
            raise AssertionError(f"offset {error.offset} of {len(raw)} bytes") from error
