import pytest

from cardio.errors import TlvError
from cardio.iasecc.sdo import ControlParameters, SdoClass

PIN = "70 16 BF 81 01 12 A0 10 9A 01 03 9B 01 03 A1 08 8C 06 F3 00 00 13 FF 00"
PUK = "70 1A BF 81 02 16 A0 14 9A 01 0A 9B 01 0A A1 08 8C 06 F3 FF 00 FF FF 00 9D 02 00 64"
KEY = "70 16 BF 90 01 12 A0 10 A1 07 8C 05 AB 14 43 43 00 80 02 01 00 9E 01 00"


def test_real_answers() -> None:
    """iasecc_opensc.md §1.7, [R]."""
    pin = ControlParameters.decode(bytes.fromhex(PIN), SdoClass.PIN, 1)
    assert pin == ControlParameters(tries_max=3, tries_left=3)
    assert not pin.is_blocked
    puk = ControlParameters.decode(bytes.fromhex(PUK), SdoClass.PIN, 2)
    assert puk == ControlParameters(tries_max=10, tries_left=10, uses_left=100)
    key = ControlParameters.decode(bytes.fromhex(KEY), SdoClass.RSA_PRIVATE_KEY, 1)
    assert key == ControlParameters(size=256)


@pytest.mark.parametrize(
    ("raw", "blocked"),
    [
        ("70 0A BF 81 01 06 A0 04 9A 00 9B 00", True),
        (PIN.replace("9B 01 03", "9B 01 00"), True),
        (PUK.replace("9D 02 00 64", "9D 02 00 00").replace("81 02", "81 01"), True),
        (PIN.replace("9B 01 03", "9B 01 01"), False),
    ],
)
def test_blocked(raw: str, blocked: bool) -> None:
    assert ControlParameters.decode(bytes.fromhex(raw), SdoClass.PIN, 1).is_blocked is blocked


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "70 00",
        PUK,  # the other object
        PIN.replace("70 16", "71 16"),
        PIN.replace("A0 10", "A2 10"),
        PIN[:-3],
    ],
)
def test_another_or_no_answer(raw: str) -> None:
    with pytest.raises(TlvError):
        ControlParameters.decode(bytes.fromhex(raw), SdoClass.PIN, 1)


def test_untold_counters_are_none() -> None:
    raw = bytes.fromhex("70 06 BF 81 01 02 A0 00")
    assert ControlParameters.decode(raw, SdoClass.PIN, 1) == ControlParameters()
