"""The reports of `cardio probe` in a folder, file by file: none is left out without a word."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from cardio.errors import ConfigurationError
from cardio.study.result import FileProblem, Problem
from cardio.study.shape import is_report

Files = list[tuple[Path, str]]
"""Files with their names for people."""

NEWEST = 1
"""The report's schema version that this cardio knows (docs/reference/report.md)."""

_MOST_BYTES = 16 << 20
"""A report has some ten thousand bytes. Bounds memory."""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report that can be used: its name below the folder, when it was made, the document."""

    file: str
    created: datetime
    document: dict[str, Any]


def find(folders: tuple[Path, ...]) -> Files:
    """Every JSON file of these folders and those in them, in order, with its name for people.

    Raises `ConfigurationError` for a folder that is not there.
    """
    found: Files = []
    for folder in folders:
        if not folder.is_dir():
            raise ConfigurationError(f"{folder}: no folder with reports")
        prefix = f"{folder.name}/" if len(folders) > 1 else ""
        files = sorted(path for path in folder.rglob("*.json") if path.is_file())
        found += [(path, prefix + path.relative_to(folder).as_posix()) for path in files]
    return found


def read(files: Files) -> Iterator[ReportFile | FileProblem]:
    """One at a time: a report, or what is wrong with the file."""
    for path, name in files:
        yield _read(path, name)


def _read(path: Path, name: str) -> ReportFile | FileProblem:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return FileProblem(name, Problem.TOO_LARGE, f"> {_MOST_BYTES >> 20} MiB")
        return understood(json.loads(path.read_bytes()), name)
    except OSError as error:
        return FileProblem(name, Problem.UNREADABLE, error.strerror or "")
    except json.JSONDecodeError as error:
        return FileProblem(name, Problem.NOT_JSON, f"{error.lineno}:{error.colno}")
    except (ValueError, RecursionError):
        return FileProblem(name, Problem.NOT_JSON)


def understood(raw: object, name: str) -> ReportFile | FileProblem:
    """Fields that came later are missing in older reports, and read as not known."""
    document = cast(dict[str, Any], raw) if isinstance(raw, dict) else {}
    version = document.get("schema_version")
    if type(version) is int and version > NEWEST and "checks" in document:
        return FileProblem(name, Problem.NEWER, str(version))
    created = _moment(document.get("created"))
    if created is None or type(version) is not int or not is_report(document):
        return FileProblem(name, Problem.NOT_A_REPORT)
    return ReportFile(name, created, document)


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
