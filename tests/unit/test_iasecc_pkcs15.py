"""Directory files of iasecc_opensc.md §2.3, and what real cards may make of them."""

import pytest

from cardio.cards.cps.layout import CPX_IAS
from cardio.errors import TlvError
from cardio.iasecc import pkcs15
from cardio.iasecc.pkcs15 import KeyUsage, PinFlags, TokenInfo
from cardio.iso7816.path import Path
from cardio.iso7816.tlv import Tlv

AID = CPX_IAS.aid
HOME = CPX_IAS.path

ODF = bytes.fromhex("A006300404027002 A406300404027005 A706300404027006 A806300404027001")
AODF = (
    bytes.fromhex("3037 3010 0C07") + b"PIN CPS" + bytes.fromhex("030206C0 040102")
    + bytes.fromhex("3003 040101 A11E 301C 03020388 0A0101 020104 020104 020104 800101")
    + bytes.fromhex("0401FF 3004 04023F00")
    + bytes.fromhex("3034 300D 0C07") + b"PUK CPS" + bytes.fromhex("03020780")
    + bytes.fromhex("3003 040102 A11E 301C 0302018A 0A0101 020108 020108 020108 800102")
    + bytes.fromhex("0401FF 3004 04023F00")
)  # fmt: skip
PRKDF = (
    bytes.fromhex("304D 3020 0C0C") + b"CPS_PRIV_SIG" + bytes.fromhex("03020780 040101")
    + bytes.fromhex("3009 3007 03020204 040101 301D 040E") + AID + bytes.fromhex("01")
    + bytes.fromhex("03030600 40 030204B0 02020081 A10A 3008 30020400 02020800")
    + bytes.fromhex("3056 302A 0C0C") + b"CPS_PRIV_AUT" + bytes.fromhex("030206C0 040101")
    + bytes.fromhex("3013 3007 03020001 040101 3008 0303060040 040101 301C 040E") + AID
    + bytes.fromhex("02 03020560 030204B0 02020082 A10A 3008 30020400 02020800")
)  # fmt: skip


def certificate_entry(path: bytes, label: bytes = b"Certificat") -> bytes:
    common = Tlv.of(0x30, Tlv.of(0x0C, label))
    value = Tlv.of(0xA1, Tlv.of(0x30, Tlv.of(0x30, Tlv.of(0x04, path))))
    return Tlv.of(0x30, common, Tlv.of(0x30, Tlv.of(0x04, AID + b"\x01")), value).encode()


def data_entry(path: bytes, label: bytes = b"CPS_DATA", flags: bytes = b"") -> bytes:
    common = Tlv.of(0x30, Tlv.of(0x0C, label).encode() + flags)
    value = Tlv.of(0xA1, Tlv.of(0x30, Tlv.of(0x04, path)))
    return Tlv.of(0x30, common, Tlv.of(0x30, Tlv.of(0x0C, b"CPS")), value).encode()


def test_odf() -> None:
    listing = pkcs15.read_odf(ODF, CPX_IAS)
    assert listing.problems == ()
    assert [(entry.kind, str(entry.path)) for entry in listing.entries] == [
        ("PrKDF", "3F00/0001/7002"),
        ("CDF", "3F00/0001/7005"),
        ("DODF", "3F00/0001/7006"),
        ("AODF", "3F00/0001/7001"),
    ]


def test_unknown_kinds_of_directory_are_left_out() -> None:
    listing = pkcs15.read_odf(bytes.fromhex("A106300404027003") + ODF, CPX_IAS)
    assert (len(listing.entries), listing.problems) == (4, ())


def test_pins() -> None:
    pin, puk = pkcs15.read_pins(AODF, CPX_IAS).entries
    assert (pin.label, pin.reference, pin.id, pin.unblocked_by) == ("PIN CPS", 1, b"\1", b"\2")
    assert (pin.min_length, pin.stored_length, pin.max_length) == (4, 4, 4)
    assert pin.flags == PinFlags.CASE_SENSITIVE | PinFlags.INITIALIZED
    assert (puk.label, puk.reference, puk.unblocked_by) == ("PUK CPS", 2, None)
    assert PinFlags.UNBLOCKING in puk.flags


def test_the_vendors_puk_is_a_security_officers() -> None:
    raw = AODF.replace(bytes.fromhex("0302018A"), bytes.fromhex("0302008B"))
    assert PinFlags.SECURITY_OFFICER in pkcs15.read_pins(raw, CPX_IAS).entries[1].flags


def test_private_keys() -> None:
    sig, aut = pkcs15.read_private_keys(PRKDF, CPX_IAS).entries
    assert (sig.label, sig.reference, sig.modulus_bits) == ("CPS_PRIV_SIG", 0x81, 2048)
    assert (sig.usage, sig.id, sig.auth_id) == (KeyUsage.NON_REPUDIATION, AID + b"\1", b"\1")
    assert (aut.reference, aut.usage) == (0x82, KeyUsage.DECRYPT | KeyUsage.SIGN)


