"""Drafts in files that only their user can read."""

import os
import tempfile
from pathlib import Path

from cardio.cards.vitale.draft.model import PatientDraft
from cardio.cards.vitale.draft.written import MAX_SIZE, decode_draft, encode_draft
from cardio.errors import ConfigurationError, DraftError


def save_draft(draft: PatientDraft, path: Path) -> None:
    """Write the draft, with permissions 0600: the whole of it or, where that fails, nothing.

    A draft that was there stays until the new one is complete. Raises `ConfigurationError`.
    """
    content = encode_draft(draft).encode()
    try:
        descriptor, name = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
    except OSError as error:
        raise _failed(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _failed(path, error) from error


def load_draft(path: Path) -> PatientDraft:
    """Raises `ConfigurationError` where there is no such file, and as `decode_draft`."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise _failed(path, error) from error
    try:
        return decode_draft(content.decode())
    except UnicodeDecodeError:
        raise DraftError("this is no text in UTF-8") from None


def _failed(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"{path}: {error.strerror or error}")
