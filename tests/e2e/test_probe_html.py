"""A real browser shows the report: whole, in both languages, without asking the network."""

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from tests.support.probe_facts import NOT_READY, report

from cardio.locale import LANGUAGES, translator
from cardio.probe import to_html

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

CPS_BLUE, VITALE_GREEN = (0x1F, 0x5F, 0x99), (0x2E, 0x8B, 0x57)


def browse(page: Path, *options: str) -> None:
    assert CHROMIUM
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={page.parent / 'profile'}", *options, page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=90)


@pytest.fixture(params=LANGUAGES)
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "report.html"
    file.write_text(to_html(report(NOT_READY), translator(request.param)), encoding="utf-8")
    return file


def test_a_browser_draws_readers_and_cards(page: Path) -> None:
    picture = page.with_suffix(".png")
    browse(page, f"--screenshot={picture}", "--window-size=1000,1400")
    with Image.open(picture) as image:
        assert image.size == (1000, 1400)
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or ()}
    assert {CPS_BLUE, VITALE_GREEN} <= colours


def test_it_prints_on_paper(page: Path) -> None:
    paper = page.with_suffix(".pdf")
    browse(page, f"--print-to-pdf={paper}")
    assert paper.read_bytes().startswith(b"%PDF-")
