"""OpenSC's own tools at a PIN pad: the reader driver shows it, the emulated pad is typed on."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.opensc import needs_sdo
from tests.support.own_driver import own_readers, unavailable, wait_until

from cardio.transport.base import CardPresence
from cardio.transport.pcsc import PcscResourceManager
from cardio_emulator.card_os import Card
from cardio_emulator.kinds import make
from cardio_emulator.pad import EmulatedPad, PadKey
from cardio_emulator.reader import VirtualReader

_TOOLS = ("opensc-tool", "pkcs15-tool", "pkcs11-tool")
pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.opensc,
    pytest.mark.skipif(unavailable() is not None, reason=str(unavailable())),
    pytest.mark.skipif(not all(map(shutil.which, _TOOLS)), reason="OpenSC is not installed"),
]
LOG_IN = ("pkcs11-tool", "--login", "--list-objects", "--type", "privkey")


@pytest.fixture
def card() -> Card:
    return make("cps3")


@pytest.fixture
def reader(card: Card) -> Iterator[VirtualReader]:
    """A reader with a pad and a CPS3 in it."""
    with own_readers() as (reader,):
        reader.pad = EmulatedPad()
        reader.insert(card)
        wait_until(PcscResourceManager(), presence=CardPresence.PRESENT)
        yield reader


def run(folder: Path, *command: str) -> tuple[int, str]:
    """Exit code and all that was said; nobody is there to type on the keyboard."""
    env = {**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    nobody = subprocess.DEVNULL
    done = subprocess.run(
        command, env=env, stdin=nobody, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def type_on(reader: VirtualReader, *keys: str | PadKey) -> EmulatedPad:
    assert reader.pad is not None
    reader.pad.typed.extend(keys)
    return reader.pad


def test_the_pad_is_seen(reader: VirtualReader, tmp_path: Path) -> None:
    _, said = run(tmp_path, "opensc-tool", "--list-readers")
    assert "Yes   PIN pad   Own 00 00" in said
    _, said = run(tmp_path, "pkcs11-tool", "--list-slots")
    assert "PIN pad present" in said


@needs_sdo
def test_a_log_in_by_pkcs11(reader: VirtualReader, card: Card, tmp_path: Path) -> None:
    pad = type_on(reader, "1234")
    code, said = run(tmp_path, *LOG_IN)
    assert code == 0, said
    assert "CPS_PRIV_SIG" in said
    assert pad.asked == 1
    assert card.pins[1].tries_left == 3


@needs_sdo
def test_a_pin_verified_by_pkcs15(reader: VirtualReader, card: Card, tmp_path: Path) -> None:
    pad = type_on(reader, "1234")
    code, said = run(tmp_path, "pkcs15-tool", "--verify-pin", "--auth-id", "01")
    assert code == 0, said
    assert pad.asked == 1
    assert card.pins[1].tries_left == 3


@needs_sdo
@pytest.mark.parametrize(
    ("key", "left", "told"),
    [
        ("4321", 2, "CKR_PIN_INCORRECT"),
        (PadKey.CANCEL, 3, "CKR_FUNCTION_CANCELED"),
        (PadKey.NOTHING, 3, "CKR_FUNCTION_CANCELED"),
    ],
)
def test_a_log_in_that_fails(
    reader: VirtualReader, card: Card, tmp_path: Path, key: str | PadKey, left: int, told: str
) -> None:
    pad = type_on(reader, key)
    code, said = run(tmp_path, *LOG_IN)
    assert code != 0
    assert told in said
    assert pad.asked == 1, "asked once, and no more"
    assert card.pins[1].tries_left == left


@needs_sdo
def test_the_program_of_the_page(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "explanation" / "own-driver.md"
    (program,) = re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)
    code, said = run(tmp_path, sys.executable, "-c", program)
    assert code == 0, said
    assert "PIN pad   Ingenico 00 00" in said
    assert "CPS_PRIV_AUT" in said
