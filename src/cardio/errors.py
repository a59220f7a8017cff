"""Every error cardio raises, on one screen.

Each class has a stable `code` and an English `hint` (what to do about it); `retryable` says
whether the same call may work a moment later. Messages never hold command data, names or NIRs.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
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


class UnmappableCharacter(IdentifierError):
    """A name holds a character that the INSi has no equal of; `character` is the first one."""

    code, hint = "CARD-1109", "Ask how the civil register writes the name without that character."

    def __init__(self, message: str, *, character: str, offset: int = 0) -> None:
        super().__init__(message, offset=offset)
        self.character = character


class IdentityRuleError(IdentifierError):
    """Values that are well written and may not stand together: a rule of identity vigilance."""

    code, hint = "CARD-1110", "Correct the identity's status, its attributes or its matricule."

    def __init__(self, message: str, *, where: Where | None = None) -> None:
        CardioError.__init__(self, message, where=where)
        self.offset = 0


class LeakedTestIdentity(IdentityRuleError):
    code, hint = "CARD-1111", "A test identity leaked into production: find where it came from."


# 12xx — between the program and the card -------------------------------------------------------
class TransportError(CardioError):
    code, hint = "CARD-1200", "Open the workstation anew if it was closed; else run `cardio probe`."


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


class ConsultationEnded(CardRemoved):
    """The consultation is over, and its CPS with it; `why` is a word of `cardio.workstation`."""

    code, hint = "CARD-1402", "The CPS was taken out: insert it and begin a new consultation."

    def __init__(self, message: str, *, why: str, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.why = why


class StaleRead(CardioError):
    """The patient's card was read too long ago for the service; seconds in `age`, `limit`."""

    code, hint = "CARD-1403", "Insert the patient's Vitale again and read it anew."

    def __init__(self, message: str, *, age: float, limit: float) -> None:
        super().__init__(message)
        self.age, self.limit = age, limit


class MixedTestAndReal(SelectionError):
    code, hint = "CARD-1404", "Use two test cards or two real ones, never one of each."


class PatientNotConfirmed(SelectionError):
    """The Vitale was there before; `reason` says since when."""

    code, hint = "CARD-1405", "Ask whose Vitale this is: it was in the reader before. Then confirm."


class VitaleTooOld(SelectionError):
    code, hint = "CARD-1408", "This Vitale is too old to be read here: have its holder renew it."


class DraftError(CardioError):
    code, hint = "CARD-1406", "The draft is damaged: take the copy before it, or begin it anew."


class DraftTooNew(DraftError):
    code, hint = "CARD-1407", "A newer cardio wrote this draft: open it with that one, or update."


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


# 17xx — the card's keys -----------------------------------------------------------------------
class CardKeyError(CardioError):
    code = "CARD-1700"


class KeyMissing(CardKeyError):
    code, hint = "CARD-1701", "Use the key or the card that the message names."


class KeyMisuse(CardKeyError, ValueError):
    """The key cannot do what was asked; also a ValueError, as of any `cryptography` key."""

    code, hint = "CARD-1702", "Use the key, padding or hash that the message names."


class KeyNotExportable(KeyMisuse):
    code, hint = "CARD-1703", "A card's private key never leaves it: hand the key object itself on."


class CertificateMissing(CardKeyError):
    code, hint = "CARD-1704", "Have the card checked: it shows no certificate for this key."


class KeyMismatch(CardKeyError):
    code, hint = "CARD-1705", "Have the card replaced: its key and certificate do not match."


class CertificateExpired(CardKeyError):
    code, hint = "CARD-1706", "Check the computer's clock; if it is right, have the card renewed."


class DecryptionFailed(CardKeyError, ValueError):
    """Also a ValueError, as of any `cryptography` key; it tells no reason on purpose."""

    code, hint = "CARD-1707", "The message was encrypted for another key, or is damaged."


# 172x — the PKCS#11 road -----------------------------------------------------------------------
class Pkcs11Missing(ConfigurationError):
    code, hint = "CARD-1720", "Install PKCS#11 support: pip install 'cardio-sante[pkcs11]'."


class Pkcs11ModuleMissing(ConfigurationError):
    code, hint = "CARD-1721", "Install the Cryptolib CPS, or name another PKCS#11 module."


