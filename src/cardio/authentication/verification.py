"""One call for a signature of any of the formats that cardio makes."""

from cardio.authentication.cms_verification import Content, verify_cms
from cardio.authentication.signed import SignatureFormat, Signed
from cardio.errors import UnknownSignatureFormat

_SPACE = b" \t\r\n\xef\xbb\xbf"
_SEQUENCE = b"\x30"
_PEM = (b"-----BEGIN PKCS7-----", b"-----BEGIN CMS-----")
_DOT = b"."


def format_of(raw: bytes) -> SignatureFormat | None:
    """What kind of signature this may be, by its first bytes; None for none of them."""
    start = raw[:64].lstrip(_SPACE)
    if raw.startswith(_SEQUENCE) or start.startswith(_PEM):
        return SignatureFormat.CMS
    if start.startswith(b"<"):
        return SignatureFormat.XML
    is_jws = start.startswith(b"eyJ") and raw.count(_DOT) == 2
    return SignatureFormat.JWS if is_jws else None


def verify_signature(signature: bytes, content: Content | None = None) -> Signed:
    """Check a signature of any format; `content` is what a CMS is beside, and a JWS should hold.

    Raises as `verify_cms`, `verify_xml` and `verify_jws`; `UnknownSignatureFormat` for anything
    else, for a CMS without content, and for XML with one.
    """
    match format_of(signature):
        case SignatureFormat.CMS if content is not None:
            return verify_cms(signature, content)
        case SignatureFormat.XML if content is None:
            from cardio.authentication.xml_verification import verify_xml

            return verify_xml(signature)
        case SignatureFormat.JWS:
            from cardio.authentication.jws import verify_jws

            return verify_jws(signature, content)
        case SignatureFormat.XML:
            raise UnknownSignatureFormat("an XML signature is in its document, and of no other")
        case SignatureFormat.CMS:
            raise UnknownSignatureFormat("a CMS signature says nothing without the file it is of")
        case None:
            raise UnknownSignatureFormat("this is no signature that cardio knows")
