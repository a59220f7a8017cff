"""Whether the card can answer a server that asks for a client certificate."""

from typing import TYPE_CHECKING

from cardio.authentication.tls_identity import TlsIdentity
from cardio.errors import TlsError, TlsNotPossible, TlsWrongAuthority

if TYPE_CHECKING:
    from sslcontext import CertificateRequest

_TEST = "TEST "


def refusal(identity: TlsIdentity, request: "CertificateRequest") -> TlsError | None:
    """Why the certificate is not to be sent; None where it is.

    A certificate that the server has no use for would only name the holder to it, and have the
    PIN asked for nothing.
    """
    if not _is_wanted(identity, request):
        return _wrong_authority(identity, request.authorities)
    if "rsa" not in request.key_types:
        return TlsNotPossible("the server takes no RSA signatures")
    if request.rsa_pss_required and not identity.supports_pss:
        return TlsNotPossible("the server wants RSA-PSS, which this card does not sign with")
    return None


def _is_wanted(identity: TlsIdentity, request: "CertificateRequest") -> bool:
    """By the names of the authorities; one that names none takes any (RFC 8446 §4.2.4)."""
    if not request.authorities_der or identity.authorities.intersection(request.authorities_der):
        return True
    return bool(identity.root) and identity.root in map(_common_name, request.authorities)


def _wrong_authority(identity: TlsIdentity, authorities: tuple[str, ...]) -> TlsWrongAuthority:
    names = tuple(_common_name(name) for name in authorities)
    other = {identity.issuer.removeprefix(_TEST), identity.root.removeprefix(_TEST)}
    if other.intersection(name.removeprefix(_TEST) for name in names):
        kinds = ("test", "real") if identity.issuer.startswith(_TEST) else ("real", "test")
        message = "this is a {} card, and the server takes {} ones only".format(*kinds)
    else:
        message = f"the server takes certificates of {', '.join(names)}, not of {identity.issuer}"
    return TlsWrongAuthority(message, accepted=names)


def _common_name(name: str) -> str:
    """The common name in a name as RFC 4514 writes it; all of it where there is none."""
    parts = (part for part in name.split(",") if part.startswith("CN="))
    return next(parts, name).removeprefix("CN=")