class Pkcs11Failure(CardError):
    """The module answered something else; `reason` is its name for it (`CKR_…`)."""

    code, hint = "CARD-1722", "Take the card out and insert it again; else go without the module."

    def __init__(self, message: str, *, reason: str, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.reason = reason


class NoRoad(SelectionError):
    """A CPS was reached neither directly nor through PKCS#11; both errors tell why."""

    code, hint = "CARD-1723", "Mend one of the two: PC/SC and the card, or the PKCS#11 module."

    def __init__(self, *, direct: CardioError, pkcs11: CardioError) -> None:
        message = f"no CPS: directly, {direct}; through PKCS#11, {pkcs11}"
        super().__init__(message, reason="no-road")
        self.direct, self.pkcs11 = direct, pkcs11


# 182x — assertions and the services that ask for them ------------------------------------------
class AssertionRefused(CardioError):
    """Its service would refuse the assertion; `reasons` are the `Requirement`s that are not met."""

    code, hint = "CARD-1820", "Give what the reasons name, then make the assertion again."

    def __init__(self, message: str, *, reasons: tuple[StrEnum, ...]) -> None:
        super().__init__(message)
        self.reasons = reasons


class XmlRefused(MalformedData):
    code, hint = "CARD-1821", "Take the document for no XML: ask for it anew, or sign it as CMS."


class TeleserviceFault(CardioError):
    """The service answered with a fault; `service_code` is its own (`desir_560`), or None.

    `text` is what it says to the user; it is the service's, so it is in no message of ours.
    """

    code, hint = "CARD-1822", "Look the service's code up; its text says whom to ask."

    def __init__(self, message: str, *, service_code: str | None, text: str) -> None:
        super().__init__(message)
        self.service_code = service_code
        self.text = text


class ClockSkew(CardioError):
    code, hint = "CARD-1823", "Set the computer's clock, then start over."


# 18xx — what a client does with the keys -------------------------------------------------------
class TlsError(CardioError):
    """A TLS connection with the card's certificate did not come about, or is over."""

    code = "CARD-1800"


class TlsWrongAuthority(TlsError):
    """The server asks for the certificates of other authorities, whose names `accepted` are."""

    code, hint = "CARD-1801", "Check the server's address (test or production?), or the card."

    def __init__(
        self, message: str, *, accepted: tuple[str, ...] = (), where: Where | None = None
    ) -> None:
        super().__init__(message, where=where)
        self.accepted = accepted


class TlsCertificateRefused(TlsError):
    """The server refused the card's certificate; `alert` is the TLS alert (RFC 8446 §6.2)."""

    code, hint = "CARD-1802", "Ask the service why: is the card known, valid, not revoked?"

    def __init__(self, message: str, *, alert: str, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.alert = alert


class TlsNotPossible(TlsError):
    code, hint = "CARD-1803", "The card cannot sign as this server wants: only a newer one can."


class TlsSessionClosed(TlsError):
    code, hint = "CARD-1804", "Open a new TLS session with the card."


# 184x — signatures of files --------------------------------------------------------------------
class SignatureError(CardioError):
    """The signature of a file cannot be relied on."""

    code, hint = "CARD-1840", "Do not rely on the file; ask its sender for it again."


class SignatureDamaged(SignatureError):
    code, hint = "CARD-1841", "The signature is damaged or forged: ask the signer for it again."


class ContentChanged(SignatureError):
    code, hint = "CARD-1842", "This is not the file that was signed: ask its sender for that one."


class UnknownSignatureFormat(SignatureError):
    code, hint = "CARD-1843", "Give a file with a CMS (.p7s), XML or JWS signature."


class UnsupportedSignature(SignatureError):
    code, hint = "CARD-1844", "Ask the signer for one signature with RSA and SHA-256 or longer."


class SignerNotTrusted(SignatureError):
    """The signature fits; `flaws` are those of the signer's chain of certificates."""

    code, hint = "CARD-1845", "Check whose certificate it is, and that its authorities are known."

    def __init__(
        self, message: str, *, flaws: tuple[StrEnum, ...], where: Where | None = None
    ) -> None:
        super().__init__(message, where=where)
        self.flaws = flaws


class SignerExpired(SignerNotTrusted):
    code, hint = "CARD-1846", "Prove by other means when it was signed, and check for that time."
