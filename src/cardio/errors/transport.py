"""Between the program and the card: CARD-12xx."""

from cardio.errors.base import CardioError, Where


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


class BenchUnreachable(ServiceUnavailable):
    code, hint = "CARD-1219", "Start that bench, or correct its address: `cardio emulate --help`."


class PcscFailure(TransportError):
    """A PC/SC code that has no class of its own; `pcsc_code` is the unsigned 32-bit value."""

    code = "CARD-1299"

    def __init__(self, message: str, *, pcsc_code: int, where: Where | None = None) -> None:
        super().__init__(message, where=where)
        self.pcsc_code = pcsc_code
