"""A certificate's extensions, read without exceptions."""

from typing import TypeVar

from cryptography.x509 import Certificate, Extensions, ExtensionType

from cardio.cards.cps.trust.damage import DAMAGED

ExtensionT = TypeVar("ExtensionT", bound=ExtensionType)


def extensions_of(certificate: Certificate) -> Extensions | None:
    """All of them; None where they are damaged."""
    try:
        return certificate.extensions
    except DAMAGED:
        return None


def find(extensions: Extensions | None, kind: type[ExtensionT]) -> ExtensionT | None:
    """The one of this kind, if there is one."""
    found = (one.value for one in extensions or ())
    return next((value for value in found if isinstance(value, kind)), None)
