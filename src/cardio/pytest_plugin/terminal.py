"""Speaking to the person who runs the tests, past pytest's capture of output."""

from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.capture import CaptureManager

    from cardio.rig.robots.manual import Say


def speaker(config: pytest.Config) -> "Say | None":
    """Shows a line on pytest's terminal; None where there is none, as in CI or an xdist worker."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not reporter.isatty:
        return None
    capture: CaptureManager | None = config.pluginmanager.get_plugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            reporter.ensure_newline()
            reporter.write_line(line)
            reporter.flush()

    return say
