"""Unmodified OpenSC and pcsc-tools on an emulated CPS3, over a private pcscd and vpcd.

What each command does and answers: facts: iasecc_opensc.md §0, §4, §7.
"""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate
from tests.support import opensc
from tests.support.opensc import needs_sdo

from cardio.rig.pcscd.private import PrivatePcscd
from cardio_emulator.card_os import Card
from cardio_emulator.card_os.hash_state import SHA256
from cardio_emulator.kinds import make
from cardio_emulator.personalise import export
from cardio_emulator.vpcd import attach

_TOOLS = ("opensc-tool", "pkcs15-tool", "pkcs11-tool", "openssl")
pytestmark = [
    pytest.mark.pcscd,
    pytest.mark.opensc,
    pytest.mark.skipif(
        not all(map(shutil.which, _TOOLS)), reason="OpenSC's tools or openssl are not installed"
    ),
]

StartPcscd = Callable[..., PrivatePcscd]

_SIGNATURE_ID = "E828BD080F8025000001FF001001"
_AUTHENTICATION_ID = "E828BD080F8025000001FF001002"
_VERIFY = 0x20
_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


class Recording:
    """A card that keeps the commands it got."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.commands: list[bytes] = []
        self.atr, self.serial = card.atr, card.serial

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(command)
        return self.card.transmit(command)


@dataclass
class Desk:
    """A card in a private reader, and a way to run commands against it."""

    service: PrivatePcscd
    recording: Recording
    folder: Path

    @property
    def card(self) -> Card:
        return self.recording.card

    @property
    def commands(self) -> list[bytes]:
        return self.recording.commands

    def run(self, *command: str, fails: bool = False) -> str:
        """Standard output and error of one command, as text."""
        self.commands.clear()
        environment = {**self.service.env, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            command, env=environment, cwd=self.folder, capture_output=True, check=False, timeout=60
        )
        output = (done.stdout + done.stderr).decode(errors="replace")
        assert (done.returncode != 0) == fails, output
        return output

    @property
    def pins_sent(self) -> list[bytes]:
        """What was presented since the last command began; an empty VERIFY presents nothing."""
        return [c[5:] for c in self.commands if c[1] == _VERIFY and len(c) > 5]

    def wait_until_seen(self) -> None:
        """pcscd shows the card a moment after it has asked for its ATR."""
        deadline = time.monotonic() + 10
        command = ("opensc-tool", "--atr")
        while (
            self.card.atr.hex(":").encode()
            not in subprocess.run(
                command, env=self.service.env, capture_output=True, check=False, timeout=60
            ).stdout
        ):
            assert time.monotonic() < deadline, "the card never showed"

    def file(self, name: str, content: bytes = b"") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path


@pytest.fixture
def kind() -> str:
    return "cps3"


@pytest.fixture
def desk(kind: str, start_pcscd: StartPcscd, tmp_path: Path) -> Iterator[Desk]:
    service = start_pcscd(["CPS"])
    recording = Recording(make(kind))
    name = service.reader_names[0]
    with attach(recording, "127.0.0.1", service.ports[name]) as insertion:
        assert insertion.seen.wait(5)
        desk = Desk(service, recording, tmp_path)
        desk.wait_until_seen()
        yield desk


def test_opensc_tool_names_the_card(desk: Desk) -> None:
    assert "3b:ac:00:40:2a:00:12:25:00:64:80:00:03:10:00:90:00" in desk.run("opensc-tool", "--atr")
    assert desk.run("opensc-tool", "--name").startswith("IAS-ECC")
    assert len(desk.commands) <= 7
    assert "00 00 01 09 82 17 00 0F" in desk.run("opensc-tool", "--serial")


@pytest.mark.parametrize("kind", ["cps4", "cps4-t0", "cps2ter"])
def test_cards_that_opensc_does_not_know(desk: Desk) -> None:
    """They answer in another class than 00; OpenSC says so and costs them no try."""
    output = desk.run("pkcs15-tool", "-D", fails=True)
    assert "Unsupported CLA byte" in output or "cannot be handled" in output
    desk.run("pkcs11-tool", "--login", "--pin", "1234", "-O", fails=True)
    assert not desk.pins_sent


def test_pkcs15_dump(desk: Desk) -> None:
    output = desk.run("pkcs15-tool", "-D")
    assert "PKCS#15 Card [CPS3v3-2909821700]" in output
    for expected in (
        "PIN [PIN CPS]",
        "PIN [PUK CPS]",
        "Private RSA Key [CPS_PRIV_SIG]",
        "Private RSA Key [CPS_PRIV_AUT]",
        "X.509 Certificate [Certificat de Signature CPS]",
        "X.509 Certificate [Certificat d'Authentification CPS]",
        "CPS_DATA",
        "CPS_ID_CARD",
        "CPS_NAME_PS",
        "CPS_LANG_PS",
        "CPS_INFO_PS",
        "CPS_ACTIVITY_01_PS",
        "CPS_ACTIVITY_02_PS",
    ):
        assert expected in output
    assert "[0x81]" in output or "129 (0x81)" in output


@pytest.mark.skipif(opensc.VERSION != (0, 23), reason="the recording is of OpenSC 0.23")
def test_pkcs15_dump_takes_what_the_recorded_one_took(desk: Desk) -> None:
    """44 exchanges in the recording (§7.1), of a card with less to read."""
    desk.run("pkcs15-tool", "-D")
    roles = ("signature", "authentication")
    blocks = sum(-(-len(desk.card.image.certificates[role]) // 256) for role in roles)
    longer_certificates, longer_directory = blocks - 6, 1
    more_data_files, corrected_le = 3, 1
    extra = longer_certificates + longer_directory + 3 * more_data_files + corrected_le
    assert len(desk.commands) == 44 + extra


def test_applications(desk: Desk) -> None:
    output = desk.run("pkcs15-tool", "--list-applications")
    assert output.index("Application 'CPX IAS'") < output.index("Application 'CPX IAS CL'")


@pytest.mark.parametrize(
    ("identifier", "role"),
    [(_SIGNATURE_ID, "signature"), (_AUTHENTICATION_ID, "authentication")],
)
def test_certificates(desk: Desk, identifier: str, role: str) -> None:
    desk.run("pkcs15-tool", "--read-certificate", identifier, "-o", "read.pem")
    exported = export(desk.card.image, desk.folder / "exported")
    desk.run("openssl", "x509", "-in", "read.pem", "-out", "read.der", "-outform", "DER")
    assert (desk.folder / "read.der").read_bytes() == desk.card.image.certificates[role]
    chain = ("-CAfile", str(exported["root"]), "-untrusted", str(exported["ca"]))
    assert "read.pem: OK" in desk.run("openssl", "verify", *chain, "read.pem")


def test_data_objects(desk: Desk) -> None:
    output = desk.run("pkcs15-tool", "--read-data-object", "CPS_NAME_PS")
    assert "E4 0A 80 01 1F 84 05 4A 55 4C 45 53" in output


@needs_sdo
def test_data_objects_behind_the_pin(desk: Desk) -> None:
    read = ("pkcs15-tool", "--read-data-object", "CPS_ACTIVITY_02_PS")
    output = desk.run(*read, "--verify-pin", "--auth-id", "01", "--pin", "1234")
    assert "EE 31 80 01 01 84 1A" in output


@needs_sdo
def test_verify_pin(desk: Desk) -> None:
    verify = ("pkcs15-tool", "--verify-pin", "--auth-id", "01", "--pin")
    desk.run(*verify, "1234")
    assert desk.card.verified == {1}
    assert "PIN code or key incorrect" in desk.run(*verify, "9999", fails=True)
    assert desk.card.pins[1].tries_left == 2


def test_a_pin_that_is_not_sent_costs_no_try(desk: Desk) -> None:
    """Whatever an OpenSC makes of the card: one try for each PIN that it sends, none else."""
    for verify in (
        ("pkcs15-tool", "--verify-pin", "--auth-id", "01", "--pin", "9999"),
        ("pkcs11-tool", "--login", "--pin", "9999", "-O"),
    ):
        before = desk.card.pins[1].tries_left
        desk.run(*verify, fails=True)
        assert desk.card.pins[1].tries_left == before - len(desk.pins_sent)


@needs_sdo
def test_change_pin(desk: Desk) -> None:
    change = ("pkcs15-tool", "--change-pin", "--auth-id", "01", "--pin")
    desk.run(*change, "1234", "--new-pin", "4321")
    desk.run("pkcs15-tool", "--verify-pin", "--auth-id", "01", "--pin", "4321")
    desk.run(*change, "1234", "--new-pin", "4321", fails=True)


@needs_sdo
def test_blocked_pin_is_unblocked_with_the_puk(desk: Desk) -> None:
    verify = ("pkcs15-tool", "--verify-pin", "--auth-id", "01", "--pin")
    for _ in range(3):
        desk.run(*verify, "9999", fails=True)
    assert "blocked" in desk.run(*verify, "1234", fails=True)
    assert "user PIN locked" in desk.run("pkcs11-tool", "-L")
    unblock = ("pkcs15-tool", "--unblock-pin", "--auth-id", "01", "--puk", "12345678")
    desk.run(*unblock, "--new-pin", "1111")
    desk.run(*verify, "1111")
    assert desk.card.pins[1].tries_left == 3


def test_pkcs11_lists(desk: Desk) -> None:
    slots = desk.run("pkcs11-tool", "-L")
    assert "token label        : CPS3v3-2909821700" in slots
    free = desk.run("pkcs11-tool", "-O")
    assert "Certificat d'Authentification CPS" in free
    assert "CPS_ACTIVITY" not in free


@needs_sdo
def test_pkcs11_lists_more_behind_the_pin(desk: Desk) -> None:
    opened = desk.run("pkcs11-tool", "--login", "--pin", "1234", "-O")
    assert "CPS_PRIV_AUT" in opened
    assert "CPS_ACTIVITY_02_PS" in opened


@needs_sdo
def test_pkcs11_signs(desk: Desk) -> None:
    text = desk.file("text", b"what is signed")
    desk.file("digestinfo", _DIGEST_INFO + hashlib.sha256(text.read_bytes()).digest())
    login = ("pkcs11-tool", "--login", "--pin", "1234", "--sign", "-m", "RSA-PKCS")
    desk.run(*login, "--id", _AUTHENTICATION_ID, "-i", "digestinfo", "-o", "signature")
    certificate = export(desk.card.image, desk.folder)["authentication"]
    public = ("openssl", "x509", "-in", str(certificate), "-pubkey", "-noout", "-out", "key.pem")
    desk.run(*public)
    check = ("openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "text")
    assert "Verified OK" in desk.run(*check)


@needs_sdo
@pytest.mark.parametrize(
    ("mechanism", "refusal"),
    [("RSA-PKCS", "CKR_MECHANISM_INVALID"), ("SHA256-RSA-PKCS", "CKR_FUNCTION_NOT_SUPPORTED")],
)
def test_the_signature_key_is_beyond_opensc(desk: Desk, mechanism: str, refusal: str) -> None:
    """The key does PSO CDS alone, for which OpenSC lacks a partial hash (§0, §4.1)."""
    desk.file("text", _DIGEST_INFO + bytes(32))
    login = ("pkcs11-tool", "--login", "--pin", "1234", "--sign", "-m", mechanism)
    output = desk.run(*login, "--id", _SIGNATURE_ID, "-i", "text", "-o", "signature", fails=True)
    assert refusal in output


@needs_sdo
def test_pkcs11_decrypts(desk: Desk) -> None:
    certificate = load_der_x509_certificate(desk.card.image.certificates["authentication"])
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    desk.file("secret", key.encrypt(b"hello CPS", padding.PKCS1v15()))
    login = ("pkcs11-tool", "--login", "--pin", "1234", "--decrypt", "-m", "RSA-PKCS")
    desk.run(*login, "--id", _AUTHENTICATION_ID, "-i", "secret", "-o", "text")
    assert (desk.folder / "text").read_bytes() == b"hello CPS"


def test_pkcs11_random(desk: Desk) -> None:
    desk.run("pkcs11-tool", "--generate-random", "16", "-o", "random")
    assert len((desk.folder / "random").read_bytes()) == 16


def test_partial_hash_and_signature_by_raw_commands(desk: Desk) -> None:
    """150 random bytes, the state after two blocks given (§4.4); openssl verifies."""
    message = os.urandom(150)
    desk.file("text", message)
    state = SHA256.state_after(message[:128]) + (1024).to_bytes(8, "big")
    body = b"\x90\x28" + state + b"\x80\x16" + message[128:]
    commands = (
        "00A40904023F00",
        "002000010431323334",
        "00A40904043F000001",
        "002241AA03800140",
        "002241B606840181800142",
        f"002A90A0{len(body):02X}{body.hex()}",
        "002A9E9A00",
    )
    output = desk.run("opensc-tool", *(word for apdu in commands for word in ("-s", apdu)))
    assert output.count("SW1=0x90, SW2=0x00") == len(commands)
    dump = output.rpartition("SW2=0x00)")[2]
    rows = (row for row in dump.splitlines() if len(row) >= 48 and row[2:3] == " ")
    signature = bytes.fromhex("".join(row[:48] for row in rows))
    desk.file("signature", signature)
    certificate = export(desk.card.image, desk.folder)["signature"]
    public = ("openssl", "x509", "-in", str(certificate), "-pubkey", "-noout", "-out", "key.pem")
    desk.run(*public)
    check = ("openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "text")
    assert "Verified OK" in desk.run(*check)


@needs_sdo
@pytest.mark.skipif(not shutil.which("iasecc-tool"), reason="iasecc-tool is not installed")
def test_iasecc_tool_lists_the_data_objects(desk: Desk) -> None:
    output = desk.run("iasecc-tool", "--list-sdos", "1")
    assert "contact ACLs:\tF3:00:00:13:FF:00" in output
    assert "contact ACLs:\tF3:FF:00:FF:FF:00" in output
    assert "usage remaining:\t00:64" in output


@pytest.mark.skipif(not shutil.which("pcsc_scan"), reason="pcsc_scan is not installed")
def test_pcsc_scan_shows_the_atr(desk: Desk) -> None:
    output = desk.run("timeout", "1", "pcsc_scan", "-n", fails=True)
    assert "ATR: 3B AC 00 40 2A 00 12 25 00 64 80 00 03 10 00 90 00" in output
