"""Bytes that do not mean what they should: CARD-11xx."""

from cardio.errors.base import CardioError, Where


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
