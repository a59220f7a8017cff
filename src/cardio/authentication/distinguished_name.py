"""A distinguished name as text: the form X509SubjectName asks for (RFC 4514)."""

from cardio.cards.cps.x509 import Name
from cardio.errors import TlvError
from cardio.iasecc import der
from cardio.iso7816.tlv import Tlv

_KEYWORDS = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.42": "GN",
}
"""RFC 4514 §3, and those in use for the other three attributes of a CPS (OpenSSL has the same).

For these three the published assertions differ: `GN`, `2.5.4.42` and `SN2`; `SN` and `OID.2.5.4.4`;
`T` and `OID.2.5.4.12` (docs/explanation/teleservice-assertions.md).
"""

_SPECIAL = ',+"\\<>;'
_UNREADABLE = "\ufffd"


def text_of(name: Name) -> str:
    """The last set first, as RFC 4514 §2.1 wants; within a set the order of the certificate."""
    return ",".join(
        "+".join(_attribute(oid, value) for oid, value in rdn) for rdn in reversed(name.rdns)
    )


def _attribute(oid: str, value: Tlv) -> str:
    """`#` and the DER in hexadecimal where there is no keyword, or no clean text (§2.4)."""
    keyword = _KEYWORDS.get(oid)
    text = _text(value) if keyword else None
    if text is None:
        return f"{keyword or oid}=#{value.encode().hex()}"
    return f"{keyword}={_escaped(text)}"


def _text(value: Tlv) -> str | None:
    try:
        text = der.string(value)
    except TlvError:
        return None
    return None if _UNREADABLE in text else text


def _escaped(text: str) -> str:
    """§2.4: the special characters, a space at either end and `#` at the start."""
    escaped = "".join(f"\\{char}" if char in _SPECIAL else char for char in text)
    if escaped.startswith(("#", " ")):
        escaped = "\\" + escaped
    if escaped.endswith(" ") and len(text) > 1:
        escaped = escaped[:-1] + "\\ "
    return escaped