@pytest.mark.parametrize("usage", ["0303060040", "03030000 40", "0303FF0040", "03030600 7F"])
def test_bit_strings_need_not_be_strict_der(usage: str) -> None:
    """The count of unused bits may be wrong (iasecc_opensc.md §2.1); set bits still count."""
    raw = PRKDF.replace(bytes.fromhex("0303060040 030204B0"), bytes.fromhex(usage + "030204B0"))
    assert KeyUsage.NON_REPUDIATION in pkcs15.read_private_keys(raw, CPX_IAS).entries[0].usage


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (bytes.fromhex("3F000001C001"), "3F00/0001/C001"),
        (bytes.fromhex("C001"), "3F00/0001/C001"),
        (bytes.fromhex("A001"), "3F00/0001/A001"),
        (AID + bytes.fromhex("C001"), "3F00/0001/C001"),
        (AID + bytes.fromhex("3F000001C001"), "3F00/0001/C001"),
        (AID, "3F00/0001"),
        (b"", "3F00/0001"),
        (bytes.fromhex("3F00A001"), "3F00/A001"),
    ],
)
def test_paths(path: bytes, meant: str) -> None:
    (certificate,) = pkcs15.read_certificates(certificate_entry(path), CPX_IAS).entries
    (data,) = pkcs15.read_data_objects(data_entry(path), CPX_IAS).entries
    assert certificate.path == data.path == Path.parse(meant)


@pytest.mark.parametrize(
    ("flags", "private", "modifiable"),
    [
        ("", False, False),
        ("03020780", True, False),
        ("03020640", False, True),
        ("030206C0", True, True),
    ],
)
def test_data_object_flags(flags: str, private: bool, modifiable: bool) -> None:
    raw = data_entry(b"\xd1\x01", flags=bytes.fromhex(flags))
    (entry,) = pkcs15.read_data_objects(raw, CPX_IAS).entries
    assert (entry.is_private, entry.is_modifiable) == (private, modifiable)
    assert (entry.label, entry.application) == ("CPS_DATA", "CPS")


@pytest.mark.parametrize("filling", [b"\x00" * 20, b"\xff" * 20])
def test_filling_before_between_and_after(filling: bytes) -> None:
    raw = filling.join((b"", certificate_entry(b"\xc0\x01"), certificate_entry(b"\xc0\x02"), b""))
    listing = pkcs15.read_certificates(raw, CPX_IAS)
    assert [entry.path.fids[-1] for entry in listing.entries] == [0xC001, 0xC002]
    assert listing.problems == ()


@pytest.mark.parametrize(
    "broken",
    [
        "300430020C09",  # a string that runs over the end of its entry
        "3000",
        "3004 3002 0C00",  # nothing but a label
        "A003 020101",  # another type of entry
        "3009 3000 3000 A103 020101",  # no path
    ],
)
def test_a_broken_entry_costs_none_of_the_others(broken: str) -> None:
    good = certificate_entry(b"\xc0\x01"), certificate_entry(b"\xc0\x02")
    listing = pkcs15.read_certificates(bytes.fromhex(broken).join(good), CPX_IAS)
    assert [entry.path.fids[-1] for entry in listing.entries] == [0xC001, 0xC002]
    assert len(listing.problems) == 1


def test_a_path_of_an_odd_length_is_a_problem() -> None:
    listing = pkcs15.read_certificates(certificate_entry(b"\xc0\x01\x02"), CPX_IAS)
    assert (listing.entries, len(listing.problems)) == ((), 1)


def test_a_file_cut_short_gives_what_stands_before() -> None:
    listing = pkcs15.read_private_keys(PRKDF[:-3], CPX_IAS)
    assert [entry.label for entry in listing.entries] == ["CPS_PRIV_SIG"]
    assert [problem.__class__ for problem in listing.problems] == [TlvError]


@pytest.mark.parametrize("raw", [b"", b"\xff" * 64, b"\x00" * 64])
def test_an_empty_directory(raw: bytes) -> None:
    assert pkcs15.read_odf(raw, CPX_IAS) == pkcs15.Listing()


def test_token_info() -> None:
    raw = (
        bytes.fromhex("3020 020101 040A 8025000001123456789F")
        + b"\x0c\x04TEST"
        + b"\x80\x09CPS3v3-29"
    )
    info = TokenInfo.decode(raw + b"\x00\x00")
    assert (info.manufacturer, info.label) == ("TEST", "CPS3v3-29")
    assert info.serial.hex() == "8025000001123456789f"
    assert "CPS3v3" not in repr(info)


@pytest.mark.parametrize("raw", ["", "3000", "3103020101", "3005020101"])
def test_no_token_info(raw: str) -> None:
    with pytest.raises(TlvError):
        TokenInfo.decode(bytes.fromhex(raw))
