"""A study written to a folder: document, pages and order lists."""

from pathlib import Path

from cardio.errors import ConfigurationError
from cardio.locale import Translator
from cardio.probe.saving import write_private
from cardio.study import document
from cardio.study.before import FILE
from cardio.study.conduct import Outcome, Progress, Request, conduct
from cardio.study.orders import Orders
from cardio.study.pages import Pages
from cardio.study.shown import Shown
from cardio.study.writing import DocumentWriter

ORDERS = "orders"
STUDY_PAGE, SUMMARY_PAGE = "study.html", "summary.html"


def make(folder: Path) -> None:
    """The folder, for its owner only where it is new. Raises `ConfigurationError`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder}: {error.strerror}") from error


def write(request: Request, folder: Path, text: Translator, progress: Progress) -> Outcome:
    """Make the study and write all of it. Raises `ConfigurationError` where that cannot be done.

    The document takes its place when it is whole: a run that is cut off leaves the one before.
    Only the owner may read what is written: it may name people, and it tells what they lack.
    """
    pages, shown, part = Pages(request.catalogue, text), Shown(), folder / f"{FILE}.part"
    try:
        part.touch(mode=0o600)
        with part.open("w", encoding="utf-8") as file, _orders(request, folder, text) as orders:
            writer = DocumentWriter(file)
            writer.begin(document.head(request, text))
            outcome = conduct(request, (writer, orders, shown), progress)
            writer.end(document.tail(request, outcome, text))
            orders.sites(outcome)
        part.replace(folder / FILE)
        write_private(folder / STUDY_PAGE, pages.study(outcome, shown))
        write_private(folder / SUMMARY_PAGE, pages.summary(outcome))
    except OSError as error:
        raise ConfigurationError(f"{folder}: {error.strerror}") from error
    return outcome


def _orders(request: Request, folder: Path, text: Translator) -> Orders:
    return Orders(folder / ORDERS, text, with_identity=request.options.with_identity)
