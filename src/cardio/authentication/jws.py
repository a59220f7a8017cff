"""JSON Web Signatures with the signer's certificate in them (RFC 7515 §4.1.6, `x5c`).

Compact form: content and signature are one line of text. By PyJWT: RS256, and PS256 with a key
that can do PSS (a CPS4's).
"""

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from cardio.authentication.cms_verification import Content
from cardio.authentication.rsa_verification import Algorithm, public_key_of, signer
from cardio.authentication.signed import SignatureFormat, Signed
from cardio.authentication.signing_key import certificate_of, require_fit
from cardio.errors import (
    ConfigurationError,
    ContentChanged,
    SignatureDamaged,
    UnknownSignatureFormat,
    UnsupportedSignature,
)
from cardio.keys.abilities import Padding
from cardio.keys.private_key import CardPrivateKey

try:
    from jwt.api_jws import PyJWS
    from jwt.exceptions import PyJWTError
except ImportError:
    raise ConfigurationError(
        "JSON Web Signatures need PyJWT: pip install 'cardio-sante[jws]'"
    ) from None

MAX_SIZE = 16 << 20
"""Bytes of content: our choice. It is in memory several times over; sign larger files with CMS."""

_SIZES = (256, 384, 512)
_ALGORITHMS = {f"RS{n}": Algorithm(f"sha{n}") for n in _SIZES} | {
    f"PS{n}": Algorithm(f"sha{n}", n // 8) for n in _SIZES
}
"""RFC 7518 §3.3 and §3.5."""
_COMPACT = re.compile(rb"[\w-]+\.[\w-]*\.[\w-]+", re.ASCII)


def sign_jws(
    content: bytes,
    key: rsa.RSAPrivateKey,
    certificate: Certificate | None = None,
    *,
    algorithm: str | None = None,
    chain: Iterable[Certificate] = (),
    media_type: str = "JOSE",
) -> str:
    """The compact JWS of `content`.

    `algorithm` is `RS256` or `PS256`, by the key if not given; `media_type` goes into `typ`
    (`JWT` for a token); `chain` are authorities to send along. Raises as `sign_cms`, and
    `ConfigurationError` above `MAX_SIZE`.
    """
    require_signable(content)
    certificate = certificate_of(key, certificate)
    sent = [b64encode(one.public_bytes(Encoding.DER)).decode() for one in (certificate, *chain)]
    headers = {"x5c": sent, "typ": media_type}
    token = PyJWS().encode(content, key, algorithm or _fitting(key), headers)
    require_fit(lambda: verify_jws(token))
    return token


def require_signable(content: bytes | memoryview) -> None:
    """Raises `ConfigurationError` above `MAX_SIZE`."""
    if len(content) > MAX_SIZE:
        raise ConfigurationError(f"more than {MAX_SIZE >> 20} MiB for a JWS: sign it with CMS")


def _fitting(key: rsa.RSAPrivateKey) -> str:
    has_pss = isinstance(key, CardPrivateKey) and Padding.PSS in key.abilities.paddings
    return "PS256" if has_pss else "RS256"


def is_compact(raw: bytes) -> bool:
    """Whether bytes look like a compact JWS."""
    return _COMPACT.fullmatch(raw.strip()) is not None


def verify_jws(token: str | bytes, content: Content | None = None) -> Signed:
    """Check a compact JWS that brings its certificate, and tell whose it is and what it holds.

    Who signed is not trusted yet: `judge` tells. Raises `ContentChanged` where it holds another
    content than the one given, `SignatureDamaged`, `UnknownSignatureFormat`, and
    `UnsupportedSignature`: no `x5c`, a `crit` header, no RSA algorithm.
    """
    raw = token.encode() if isinstance(token, str) else token.strip()
    if not is_compact(raw):
        raise UnknownSignatureFormat("this is no compact JWS")
    header = _header(raw)
    algorithm = _ALGORITHMS.get(str(header.get("alg")))
    if algorithm is None or header.keys() & {"crit", "b64"}:
        raise UnsupportedSignature("the JWS is not RS256 to PS512, or has critical headers")
    certificates = _certificates(header)
    certificate = signer(certificates[0])
    held = _verified(raw, public_key_of(certificate), str(header["alg"]))
    if content is not None and held != content:
        raise ContentChanged("the JWS holds another content")
    return Signed(
        SignatureFormat.JWS,
        str(algorithm),
        certificate,
        others=tuple(certificates[1:]),
        content=held,
    )


def _header(raw: bytes) -> dict[str, Any]:
    part = raw.partition(b".")[0]
    try:
        found: object = json.loads(urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SignatureDamaged("the header of the JWS is damaged")
    return cast(dict[str, Any], found)


def _certificates(header: dict[str, Any]) -> list[bytes]:
    chain: object = header.get("x5c")
    if chain is None:
        raise UnsupportedSignature("the JWS comes without certificate (x5c)")
    found = cast(list[object], chain) if isinstance(chain, list) else []
    try:
        decoded = [b64decode(one, validate=True) for one in found if isinstance(one, str)]
    except (Base64Error, ValueError):
        decoded = []
    if not decoded or len(decoded) != len(found):
        raise SignatureDamaged("the certificates (x5c) of the JWS are damaged")
    return decoded


def _verified(raw: bytes, key: rsa.RSAPublicKey, name: str) -> bytes:
    try:
        return PyJWS().decode_complete(raw, key, [name])["payload"]
    except (PyJWTError, ValueError, TypeError):
        raise SignatureDamaged("the signature is not of the signer's key") from None
