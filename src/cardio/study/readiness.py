"""Does this evidence meet what a service asks for? A pure function of both."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from cardio.catalogue.model import Convention, Rule, Service
from cardio.catalogue.subject import EVERYBODY, STAFF, Demand, Subject
from cardio.catalogue.values import (
    Browser,
    Contract,
    Credential,
    Identifier,
    Middleware,
    PatientSide,
)
from cardio.study.answers import Answer, Condition, ConventionAnswer, ServiceAnswer, State
from cardio.study.conditions import BY_CARD, of_the_cards
from cardio.study.evidence import Evidence

WordT = TypeVar("WordT")
Found = tuple[State, str]
"""The state of a condition, and its cause."""

_OK: Found = (State.MET, "ok")
_UNSEEN = frozenset({Middleware.LPS, Middleware.FSV})
"""Programs that no probe looks for: the business software and what it brings along."""

_DIRECTORS = {Credential.CDE: Credential.CPE, Credential.CDA: Credential.CPA}
"""Cards of a director and of staff have one code (table G02)."""


def judge(service: Service, evidence: Evidence) -> ServiceAnswer:
    """Every convention of a service against this evidence."""
    return ServiceAnswer(
        service, tuple(judge_convention(one, evidence) for one in service.conventions)
    )


def judge_convention(convention: Convention, evidence: Evidence) -> ConventionAnswer:
    """Every rule of a convention in its order, then what follows from the cards."""
    answers = (Answer(Condition.of(rule), *_look(rule, evidence)) for rule in convention.rules)
    return ConventionAnswer(convention, (*answers, *of_the_cards(convention, evidence)))


def _look(rule: Rule, evidence: Evidence) -> Found:
    if rule.demand is Demand.UNKNOWN:
        return State.UNKNOWN, "not-public"
    return _LOOKS[rule.subject](rule, evidence)


def _credential(rule: Rule, evidence: Evidence) -> Found:
    """Somebody whose card does not fit may still have another means that no reader shows."""
    wanted = [Credential(value) for value in rule.values]
    if Credential.NONE in wanted:
        return _OK
    found = [_has_credential(one, evidence) for one in wanted]
    if rule.demand is Demand.ALL_OF:
        return _all(found, "credential-missing", "credential-unknown")
    if any(found):
        return _OK
    state = State.UNKNOWN if None in found else State.NOT_MET
    if evidence.card is None and any(one in BY_CARD for one in wanted):
        return state, "no-card"
    is_seen = evidence.card and evidence.card.credential
    return state, "wrong-credential" if is_seen else "credential-unknown"


def _has_credential(wanted: Credential, evidence: Evidence) -> bool | None:
    """A card in a reader is seen; Pro Santé Connect opens by such a card or by e-CPS."""
    if wanted is Credential.PSC:
        ways = (_has_any_card(evidence), evidence.person.credentials.get(Credential.E_CPS))
        return True if any(ways) else None if None in ways else False
    if not wanted.is_card:
        return evidence.person.credentials.get(wanted)
    if evidence.card is None:
        return False
    found = evidence.card.credential
    return None if found in (None, _DIRECTORS.get(wanted)) else found is wanted


def _has_any_card(evidence: Evidence) -> bool | None:
    card = evidence.card
    return False if card is None else None if card.credential is None else True


def _profession(rule: Rule, evidence: Evidence) -> Found:
    if EVERYBODY in rule.values:
        return _OK
    profession = profession_of(evidence)
    if profession is None:
        return State.UNKNOWN, "profession-unknown"
    return _OK if profession in rule.values else (State.NOT_MET, "profession-not-listed")


def profession_of(evidence: Evidence) -> str | None:
    """The G15 code that the card tells, else the roster; `STAFF` for an employer's card."""
    card = evidence.card
    if card and card.profession:
        return card.profession
    if evidence.person.profession:
        return evidence.person.profession
    is_staff = card and card.credential in (Credential.CPE, Credential.CPA)
    return STAFF if is_staff else None


def _sector(rule: Rule, evidence: Evidence) -> Found:
    sector = evidence.person.sector
    if sector is None:
        return State.UNKNOWN, "sector-unknown"
    return _OK if sector in rule.values else (State.NOT_MET, "sector-not-listed")


def _speciality(rule: Rule, evidence: Evidence) -> Found:
    profession = profession_of(evidence)
    if profession is not None and profession not in rule.values:
        return State.MET, "not-concerned"
    has_it = evidence.card.has_speciality if evidence.card else None
    if has_it is None:
        return State.UNKNOWN, "speciality-unknown"
    return _OK if has_it else (State.NOT_MET, "speciality-missing")


