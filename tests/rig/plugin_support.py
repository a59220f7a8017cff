"""Runs pytest with the plugin, as a user does: another process, in an empty folder."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = ("-p", "cardio.pytest_plugin", "-p", "no:cacheprovider", "-W", "error", "-rs")
ALONE = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
"""Set, it keeps out the other plugins of this environment, which take most of the time."""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """All tests of the folder; every warning is an error."""
    return pytester.runpytest_subprocess(*PLUGIN, *options, timeout=100)


def page(name: str, language: str = "python") -> str:
    """The first block of code in this language on a page of the how-to guides."""
    text = (ROOT / "docs/how-to" / name).read_text(encoding="utf-8")
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]
