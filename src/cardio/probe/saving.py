"""Report files for the study of a site: named alike, whole or not there, for their owner only."""

import json
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio.locale import Translator
from cardio.probe.encode import to_json
from cardio.probe.html import to_html
from cardio.probe.report import Report
from cardio.whole_file import write_whole


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
    """Write a text into a folder that is made where there is none; only its owner may read it.

    Raises `ConfigurationError`.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{str(file.parent)!r}: {error.strerror}") from None
    write_whole(file, content.encode(), private=True)
    return file


def _page(report: Report, text: Translator) -> str | None:
    try:
        return to_html(report, text)
    except ConfigurationError:
        return None
