"""A software signer under the emulator's TEST hierarchy, and the command-line tools that verify."""

import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import Certificate, SubjectKeyIdentifier
from tests.support import trust

DAY = timedelta(days=1)
NOW = datetime.now(UTC)


def key() -> rsa.RSAPrivateKey:
    """The key of every certificate made here."""
    return trust.key("card 2048", 2048)


@cache
def certificate(since: int = -100, until: int = 900) -> Certificate:
    """A signature certificate valid between days from now."""
    identifier = SubjectKeyIdentifier.from_public_key(key().public_key())
    more = [(identifier, False)]
    return trust.card(since=NOW + since * DAY, until=NOW + until * DAY, more=more)


def authorities() -> tuple[Certificate, Certificate]:
    """Intermediate and root."""
    return trust.persons().certificate, trust.root().certificate


def files(folder: Path) -> dict[str, Path]:
    """The signer's key and certificate, and the authorities, as PEM files by role."""
    issuer, root = authorities()
    pem = {
        "key": key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "certificate": certificate().public_bytes(Encoding.PEM),
        "issuer": issuer.public_bytes(Encoding.PEM),
        "root": root.public_bytes(Encoding.PEM),
    }
    pem["authorities"] = pem["issuer"] + pem["root"]
    for name, content in pem.items():
        (folder / f"{name}.pem").write_bytes(content)
    return {name: folder / f"{name}.pem" for name in pem}


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
