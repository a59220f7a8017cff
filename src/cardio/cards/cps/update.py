"""EF_ACTUA: when the card was last updated in the field (facts: cps.md §2.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from cardio.errors import MalformedData, RecordError
from cardio.iasecc import der
from cardio.iso7816 import tlv
from cardio.iso7816.tlv import Tlv

_TEMPLATE, _STARTED, _ENDED = 0xEC, 0x81, 0x82


@dataclass(frozen=True, slots=True)
class CardUpdate:
    """The last update; a date that is missing or unreadable is None. In the card's own time.

    An update is interrupted where it did not end after it started: what the card holds may then
    be half old, half new. The vendor's library refuses such a card its session
    (facts: vendor_library.md §2); updating it again is the issuer's task.
    """

    started: datetime | None
    ended: datetime | None

    @property
    def is_interrupted(self) -> bool:
        return not (self.started and self.ended and self.started <= self.ended)

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Parse `EC`, `81` start, `82` end, both yyyymmddhhmmss in BCD. Never raises."""
        try:
            template, _ = tlv.parse_prefix(raw.lstrip(bytes(der.FILLING)))
        except MalformedData:
            return cls(None, None)
        if template.tag != _TEMPLATE:
            return cls(None, None)
        return cls(_moment(template, _STARTED), _moment(template, _ENDED))

    @property
    def problem(self) -> RecordError | None:
        """What an interrupted update means for whoever reads the card."""
        if not self.is_interrupted:
            return None
        return RecordError("the card's last update did not end: its data may be incomplete")


def _moment(template: Tlv, tag: int) -> datetime | None:
    digits = (template.get(tag) or b"").hex()
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007 (no zone is told)
    except ValueError:
        return None
