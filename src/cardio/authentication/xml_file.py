"""An XML document signed as a whole: the signature goes into it (enveloped XML-DSig).

Made by `xml_signature.sign_enveloped`: RSA with SHA-256, exclusive C14N. An attribute `ID` or
`Id` of the root is what the signature refers to, else the whole document.
"""

from copy import deepcopy

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from cardio.authentication import xml_document
from cardio.authentication.signing_key import certificate_of, require_fit
from cardio.authentication.xml_document import Element, etree
from cardio.authentication.xml_signature import sign_enveloped
from cardio.authentication.xml_verification import DS_SIGNATURE, verify_xml
from cardio.errors import UnsupportedSignature


def sign_xml(
    document: bytes, key: rsa.RSAPrivateKey, certificate: Certificate | None = None
) -> bytes:
    """The document with the signature as last child of its root, in UTF-8.

    Verify it with `xmlsec1 --verify`, or here. Raises as `sign_cms`; `XmlRefused` for what is no
    XML, has a document type or more than 1 MiB; `UnsupportedSignature` for what has a signature
    already, or instructions around its root, which not every receiver would count as signed.
    """
    root = require_signable(document)
    certificate = certificate_of(key, certificate)
    signed = sign_enveloped(root, key, certificate.public_bytes(Encoding.DER))
    raw = _with_surroundings(signed, root)
    require_fit(lambda: verify_xml(raw))
    return raw


def require_signable(document: bytes) -> Element:
    """Its root. Raises `XmlRefused`, `UnsupportedSignature` as `sign_xml`."""
    root = xml_document.parse(document)
    if next(root.iter(DS_SIGNATURE), None) is not None:
        raise UnsupportedSignature("the document holds a signature already")
    if any(node.tag is etree.ProcessingInstruction for node in _around(root)):
        raise UnsupportedSignature("the document has an instruction (<?…?>) outside its root")
    try:
        etree.tostring(root, method="c14n", exclusive=True)
    except etree.C14NError:
        message = "the document has no canonical form: is a namespace relative?"
        raise UnsupportedSignature(message) from None
    return root


def _around(root: Element) -> list[Element]:
    return [*root.itersiblings(preceding=True), *root.itersiblings()]


def _with_surroundings(signed: Element, root: Element) -> bytes:
    """The document with the comments around its root, which no signature counts."""
    for comment in reversed([*root.itersiblings(preceding=True)]):
        signed.addprevious(deepcopy(comment))
    for comment in reversed([*root.itersiblings()]):
        signed.addnext(deepcopy(comment))
    return etree.tostring(signed.getroottree(), encoding="UTF-8", xml_declaration=True)
