"""What mends a cause, and how the mending is done: per person, per workstation, per site."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from cardio.catalogue.values import Contract, Credential, Identifier, Middleware
from cardio.study.answers import Answer, State

WordT = TypeVar("WordT", bound=StrEnum)


class Scope(StrEnum):
    """What one line of an order list is about."""

    PERSON = "person"
    WORKSTATION = "workstation"
    SITE = "site"


class Fix(StrEnum):
    """One errand: everything of one kind is mended in one go. The words are stable."""

    ORDER_CARD = "order-card"
    UNBLOCK_PIN = "unblock-pin"
    CORRECT_CARD = "correct-card"
    PROBE_CARD = "probe-card"
    ACTIVATE_ECPS = "activate-e-cps"
    DECLARE_CPAM = "declare-cpam"
    DELEGATE = "delegate"
    REGISTER = "register"
    MAILBOX = "mailbox"
    CORRECT_ROSTER = "correct-roster"
    REVIEW_PLAN = "review-plan"
    CONFIRM = "confirm"
    READERS = "readers"
    INSTALL = "install"
    PROBE_WORKSTATION = "probe-workstation"
    REPAIR = "repair"
    PROBE_VITALE = "probe-vitale"
    ORDER_CERTIFICATE = "order-certificate"
    ANS_CONTRACT = "ans-contract"
    SOFTWARE = "software"
    DESCRIBE_SITE = "describe-site"
    ASK_SERVICE = "ask-service"

    @property
    def scope(self) -> Scope:
        """Whether people, workstations or sites are to be listed."""
        return _SCOPES.get(self, Scope.PERSON)


_SCOPES = {
    **dict.fromkeys(
        (
            Fix.READERS,
            Fix.INSTALL,
            Fix.PROBE_WORKSTATION,
            Fix.REPAIR,
            Fix.PROBE_VITALE,
        ),
        Scope.WORKSTATION,
    ),
    **dict.fromkeys(
        (
            Fix.ORDER_CERTIFICATE,
            Fix.ANS_CONTRACT,
            Fix.SOFTWARE,
            Fix.DESCRIBE_SITE,
            Fix.ASK_SERVICE,
        ),
        Scope.SITE,
    ),
}

WORKSTATION_SUBJECTS = frozenset({"service", "readers", "middleware", "browser", "patient_side"})
"""What a workstation has or lacks, whoever sits at it; with a Vitale it shows that it reads one."""

_BY_CAUSE = {
    "no-card": Fix.ORDER_CARD,
    "wrong-credential": Fix.ORDER_CARD,
    "card-unreadable": Fix.ORDER_CARD,
    "card-environment-test": Fix.ORDER_CARD,
    "certificates-invalid": Fix.ORDER_CARD,
    "chain-broken": Fix.ORDER_CARD,
    "pin-too-few": Fix.UNBLOCK_PIN,
    "speciality-missing": Fix.CORRECT_CARD,
    "no-situation": Fix.CORRECT_CARD,
    "credential-unknown": Fix.PROBE_CARD,
    "card-readable-unknown": Fix.PROBE_CARD,
    "card-environment-unknown": Fix.PROBE_CARD,
    "certificates-unknown": Fix.PROBE_CARD,
    "chain-unknown": Fix.PROBE_CARD,
    "pin-unknown": Fix.PROBE_CARD,
    "speciality-unknown": Fix.PROBE_CARD,
    "situations-unread": Fix.PROBE_CARD,
    "situation-not-chosen": Fix.SOFTWARE,
    "profession-unknown": Fix.CORRECT_ROSTER,
    "identifier-missing": Fix.CORRECT_ROSTER,
    "data-missing": Fix.CORRECT_ROSTER,
    "profession-not-listed": Fix.REVIEW_PLAN,
    "sector-not-listed": Fix.REVIEW_PLAN,
    "sector-unknown": Fix.DESCRIBE_SITE,
    "no-vitale": Fix.PROBE_VITALE,
    "vitale-unseen": Fix.PROBE_VITALE,
    "vitale-unreadable": Fix.PROBE_VITALE,
    "vitale-environment-test": Fix.PROBE_VITALE,
    "vitale-environment-unknown": Fix.PROBE_VITALE,
    "service-down": Fix.REPAIR,
    "readers-too-few": Fix.READERS,
    "readers-unknown": Fix.PROBE_WORKSTATION,
    "middleware-missing": Fix.INSTALL,
    "browser-missing": Fix.INSTALL,
    "browser-unknown": Fix.PROBE_WORKSTATION,
    "not-public": Fix.ASK_SERVICE,
}

_CONTRACTS = {
    Contract.CPAM_DECLARATION: Fix.DECLARE_CPAM,
    Contract.AMELIPRO_ACCOUNT: Fix.DECLARE_CPAM,
    Contract.DELEGATION: Fix.DELEGATE,
    Contract.ANS_ADHESION: Fix.ANS_CONTRACT,
    Contract.CNDA_SOFTWARE: Fix.SOFTWARE,
    Contract.DMP_HOMOLOGATION: Fix.SOFTWARE,
    Contract.DIRECTORY: Fix.REGISTER,
    Contract.RPPS_PLUS_ROLE: Fix.REGISTER,
    Contract.MAILBOX: Fix.MAILBOX,
    Contract.MOBILE_PHONE: Fix.ACTIVATE_ECPS,
}
_CREDENTIALS = {
    Credential.ORG_AUTH_CLI: Fix.ORDER_CERTIFICATE,
    Credential.ORG_SIGN: Fix.ORDER_CERTIFICATE,
    Credential.E_CPS: Fix.ACTIVATE_ECPS,
    Credential.LOGIN: Fix.CONFIRM,
}
_IDENTIFIERS = {
    Identifier.SOFTWARE_ID: Fix.SOFTWARE,
    Identifier.CERTIFICATE_NAME: Fix.ORDER_CERTIFICATE,
    Identifier.FINESS_ENTITY: Fix.DESCRIBE_SITE,
    Identifier.STRUCTURE: Fix.DESCRIBE_SITE,
}
_PROGRAMS = {Middleware.LPS: Fix.SOFTWARE, Middleware.FSV: Fix.SOFTWARE}


def fix_of(answer: Answer) -> Fix | None:
    """The errand for a condition; None for one that is met, or only tells something."""
    if answer.state in (State.MET, State.TOLD):
        return None
    by_value = _BY_VALUE.get(answer.condition.subject)
    found = by_value(answer) if by_value else None
    return found or _BY_CAUSE.get(answer.cause, Fix.CONFIRM)


def _credential(answer: Answer) -> Fix | None:
    """Where a card will do as well, the card is what is told of."""
    wanted = [Credential(value) for value in answer.condition.values]
    if answer.state is State.UNKNOWN and wanted == [Credential.E_CPS]:
        return Fix.CONFIRM
    if any(one.is_card or one is Credential.PSC for one in wanted):
        return None
    return _first(wanted, _CREDENTIALS)


def _contract(answer: Answer) -> Fix | None:
    return _first(map(Contract, answer.condition.values), _CONTRACTS)


def _identifier(answer: Answer) -> Fix | None:
    return _first(map(Identifier, answer.condition.values), _IDENTIFIERS)


def _middleware(answer: Answer) -> Fix | None:
    found = _first(map(Middleware, answer.condition.values), _PROGRAMS)
    is_unknown = answer.cause == "middleware-unknown"
    return found or (Fix.PROBE_WORKSTATION if is_unknown else None)


def _first(words: Iterable[WordT], fixes: Mapping[WordT, Fix]) -> Fix | None:
    return next((fixes[word] for word in words if word in fixes), None)


_BY_VALUE: dict[str, Callable[[Answer], Fix | None]] = {
    "credential": _credential,
    "contract": _contract,
    "identifier": _identifier,
    "middleware": _middleware,
}

_BY_CHECK = {
    "cps.certificates": Fix.ORDER_CARD,
    "cps.validity": Fix.ORDER_CARD,
    "cps.chain": Fix.ORDER_CARD,
    "cps.readable": Fix.ORDER_CARD,
    "cps.pin": Fix.UNBLOCK_PIN,
    "cps.puk": Fix.UNBLOCK_PIN,
    "cps.views": Fix.CORRECT_CARD,
    "cps.present": Fix.PROBE_CARD,
    "cards.mixture": Fix.PROBE_CARD,
}
_BY_LAYER = {
    "reader": Fix.READERS,
    "usb": Fix.READERS,
    "driver": Fix.READERS,
    "galss": Fix.READERS,
    "card": Fix.PROBE_CARD,
    "cps": Fix.PROBE_CARD,
    "vitale": Fix.PROBE_VITALE,
    "middleware": Fix.INSTALL,
    "cryptolib": Fix.INSTALL,
    "browser": Fix.INSTALL,
}


def fix_of_check(check: str) -> Fix:
    """The errand for a check of `cardio probe` that came out badly, by its id."""
    return _BY_CHECK.get(check) or _BY_LAYER.get(check.partition(".")[0], Fix.REPAIR)
