"""cardpeek's own `vitale_2` script reads the emulated Vitale 2 through a real pcscd.

How it is run, and its traps: facts: vitale_readers.md §4.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cardio.rig.pcscd.private import PrivatePcscd
from cardio_emulator.cards import vitale2
from cardio_emulator.cards.vitale2_persona import load
from cardio_emulator.virtual_card import VirtualCard
from cardio_emulator.vpcd import SEEN_WITHIN, attach

pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.skipif(shutil.which("cardpeek") is None, reason="cardpeek is not installed"),
]

_SCRIPT = "pcall(dofile,'vitale_2.lua'); ui.save_view('{output}'); ui.exit()"
_APDU_COUNT = 53
"""3 for the map, 3 applications, 2 for each of 10 files, 3 for blocks of 256 bytes and more, and 24
GET RESPONSE or repeats."""


class CountingCard:
    """The card, and how many APDUs it got."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.count = 0
        self.reset = card.reset

    @property
    def atr(self) -> bytes:
        return self.card.atr

    @property
    def serial(self) -> str:
        return self.card.serial

    def transmit(self, command: bytes) -> bytes:
        self.count += 1
        return self.card.transmit(command)


def cardpeek(environment: dict[str, str], reader: str, script: str, answers: str = "") -> None:
    subprocess.run(
        ["cardpeek", "-c", "-r", reader, "-e", script],
        env=environment,
        input=answers,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )


def view(path: Path) -> ElementTree.Element:
    """cardpeek's XML declaration is not well formed: it is cut off."""
    return ElementTree.fromstring(path.read_text(encoding="utf-8").partition("\n")[2])


def values(tree: ElementTree.Element, label: str) -> list[bytes]:
    """The bytes shown under a label, wherever it is in the tree."""
    found = [node for node in tree.iter("node") if attribute(node, "label") == label]
    return [bytes.fromhex(value[2:]) for n in found if (value := attribute(n, "val"))]


def attribute(node: ElementTree.Element, name: str) -> str:
    return next((a.text or "" for a in node.findall("attr") if a.get("name") == name), "")


def test_cardpeek_shows_every_beneficiary(
    start_pcscd: Callable[..., PrivatePcscd], tmp_path: Path
) -> None:
    service = start_pcscd(["Vitale"])
    (reader,) = service.reader_names
    environment = {**os.environ, **service.env, "HOME": str(tmp_path)}
    cardpeek(environment, "none", "ui.exit()", answers="1\n1\n")
    output = tmp_path / "view.xml"
    card = CountingCard(vitale2.make())
    with attach(card, "127.0.0.1", service.ports[reader]) as insertion:
        assert insertion.seen.wait(SEEN_WITHIN)
        cardpeek(environment, f"pcsc://{reader}", _SCRIPT.format(output=output))
    tree = view(output)
    family = load("famille").beneficiaries
    assert values(tree, "cold ATR") == [vitale2.ATR]
    assert values(tree, "Nom") == [p.family_name.encode("latin-1") for p in family]
    assert values(tree, "Prénom") == [p.given_name.encode("latin-1") for p in family]
    assert values(tree, "Date de naissance") == [p.birth_date.encode() for p in family]
    assert values(tree, "Numéro de sécurité sociale") == [p.nir.value.encode() for p in family]
    assert values(tree, "Nationalité") == [b"FRA"] * len(family)
    labels = [attribute(node, "label").strip() for node in tree.iter("node")]
    assert {"IDENT", "VALIDITE", "BENEF", "PROTEGE", "POINTERS", "DIR", "PAN"} <= set(labels)
    assert {"BRUT", "STANDIN", "CERTIF"} <= set(labels)
    assert "data not accessible (code 6982)" in output.read_text(encoding="utf-8")
    assert card.count == _APDU_COUNT
