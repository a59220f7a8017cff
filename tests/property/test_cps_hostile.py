"""Whatever a card holds, reading it gives values or a `CardioError`, and nothing else."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.cps3 import certificate_of, emulated

from cardio.cards.cps.certificate import CpsCertificate
from cardio.cards.cps.layout import CPX_IAS
from cardio.cards.cps.records import RECORDS, HolderName, decode
from cardio.cards.cps.serial import ChipSerial
from cardio.errors import CardioError, CertificateError
from cardio.iasecc import pkcs15
from cardio.iasecc.sdo import ControlParameters, SdoClass
from cardio.iso7816.tlv import Tlv

CERTIFICATE = certificate_of()
_, CARD = emulated()
DIRECTORIES = {
    entry.kind: CARD.application.read(entry.path) for entry in CARD.application.directories.entries
}
SEEDS = (CERTIFICATE, *DIRECTORIES.values(), *CARD.free_data_objects.values())


@st.composite
def damaged(draw: st.DrawFn, seeds: tuple[bytes, ...] = SEEDS) -> bytes:
    """A sound file with some bytes changed, cut out or put in."""
    raw = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        raw[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(raw)


HOSTILE = st.one_of(st.binary(max_size=400), damaged())

PARSERS: dict[str, Callable[[bytes], object]] = {
    "odf": lambda raw: pkcs15.read_odf(raw, CPX_IAS),
    "keys": lambda raw: pkcs15.read_private_keys(raw, CPX_IAS),
    "certificates": lambda raw: pkcs15.read_certificates(raw, CPX_IAS),
    "data objects": lambda raw: pkcs15.read_data_objects(raw, CPX_IAS),
    "pins": lambda raw: pkcs15.read_pins(raw, CPX_IAS),
    "token info": pkcs15.TokenInfo.decode,
    "sdo": lambda raw: ControlParameters.decode(raw, SdoClass.PIN, 1),
    "serial": ChipSerial.decode,
    "certificate": CpsCertificate.decode,
    **{kind.name: lambda raw, kind=kind: decode(kind, raw) for kind in RECORDS},
}


@pytest.mark.parametrize("name", PARSERS)
@given(raw=HOSTILE)
def test_parsers_raise_nothing_else(name: str, raw: bytes) -> None:
    with suppress(CardioError):
        PARSERS[name](raw)


@given(raw=damaged((CERTIFICATE,)))
def test_a_damaged_certificate_is_read_or_refused(raw: bytes) -> None:
    try:
        certificate = CpsCertificate.decode(raw)
    except CertificateError:
        return
    assert certificate.der == raw
    assert certificate.not_before.tzinfo is not None


@given(raw=damaged(tuple(DIRECTORIES.values())))
def test_what_a_damaged_directory_still_lists_is_whole(raw: bytes) -> None:
    for entry in pkcs15.read_certificates(raw, CPX_IAS).entries:
        assert entry.path.is_absolute


TEXTS = st.text(st.characters(codec="latin-1", exclude_categories=["C"]), min_size=1, max_size=27)
BYTES = st.integers(0, 255).map(lambda number: bytes((number,)))


@given(
    st.permutations([0x80, 0x84, 0x9F21, 0x87]),
    st.fixed_dictionaries({0x80: BYTES, 0x84: TEXTS, 0x9F21: st.binary(), 0x87: st.binary()}),
    st.sampled_from([b"", b"\x00" * 9, b"\xff" * 300]),
)
def test_order_and_filling_change_nothing(
    order: list[int], values: dict[int, bytes | str], filling: bytes
) -> None:
    parts = {
        tag: Tlv.of(tag, value.encode("utf-8") if isinstance(value, str) else value)
        for tag, value in values.items()
    }
    given_name = str(values[0x84]).rstrip(" ")
    record = decode(HolderName, Tlv.of(0xE4, *(parts[tag] for tag in order)).encode() + filling)
    assert record.given_name == (given_name or None)
    assert record.civility is not None
    assert int(record.civility.code) == parts[0x80].value[0]
    assert {node.tag for node in record.unknown} == {0x9F21, 0x87}
    assert record.problems == ()


@given(
    st.dictionaries(st.sampled_from(("odf", "cdf", "dodf", "CPS_INFO_PS", "certificate0")), HOSTILE)
)
def test_a_hostile_card_is_read_to_the_end(files: dict[str, bytes]) -> None:
    _, card = emulated("medecin", **files)
    _ = (card.serial, card.token_info, card.certificates, card.free_data_objects)
    _ = (card.full_holder, card.full_card, card.differences, card.problems)
    assert str(card.serial) == "09821700"
    for problem in card.problems:
        assert "JULES" not in str(problem)
        assert "99700982178" not in str(problem)
