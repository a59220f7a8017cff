"""Compact JWS with `x5c`: what is made, and what is refused."""

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from tests.support.signing import authorities, certificate, key

from cardio.authentication import jws
from cardio.authentication.jws import sign_jws, verify_jws
from cardio.authentication.signed import WhenSigned
from cardio.errors import (
    CertificateExpired,
    ConfigurationError,
    ContentChanged,
    SignatureDamaged,
    UnknownSignatureFormat,
    UnsupportedSignature,
)

CONTENT = '{"acte": "déclaration"}'.encode()
DER = b64encode(certificate().public_bytes(Encoding.DER)).decode()


def header(token: str) -> dict[str, Any]:
    part = token.partition(".")[0]
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def with_header(token: str, **changes: object) -> str:
    fields = {name: value for name, value in (header(token) | changes).items() if value is not None}
    part = urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()
    return f"{part}.{token.partition('.')[2]}"


@pytest.fixture(scope="module")
def token() -> str:
    return sign_jws(CONTENT, key(), certificate())


def test_what_is_in_it(token: str) -> None:
    assert header(token) == {"alg": "RS256", "typ": "JOSE", "x5c": [DER]}
    signed = verify_jws(token)
    assert (signed.content, signed.algorithm) == (CONTENT, "RSA SHA-256")
    assert signed.when_signed is WhenSigned.UNTOLD
    assert verify_jws(token.encode() + b"\n", CONTENT) == signed


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "PS512"])
def test_both_ways_to_pad(algorithm: str) -> None:
    made = sign_jws(CONTENT, key(), certificate(), algorithm=algorithm, media_type="JWT")
    assert (header(made)["alg"], header(made)["typ"]) == (algorithm, "JWT")
    assert verify_jws(made).content == CONTENT


def test_authorities_come_along() -> None:
    made = sign_jws(b"", key(), certificate(), chain=authorities())
    assert len(header(made)["x5c"]) == 3
    assert len(verify_jws(made).others) == 2


def test_another_content(token: str) -> None:
    with pytest.raises(ContentChanged):
        verify_jws(token, CONTENT + b" ")


def test_damage(token: str) -> None:
    start, payload, signature = token.split(".")
    for wrong in (
        f"{start}.{payload[:-2]}AA.{signature}",
        f"{start}.{payload}.{signature[:-4]}AAAA",
        f"{start}.{payload}.{signature[:-4]}",
        f"e{start[1:-1]}.{payload}.{signature}",
        with_header(token, typ="JWT"),
        with_header(token, x5c=[]),
        with_header(token, x5c=["AAAA"]),
        with_header(token, x5c=[1]),
        with_header(token, x5c=DER),
        with_header(token, x5c=[DER[:-8]]),
    ):
        with pytest.raises(SignatureDamaged):
            verify_jws(wrong)


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS1"},
        {"alg": ["RS256"]},
        {"x5c": None},
        {"crit": ["exp"]},
        {"b64": True},
    ],
)
def test_what_is_not_vouched_for(token: str, changes: dict[str, object]) -> None:
    with pytest.raises(UnsupportedSignature):
        verify_jws(with_header(token, **changes))


@pytest.mark.parametrize("other", ["", "a.b", "a.b.c.d", "eyJ.é.x", "a b.c.d"])
def test_what_is_no_jws(other: str) -> None:
    with pytest.raises(UnknownSignatureFormat):
        verify_jws(other)


def test_refused_before_the_key_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CertificateExpired):
        sign_jws(CONTENT, key(), certificate(-900, -1))
    monkeypatch.setattr(jws, "MAX_SIZE", 10)
    with pytest.raises(ConfigurationError, match="sign it with CMS"):
        sign_jws(CONTENT, key(), certificate())
