"""Follow a CPS's certificates to the authorities this workstation knows; a responder is asked
only where one is given.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cardio.cards.cps.certificate import CertificateUsage, CpsCertificate
from cardio.errors import CertificateError, ConfigurationError
from cardio.probe.facts import ChainFacts, Failure, RevocationFacts, TrustFacts

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from cardio.cards.cps.trust.examine import RevocationSource
    from cardio.cards.cps.trust.report import Revocation
    from cardio.cards.cps.trust.store import TrustStore

UNREADABLE = "unreadable"
"""The flaw of a certificate that cannot be loaded at all."""

RESPONDER_LIMIT = 3.0
"""Seconds for one question; several together must stay below the limit of reading a card."""

_OF_THE_HOLDER = (CertificateUsage.SIGNATURE, CertificateUsage.AUTHENTICATION)


class Responder:
    """An OCSP responder that is asked no more once it did not answer. It gets serial numbers."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._is_silent = False

    def ask(self, certificate: "Certificate", issuer: "Certificate", at: datetime) -> "Revocation":
        """See `RevocationSource.ask`."""
        from cardio.cards.cps.trust.ocsp import OcspResponder
        from cardio.cards.cps.trust.report import Doubt, doubtful

        if self._is_silent:
            return doubtful(self._url, Doubt.NO_ANSWER)
        told = OcspResponder(self._url, RESPONDER_LIMIT).ask(certificate, issuer, at)
        self._is_silent = told.doubt is Doubt.NO_ANSWER
        return told


def read_trust(
    certificates: Iterable[CpsCertificate],
    at: datetime,
    revocation: "Sequence[RevocationSource]" = (),
) -> tuple[TrustFacts, tuple[RevocationFacts, ...]]:
    """The chains of the holder's certificates at a time with its zone, and what the sources of
    revocations, if any, say of them.
    """
    from cardio.cards.cps.trust.store import TrustStore

    try:
        store = TrustStore.of_workstation()
    except ConfigurationError as error:
        return TrustFacts(failure=Failure.of(error)), ()
    if not store.authorities:
        return TrustFacts(), ()
    held = (one for one in certificates if one.usage in _OF_THE_HOLDER)
    found = [_chain(one, store, at, revocation) for one in held]
    chains = tuple(chain for chain, _ in found)
    told = tuple(one for _, one in found if one)
    return TrustFacts(chains, has_authorities=True, allows_test=store.allow_test), told


def _chain(
    certificate: CpsCertificate,
    store: "TrustStore",
    at: datetime,
    revocation: "Sequence[RevocationSource]",
) -> tuple[ChainFacts, RevocationFacts | None]:
    from cardio.cards.cps.trust.examine import examine

    usage = certificate.usage.value
    try:
        report = examine(certificate, store, revocation=revocation, at=at)
    except CertificateError:
        return ChainFacts(usage, flaws=(UNREADABLE,)), None
    name = report.anchor.name if report.anchor else None
    told = report.revocation
    asked = RevocationFacts(usage, told.status.value, told.doubt) if revocation else None
    return ChainFacts(usage, name, report.is_test, report.flaws), asked
