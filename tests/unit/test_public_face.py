"""The face of the library: its names, and what importing it costs."""

import subprocess
import sys

import pytest

import cardio

HEAVY = ("smartcard", "click", "rich", "lxml", "signxml", "jinja2", "cryptography", "asn1crypto")


def modules_after(statement: str) -> set[str]:
    """The modules a new interpreter has loaded after a statement."""
    program = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_importing_cardio_loads_no_heavy_module() -> None:
    assert modules_after("import cardio").isdisjoint(HEAVY)


def test_using_it_loads_neither_pcsc_nor_the_command_line() -> None:
    loaded = modules_after(
        "import cardio; w = cardio.Workstation.open('demo'); w.cps().holder; w.vitale()"
    )
    assert "cryptography" in loaded
    assert loaded.isdisjoint({"smartcard", "click", "rich", "lxml", "signxml", "jinja2"})


def test_the_command_line_loads_no_card_code_before_it_is_needed() -> None:
    loaded = modules_after("import cardio.cli")
    assert loaded.isdisjoint({"smartcard", "rich", "jinja2", "cryptography", "asn1crypto"})


@pytest.mark.parametrize("name", cardio.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(cardio, name) is not None


def test_the_face_is_small_and_knows_no_other_name() -> None:
    assert len(cardio.__all__) <= 40
    with pytest.raises(AttributeError):
        cardio.nothing  # noqa: B018
