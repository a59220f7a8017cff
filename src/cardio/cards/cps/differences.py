"""Where the certificate and the card's own records tell different things."""

import dataclasses
import unicodedata
from collections.abc import Iterator
from typing import TypeAlias

from cardio.cards.cps.holder import CardDescription, Holder
from cardio.cards.layout import Confidence
from cardio.identity.nomenclature import Code

Views: TypeAlias = tuple[Holder, CardDescription]

_RECORD_NAME_SIZE = 27
"""Characters that CPS_NAME_PS and CPS_INFO_PS keep of a name (facts: cps_records.md §1)."""

_NAMES = ("family_name", "given_name")
_HOLDER_FIELDS = ("ps_idnat", "rpps", "adeli", "profession", "future_profession", "speciality")
_CARD_FIELDS = ("type", "category", "card_number", "valid_until")
_INFERRED = ("valid_until",)
"""Fields whose place in the records is not sure (facts: cps_records.md §1)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """One field told in two ways. The repr shows neither value.

    With `confidence` INFERRED the field's place in the record is inferred: the difference may
    come from that.
    """

    field: str
    certificate: str = dataclasses.field(repr=False)
    record: str = dataclasses.field(repr=False)
    confidence: Confidence = Confidence.OBSERVED


def compare(certificate: Views, records: Views) -> tuple[Difference, ...]:
    """What both tell, and not the same; a field that one of them lacks is no difference.

    Names are compared without accents, case and signs, as far as the records keep them.
    """
    return tuple(
        Difference(
            name, told, recorded, Confidence.INFERRED if name in _INFERRED else Confidence.OBSERVED
        )
        for name, told, recorded in _pairs(certificate, records)
        if (_plain(told) != _plain(recorded) if name in _NAMES else told != recorded)
    )


def _pairs(certificate: Views, records: Views) -> Iterator[tuple[str, str, str]]:
    for side, names in ((0, (*_HOLDER_FIELDS, *_NAMES)), (1, _CARD_FIELDS)):
        for name in names:
            told, recorded = (getattr(view[side], name) for view in (certificate, records))
            if told is not None and recorded is not None:
                yield name, _written(told), _written(recorded)


def _written(value: object) -> str:
    """A code by its digits, as labels are of an edition; anything else by its text."""
    return value.code if isinstance(value, Code) else str(value)


def _plain(name: str) -> str:
    """As the records may hold it: letters and digits of the first 27 characters, no accents."""
    letters = unicodedata.normalize("NFKD", name[:_RECORD_NAME_SIZE]).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
