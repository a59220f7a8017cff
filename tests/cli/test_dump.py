"""`cardio card dump` and `cardio trace anonymise`: from a card to its image and back to a card."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_docs import blocks
from tests.support.desk import Desk
from tests.support.fresh_keys import stock
from tests.support.personas import PERSONAS

from cardio.anonymise import contents
from cardio.rig.pcscd.private import PrivatePcscd
from cardio.trace import jsonl
from cardio_emulator import certificates
from cardio_emulator.image_cards import card_from
from cardio_emulator.kinds import make
from cardio_emulator.vpcd import attach

PAGE = "docs/how-to/share-a-recording.md"
CPS_KINDS = ("cps3", "cps4", "cps4-t0", "cps2ter", "cps3-contactless")
VITALES = (
    "famille",
    "corse",
    "cle-fausse",
    "date-lunaire",
    "droits-lacunaires",
    "famille-nombreuse",
    "famille-voisine",
    "jumeaux",
    "mutuelle-et-amc",
    "naissance-etranger",
    "nir-provisoire",
    "nom-naissance",
    "prenoms-composes",
    "sans-droits",
)
WHO = {
    "ps_idnat",
    "rpps",
    "adeli",
    "identifier",
    "register_number",
    "structure",
    "family_name",
    "given_name",
    "pseudonym",
    "chip_serial",
    "card_number",
    "label",
    "nir",
    "birth_date",
    "birth_date_as_written",
    "organisation",
    "unit",
    "name",
}
"""Keys of the JSON documents whose values tell who."""


@pytest.fixture(autouse=True)
def keys_in_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one key for each of a hundred cards."""
    fresh, old = stock(), stock(1)
    by_label: dict[str, Any] = {}
    monkeypatch.setattr(contents, "random_key", fresh)
    monkeypatch.setattr(
        certificates,
        "new_key",
        lambda label: by_label.setdefault(label, old(2048, 65537)),  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]
    )


def desk_with(monkeypatch: pytest.MonkeyPatch, *cards: Any) -> Desk:  # noqa: ANN401
    made = Desk()
    for number, card in enumerate(cards):
        made.put(f"Reader 0{number} 00", card)
    for module in ("managers", "workstation"):
        monkeypatch.setattr(f"cardio.workstation.{module}.open_manager", made.manager)
    return made


def shown(desk: Desk, kind: str) -> Any:  # noqa: ANN401
    """All that the card of this desk says of itself."""
    if kind.startswith("vitale"):
        return desk.json("vitale", "show", "--files"), desk.json("vitale", "rights", code=None)
    return desk.json("cps", "show", code=None)


