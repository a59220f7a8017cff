"""XML signatures (XML-DSig) around the element they are in: enveloped, exclusive C14N, RSA-SHA256.

W3C XML Signature 1.1 and Exclusive XML Canonicalization 1.0; done by signxml, with any RSA key.
"""

from base64 import b64encode
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa

from cardio.authentication import xml_document
from cardio.authentication.xml_document import Element
from cardio.errors import ConfigurationError

if TYPE_CHECKING:
    from signxml.signer import XMLSigner

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

_PLACEHOLDER = "placeholder"
"""The Id by which signxml knows where the signature goes."""


def sign_enveloped(root: Element, key: rsa.RSAPrivateKey, certificate: bytes) -> Element:
    """A signed copy of `root`; the signature is at its `place` or else its last child.

    An `ID` or `Id` of `root` is what the signature refers to, else the whole document.
    `certificate` (DER) goes in as it is: whether it is the key's is not looked at. Raises what
    the key raises.
    """
    signer, key_info = _signer(), _key_info(certificate)
    return signer.sign(root, key=key, key_info=key_info)  # pyright: ignore[reportUnknownMemberType]


def place() -> Element:
    """An element to be put where the signature shall be."""
    placeholder = xml_document.new(DS, "Signature", "ds")
    placeholder.set("Id", _PLACEHOLDER)
    return placeholder


def _signer() -> "XMLSigner":
    try:
        from signxml.signer import XMLSigner
    except ImportError:
        message = "XML signatures need signxml: pip install 'cardio-sante[xml]'"
        raise ConfigurationError(message) from None
    return XMLSigner(
        signature_algorithm=RSA_SHA256, digest_algorithm=SHA256, c14n_algorithm=EXCLUSIVE_C14N
    )


def _key_info(certificate: bytes) -> Element:
    info = xml_document.new(DS, "KeyInfo", "ds")
    data = xml_document.add(info, "X509Data")
    xml_document.add(data, "X509Certificate", b64encode(certificate).decode("ascii"))
    return info
