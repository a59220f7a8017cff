"""What is taken from a patient's card for a form that is finished later, without the card.

The PSE draft is started with the Vitale and completed without it (facts: services.md §2.5); for
the DMT the card is only handed over (§2.2). What either service itself stores is not public:
this is a client's own file.
"""

from cardio.cards.vitale.draft.model import (
    CardSource,
    DraftEntry,
    DraftField,
    DraftUse,
    Origin,
    PatientDraft,
)
from cardio.cards.vitale.draft.sources import from_ins, from_rights, origin_of
from cardio.cards.vitale.draft.store import load_draft, save_draft
from cardio.cards.vitale.draft.written import decode_draft, encode_draft

__all__ = [
    "CardSource",
    "DraftEntry",
    "DraftField",
    "DraftUse",
    "Origin",
    "PatientDraft",
    "decode_draft",
    "encode_draft",
    "from_ins",
    "from_rights",
    "load_draft",
    "origin_of",
    "save_draft",
]
