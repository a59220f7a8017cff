"""Report files for the study of a site: named alike, whole or not there, for their owner only."""

import json
import os
import tempfile
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio.locale import Translator
from cardio.probe.encode import to_json
from cardio.probe.html import to_html
from cardio.probe.report import Report


def save(report: Report, folder: Path, text: Translator) -> tuple[Path, ...]:
    """Write the report as JSON and, where jinja2 is installed, as HTML; give the files' paths.

    The name is the workstation's stable id and the time of the report. Raises
    `ConfigurationError` where the folder cannot be written to.
    """
    contents = {".json": json.dumps(to_json(report, text), ensure_ascii=False, indent=2) + "\n"}
    if (page := _page(report, text)) is not None:
        contents[".html"] = page
    return tuple(
        write_private(folder / f"{name_of(report)}{ending}", content)
        for ending, content in contents.items()
    )


def name_of(report: Report) -> str:
    """Without ending: `cardio-<id>-<time>`, in UTC; `cardio-no-id-…` where the system has none."""
    moment = report.created.strftime("%Y%m%dT%H%M%SZ")
    return f"cardio-{report.machine.id or 'no-id'}-{moment}"


def write_private(file: Path, content: str) -> Path:
    """Write a file that appears whole, and that only its owner may read.

    Raises `ConfigurationError`.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise ConfigurationError(f"{str(file.parent)!r}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as whole:
            whole.write(content)
            whole.flush()
            os.fsync(whole.fileno())
        Path(name).replace(file)
    except OSError as error:
        raise ConfigurationError(f"{str(file)!r}: {error.strerror}") from None
    finally:
        Path(name).unlink(missing_ok=True)
    return file


def _page(report: Report, text: Translator) -> str | None:
    try:
        return to_html(report, text)
    except ConfigurationError:
        return None
