"""Drafts in files that only their user can read."""

from pathlib import Path

from cardio.cards.vitale.draft.model import PatientDraft
from cardio.cards.vitale.draft.written import MAX_SIZE, decode_draft, encode_draft
from cardio.errors import ConfigurationError, DraftError
from cardio.whole_file import write_whole


def save_draft(draft: PatientDraft, path: Path) -> None:
    """Write the draft, with permissions 0600: the whole of it or, where that fails, nothing.

    A draft that was there stays until the new one is complete. Raises `ConfigurationError`.
    """
    write_whole(path, encode_draft(draft).encode(), private=True)


def load_draft(path: Path) -> PatientDraft:
    """Raises `ConfigurationError` where there is no such file, and as `decode_draft`."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    try:
        return decode_draft(content.decode())
    except UnicodeDecodeError:
        raise DraftError("this is no text in UTF-8") from None
