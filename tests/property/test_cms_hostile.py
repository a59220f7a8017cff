"""Signatures damaged at random: an error of cardio's, or the right signer of the right content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.signing import authorities, certificate, key

from cardio.authentication.cms import sign_cms
from cardio.authentication.jws import sign_jws
from cardio.authentication.verification import verify_signature
from cardio.authentication.xml_file import sign_xml
from cardio.errors import CardioError

CONTENT = b"<a><b>content</b></a>"
SEEDS = (
    sign_cms(CONTENT, key(), certificate(), chain=authorities()),
    sign_jws(CONTENT, key(), certificate()).encode(),
    sign_xml(CONTENT, key(), certificate()),
)
pytestmark = pytest.mark.filterwarnings("ignore::Warning")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    raw = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(raw)


@given(raw=st.one_of(st.binary(max_size=300), damaged()))
def test_nothing_but_errors_of_cardio(raw: bytes) -> None:
    for content in (CONTENT, None):
        try:
            signed = verify_signature(raw, content)
        except CardioError:
            continue
        if signed.content is not None:
            assert signed.content == CONTENT
        key_of = signed.certificate.load().public_key()
        assert key_of == certificate().public_key()


@given(content=st.binary(max_size=60))
def test_a_cms_is_of_one_content_only(content: bytes) -> None:
    if content == CONTENT:
        return
    with pytest.raises(CardioError):
        verify_signature(SEEDS[0], content)
    with pytest.raises(CardioError):
        verify_signature(SEEDS[1], content)
