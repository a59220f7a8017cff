"""What is wrong with a roster, as data: line, column, reason. Never the content of a cell."""

from dataclasses import dataclass
from enum import StrEnum

from cardio.study.roster.fields import Field
from cardio.study.roster.rules import RosterRule


class Severity(StrEnum):
    """`ERROR`: something cannot be used. `WARNING`: to be looked at. `NOTE`: done, and told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Cause(StrEnum):
    """Stable words, the keys of their texts. Of the file, of a line, of a cell, between lines."""

    NO_COLUMN = "no-column"
    UNUSED_COLUMN = "unused-column"
    SECOND_COLUMN = "second-column"
    OTHER_SHEET = "other-sheet"
    ABOVE_HEADER = "above-header"

    TOO_MANY_CELLS = "too-many-cells"
    TOO_FEW_CELLS = "too-few-cells"
    OPEN_QUOTE = "open-quote"
    OTHER_ENCODING = "other-encoding"

    MISSING = "missing"
    NOT_GIVEN = "not-given"
    WRONG_LENGTH = "wrong-length"
    WRONG_FORM = "wrong-form"
    WRONG_KEY = "wrong-key"
    DOUBTFUL_KEY = "doubtful-key"
    ZEROS_RESTORED = "zeros-restored"
    ZEROS_SUPPOSED = "zeros-supposed"
    DIGITS_LOST = "digits-lost"
    SHORT_CODE = "short-code"
    PREFIX_REMOVED = "prefix-removed"
    WRONG_COLUMN = "wrong-column"
    FORMULA = "formula"
    SPREADSHEET_ERROR = "spreadsheet-error"
    GARBLED = "garbled"
    DIGITS_IN_NAME = "digits-in-name"
    NAME_ORDER = "name-order"
    UNKNOWN_CIVILITY = "unknown-civility"
    TITLE = "title"
    UNKNOWN_PROFESSION = "unknown-profession"
    IN_TRAINING = "in-training"
    ENDS_BEFORE_START = "ends-before-start"

    SAME_PERSON = "same-person"
    OTHER_SITE = "other-site"
    NUMBER_OF_ANOTHER = "number-of-another"
    SAME_NAME = "same-name"
    SECOND_REFERENT = "second-referent"


_WARNINGS = frozenset(
    {
        Cause.NO_COLUMN,
        Cause.SECOND_COLUMN,
        Cause.OTHER_SHEET,
        Cause.TOO_FEW_CELLS,
        Cause.OPEN_QUOTE,
        Cause.DOUBTFUL_KEY,
        Cause.ZEROS_SUPPOSED,
        Cause.SHORT_CODE,
        Cause.WRONG_COLUMN,
        Cause.GARBLED,
        Cause.DIGITS_IN_NAME,
        Cause.UNKNOWN_CIVILITY,
        Cause.IN_TRAINING,
        Cause.SAME_NAME,
        Cause.SECOND_REFERENT,
    }
)
_NOTES = frozenset(
    {
        Cause.UNUSED_COLUMN,
        Cause.ABOVE_HEADER,
        Cause.OTHER_ENCODING,
        Cause.NOT_GIVEN,
        Cause.ZEROS_RESTORED,
        Cause.PREFIX_REMOVED,
        Cause.TITLE,
        Cause.OTHER_SITE,
    }
)


def severity_of(cause: Cause) -> Severity:
    """What a cause is, where no rule says otherwise."""
    if cause in _NOTES:
        return Severity.NOTE
    return Severity.WARNING if cause in _WARNINGS else Severity.ERROR


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `line` is that of the file, from 1; the row of a spreadsheet.

    `other_line` is the line it clashes with, `column` the name of a column of the file, and
    `rule` who asks for what is missing.
    """

    line: int
    cause: Cause
    severity: Severity
    field: Field | None = None
    other_line: int | None = None
    column: str | None = None
    rule: RosterRule | None = None

    @classmethod
    def of(
        cls,
        line: int,
        cause: Cause,
        field: Field | None = None,
        *,
        other_line: int | None = None,
        column: str | None = None,
    ) -> "Mistake":
        """A mistake as severe as its cause."""
        return cls(line, cause, severity_of(cause), field, other_line, column)
