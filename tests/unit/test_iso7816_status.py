"""Status words of ISO/IEC 7816-4 tables 5 and 6, and of T=0."""

import pytest

from cardio.iso7816 import StatusWord
from cardio.iso7816.status import StatusCategory


@pytest.mark.parametrize(
    ("value", "category", "text"),
    [
        (0x9000, StatusCategory.SUCCESS, "success"),
        (0x6127, StatusCategory.MORE_DATA, "39 more bytes to fetch"),
        (0x6100, StatusCategory.MORE_DATA, "256 more bytes to fetch"),
        (0x6282, StatusCategory.WARNING, "end of file before Le bytes"),
        (0x62FE, StatusCategory.WARNING, "warning"),
        (0x63C2, StatusCategory.WARNING, "verification failed, 2 tries left"),
        (0x63C0, StatusCategory.WARNING, "verification failed, 0 tries left"),
        (0x6300, StatusCategory.WARNING, "warning, memory changed"),
        (0x6581, StatusCategory.EXECUTION_ERROR, "memory failure"),
        (0x6C0C, StatusCategory.CHECKING_ERROR, "wrong Le, 12 bytes available"),
        (0x6983, StatusCategory.CHECKING_ERROR, "authentication method blocked"),
        (0x6A82, StatusCategory.CHECKING_ERROR, "file or application not found"),
        (0x6E00, StatusCategory.CHECKING_ERROR, "class not supported"),
        (0x9F07, StatusCategory.PROPRIETARY, "proprietary"),
        (0x9404, StatusCategory.PROPRIETARY, "proprietary"),
        (0x9001, StatusCategory.PROPRIETARY, "proprietary"),
    ],
)
def test_meaning(value: int, category: StatusCategory, text: str) -> None:
    status = StatusWord(value)
    assert (status.category, status.text) == (category, text)


@pytest.mark.parametrize(
    ("value", "tries", "available", "exact"),
    [
        (0x63C3, 3, None, None),
        (0x63CF, 15, None, None),
        (0x63B3, None, None, None),
        (0x6119, None, 25, None),
        (0x6100, None, 256, None),
        (0x6C00, None, None, 256),
        (0x9000, None, None, None),
    ],
)
def test_numbers_within(
    value: int, tries: int | None, available: int | None, exact: int | None
) -> None:
    status = StatusWord(value)
    assert (status.tries_left, status.available, status.exact_le) == (tries, available, exact)


def test_conversions() -> None:
    status = StatusWord(0x6A82)
    assert (int(status), bytes(status), str(status)) == (0x6A82, b"\x6a\x82", "6A82")
    assert (status.sw1, status.sw2, status.is_success) == (0x6A, 0x82, False)


@pytest.mark.parametrize("value", [-1, 0x10000])
def test_sixteen_bits_only(value: int) -> None:
    with pytest.raises(ValueError, match="16 bits"):
        StatusWord(value)
