"""Follow a CPS's certificates to the authorities this workstation knows; nobody is asked."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from cardio.cards.cps.certificate import CertificateUsage, CpsCertificate
from cardio.errors import CertificateError, ConfigurationError
from cardio.probe.facts import ChainFacts, Failure, TrustFacts

if TYPE_CHECKING:
    from cardio.cards.cps.trust.store import TrustStore

UNREADABLE = "unreadable"
"""The flaw of a certificate that cannot be loaded at all."""

_OF_THE_HOLDER = (CertificateUsage.SIGNATURE, CertificateUsage.AUTHENTICATION)


def read_trust(certificates: Iterable[CpsCertificate], at: datetime) -> TrustFacts:
    """The chains of the holder's certificates at a time with its zone."""
    from cardio.cards.cps.trust.store import TrustStore

    try:
        store = TrustStore.of_workstation()
    except ConfigurationError as error:
        return TrustFacts(failure=Failure.of(error))
    if not store.authorities:
        return TrustFacts()
    chains = (_chain(one, store, at) for one in certificates if one.usage in _OF_THE_HOLDER)
    return TrustFacts(tuple(chains), has_authorities=True, allows_test=store.allow_test)


def _chain(certificate: CpsCertificate, store: "TrustStore", at: datetime) -> ChainFacts:
    from cardio.cards.cps.trust.examine import examine

    usage = certificate.usage.value
    try:
        report = examine(certificate, store, at=at)
    except CertificateError:
        return ChainFacts(usage, flaws=(UNREADABLE,))
    name = report.anchor.name if report.anchor else None
    return ChainFacts(usage, name, report.is_test, report.flaws)
