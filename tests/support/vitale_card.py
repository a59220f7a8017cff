"""A card of a few lines in process: files under applications, as a Vitale 2 shows them.

Written against the public fact sheets, for tests of the reading code; the emulated card of
`cardio_emulator` is another one.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from cardio.cards.atrs import CardKind, Interface
from cardio.cards.identify import Match, Reason
from cardio.cards.layout import Confidence
from cardio.iso7816.apdu import CommandApdu
from cardio.iso7816.tlv import Tlv
from cardio.transport.base import Disposition, TransmissionProtocol

VITALE2_ATR = bytes.fromhex("3B751300004409EA9000")
VITALE = bytes.fromhex("D250000002564954414C45")
MF_VITALE = bytes.fromhex("D2500000024D465F564954414C45")
ROOT = b"\x3f\x00"

MATCH = Match(
    kind=CardKind.VITALE2,
    generation="2",
    interface=Interface.CONTACT,
    confidence=Confidence.PUBLISHED,
    reason=Reason.VITALE_APPLICATION,
)

OK, NOT_FOUND, CLOSED, BEYOND = b"\x90\x00", b"\x6a\x82", b"\x69\x82", b"\x6b\x00"

Files = dict[int, bytes | None]


@dataclass
class SoftVitale:
    """`applications` maps an AID (or `ROOT`) to its files; None as content: a closed file.

    The file 2002 has the short identifier 2. MF_VITALE and the root are one application.
    """

    applications: dict[bytes, Files]
    atr: bytes = VITALE2_ATR
    reader: str = "Soft reader 00 00"
    protocol: TransmissionProtocol = TransmissionProtocol.T0
    sent: list[bytes] = field(default_factory=list[bytes])
    _files: Files = field(default_factory=Files)
    _current: bytes | None = b""

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        apdu = CommandApdu.decode(command)
        if apdu.ins == 0xA4:
            return self._select(apdu)
        return self._read(apdu) if apdu.ins == 0xB0 else b"\x6d\x00"

    def transaction(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self, disposition: Disposition = Disposition.LEAVE) -> None:
        pass

    def _select(self, apdu: CommandApdu) -> bytes:
        if apdu.p1 == 0x02:
            return self._open(int.from_bytes(apdu.data, "big"))
        name = ROOT if apdu.data == MF_VITALE else apdu.data
        if apdu.p1 not in (0x00, 0x04) or name not in self.applications:
            return NOT_FOUND
        self._files = self.applications[name]
        return OK

    def _open(self, fid: int) -> bytes:
        if fid not in self._files:
            return NOT_FOUND
        self._current = self._files[fid]
        return OK

    def _read(self, apdu: CommandApdu) -> bytes:
        offset = int.from_bytes(apdu.header[2:], "big")
        if apdu.p1 & 0x80:
            offset = apdu.p2
            if (status := self._open(0x2000 | apdu.p1 & 0x1F)) != OK:
                return status
        if self._current is None:
            return CLOSED
        if offset and offset >= len(self._current):
            return BEYOND
        return self._current[offset : offset + (apdu.le or 0)] + OK


def person(family_name: bytes, given_name: bytes, birth_date: bytes) -> Tlv:
    return Tlv.of(
        0x65, Tlv.of(0x80, family_name), Tlv.of(0x81, given_name), Tlv.of(0x82, birth_date)
    )


def number(nir: bytes, country: bytes = b"FRA") -> Tlv:
    return Tlv.of(0x65, Tlv.of(0x90, country), Tlv.of(0x93, nir))


def encoded(*nodes: Tlv) -> bytes:
    return b"".join(node.encode() for node in nodes)


def map_of(applications: dict[bytes, bytes], *files: tuple[str, bytes, int]) -> bytes:
    """A map file: ids of AIDs, then (name, id, fid) of each file."""
    table = [Tlv.of(0x82, key, bytes(2), aid) for key, aid in applications.items()]
    records = [
        Tlv.of(0x80, name.ljust(8).encode(), key, fid.to_bytes(2, "big"))
        for name, key, fid in files
    ]
    return Tlv.of(0xE0, Tlv.of(0xA0, *table), *records).encode()


PEOPLE = encoded(
    person(b"TEST-D\xc9MO  ", b"ZO\xc9", b"19851912"), person(b"TEST-DEMO", b"LEO", b"20120229")
)
NUMBERS = encoded(number(b"285196296516573"), number(b"112196296516613"))
"""Invented people with the month 19 of test numbers."""

MAP = map_of(
    {b"\x00\x01": MF_VITALE, b"\x00\x02": VITALE},
    ("BENEF", b"\x00\x01", 0x2002),
    ("CARTE", b"\x00\x01", 0x2003),
    ("NIR", b"\x00\x02", 0x2002),
    ("FERME", b"\x00\x02", 0x2004),
)


def family() -> SoftVitale:
    """Two beneficiaries, readable on both ways."""
    return SoftVitale(
        {
            ROOT: {0x2002: PEOPLE, 0x2003: bytes.fromhex("660A80083230323030313135")},
            VITALE: {0x2001: MAP, 0x2002: NUMBERS, 0x2004: None},
        }
    )
