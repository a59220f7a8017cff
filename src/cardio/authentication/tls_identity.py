"""The key, certificate and chain that a card shows to a TLS server."""

import re
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Self

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID

from cardio.cards.cps.trust.chain import best_chain
from cardio.cards.cps.trust.store import TrustStore
from cardio.errors import CertificateMissing, KeyMisuse
from cardio.keys.abilities import KeyRole, Padding
from cardio.keys.private_key import CardPrivateKey

_ISSUING = re.compile(r"(TEST )?AC IGC-SANTE (ELEMENTAIRE|STANDARD|FORT) (PERSONNES|ORGANISATIONS)")
_ROOT = r"\1AC RACINE IGC-SANTE \2"
"""Which root is above an authority, by their names (facts:
certificates_identifiers_services.md §1.1)."""


@dataclass(frozen=True, slots=True)
class TlsIdentity:
    """What is shown; `chain` runs from the issuer upward, as far as it is known, root excluded.

    `supports_pss`: the key signs with RSA-PSS, which TLS 1.3 demands (RFC 8446 §4.2.3). The repr
    shows nobody.
    """

    key: rsa.RSAPrivateKey = field(repr=False)
    certificate: Certificate = field(repr=False)
    chain: tuple[Certificate, ...] = field(default=(), repr=False)
    supports_pss: bool = True

    @classmethod
    def of_key(cls, key: CardPrivateKey, store: TrustStore, *, allow_expired: bool = False) -> Self:
        """The identity of a card's key, its chain as far as `store` has it.

        Raises `KeyMisuse` for the signature key, `CertificateExpired`, and as
        `CardPrivateKey.certificate`.
        """
        if key.role is KeyRole.SIGNATURE:
            raise KeyMisuse("the signature key signs documents: TLS takes the authentication key")
        if not allow_expired:
            key.check_validity()
        (_, *issuers), _, _ = best_chain(key.certificate, store)
        below_root = takewhile(lambda one: one.issuer != one.subject, issuers)
        return cls(key, key.certificate, (*below_root,), Padding.PSS in key.abilities.paddings)

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        """The key in the certificate. Raises `CertificateMissing` where it is not RSA."""
        public = self.certificate.public_key()
        if not isinstance(public, rsa.RSAPublicKey):
            raise CertificateMissing("the certificate holds no RSA key")
        return public

    @property
    def authorities(self) -> frozenset[bytes]:
        """The names, in DER, of those above the certificate that are known."""
        return frozenset(one.issuer.public_bytes() for one in (self.certificate, *self.chain))

    @property
    def issuer(self) -> str:
        """The common name of who issued the certificate; "" where it has none."""
        names = self.certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""

    @property
    def root(self) -> str:
        """The common name of the root above it, known by name; "" outside IGC-Santé."""
        known = _ISSUING.fullmatch(self.issuer)
        return known.expand(_ROOT) if known else ""
