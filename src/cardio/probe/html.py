"""The report as one HTML file: no script, nothing fetched, fit for print and for mail."""

import re
from typing import TYPE_CHECKING

from cardio.errors import ConfigurationError
from cardio.locale import Translator
from cardio.probe.report import Report
from cardio.probe.views import check_view, grouped, people, reader_view, to_do

if TYPE_CHECKING:
    from jinja2 import Template

_FRENCH_SPACE = re.compile(r" (?=[:;?!»])|(?<=«) ")


def to_html(report: Report, text: Translator) -> str:
    """The whole page, as text to be written in UTF-8.

    Raises `ConfigurationError` where jinja2 is not installed.
    """
    checks = [check_view(result, text) for result in report.checks]
    return _template(text.language).render(
        text=text,
        report=report,
        readers=[reader_view(reader, report, text) for reader in report.readers],
        groups=grouped(checks, text),
        to_do=to_do(checks),
        people=people(report, text),
    )


def _template(language: str) -> "Template":
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise ConfigurationError(
            "an HTML report needs jinja2: pip install 'cardio-sante[report]'"
        ) from None
    environment = Environment(
        loader=PackageLoader("cardio.probe"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_keep_together if language == "fr" else None,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _keep_together(value: object) -> object:
    """French signs stay on the line of their word: the space between does not break."""
    return _FRENCH_SPACE.sub("\N{NO-BREAK SPACE}", value) if type(value) is str else value
