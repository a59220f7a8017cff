"""SoftHSM tokens that hold what a CPS holds, under the labels its own module shows.

A token in software takes every mechanism, and its keys never leave this process: for what keys
and log-in mean, where OpenSC cannot go (signature key, PSS) and no vendor module is at hand.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pkcs11 import Attribute, ObjectClass
from pkcs11.util.rsa import decode_rsa_private_key
from tests.support.cps3 import Wire
from tests.support.cps_cards import KINDS

from cardio.cards.cps import CpsCard
from cardio.cards.identify import identify
from cardio.pin.pin import Pin
from cardio.transport.channel import Channel
from cardio.transport.stack import stack
from cardio_emulator.card_os import Card

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")
MODULE = next((Path(path) for path in MODULES if Path(path).exists()), None)
needs_softhsm = pytest.mark.skipif(
    MODULE is None or not shutil.which("softhsm2-util"), reason="SoftHSM is not installed"
)

PIN, PUK = "1234", "12345678"
_ID = bytes.fromhex("E828BD080F8025000001FF0010")
_PRIVATE = ("CPS_ACTIVITY_01_PS", "CPS_ACTIVITY_02_PS")


class SoftHsm:
    """SoftHSM over a folder of its own, in this process."""

    def __init__(self, folder: Path) -> None:
        self.module = MODULE or Path()
        (folder / "tokens").mkdir(parents=True)
        self.config = folder / "softhsm2.conf"
        self.config.write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")

    def add(self, kind: str = "cps3", label: str = "CPS3v3-2900000042") -> Card:
        """A token with the certificates, keys and data objects of this emulated card."""
        command = ("softhsm2-util", "--init-token", "--free", "--label", label)
        codes = ("--so-pin", PUK, "--pin", PIN)
        subprocess.run((*command, *codes), check=True, capture_output=True)
        card = KINDS[kind]()
        assert isinstance(card, Card)
        library = pkcs11.lib(str(self.module))
        library.reinitialize()
        with library.get_token(token_label=label).open(rw=True, user_pin=PIN) as session:
            for attributes in _objects(card):
                session.create_object({Attribute.TOKEN: True, **attributes})
        return card

    def token(self, label: str = "CPS3v3-2900000042") -> pkcs11.Token:
        return pkcs11.lib(str(self.module)).get_token(token_label=label)


@contextmanager
def soft_hsm(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftHsm]:
    """A SoftHSM without tokens; the module is ended with the test."""
    hsm = SoftHsm(folder)
    monkeypatch.setenv("SOFTHSM2_CONF", str(hsm.config))
    pkcs11.lib(str(hsm.module)).reinitialize()
    yield hsm
    pkcs11.lib(str(hsm.module)).finalize()


def _objects(card: Card) -> Iterator[dict[Attribute, object]]:
    channel = Channel(stack(Wire(card)))
    cps = CpsCard(channel, identify(channel))
    cps.verify_pin(Pin.of(PIN))
    for certificate in cps.certificates:
        yield {
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
            Attribute.LABEL: certificate.label,
            Attribute.ID: _id(signs=certificate.usage.value == "signature"),
            Attribute.SUBJECT: b"\x30\x00",
            Attribute.VALUE: certificate.der,
        }
    for key in card.image.keys:
        encoded = key.key.private_bytes(
            Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()
        )
        yield decode_rsa_private_key(encoded) | {
            Attribute.LABEL: "CPS_PRIV_SIG" if key.non_repudiation else "CPS_PRIV_AUT",
            Attribute.ID: _id(signs=key.non_repudiation),
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
        }
    for label in (*cps.free_data_objects, *_PRIVATE):
        yield {
            Attribute.CLASS: ObjectClass.DATA,
            Attribute.LABEL: label,
            Attribute.APPLICATION: "CPS",
            Attribute.PRIVATE: label in _PRIVATE,
            Attribute.VALUE: cps.data_object(label) or b"",
        }


def _id(*, signs: bool) -> bytes:
    """facts: cps.md §2.4."""
    return _ID + (b"\x01" if signs else b"\x02")
