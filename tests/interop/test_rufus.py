"""The PC/SC calls and the APDUs of Rufus, a practice's own reader, replayed through a real pcscd.

Written anew from facts: vitale.md §2.3 and vitale_readers.md §3-4, limits of its parser included:
one read of 256 bytes for each list, one-byte lengths, lists paired by position.
"""

import time
from collections.abc import Callable, Iterator

import pytest
from smartcard.scard import (  # pyright: ignore[reportMissingTypeStubs]
    SCARD_E_NO_SMARTCARD,
    SCARD_LEAVE_CARD,
    SCARD_PCI_T0,
    SCARD_PROTOCOL_T0,
    SCARD_PROTOCOL_T1,
    SCARD_RESET_CARD,
    SCARD_S_SUCCESS,
    SCARD_SCOPE_USER,
    SCARD_SHARE_SHARED,
    SCardBeginTransaction,
    SCardConnect,
    SCardDisconnect,
    SCardEndTransaction,
    SCardEstablishContext,
    SCardReleaseContext,
    SCardTransmit,
)

from cardio.rig.pcscd.private import PrivatePcscd
from cardio_emulator.cards import vitale2
from cardio_emulator.cards.vitale2_persona import load
from cardio_emulator.vpcd import SEEN_WITHIN, attach

pytestmark = pytest.mark.pcscd

SELECT_ROOT = bytes.fromhex("00A40000023F00")
SELECT_VITALE = bytes.fromhex("00A404000BD250000002564954414C45")
READ_SHORT_2 = bytes.fromhex("00B0820000")


class Rufus:
    """One card read the way Rufus does; `sent` counts the APDUs."""

    def __init__(self, reader: str) -> None:
        self.sent = 0
        result, self._context = SCardEstablishContext(SCARD_SCOPE_USER)
        assert result == SCARD_S_SUCCESS
        protocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1
        deadline = time.monotonic() + 5
        result = SCARD_E_NO_SMARTCARD
        while result == SCARD_E_NO_SMARTCARD and time.monotonic() < deadline:
            result, self._card, self.protocol = SCardConnect(
                self._context, reader, SCARD_SHARE_SHARED, protocols
            )
        assert result == SCARD_S_SUCCESS

    def read(self) -> list[dict[int, bytes]]:
        """A dictionary of tags for each person."""
        assert SCardBeginTransaction(self._card) == SCARD_S_SUCCESS
        _, status = self._transmit(SELECT_ROOT)
        assert status == b"\x90\x00", "not a Vitale"
        people = templates(self._transmit(READ_SHORT_2)[0])
        self._transmit(SELECT_VITALE)
        numbers = templates(self._transmit(READ_SHORT_2)[0])
        assert SCardEndTransaction(self._card, SCARD_LEAVE_CARD) == SCARD_S_SUCCESS
        return [person | number for person, number in zip(people, numbers, strict=False)]

    def close(self) -> None:
        SCardDisconnect(self._card, SCARD_RESET_CARD)
        SCardReleaseContext(self._context)

    def _transmit(self, command: bytes) -> tuple[bytes, bytes]:
        answer = self._exchange(command)
        if answer[-2] == 0x61:
            answer = self._exchange(bytes((0x00, 0xC0, 0x00, 0x00, answer[-1])))
        elif answer[-2] == 0x6C:
            answer = self._exchange(command[:-1] + answer[-1:])
        return answer[:-2], answer[-2:]

    def _exchange(self, command: bytes) -> bytes:
        self.sent += 1
        result, answer = SCardTransmit(self._card, SCARD_PCI_T0, list(command))
        assert result == SCARD_S_SUCCESS
        return bytes(answer)


def templates(content: bytes) -> list[dict[int, bytes]]:
    """The fields of each template 65; values are trimmed."""
    return [
        {tag: value.strip() for tag, value in pairs(inner)}
        for tag, inner in pairs(content)
        if tag == 0x65
    ]


def pairs(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(raw):
        tag, length = raw[at], raw[at + 1]
        yield tag, raw[at + 2 : at + 2 + length]
        at += 2 + length


def test_rufus_sees_the_whole_family(start_pcscd: Callable[..., PrivatePcscd]) -> None:
    service = start_pcscd(["Vitale"])
    (name,) = service.reader_names
    with attach(vitale2.make(), "127.0.0.1", service.ports[name]) as insertion:
        assert insertion.seen.wait(SEEN_WITHIN)
        for _ in range(2):
            reader = Rufus(name)
            try:
                people = reader.read()
            finally:
                reader.close()
            assert reader.protocol == SCARD_PROTOCOL_T0
            assert reader.sent == 8, "4 commands, 2 GET RESPONSE and 2 repeats"
            assert people == [
                {
                    0x80: person.family_name.encode("latin-1"),
                    0x81: person.given_name.encode("latin-1"),
                    0x82: person.birth_date.encode(),
                    0x90: person.country.encode(),
                    0x93: person.nir.value.encode(),
                }
                for person in load("famille").beneficiaries
            ]
