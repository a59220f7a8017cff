"""Every error cardio raises, on one screen.

Each class has a stable `code` and an English `hint` (what to do about it); `retryable` says
whether the same call may work a moment later. Messages never hold command data, names or NIRs.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True)
class Where:
    """Where it happened: the reader, and the index of the APDU on its connection (from 0)."""

    reader: str | None = None
    apdu_index: int | None = None

    def __str__(self) -> str:
        reader = f"reader {self.reader!r}" if self.reader else ""
        apdu = f"APDU #{self.apdu_index}" if self.apdu_index is not None else ""
        return ", ".join(part for part in (reader, apdu) if part)


class CardioError(Exception):
    """Root of the tree. `str()` gives the message and the place; `hint` says what to do."""

    code: ClassVar[str] = "CARD-1000"
    hint: ClassVar[str] = "Run `cardio probe` and report the code."
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, where: Where | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where or Where()

    def at(self, reader: str | None = None, apdu_index: int | None = None) -> Self:
        """The same error, knowing its place; a place already known is kept."""
        self.where = replace(
            self.where,
            reader=self.where.reader or reader,
            apdu_index=apdu_index if self.where.apdu_index is None else self.where.apdu_index,
        )
        return self

    def __str__(self) -> str:
        return f"{self.message} ({place})" if (place := str(self.where)) else self.message


# 11xx — bytes that do not mean what they should ------------------------------------------------
class MalformedData(CardioError):
    """Bytes that break the rule they should follow, at `offset` (bytes from the start)."""

    code, hint = "CARD-1100", "The card, trace or file holds damaged data; read it again."

    def __init__(self, message: str, *, offset: int = 0, where: Where | None = None) -> None:
        super().__init__(f"{message} at byte {offset}", where=where)
        self.offset = offset


class ApduError(MalformedData):
    code, hint = "CARD-1101", "Check the command's fields against ISO 7816-3 §12.1."


class AtrError(MalformedData):
    code, hint = "CARD-1102", "Clean the card's contacts and insert it again, chip first."


class TlvError(MalformedData):
    code = "CARD-1103"


class FcpError(MalformedData):
    code = "CARD-1104"


class TraceError(MalformedData):
    code, hint = "CARD-1105", "The file is not a cardio trace (JSONL v1)."


class RecordError(MalformedData):
    code = "CARD-1106"


class CertificateError(MalformedData):
    code, hint = "CARD-1107", "The certificate cannot be parsed; have the card replaced."


class IdentifierError(MalformedData):
    code, hint = "CARD-1108", "Check the identifier for a typing mistake."


# 12xx — between the program and the card -------------------------------------------------------
class TransportError(CardioError):
    code = "CARD-1200"


class PcscMissing(TransportError):
    code, hint = "CARD-1201", "Install PC/SC support: pip install 'cardio-sante[pcsc]'."


class ServiceUnavailable(TransportError):
    code, hint = "CARD-1202", "Start the PC/SC service (Linux: systemctl start pcscd.socket)."
    retryable = True


class NoReader(TransportError):
    code, hint = "CARD-1203", "Plug a reader in; see `cardio readers`."


class ReaderUnavailable(TransportError):
    code, hint = "CARD-1204", "Plug the reader back in."
    retryable = True


class NoCard(TransportError):
    code, hint = "CARD-1205", "Insert the card."
    retryable = True


class CardRemoved(TransportError):
    code, hint = "CARD-1206", "Insert the card again and start over."


class CardReset(TransportError):
    code, hint = "CARD-1207", "Another program reset the card: open it again, then the PIN again."
    retryable = True


class CardMute(TransportError):
    code, hint = "CARD-1208", "Turn the card over (chip first, upwards) and clean its contacts."


class SharingViolation(TransportError):
    code, hint = "CARD-1209", "Another program holds the reader; close it or wait."
    retryable = True


class ProtocolMismatch(TransportError):
    code, hint = "CARD-1210", "The card does not speak the protocol asked for (T=0 or T=1)."


class AccessRefused(TransportError):
    code, hint = "CARD-1211", "The PC/SC service refuses this user (polkit rule or group)."


class CommunicationFailed(TransportError):
    code, hint = "CARD-1212", "Insert the card again; try another reader or USB port."
    retryable = True


class TransmitTimeout(TransportError):
    code, hint = "CARD-1213", "The card does not answer; take it out and insert it again."


class CardChanged(TransportError):
    code, hint = "CARD-1214", "Another card is in the reader now: select it anew."


class ReplayMismatch(TransportError):
    code, hint = "CARD-1215", "The program no longer sends what the trace recorded."


class UnsupportedByReader(TransportError):
    code, hint = "CARD-1216", "Use a reader with a PIN pad, or type the PIN at the keyboard."


class HeldExclusively(SharingViolation):
    code, hint = "CARD-1217", "Another program keeps the card for itself: close that program."


class HeldInTransaction(SharingViolation):
    code, hint = "CARD-1218", "Another program is busy with the card: let it finish, then retry."


class PcscFailure(TransportError):
    """A PC/SC code that has no class of its own; `pcsc_code` is the unsigned 32-bit value."""

    code = "CARD-1299"

    def __init__(self, message: str, *, pcsc_code: int, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.pcsc_code = pcsc_code


# 13xx — what the card answered -----------------------------------------------------------------
class CardError(CardioError):
    code = "CARD-1300"


class UnexpectedStatus(CardError):
    """The card answered another status word; `status` is SW1-SW2 as one 16-bit number."""

    code = "CARD-1301"

    def __init__(self, message: str, *, status: int, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.status = status


class FileNotFound(UnexpectedStatus):
    code, hint = "CARD-1302", "The card lacks this file: it is of another kind or half made."


class SecurityStatusNotSatisfied(UnexpectedStatus):
    code, hint = "CARD-1303", "The card wants its PIN, or the professional's card, first."


class AuthenticationBlocked(UnexpectedStatus):
    code, hint = "CARD-1304", "The PIN is blocked: unblock it with the PUK."


class TruncatedAnswer(CardError):
    code, hint = "CARD-1305", "The card gave less than it announced; read it again."
    retryable = True


class UnsupportedCard(CardError):
    code, hint = "CARD-1306", "cardio does not read this kind of card."


# 14xx — choosing a card ------------------------------------------------------------------------
class SelectionError(CardioError):
    """No single card fits. `reason` is one of the stable words of `cardio.workstation`."""

    code, hint = "CARD-1400", "Insert exactly one card of the kind asked for, or name its reader."

    def __init__(self, message: str, *, reason: str, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.reason = reason


class SituationNotChosen(SelectionError):
    """No single situation of practice fits. `reason` is one of `cardio.cards.cps.situation`."""

    code, hint = "CARD-1401", "Choose one of the situations of practice that the card has."


# 15xx — the PIN --------------------------------------------------------------------------------
class PinStateLost(CardioError):
    """The PIN had been verified, and the card no longer knows: another program reset it."""

    code, hint = "CARD-1501", "Another program reset the card: give the PIN again."


class PinNotVerified(CardError):
    """A PIN asked for on demand did not open the card; `outcome` is a value of `cardio.pin`."""

    code, hint = "CARD-1502", "See how many tries are left (`cardio pin status`), then try again."

    def __init__(self, message: str, *, outcome: object, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.outcome = outcome


# 16xx — files and settings the user gives ------------------------------------------------------
class ConfigurationError(CardioError):
    code, hint = "CARD-1600", "Correct the file or option named in the message."
