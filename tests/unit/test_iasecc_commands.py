import pytest

from cardio.errors import ApduError
from cardio.iasecc.commands import get_data, read_binary, read_by_sfi, select_name, select_path
from cardio.iasecc.sdo import SdoClass, request
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.path import ROOT, Path

AID = bytes.fromhex("E828BD080F8025000001FF0010")


@pytest.mark.parametrize(
    ("command", "recorded"),
    [
        # iasecc_opensc.md §7.1 and §1.4, vendor_library.md §4; the T=0 layer takes off Le.
        (select_path(Path.parse("3F00/2F01")), "00 A4 09 04 04 3F 00 2F 01 00"),
        (select_path(ROOT), "00 A4 09 04 02 3F 00 00"),
        (select_path(Path.parse("3F00/0001"), fcp=False), "00 A4 09 0C 04 3F 00 00 01"),
        (select_name(AID), "00 A4 04 04 0D E8 28 BD 08 0F 80 25 00 00 01 FF 00 10 00"),
        (select_name(AID, fcp=False), "00 A4 04 0C 0D E8 28 BD 08 0F 80 25 00 00 01 FF 00 10"),
        (read_binary(0, 0x39), "00 B0 00 00 39"),
        (read_binary(0x100, 256), "00 B0 01 00 00"),
        (read_binary(0x7FFF, 1), "00 B0 7F FF 01"),
        (read_by_sfi(0x1C, 0xC0), "00 B0 9C 00 C0"),
        (
            get_data(request(SdoClass.PIN, 1)),
            "00 CB 3F FF 0A 4D 08 70 06 BF 81 01 02 A0 80 00",
        ),
        (
            get_data(request(SdoClass.RSA_PRIVATE_KEY, 2)),
            "00 CB 3F FF 0A 4D 08 70 06 BF 90 02 02 A0 80 00",
        ),
    ],
)
def test_bytes_are_those_recorded(command: CommandApdu, recorded: str) -> None:
    assert command.encode() == bytes.fromhex(recorded)


def test_offset_out_of_reach() -> None:
    with pytest.raises(ApduError):
        read_binary(0x8000, 1)
