"""Does the one signature in an XML document cover all of it, and fit? One profile only.

W3C XML Signature 1.1, §3.2: the signature is a child of the root, with one reference, to the root
or to the whole document, and nothing but enveloped-signature and C14N as transforms. What is
verified is then the document, and no part of it that an attacker chose
(docs/decisions/0012-signatures.md).
"""

from base64 import b64decode
from binascii import Error as Base64Error
from copy import deepcopy
from dataclasses import dataclass
from hmac import compare_digest
from typing import TypeAlias, TypeVar

from cardio.authentication import xml_document
from cardio.authentication.rsa_verification import Algorithm, require_signature, signer
from cardio.authentication.signed import SignatureFormat, Signed
from cardio.authentication.xml_document import Element, etree
from cardio.authentication.xml_signature import DS, EXCLUSIVE_C14N, SHA256
from cardio.errors import (
    ContentChanged,
    SignatureDamaged,
    UnknownSignatureFormat,
    UnsupportedSignature,
)

DS_SIGNATURE = f"{{{DS}}}Signature"

_ENVELOPED = f"{DS}enveloped-signature"
_INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_C14N = (EXCLUSIVE_C14N, _INCLUSIVE)
"""Without comments: those that are in a document are never part of what was signed."""
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_PSS = "http://www.w3.org/2007/05/xmldsig-more#"
_SIZES = (256, 384, 512)
_ALGORITHMS = {f"{_MORE}rsa-sha{n}": Algorithm(f"sha{n}") for n in _SIZES} | {
    f"{_PSS}sha{n}-rsa-MGF1": Algorithm(f"sha{n}", n // 8) for n in _SIZES
}
"""RFC 9231 §2.3.2 to §2.3.4 and §2.3.10."""
_DIGESTS = {
    SHA256: "sha256",
    f"{_MORE}sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
T = TypeVar("T")
Node: TypeAlias = Element | etree._ElementTree  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

_XML = "{http://www.w3.org/XML/1998/namespace}"
_IDS = ("Id", "ID", "id", f"{_XML}id")


@dataclass(frozen=True, slots=True)
class _Canonical:
    """A way to turn XML into the bytes that are hashed."""

    method: str
    prefixes: tuple[str, ...] = ()

    def of(self, node: Node) -> bytes:
        """Raises `SignatureDamaged` for what has no such form, as relative namespaces."""
        is_exclusive = self.method == EXCLUSIVE_C14N
        if not is_exclusive and isinstance(node, Element):
            node = _on_its_own(node)
        try:
            return etree.tostring(
                node,
                method="c14n",
                exclusive=is_exclusive,
                with_comments=False,
                inclusive_ns_prefixes=list(self.prefixes) if is_exclusive else None,
            )
        except etree.C14NError:
            raise SignatureDamaged("the document has no canonical form") from None


def _on_its_own(node: Element) -> Node:
    """A document of this element with what it inherits: namespaces and `xml:` attributes.

    libxml2 leaves out the latter when it canonicalises a part (Canonical XML 1.0 §2.4).
    """
    root = etree.Element(node.tag, nsmap={**node.nsmap})  # pyright: ignore[reportArgumentType]
    for above in (*reversed([*node.iterancestors()]), node):
        for name, value in above.items():
            if above is node or str(name).startswith(_XML):
                root.set(name, value)
    root.text = node.text
    root.extend(deepcopy(child) for child in node)
    return root.getroottree()


def verify_xml(document: bytes) -> Signed:
    """Check the signature in a document, and tell whose it is.

    Who signed is not trusted yet: `judge` tells. Raises `ContentChanged` where the document is
    not as it was signed, `SignatureDamaged`, `UnknownSignatureFormat` where there is no
    signature, `UnsupportedSignature` for another profile, and `XmlRefused`.
    """
    root = xml_document.parse(document)
    signature = _only_signature(root)
    info = _one(signature, "SignedInfo")
    algorithm = _known(_ALGORITHMS, _one(info, "SignatureMethod"))
    certificates = [_decoded(node) for node in _all(signature, "X509Certificate")]
    if not certificates:
        raise UnsupportedSignature("the signature comes without certificate")
    certificate = signer(certificates[0])
    signed_info = _canonical(_one(info, "CanonicalizationMethod")).of(info)
    value = _decoded(_one(signature, "SignatureValue"))
    require_signature(certificate, value, signed_info, algorithm)
    _require_content(root, signature, _one(info, "Reference"))
    others = tuple(one for one in certificates[1:] if one != certificate.der)
    return Signed(SignatureFormat.XML, str(algorithm), certificate, others=others)


def _only_signature(root: Element) -> Element:
    found = list(root.iter(DS_SIGNATURE))
    if not found:
        raise UnknownSignatureFormat("there is no signature in the document")
    if len(found) > 1:
        raise UnsupportedSignature(f"the document holds {len(found)} signatures, not one")
    if found[0].getparent() is not root:
        raise UnsupportedSignature("the signature is of a part of the document only")
    return found[0]


def _require_content(root: Element, signature: Element, reference: Element) -> None:
    canonical = _transforms(reference)
    target = _target(root, reference.get("URI"))
    digest = _decoded(_one(reference, "DigestValue"))
    hashed = Algorithm(_known(_DIGESTS, _one(reference, "DigestMethod")))
    _take_out(signature)
    if not compare_digest(hashed.digest(canonical.of(target)), digest):
        raise ContentChanged("the document is not as it was signed")


def _transforms(reference: Element) -> _Canonical:
    """How the content becomes bytes; inclusive C14N where nothing is said (§4.4.3.2)."""
    found = _all(reference, "Transform")
    names = [node.get("Algorithm") for node in found]
    if names[:1] != [_ENVELOPED] or len(names) > 2:
        raise UnsupportedSignature("the signature is not of the document as it is")
    return _canonical(found[1]) if len(found) > 1 else _Canonical(_INCLUSIVE)


def _target(root: Element, uri: str | None) -> Node:
    """The whole document, or its root by an identifier that nothing else in it has."""
    if uri == "":
        return root.getroottree()
    named = [node for node in root.iter("*") if uri in [f"#{node.get(name)}" for name in _IDS]]
    if named != [root]:
        raise UnsupportedSignature("the signature is of a part of the document only")
    return root


def _take_out(signature: Element) -> None:
    """Remove the element and not the text behind it."""
    parent, before = signature.getparent(), signature.getprevious()
    tail = signature.tail or ""
    if parent is None:
        return
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
    parent.remove(signature)


def _canonical(node: Element) -> _Canonical:
    method = node.get("Algorithm") or ""
    if method not in _C14N:
        raise UnsupportedSignature("another canonical form than C14N 1.0 without comments")
    namespaces = node.find(f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces")
    prefixes = (namespaces.get("PrefixList") or "") if namespaces is not None else ""
    return _Canonical(method, tuple(prefixes.split()))


def _known(table: dict[str, T], node: Element) -> T:
    found = table.get(node.get("Algorithm") or "")
    if found is None:
        raise UnsupportedSignature("the signature is none of RSA with SHA-256 or longer")
    return found


def _all(parent: Element, name: str) -> list[Element]:
    return list(parent.iter(f"{{{DS}}}{name}"))


def _one(parent: Element, name: str) -> Element:
    found = _all(parent, name)
    if len(found) != 1:
        raise SignatureDamaged(f"the signature has {len(found)} of {name}, not one")
    return found[0]


def _decoded(node: Element) -> bytes:
    try:
        return b64decode("".join((node.text or "").split()), validate=True)
    except (Base64Error, ValueError):
        raise SignatureDamaged("base64 in the signature is damaged") from None