def skeleton(value: Any) -> Any:  # noqa: ANN401
    """The document with the size of each identity in its place."""
    if isinstance(value, dict):
        return {
            key: len(str(one)) if key in WHO and isinstance(one, str) else skeleton(one)
            for key, one in value.items()  # pyright: ignore[reportUnknownVariableType]
        }
    if isinstance(value, list | tuple):
        return [skeleton(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return value


CARDS = [(kind, name) for kind in CPS_KINDS for name in PERSONAS] + [
    ("vitale2", name) for name in VITALES
]


@pytest.mark.parametrize(("kind", "name"), CARDS)
def test_the_image_reads_like_the_card(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, name: str
) -> None:
    ours = desk_with(monkeypatch, make(kind, name))
    before = shown(ours, kind)
    whole, redacted = tmp_path / "whole.toml", tmp_path / "redacted.toml"
    assert ours.run("card", "dump", str(whole), "--as-is").exit_code == 0
    done = ours.run("card", "dump", str(redacted))
    assert done.exit_code == 0, done.output
    assert shown(desk_with(monkeypatch, card_from(whole)), kind) == before
    after = shown(desk_with(monkeypatch, card_from(redacted)), kind)
    assert after != before
    if kind != "vitale2":
        assert skeleton(after) == skeleton(before)
    else:
        assert skeleton(after)[0] == skeleton(before)[0]
    text = redacted.read_text(encoding="utf-8")
    serial = make(kind, name).serial
    assert serial not in text
    assert redacted.stat().st_mode & 0o077 == 0


def test_a_vitale_1_gives_what_it_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    desk = desk_with(monkeypatch, make("vitale1"))
    done = desk.json("card", "dump", str(tmp_path / "card.toml"))
    assert (done["kind"], done["files"], done["keys"]) == ("vitale1", 0, 0)
    assert card_from(tmp_path / "card.toml").atr == make("vitale1").atr


def test_the_fresh_keys_sign_and_the_test_pin_opens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image, letter = tmp_path / "card.toml", tmp_path / "letter.txt"
    letter.write_text("a letter", encoding="utf-8")
    desk_with(monkeypatch, make("cps3")).run("card", "dump", str(image))
    desk = desk_with(monkeypatch, card_from(image))
    monkeypatch.setenv("TEST_PIN", "1234")
    signed = desk.run("sign", str(letter), "--pin-env", "TEST_PIN")
    assert signed.exit_code == 0, signed.output
    verify = "openssl cms -verify -noverify -inform DER -binary"
    told = subprocess.run(
        [*verify.split(), "-in", f"{letter}.p7s", "-content", str(letter)],
        capture_output=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr


def test_which_card_is_asked_where_there_are_two(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk = desk_with(monkeypatch, make("cps2ter"), make("vitale2"))
    out = str(tmp_path / "card.toml")
    refused = desk.run("card", "dump", out)
    assert refused.exit_code != 0
    assert "--reader" in refused.output
    assert desk.json("card", "dump", out, "--reader", "Reader 01")["kind"] == "vitale2"
    assert desk.run("card", "dump", out, "--reader", "Reader 00").exit_code != 0
    assert desk.run("card", "dump", out, "--reader", "Reader 00", "--force").exit_code == 0
    assert desk_with(monkeypatch).run("card", "dump", out, "--force").exit_code != 0


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "vitale.jsonl"
    desk = desk_with(monkeypatch, make("vitale2"))
    assert desk.run("trace", "record", str(path), "vitale", "show").exit_code == 0
    return path


def test_a_recording_is_rewritten(recording: Path, desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "shared.jsonl"
    done = desk.run("trace", "anonymise", str(recording), str(out))
    assert done.exit_code == 0, done.output
    assert "FAMILLE" not in done.output
    before, after = (jsonl.decode(one.read_bytes()) for one in (recording, out))
    assert len(before.exchanges) == len(after.exchanges)
    assert b"FAMILLE".hex().upper() in recording.read_text(encoding="utf-8")
    assert b"FAMILLE".hex().upper() not in out.read_text(encoding="utf-8")
    told = json.loads(out.read_text(encoding="utf-8").splitlines()[0])["anonymised"]
    assert told["files"] >= 2
    assert desk.run("trace", "explain", str(out)).exit_code == 0


def test_nothing_is_overwritten_unasked(recording: Path, desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "shared.jsonl"
    out.write_text("mine", encoding="utf-8")
    assert desk.run("trace", "anonymise", str(recording), str(out)).exit_code != 0
    assert desk.run("trace", "anonymise", str(recording), str(recording), "--force").exit_code != 0
    assert out.read_text(encoding="utf-8") == "mine"
    assert desk.run("trace", "anonymise", str(recording), str(out), "--force").exit_code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_no_device_gives_way_to_a_file(recording: Path, desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "pipe"
    os.mkfifo(out)
    done = desk.run("trace", "anonymise", str(recording), str(out), "--force")
    assert "is no regular file" in done.stderr
    assert out.is_fifo()
    assert [one.name for one in tmp_path.iterdir() if "pipe" in one.name] == ["pipe"]


def test_a_folder_that_is_not_there_is_told_before_the_card_is_read(
    desk: Desk, tmp_path: Path
) -> None:
    done = desk.run("card", "dump", str(tmp_path / "gone" / "x.toml"), "--reader", "nobody")
    assert "cannot write to the folder" in done.stderr


def test_a_seed_says_the_same_again(recording: Path, desk: Desk, tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("one.jsonl", "two.jsonl")]
    for out in outs:
        desk.json("trace", "anonymise", str(recording), str(out), "--seed", "a long secret")
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert desk.run("trace", "anonymise", str(recording), "x", "--seed", "").exit_code != 0


def test_the_page_is_true(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for line in filter(None, "\n".join(blocks(PAGE, "sh")).splitlines()):
        name, *words = shlex.split(line)
        assert name == "cardio"
        done = desk.run(*words)
        assert done.exit_code == 0, done.output
    (bench,) = blocks(PAGE, "toml")
    Path("bench.toml").write_text(bench, encoding="utf-8")
    assert desk.json("--workstation", "bench.toml", "cps", "show")["holder"]["family_name"]


@pytest.mark.pcscd
@pytest.mark.opensc
@pytest.mark.skipif(not shutil.which("pkcs15-tool"), reason="OpenSC is not installed")
def test_opensc_reads_the_image(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    start_pcscd: Callable[..., PrivatePcscd],
) -> None:
    image = tmp_path / "card.toml"
    label = desk_with(monkeypatch, make("cps3")).json("cps", "show")["label"]
    done = desk_with(monkeypatch, make("cps3")).run("card", "dump", str(image))
    assert done.exit_code == 0
    service = start_pcscd(["CPS"])
    name = service.reader_names[0]
    with attach(card_from(image), "127.0.0.1", service.ports[name]) as insertion:
        assert insertion.seen.wait(10)
        output = _dumped(service, tmp_path)
    assert "PKCS#15 Card [CPS3v3-" in output
    assert label not in output
    for expected in ("PIN [PIN CPS]", "CPS_PRIV_SIG", "Certificat d'Authentification CPS"):
        assert expected in output


def _dumped(service: PrivatePcscd, folder: Path) -> str:
    """What OpenSC says once pcscd shows it the card."""
    environment = {**os.environ, **service.env, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    end = time.monotonic() + 60
    while True:
        done = subprocess.run(
            ["pkcs15-tool", "-D"], env=environment, capture_output=True, check=False, timeout=60
        )
        if done.returncode == 0 or time.monotonic() > end:
            return (done.stdout + done.stderr).decode(errors="replace")