def _situation(_rule: Rule, evidence: Evidence) -> Found:
    """Read behind the PIN only: mostly unknown, and then to be confirmed."""
    card = evidence.card
    if card is None or card.situations is None:
        return State.ELSEWHERE, "situations-unread"
    if card.situations == 0:
        return State.NOT_MET, "no-situation"
    if card.situations == 1 or card.situation_chosen:
        return _OK
    return State.NOT_MET, "situation-not-chosen"


def _patient_side(rule: Rule, evidence: Evidence) -> Found:
    sides = {PatientSide(value) for value in rule.values}
    if PatientSide.VITALE not in sides:
        return State.TOLD, "patient-side"
    if evidence.vitale is None:
        return State.NOT_MET, "no-vitale"
    if evidence.vitale.is_readable is None:
        return State.UNKNOWN, "vitale-unseen"
    return _OK if evidence.vitale.is_readable else (State.NOT_MET, "vitale-unreadable")


def _freshness(rule: Rule, evidence: Evidence) -> Found:
    if evidence.vitale is None or evidence.vitale.age is None:
        return State.TOLD, "vitale-age"
    return _OK if evidence.vitale.age <= rule.limit else (State.NOT_MET, "vitale-stale")


def _readers(rule: Rule, evidence: Evidence) -> Found:
    return _at_least(evidence.workstation.readers, rule.limit, "readers")


def _pin(rule: Rule, evidence: Evidence) -> Found:
    return _at_least(evidence.card.tries_left if evidence.card else None, rule.limit, "pin")


def _at_least(found: int | None, limit: int, what: str) -> Found:
    if found is None:
        return State.UNKNOWN, f"{what}-unknown"
    return _OK if found >= limit else (State.NOT_MET, f"{what}-too-few")


def _middleware(rule: Rule, evidence: Evidence) -> Found:
    found = _known(rule, Middleware, evidence.workstation.middleware, "middleware")
    return _elsewhere(found) if _UNSEEN.issuperset(rule.values) else found


def _browser(rule: Rule, evidence: Evidence) -> Found:
    found = evidence.workstation.browsers
    if found is None:
        return State.UNKNOWN, "browser-unknown"
    return _OK if any(Browser(value) in found for value in rule.values) else _NO_BROWSER


_NO_BROWSER: Found = (State.NOT_MET, "browser-missing")


def _contract(rule: Rule, evidence: Evidence) -> Found:
    return _elsewhere(_known(rule, Contract, evidence.person.contracts, "contract"))


def _identifier(rule: Rule, evidence: Evidence) -> Found:
    return _elsewhere(_known(rule, Identifier, evidence.person.identifiers, "identifier"))


def _data(rule: Rule, evidence: Evidence) -> Found:
    return _elsewhere(_known(rule, str, evidence.person.data, "data"))


def _elsewhere(found: Found) -> Found:
    """What no workstation can show is for somebody to confirm."""
    return (State.ELSEWHERE, found[1]) if found[0] is State.UNKNOWN else found


def _known(
    rule: Rule, word: Callable[[str], WordT], known: Mapping[WordT, bool], what: str
) -> Found:
    found = [known.get(word(value)) for value in rule.values]
    if rule.demand is Demand.ALL_OF:
        return _all(found, f"{what}-missing", f"{what}-unknown")
    return _OK if any(found) else _unless_unknown(found, f"{what}-missing", f"{what}-unknown")


def _all(found: list[bool | None], missing: str, unknown: str) -> Found:
    if False in found:
        return State.NOT_MET, missing
    return (State.UNKNOWN, unknown) if None in found else _OK


def _unless_unknown(found: list[bool | None], missing: str, unknown: str) -> Found:
    return (State.UNKNOWN, unknown) if None in found else (State.NOT_MET, missing)


def _told(rule: Rule, _evidence: Evidence) -> Found:
    return State.TOLD, rule.subject.value.replace("_", "-")


_LOOKS: dict[Subject, Callable[[Rule, Evidence], Found]] = {
    Subject.CREDENTIAL: _credential,
    Subject.PROFESSION: _profession,
    Subject.SECTOR: _sector,
    Subject.SPECIALITY: _speciality,
    Subject.SITUATION: _situation,
    Subject.PATIENT_SIDE: _patient_side,
    Subject.FRESHNESS: _freshness,
    Subject.DEFERRED: _told,
    Subject.READERS: _readers,
    Subject.MIDDLEWARE: _middleware,
    Subject.BROWSER: _browser,
    Subject.PIN: _pin,
    Subject.CONTRACT: _contract,
    Subject.IDENTIFIER: _identifier,
    Subject.REFERENTS: _told,
    Subject.DATA: _data,
    Subject.SCHEME: _told,
}
