"""CMS (PKCS#7) signatures beside a file, which itself stays as it is (detached).

RFC 5652, made by `cryptography`: RSA with SHA-256, signed attributes (type and hash of the
content, time by the signer's clock), the signer's certificate included.
"""

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509 import Certificate

from cardio.authentication.cms_verification import Content, verify_cms
from cardio.authentication.signing_key import certificate_of, require_fit

_OPTIONS = (
    PKCS7Options.Binary,
    PKCS7Options.DetachedSignature,
    PKCS7Options.NoCapabilities,
)


def sign_cms(
    content: Content,
    key: rsa.RSAPrivateKey,
    certificate: Certificate | None = None,
    *,
    chain: Iterable[Certificate] = (),
) -> bytes:
    """A detached signature of `content`, in DER; verify it with `openssl cms -verify`, or here.

    A card's key brings its own certificate; any other needs one. `chain` are authorities to send
    along. Raises `CertificateMissing`, `CertificateExpired`, `KeyMismatch`, and what the key
    raises: a card signs only once its PIN is verified.
    """
    certificate = certificate_of(key, certificate)
    builder = PKCS7SignatureBuilder(content).add_signer(certificate, key, SHA256())
    for authority in chain:
        builder = builder.add_certificate(authority)
    signature = builder.sign(Encoding.DER, _OPTIONS)
    require_fit(lambda: verify_cms(signature, content))
    return signature
