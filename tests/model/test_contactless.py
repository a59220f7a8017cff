"""The contactless side has no PIN: nothing that is sent opens a protected file.

Facts: cps.md §2.2 and §3.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.model.dialects import Send, command

from cardio_emulator.kinds import make

FREE = ("3F00D003", "3F002F00", "3F002F01", "3F0000025031", "3F0000025032")
PROTECTED = ("3F0000017001", "3F000001D120")
SUCCESS = b"\x90\x00"

ATTEMPTS = st.lists(
    st.one_of(
        st.binary(max_size=8),
        st.builds(
            lambda header, reference, value: command(f"{header}00{reference:02X}", value),
            st.sampled_from(["0020", "0024", "002C", "A020", "0120"]),
            st.sampled_from([0x01, 0x02, 0x81, 0x82]),
            st.sampled_from([b"", b"1234", b"12345678", b"1234\xff\xff\xff\xff", b"12344711"]),
        ),
        st.just(command("00A4090C", bytes.fromhex("3F000001"))),
        st.just(command("00A4090C", bytes.fromhex("3F00"))),
    ),
    max_size=12,
)


def reads(send: Send, path: str) -> bool:
    """Whether any byte of this file is given."""
    if send(command("00A4090C", bytes.fromhex(path))) != SUCCESS:
        return False
    return len(send(command("00B00000", le=1))) > len(SUCCESS)


@given(ATTEMPTS)
def test_nothing_opens_a_protected_file(attempts: list[bytes]) -> None:
    card = make("cps3-contactless")
    card.reset()
    for attempt in attempts:
        card.transmit(attempt)
    assert not card.verified
    assert not any(reads(card.transmit, path) for path in PROTECTED)
    assert all(reads(card.transmit, path) for path in FREE)


@pytest.mark.parametrize("value", [b"1234", b"12345678"])
def test_no_code_is_taken(value: bytes) -> None:
    card = make("cps3-contactless")
    card.reset()
    for reference in (0x01, 0x02):
        answer = card.transmit(command(f"002000{reference:02X}", value))
        assert answer[0] in (0x69, 0x6A, 0x6D, 0x6E)
