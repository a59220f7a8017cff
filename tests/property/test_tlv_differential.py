"""Our TLV reader against asn1crypto's, on the same bytes."""

from typing import cast

import pytest
from asn1crypto import parser
from hypothesis import given
from hypothesis import strategies as st
from tests.property.strategies import TREES

from cardio.errors import TlvError
from cardio.iso7816 import Tlv, tlv


def outline(node: Tlv, raw: bytes) -> tuple[bytes, bytes]:
    """Header bytes and content bytes, as they stand in `raw`."""
    return raw[: len(raw) - len(node.value)], node.value


def parsed(raw: bytes) -> tuple[int, int, int, bytes, bytes, bytes]:
    """Class, method, tag number, header, content, trailer; asn1crypto has no type for them."""
    return cast("tuple[int, int, int, bytes, bytes, bytes]", parser.parse(raw, strict=True))


def assert_read_alike(tree: Tlv) -> None:
    raw = tree.encode()
    class_, method, _, header, content, trailer = parsed(raw)
    assert (header, content) == outline(tree, raw)
    assert trailer == b""
    assert class_ == header[0] >> 6
    assert bool(method) == tlv.is_constructed(tree.tag)
    for child in tree.children:
        assert_read_alike(child)


@given(TREES)
def test_both_read_what_we_write(tree: Tlv) -> None:
    assert_read_alike(tree)


@given(st.binary(min_size=1, max_size=80))
def test_what_we_accept_asn1crypto_reads_alike(raw: bytes) -> None:
    try:
        node, end = tlv.parse_prefix(raw)
    except TlvError:
        return
    _, _, _, header, content, _ = parsed(raw[:end])
    assert header + content == raw[:end]
    assert content == node.value


@given(st.binary(min_size=1, max_size=80))
def test_what_asn1crypto_refuses_so_do_we(raw: bytes) -> None:
    try:
        parser.parse(raw, strict=True)
    except ValueError:
        with pytest.raises(TlvError):
            tlv.parse(raw)
