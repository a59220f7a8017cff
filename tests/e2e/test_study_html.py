"""A real browser shows a study, and its one script runs under the page's own policy."""

import subprocess
from pathlib import Path

import pytest
from PIL import Image
from tests.e2e.test_probe_html import CHROMIUM, browse
from tests.support.studies import BLOCKED, DOCTOR, Centre, cps, document, row

from cardio.locale import translator
from cardio.study import folder
from cardio.study.conduct import silent

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

NOT_READY_RED = (0xB3, 0x26, 0x1E)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    centre = Centre(tmp_path)
    centre.site()
    centre.roster(row(DOCTOR))
    centre.report("cabinet", document(cps(DOCTOR, **BLOCKED)))
    made = tmp_path / "out"
    folder.make(made)
    folder.write(centre.request(), made, translator("fr"), silent)
    return made


def test_a_browser_draws_bars_and_makes_tables_sortable(out: Path) -> None:
    page = out / "study.html"
    picture = page.with_suffix(".png")
    browse(page, f"--screenshot={picture}", "--window-size=1300,1600")
    with Image.open(picture) as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or ()}
    assert NOT_READY_RED in colours
    assert CHROMIUM
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    command += [f"--user-data-dir={out / 'profile'}", page.as_uri()]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=90)
    assert "<th><button>" in shown.stdout


def test_the_summary_is_one_sheet(out: Path) -> None:
    page = out / "summary.html"
    paper = page.with_suffix(".pdf")
    browse(page, f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    assert paper.read_bytes().count(b"/Type /Page\n") == 1
