"""A desk for every test of the command line."""

import pytest
from tests.support.desk import Desk

from cardio.workstation import Workstation


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A workstation without readers; `--workstation demo` and files still open themselves."""
    made = Desk()
    monkeypatch.setattr(Workstation, "open", made.open)
    return made
