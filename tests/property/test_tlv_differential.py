"""Our TLV reader against asn1crypto's, on the same bytes."""

from asn1crypto import parser
from hypothesis import given
from hypothesis import strategies as st

from cardio.errors import TlvError
from cardio.iso7816 import Tlv, tlv
from tests.property.test_iso7816 import TREES


def outline(node: Tlv, raw: bytes) -> tuple[bytes, bytes]:
    """Header bytes and content bytes, as they stand in `raw`."""
    return raw[: len(raw) - len(node.value)], node.value


@given(TREES)
def test_both_read_what_we_write(tree: Tlv) -> None:
    raw = tree.encode()
    class_, method, _, header, content, trailer = parser.parse(raw, strict=True)
    assert (header, content) == outline(tree, raw)
    assert trailer == b""
    assert class_ == header[0] >> 6
    assert bool(method) == tlv.is_constructed(tree.tag)
    for child in tree.children:
        test_both_read_what_we_write.hypothesis.inner_test(child)  # type: ignore[attr-defined]


@given(st.binary(min_size=1, max_size=80))
def test_what_we_accept_asn1crypto_reads_alike(raw: bytes) -> None:
    try:
        node, end = tlv.parse_prefix(raw)
    except TlvError:
        return
    _, _, _, header, content, _ = parser.parse(raw[:end], strict=True)
    assert header + content == raw[:end]
    assert content == node.value


@given(st.binary(min_size=1, max_size=80))
def test_what_asn1crypto_refuses_so_do_we(raw: bytes) -> None:
    try:
        parser.parse(raw, strict=True)
    except ValueError:
        try:
            tlv.parse(raw)
        except TlvError:
            return
        raise AssertionError("asn1crypto refused what we read") from None
