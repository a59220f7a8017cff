"""What card is this? Its answer to reset, then one question to the card itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from cardio.cards.atrs import Candidate, CardKind, Interface, candidates
from cardio.cards.layout import Confidence
from cardio.cards.vitale.commands import select_application
from cardio.cards.vitale.layout import VITALE
from cardio.errors import AtrError, CardError, MalformedData
from cardio.iasecc import chipdoc
from cardio.iasecc.commands import read_binary, select_path
from cardio.iso7816.apdu import CommandApdu, ResponseApdu
from cardio.iso7816.atr import Atr
from cardio.iso7816.path import ROOT
from cardio.iso7816.status import StatusWord
from cardio.transport.channel import Channel

__all__ = ["CardKind", "Interface", "Match", "Reason", "candidates", "identify"]

_CPS_SERIAL = ROOT / 0xD003
_CPS_SERIAL_SIZE = 12
"""EF.SN.ICC and its bytes, free to read in both modes (facts: cps.md §2.2)."""

_CPS_ISSUER = bytes.fromhex("5A0A8025000001")
"""Tag and length of the serial number, then the issuer of the CPS cards (facts: cps.md §2.2)."""

_CONTROL_INFORMATION = 0x9F
_NO_ANSWER = StatusWord(0x6F00)


class Reason(Enum):
    """Why a card was taken for what it was taken for; the words are stable."""

    CPS_ISSUER = "cps-issuer"
    CPS2TER_FILES = "cps2ter-files"
    VITALE_APPLICATION = "vitale-application"
    ATR_ONLY = "atr-only"
    PROOF_REFUSED = "proof-refused"
    OTHER_ISSUER = "other-issuer"
    UNKNOWN_ATR = "unknown-atr"
    BAD_ATR = "bad-atr"
    PKCS11 = "pkcs11-token"


_SENTENCES = {
    Reason.CPS_ISSUER: "Its serial number file names the issuer of the CPS cards.",
    Reason.CPS2TER_FILES: "It answers its reset like a CPS2ter, and the commands of a CPS2ter.",
    Reason.VITALE_APPLICATION: "It has the VITALE application.",
    Reason.ATR_ONLY: "Its answer to reset is that of such a card; nothing more was asked.",
    Reason.PROOF_REFUSED: "It answers its reset like such a card but refused to prove it is one.",
    Reason.OTHER_ISSUER: "Its serial number file does not name the issuer of the CPS cards.",
    Reason.UNKNOWN_ATR: "Its answer to reset is not known, and it is neither a CPS nor a Vitale.",
    Reason.BAD_ATR: "Its answer to reset is damaged, and it is neither a CPS nor a Vitale.",
    Reason.PKCS11: "A PKCS#11 module shows it as a token with the name or model of a CPS.",
}


@dataclass(frozen=True, slots=True)
class Match:
    """What a card was identified as. `generation` is empty where it is not known.

    `confidence` is `PUBLISHED` where a listed answer to reset and the card's own proof agree,
    `OBSERVED` where the card gave its proof under an answer that is not listed, `INFERRED` for
    anything less. `serial` is the serial number file as read (12 bytes), CPS3 and CPS4 only.
    """

    kind: CardKind
    generation: str
    interface: Interface
    confidence: Confidence
    reason: Reason
    serial: bytes | None = field(default=None, repr=False)

    @property
    def why(self) -> str:
        """The reason as an English sentence."""
        return _SENTENCES[self.reason]

    @property
    def why_code(self) -> str:
        """The reason as a stable word, for translation."""
        return self.reason.value


_PROOF_REASONS = (Reason.CPS_ISSUER, Reason.CPS2TER_FILES, Reason.VITALE_APPLICATION)


@dataclass(frozen=True, slots=True)
class _Proof:
    reason: Reason
    serial: bytes | None = None

    @property
    def holds(self) -> bool:
        return self.reason in _PROOF_REASONS


def identify(channel: Channel) -> Match:
    """Tell the card in at most 3 commands, none of which changes it or counts a try.

    CPS4 takes 3, CPS3 on both its sides 2, CPS2ter and Vitale 2 take 1, kinds that cardio does
    not read take none. A card that is none of these gives a `Match` of kind `UNKNOWN`. Raises
    only `TransportError`s.
    """
    found = candidates(channel.atr)
    if found and found[0].kind not in _PROOFS:
        return _match(found[0], Confidence.INFERRED, _Proof(Reason.ATR_ONLY))
    with channel.transaction():
        return _identify_listed(channel, found[0]) if found else _identify_unlisted(channel)


def _identify_listed(channel: Channel, candidate: Candidate) -> Match:
    proof = _PROOFS[candidate.kind](channel)
    if proof.reason is Reason.CPS2TER_FILES:  # other cards have class A0 as well
        return _match(candidate, Confidence.INFERRED, proof)
    if proof.holds:
        listed = candidate.is_exact and candidate.confidence is Confidence.PUBLISHED
        return _match(candidate, Confidence.PUBLISHED if listed else Confidence.OBSERVED, proof)
    if candidate.is_exact and proof.reason is Reason.PROOF_REFUSED:
        return _match(candidate, Confidence.INFERRED, proof)
    return _unknown(channel.atr, proof.reason)


def _identify_unlisted(channel: Channel) -> Match:
    """A card that shows a serial number file of another issuer is not asked for VITALE."""
    interface = _interface(channel.atr)
    proof = _prove_cps(channel)
    if proof.holds:
        contactless = interface is Interface.CONTACTLESS
        kind = CardKind.CPS3_CONTACTLESS if contactless else CardKind.CPS3
        return Match(kind, "", interface, Confidence.OBSERVED, proof.reason, proof.serial)
    if proof.reason is Reason.OTHER_ISSUER:
        return _unknown(channel.atr, proof.reason)
    proof = _prove_vitale2(channel)
    if proof.holds:
        return Match(CardKind.VITALE2, "", interface, Confidence.OBSERVED, proof.reason)
    return _unknown(channel.atr, Reason.UNKNOWN_ATR if _parses(channel.atr) else Reason.BAD_ATR)


def _prove_cps(channel: Channel) -> _Proof:
    return _prove_issuer(channel, select_path(_CPS_SERIAL, fcp=False), cla=0x00)


def _prove_cps4(channel: Channel) -> _Proof:
    if not _answer(channel, chipdoc.select_root()).status.is_success:
        return _Proof(Reason.PROOF_REFUSED)
    return _prove_issuer(channel, chipdoc.select_path(_CPS_SERIAL), cla=chipdoc.CLA)


def _prove_issuer(channel: Channel, select: CommandApdu, *, cla: int) -> _Proof:
    if not _answer(channel, select).status.is_success:
        return _Proof(Reason.PROOF_REFUSED)
    answer = _answer(channel, read_binary(0, _CPS_SERIAL_SIZE, cla=cla))
    if not answer.status.is_success:
        return _Proof(Reason.PROOF_REFUSED)
    if len(answer.data) != _CPS_SERIAL_SIZE or not answer.data.startswith(_CPS_ISSUER):
        return _Proof(Reason.OTHER_ISSUER)
    return _Proof(Reason.CPS_ISSUER, answer.data)


def _prove_cps2ter(channel: Channel) -> _Proof:
    """The MF of class A0 announces its control information by 9Fxx (facts: cps.md §2.3)."""
    answer = _answer(channel, CommandApdu(0xA0, 0xA4, 0x00, 0x00, ROOT.encode()))
    selected = answer.status.sw1 == _CONTROL_INFORMATION
    return _Proof(Reason.CPS2TER_FILES if selected else Reason.PROOF_REFUSED)


def _prove_vitale2(channel: Channel) -> _Proof:
    selected = _answer(channel, select_application(VITALE)).status.is_success
    return _Proof(Reason.VITALE_APPLICATION if selected else Reason.PROOF_REFUSED)


_PROOFS: dict[CardKind, Callable[[Channel], _Proof]] = {
    CardKind.CPS3: _prove_cps,
    CardKind.CPS3_CONTACTLESS: _prove_cps,
    CardKind.CPS4: _prove_cps4,
    CardKind.CPS2TER: _prove_cps2ter,
    CardKind.VITALE2: _prove_vitale2,
}


def _answer(channel: Channel, command: CommandApdu) -> ResponseApdu:
    """The card's answer; one that is no answer at all counts as a refusal."""
    try:
        return channel.send(command)
    except (MalformedData, CardError):
        return ResponseApdu(status=_NO_ANSWER)


def _match(candidate: Candidate, confidence: Confidence, proof: _Proof) -> Match:
    return Match(
        kind=candidate.kind,
        generation=candidate.generation,
        interface=candidate.interface,
        confidence=confidence,
        reason=proof.reason,
        serial=proof.serial,
    )


def _unknown(atr: bytes, reason: Reason) -> Match:
    return Match(CardKind.UNKNOWN, "", _interface(atr), Confidence.INFERRED, reason)


def _interface(atr: bytes) -> Interface:
    """A reader shows any contactless card as `3B 8n 80 01` (PC/SC part 3 §3.1.3.2.3)."""
    contactless = len(atr) > 3 and atr[1] & 0xF0 == 0x80 and atr[2:4] == b"\x80\x01"
    return Interface.CONTACTLESS if contactless else Interface.CONTACT


def _parses(atr: bytes) -> bool:
    try:
        Atr.parse(atr)
    except AtrError:
        return False
    return True
