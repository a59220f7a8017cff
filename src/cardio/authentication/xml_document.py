"""XML in and out: what comes from outside is read with nothing fetched, expanded or oversized.

The one module that imports lxml; importing it raises `ConfigurationError` where it is missing.
"""

from typing import TypeAlias, cast

from cardio.errors import ConfigurationError, XmlRefused

try:
    from lxml import etree
except ImportError:
    raise ConfigurationError(
        "assertions and XML signatures need lxml and signxml: pip install 'cardio-sante[xml]'"
    ) from None

Element: TypeAlias = etree._Element  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001

XSI = "http://www.w3.org/2001/XMLSchema-instance"

MAX_SIZE = 1 << 20
"""Largest document read, in bytes: our choice; the answers of services seen have under 3 KiB."""
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


def parse(raw: bytes) -> Element:
    """The root of a document. Raises `XmlRefused`, never with anything of its content.

    Refused are documents above `MAX_SIZE` bytes, any document type declaration, with it every
    entity, encodings that could hide one, and nesting deeper than libxml2's limit of 256.
    """
    if len(raw) > MAX_SIZE:
        raise XmlRefused(f"more than {MAX_SIZE} bytes", offset=MAX_SIZE)
    if b"\x00" in raw or any(declaration in raw.upper() for declaration in _DECLARATIONS):
        raise XmlRefused("no XML, or XML in UTF-16 or with a document type")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise XmlRefused("not well-formed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused("XML with a document type")
    return root


def serialise(root: Element) -> bytes:
    """The element as UTF-8, without XML declaration."""
    return etree.tostring(root, encoding="utf-8", xml_declaration=False, with_tail=False)


def new(namespace: str, name: str, prefix: str | None = None) -> Element:
    """A new element of a namespace, the default one without a `prefix`."""
    prefixes = cast("dict[str, str]", {prefix: namespace})
    return etree.Element(f"{{{namespace}}}{name}", nsmap=prefixes)


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """A new last child in the namespace of `parent`. Raises `XmlRefused` for unwritable text."""
    child = etree.SubElement(parent, f"{{{namespace_of(parent)}}}{name}")
    try:
        child.text = text
        for attribute, value in attributes.items():
            child.set(attribute, value)
    except ValueError:
        raise XmlRefused(f"control characters in the text of {name}") from None
    return child


def namespace_of(element: Element) -> str:
    """The namespace of the element's name, empty if it has none."""
    return etree.QName(element).namespace or ""
