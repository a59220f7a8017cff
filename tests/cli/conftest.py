"""A desk for every test of the command line."""

import pytest
from tests.support.desk import Desk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A workstation without readers; `--workstation demo` and files still open themselves."""
    made = Desk()
    for module in ("managers", "workstation"):
        monkeypatch.setattr(f"cardio.workstation.{module}.open_manager", made.manager)
    return made
