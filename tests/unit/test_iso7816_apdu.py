"""Commands and responses: every case of ISO/IEC 7816-3 §12.1.3, short and extended."""

import pytest

from cardio.errors import ApduError
from cardio.iso7816 import Case, CommandApdu, ResponseApdu, StatusWord

CASES = [
    ("00A40304", CommandApdu(0, 0xA4, 3, 4), Case.NOTHING),
    ("0084000008", CommandApdu(0, 0x84, 0, 0, le=8), Case.ANSWER_ONLY),
    ("00B0000000", CommandApdu(0, 0xB0, 0, 0, le=256), Case.ANSWER_ONLY),
    ("00A40904023F00", CommandApdu(0, 0xA4, 9, 4, b"\x3f\x00"), Case.DATA_ONLY),
    ("00A40904023F0000", CommandApdu(0, 0xA4, 9, 4, b"\x3f\x00", 256), Case.DATA_AND_ANSWER),
    ("00B00000000000", CommandApdu(0, 0xB0, 0, 0, le=65536), Case.ANSWER_ONLY),
    ("00B00000000101", CommandApdu(0, 0xB0, 0, 0, le=257), Case.ANSWER_ONLY),
    (
        "00A409040000023F00",
        CommandApdu(0, 0xA4, 9, 4, b"\x3f\x00", extended=True),
        Case.DATA_ONLY,
    ),
    (
        "00A409040000023F000100",
        CommandApdu(0, 0xA4, 9, 4, b"\x3f\x00", 256, extended=True),
        Case.DATA_AND_ANSWER,
    ),
]


@pytest.mark.parametrize(("raw", "command", "case"), CASES, ids=str)
def test_each_case_encodes_and_decodes(raw: str, command: CommandApdu, case: Case) -> None:
    assert command.encode() == bytes.fromhex(raw)
    assert CommandApdu.decode(bytes.fromhex(raw)) == command
    assert command.case is case


@pytest.mark.parametrize(
    ("raw", "offset"),
    [
        ("", 0),
        ("00A409", 3),
        ("00A40904023F", 4),  # one byte of data missing
        ("00A40904023F000000", 4),  # two bytes of Le after a short Lc
        ("00B000000001", 4),  # half an extended Le
        ("00A4000000000000", 4),  # extended Lc of zero
        ("00A409040000033F00", 4),  # extended Lc too long
        ("00A409040000023F0001", 4),  # one byte of Le after an extended Lc
    ],
)
def test_what_fits_no_case_is_refused_where_it_breaks(raw: str, offset: int) -> None:
    with pytest.raises(ApduError) as caught:
        CommandApdu.decode(bytes.fromhex(raw))
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    "fields",
    [
        {"cla": 256},
        {"ins": -1},
        {"p1": 0x100},
        {"p2": 999},
        {"data": bytes(65536)},
        {"le": 0},
        {"le": 65537},
    ],
    ids=str,
)
def test_fields_out_of_range_are_refused(fields: dict[str, int | bytes]) -> None:
    with pytest.raises(ApduError):
        CommandApdu(**({"cla": 0, "ins": 0, "p1": 0, "p2": 0} | fields))  # type: ignore[arg-type]


def test_long_data_and_long_le_force_extended_length() -> None:
    assert CommandApdu(0, 0xD6, 0, 0, bytes(256)).encode()[:7] == bytes.fromhex("00D60000000100")
    assert CommandApdu(0, 0xB0, 0, 0, le=300).extended
    assert not CommandApdu(0, 0xA4, 3, 4, extended=True).extended


@pytest.mark.parametrize(
    ("cla", "chained"), [(0x00, 0), (0x10, 1), (0x13, 1), (0x80, 0), (0x90, 0)]
)
def test_chaining_bit_counts_in_interindustry_classes_only(cla: int, chained: bool) -> None:
    assert CommandApdu(cla, 0x2A, 0x80, 0x86).is_chained is bool(chained)


def test_le_can_be_changed_alone() -> None:
    command = CommandApdu(0, 0xB0, 0x9C, 0, le=0xC0)
    assert command.with_le(12).encode() == bytes.fromhex("00B09C000C")


def test_representations_hold_no_data() -> None:
    command = CommandApdu(0, 0x20, 0, 1, b"\xde\xad\xbe\xef")
    response = ResponseApdu(b"\xde\xad\xbe\xef")
    for text in (repr(command), repr(response)):
        assert "dead" not in text.lower()
        assert r"\xde" not in text


def test_response_splits_data_and_status() -> None:
    response = ResponseApdu.decode(bytes.fromhex("5A0A9000"))
    assert (response.data, response.status) == (b"\x5a\x0a", StatusWord(0x9000))
    assert response.encode() == bytes.fromhex("5A0A9000")
    assert ResponseApdu().encode() == b"\x90\x00"


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_response_without_status_word_is_refused(raw: bytes) -> None:
    with pytest.raises(ApduError) as caught:
        ResponseApdu.decode(raw)
    assert caught.value.offset == len(raw)
