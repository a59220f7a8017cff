"""The certificate of one key of a CPS, and what is known of it without reading."""

from typing import TYPE_CHECKING

from cardio.cards.cps.contents import Certified
from cardio.errors import CertificateError, CertificateMissing
from cardio.keys.abilities import KeyRole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import Certificate


class CertifiedKey:
    """What all `KeyOperations` say of the certificate, whatever road leads to the key.

    `certified` reads the card.
    """

    def __init__(self, certified: Certified, role: KeyRole, reader: str) -> None:
        self.reader = reader
        self._certified = certified
        self._role = role

    def certificate(self) -> "Certificate":
        """See `KeyOperations.certificate`."""
        found = self._certified(self._role)
        if found is None:
            message = f"the card shows no certificate of its {self._role.value} key"
            raise CertificateMissing(message).at(self.reader)
        return found.load()

    def known_public_key(self) -> "RSAPublicKey | None":
        """See `KeyOperations.known_public_key`; None, too, where there is no RSA key in it."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

        found = self._certified(self._role, read=False)
        try:
            public = found.load().public_key() if found else None
        except (CertificateError, ValueError, UnsupportedAlgorithm):
            return None
        return public if isinstance(public, RSAPublicKey) else None
