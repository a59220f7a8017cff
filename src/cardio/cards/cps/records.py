"""The card's own records of its holder: BER-TLV containers of primitive tags.

The layouts were OBSERVED on the vendor's display, but for what is marked otherwise
(facts: cps_records.md §1). Tags may come in any order, be absent, or be unknown (then kept);
filling around them and long lengths are taken.
"""

# ruff: noqa: RUF009 (_field is a dataclasses.field)

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, ClassVar, TypeVar

from cardio.cards.cps import values
from cardio.cards.layout import Confidence
from cardio.errors import MalformedData, RecordError, TlvError
from cardio.iasecc import der
from cardio.identity.nomenclature import Code, Table
from cardio.identity.ps_idnat import PsIdNat, StructIdNat
from cardio.iso7816.tlv import Tlv

_CPF = Table.CARD_TYPE.code("01")
_TAG, _DECODE, _ENCODE, CONFIDENCE = "tag", "decode", "encode", "confidence"


def _field(
    tag: int,
    decode: Callable[[bytes], object],
    encode: Callable[[Any], bytes],
    confidence: Confidence = Confidence.OBSERVED,
) -> Any:  # noqa: ANN401 (stands for a value of any field's type)
    metadata = {_TAG: tag, _DECODE: decode, _ENCODE: encode, CONFIDENCE: confidence}
    return field(default=None, repr=False, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Each field's metadata holds its `confidence`; fields the card lacks are None.

    `unknown` has the data objects of tags not known or not readable, `problems` says what could
    not be read.
    """

    name: ClassVar[str]
    container: ClassVar[int]

    unknown: tuple[Tlv, ...] = ()
    problems: tuple[MalformedData, ...] = ()


@dataclass(frozen=True, slots=True)
class IdCard(Record):
    """CPS_ID_CARD: the card."""

    name = "CPS_ID_CARD"
    container = 0xE3

    card_number: str | None = _field(0x81, values.digits, values.encode_digits)
    category: Code | None = _field(0x82, values.category, values.encode_category)
    issued: date | None = _field(0x83, values.day, values.encode_day)
    valid_until: date | None = _field(0x84, values.day, values.encode_day, Confidence.INFERRED)

    @property
    def is_test(self) -> bool | None:
        """Whether it is a test card; None when the card tells no category."""
        return values.is_test(self.category)


@dataclass(frozen=True, slots=True)
class HolderName(Record):
    """CPS_NAME_PS: how the holder is called; the name used in practice is in `HolderInfo`."""

    name = "CPS_NAME_PS"
    container = 0xE4

    civility: Code | None = _field(0x80, values.binary(Table.CIVILITY), values.encode_binary)
    given_name: str | None = _field(0x84, values.text, values.encode_text)


@dataclass(frozen=True, slots=True)
class HolderInfo(Record):
    """CPS_INFO_PS: the holder's identifier, profession, name and speciality.

    `training_or_trade` is a code of table G16 on a CPF, of no public table on a CPA.
    """

    name = "CPS_INFO_PS"
    container = 0xED

    card_type: Code | None = _field(0x80, values.binary(Table.CARD_TYPE), values.encode_binary)
    ps_idnat: PsIdNat | None = _field(0x81, values.ps_idnat, values.encode_text)
    profession: Code | None = _field(0x82, values.binary(Table.PROFESSION), values.encode_binary)
    training_or_trade: int | None = _field(0x83, values.byte, values.encode_byte)
    family_name: str | None = _field(0x84, values.text, values.encode_text)
    speciality: Code | None = _field(
        0x85, values.text_code(Table.SPECIALITY), values.encode_text_code
    )

    @property
    def future_profession(self) -> Code | None:
        """What the holder of a CPF is in training for; None on other cards."""
        if self.training_or_trade is None or self.card_type != _CPF:
            return None
        return Table.FUTURE_PROFESSION.number(self.training_or_trade)


@dataclass(frozen=True, slots=True)
class Activity(Record):
    """CPS_ACTIVITY_nn_PS: one situation of practice; the card gives it after the PIN only."""

    name = "CPS_ACTIVITY_nn_PS"
    container = 0xEE

    mode: Code | None = _field(0x80, values.binary(Table.PRACTICE_MODE), values.encode_binary)
    adeli_speciality: Code | None = _field(
        0x81, values.adeli_speciality, values.encode_adeli_speciality
    )
    pharmacist_table: Code | None = _field(
        0x82, values.text_code(Table.PHARMACIST_TABLE), values.encode_text_code
    )
    structure_name: str | None = _field(0x84, values.text, values.encode_text)
    structure: StructIdNat | None = _field(0x85, values.struct_idnat, values.encode_text)
    sector: Code | None = _field(0x86, values.text_code(Table.SECTOR), values.encode_text_code)


RECORDS: tuple[type[Record], ...] = (IdCard, HolderName, HolderInfo, Activity)

RecordT = TypeVar("RecordT", bound=Record)


def decode(kind: type[RecordT], raw: bytes) -> RecordT:
    """Read a record from a data object's content. Of a repeated tag the last one counts.

    Raises `RecordError` when its container is not there or cut short; a damaged field is told
    in `problems` and costs none of the others.
    """
    start, content = _content(kind, raw)
    known = {one.metadata[_TAG]: one for one in fields(kind) if _TAG in one.metadata}
    read: dict[str, Any] = {}
    unknown: list[Tlv] = []
    problems: list[MalformedData] = []
    for at, node in der.objects(content):
        if isinstance(node, TlvError):
            problems.append(RecordError(f"{kind.name}: damaged field", offset=start + at))
        elif node.tag not in known:
            unknown.append(node)
        else:
            try:
                read[known[node.tag].name] = known[node.tag].metadata[_DECODE](node.value)
            except MalformedData:
                message = f"{kind.name}: field {node.tag:02X} cannot be read"
                problems.append(RecordError(message, offset=start + at))
                unknown.append(node)
    return kind(**read, unknown=tuple(unknown), problems=tuple(problems))


def encode(record: Record) -> bytes:
    """The bytes a card would hold: the container, its fields by ascending tag.

    `decode` gives the same record again. Raises `OverflowError` for a number, and `ValueError`
    for digits, that their field cannot hold.
    """
    nodes = list(record.unknown)
    for one in fields(record):
        value = getattr(record, one.name)
        if _TAG in one.metadata and value is not None:
            nodes.append(Tlv.of(one.metadata[_TAG], one.metadata[_ENCODE](value)))
    return Tlv.of(record.container, *sorted(nodes, key=lambda node: node.tag)).encode()


def _content(kind: type[Record], raw: bytes) -> tuple[int, bytes]:
    """Offset and bytes of what is in the record's container, wherever in `raw` it is."""
    at = 0
    while at < len(raw):
        if raw[at] in der.FILLING:
            at += 1
            continue
        try:
            tag, start, end = der.header(raw[at:])
        except TlvError:
            break
        if tag == kind.container:
            if at + end > len(raw):
                raise RecordError(f"{kind.name} is cut short", offset=len(raw))
            return at + start, raw[at + start : at + end]
        at += end
    raise RecordError(f"{kind.name} has no container {kind.container:X}")
