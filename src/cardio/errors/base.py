"""The root of the error tree, and the place an error happened at."""

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
