"""A small XML document as a tree, read by expat with everything dangerous refused.

No document type, hence no entity of its own and nothing fetched from elsewhere; limits on size,
depth and number of elements are held while reading, not after.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape

from cardio.errors import RecordError, XmlRefused

MAX_SIZE = 1 << 20
"""Bytes of the largest document read; a family of 19 takes about 40 KB."""
MAX_DEPTH = 16
"""The deepest known element of the API de lecture is on level 6."""
MAX_ELEMENTS = 10_000

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 §2.2 leaves out."""

ENCODINGS = ("iso-8859-1", "latin1", "utf-8", "us-ascii")
"""The API writes ISO-8859-1 (facts: vitale.md §4.4); the others are what editors make of it."""


@dataclass(slots=True)
class Element:
    """One element; `text` is that of a leaf, exactly as written.

    `taken` tells whether a reader made use of it, `extras` what it holds that is never read:
    attributes as `@name`, text between its children as `text()`.
    """

    name: str
    text: str = field(default="", repr=False)
    children: list["Element"] = field(default_factory=list["Element"], repr=False)
    taken: bool = False
    extras: tuple[str, ...] = ()

    def find(self, path: str) -> "Element | None":
        """The first element reached by the names of `a/b/c`; marks all on the way as taken."""
        found = self
        for name in path.split("/"):
            below = found._child(name)
            if below is None:
                return None
            below.taken = True
            found = below
        return found

    def made(self, path: str) -> "Element":
        """As `find`, making what is missing."""
        found = self
        for name in path.split("/"):
            below = found._child(name)
            if below is None:
                below = Element(name)
                found.children.append(below)
            found = below
        return found

    def _child(self, name: str) -> "Element | None":
        for child in self.children:
            if child.name == name:
                return child
        return None

    def walk(self) -> Iterator[tuple[str, "Element"]]:
        """Itself and all below it in the order of the document, each with its path."""
        waiting: list[tuple[str, Element]] = [(self.name, self)]
        while waiting:
            path, element = waiting.pop()
            yield path, element
            waiting += ((f"{path}/{child.name}", child) for child in reversed(element.children))


def parse_xml(raw: bytes) -> Element:
    """The root of the document. Raises `XmlRefused`, with the offset where there is one."""
    if len(raw) > MAX_SIZE:
        raise XmlRefused(f"more than {MAX_SIZE} bytes of XML", offset=MAX_SIZE)
    reader = _Reader()
    try:
        reader.parser.Parse(raw, True)
    except expat.ExpatError as error:
        # The parser's own words may quote the document.
        raise XmlRefused("not well-formed XML", offset=_position(reader.parser)) from error
    return reader.top.children[0]


class _Reader:
    """Builds the tree from the parser's events."""

    def __init__(self) -> None:
        self.top = Element("")
        self._open = [self.top]
        self._elements = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declared
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            self._refuse("the document is in an encoding that is not read")

    def _doctype(self, *_: object) -> None:
        self._refuse("a document type is not allowed")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            self._refuse("too many elements, or nested too deep")
        element = Element(name, extras=_extras(attributes) if attributes else ())
        self._open[-1].children.append(element)
        self._open.append(element)

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        if element.children:
            if element.text.strip():
                element.extras += ("text()",)
            element.text = ""

    def _text(self, text: str) -> None:
        self._open[-1].text += text

    def _refuse(self, why: str) -> NoReturn:
        raise XmlRefused(why, offset=_position(self.parser))


def _extras(attributes: dict[str, str]) -> tuple[str, ...]:
    """Those that are not about namespaces."""
    own = (name for name in attributes if name.partition(":")[0] not in ("xmlns", "xsi"))
    return tuple(f"@{name}" for name in own)


def _position(parser: expat.XMLParserType) -> int:
    return max(0, parser.CurrentByteIndex)


def write_xml(root: Element) -> bytes:
    """The document in ISO-8859-1. Raises `RecordError` for a character that XML cannot hold."""
    text = f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{_written(root)}\n'
    if _ILLEGAL.search(text):
        raise RecordError("a character cannot be written in XML")
    return text.encode("iso-8859-1", "xmlcharrefreplace")


def _written(element: Element) -> str:
    content = escape(element.text, {"\r": "&#13;"})
    inner = content + "".join(_written(child) for child in element.children)
    return f"<{element.name}>{inner}</{element.name}>"
