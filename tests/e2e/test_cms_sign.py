"""`cardio sign` as a program, on a card in a real PC/SC reader; `openssl` verifies."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.signing import run

from cardio.rig.pcscd.private import PrivatePcscd
from cardio_emulator.kinds import make
from cardio_emulator.personalise import export
from cardio_emulator.vpcd import SEEN_WITHIN, attach

pytestmark = pytest.mark.pcscd


@pytest.mark.parametrize("kind", ["cps3", "cps4"])
def test_openssl_verifies(
    start_pcscd: Callable[..., PrivatePcscd], tmp_path: Path, kind: str
) -> None:
    service, card = start_pcscd(["CPS"]), make(kind)
    (reader,) = service.reader_names
    file = tmp_path / "report"
    file.write_bytes(b"Compte rendu\r\n")
    pem = export(card.image, tmp_path)
    (tmp_path / "chain").write_text(pem["ca"].read_text() + pem["root"].read_text())
    environment = {**os.environ, **service.env, "CODE": "1234"}
    with attach(card, "127.0.0.1", service.ports[reader]) as insertion:
        assert insertion.seen.wait(SEEN_WITHIN)
        words = ("sign", file, "--pin-env", "CODE", "--lang", "en")
        done = subprocess.run(
            [sys.executable, "-m", "cardio", *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    words = f"cms -verify -binary -inform DER -in {file}.p7s -content {file}".split()
    trusted = f"-CAfile {tmp_path}/chain -purpose any -out {os.devnull}".split()
    verified = run("openssl", *words, *trusted)
    assert verified.returncode == 0, verified.stderr
