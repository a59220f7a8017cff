"""What a teleservice client does with the card's keys: TLS, assertions, signatures.

Importing this loads nothing: each name comes with its first use, and says which extra it needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cardio.authentication.clock import check_skew
    from cardio.authentication.cms import sign_cms
    from cardio.authentication.cms_verification import verify_cms
    from cardio.authentication.insi import insi_assertion
    from cardio.authentication.insi_answer import InsiAnswer, InsiOutcome, InsiPerson
    from cardio.authentication.insi_context import VitaleBeneficiary
    from cardio.authentication.insi_request import (
        VitaleAssertion,
        search_by_traits,
        search_by_vitale,
    )
    from cardio.authentication.judgement import SignatureReport, judge
    from cardio.authentication.jws import sign_jws, verify_jws
    from cardio.authentication.requester import Requester
    from cardio.authentication.requirements import Requirement
    from cardio.authentication.saml import SignedAssertion
    from cardio.authentication.signatory import Signatory
    from cardio.authentication.signed import SignatureFormat, Signed, WhenSigned
    from cardio.authentication.software import SoftwareIdentity
    from cardio.authentication.tls import TlsSession, tls_context, tls_session
    from cardio.authentication.tls_requests import CardAdapter
    from cardio.authentication.verification import verify_signature
    from cardio.authentication.vihf import vihf_assertion
    from cardio.authentication.ws_security import SecurityHeader, SoapRequest, soap_request
    from cardio.authentication.xml_file import sign_xml
    from cardio.authentication.xml_verification import verify_xml

_HOMES = {
    "cardio.authentication.clock": ("check_skew",),
    "cardio.authentication.cms": ("sign_cms",),
    "cardio.authentication.cms_verification": ("verify_cms",),
    "cardio.authentication.insi": ("insi_assertion",),
    "cardio.authentication.insi_answer": ("InsiAnswer", "InsiOutcome", "InsiPerson"),
    "cardio.authentication.insi_context": ("VitaleBeneficiary",),
    "cardio.authentication.insi_request": (
        "VitaleAssertion",
        "search_by_traits",
        "search_by_vitale",
    ),
    "cardio.authentication.judgement": (
        "SignatureReport",
        "judge",
    ),
    "cardio.authentication.jws": (
        "sign_jws",
        "verify_jws",
    ),
    "cardio.authentication.requester": ("Requester",),
    "cardio.authentication.requirements": ("Requirement",),
    "cardio.authentication.saml": ("SignedAssertion",),
    "cardio.authentication.signatory": ("Signatory",),
    "cardio.authentication.signed": (
        "SignatureFormat",
        "Signed",
        "WhenSigned",
    ),
    "cardio.authentication.software": ("SoftwareIdentity",),
    "cardio.authentication.tls": ("TlsSession", "tls_context", "tls_session"),
    "cardio.authentication.tls_requests": ("CardAdapter",),
    "cardio.authentication.verification": ("verify_signature",),
    "cardio.authentication.vihf": ("vihf_assertion",),
    "cardio.authentication.ws_security": ("SecurityHeader", "SoapRequest", "soap_request"),
    "cardio.authentication.xml_file": ("sign_xml",),
    "cardio.authentication.xml_verification": ("verify_xml",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CardAdapter",
    "InsiAnswer",
    "InsiOutcome",
    "InsiPerson",
    "Requester",
    "Requirement",
    "SecurityHeader",
    "Signatory",
    "SignatureFormat",
    "SignatureReport",
    "Signed",
    "SignedAssertion",
    "SoapRequest",
    "SoftwareIdentity",
    "TlsSession",
    "VitaleAssertion",
    "VitaleBeneficiary",
    "WhenSigned",
    "check_skew",
    "insi_assertion",
    "judge",
    "search_by_traits",
    "search_by_vitale",
    "sign_cms",
    "sign_jws",
    "sign_xml",
    "soap_request",
    "tls_context",
    "tls_session",
    "verify_cms",
    "verify_jws",
    "verify_signature",
    "verify_xml",
    "vihf_assertion",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's __getattr__ gives anything
    """Load the home of a public name at its first use (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'cardio.authentication' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value
