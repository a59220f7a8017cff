"""What the INSi answers: one person, nobody, several, or a fault.

Names: as in `insi_request`; the codes 00, 01 and 02 and those of faults are OBSERVED in the same
open client's recorded answers (facts: certificates_identifiers_services.md source L1).
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self

from cardio.authentication.ws_security import SOAP
from cardio.authentication.xml_document import Element, namespace_of, parse
from cardio.errors import IdentifierError, TeleserviceFault, XmlRefused
from cardio.identity.birth_date import BirthDate
from cardio.identity.birth_place import BirthPlace
from cardio.identity.environment import Environment
from cardio.identity.ins import InsIdentity
from cardio.identity.matricule import Matricule
from cardio.identity.nir import NUMBER_SIZE, Sex, key_of
from cardio.identity.status import IdentityState, IdentityStatus
from cardio.identity.traits import StrictTraits, calendar_date, parse_sex

RESULT = "http://www.cnamts.fr/INSiResultat"
SIRAM = "urn:siram"

_NAMES = {"ins": RESULT, "soap": SOAP, "siram": SIRAM}
_CODE = re.compile(r"[A-Za-z]{1,16}_[0-9]{1,6}", re.ASCII)
_MEANINGS = {
    "desir_550": "the software's authorisation number is unknown",
    "desir_560": "access level insufficient: see the certificate's CN",
    "insi_102": "the search itself failed",
    "siram_40": "out of service for the moment",
    "siram_100": "this software may not call it",
}


class InsiOutcome(StrEnum):
    """CodeCR of the answer."""

    FOUND = "00"
    NOT_FOUND = "01"
    SEVERAL = "02"


@dataclass(frozen=True, slots=True)
class FormerMatricule:
    """A superseded matricule (INSHISTO), kept as it is; its dates may be missing, or crossed."""

    matricule: Matricule
    start: date | None = field(default=None, repr=False)
    end: date | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class InsiPerson:
    """The person found, as answered: a trait that the answer lacks is None. The repr shows nobody.

    `given_names` is the list; `first_given_name` is there where the answer tells it apart.
    """

    matricule: Matricule
    former: tuple[FormerMatricule, ...] = ()
    birth_name: str | None = field(default=None, repr=False)
    first_given_name: str | None = field(default=None, repr=False)
    given_names: str | None = field(default=None, repr=False)
    sex: Sex | None = field(default=None, repr=False)
    birth_date: BirthDate | None = field(default=None, repr=False)
    birth_place: BirthPlace | None = field(default=None, repr=False)

    def identity(self) -> InsIdentity:
        """The same as an identity récupérée.

        Raises `IdentifierError` where a strict trait is missing or cannot be one.
        """
        given_names = self.given_names or self.first_given_name
        if not (self.birth_name and given_names and self.sex and self.birth_date):
            raise IdentifierError("the answer lacks a strict trait")
        traits = StrictTraits(
            self.birth_name,
            given_names,
            self.sex,
            calendar_date(str(self.birth_date)),
            self.birth_place,
            self.first_given_name,
        )
        former = tuple(one.matricule for one in self.former)
        return InsIdentity(
            traits, IdentityState.of(IdentityStatus.RETRIEVED), self.matricule, former
        )


@dataclass(frozen=True, slots=True)
class InsiAnswer:
    """The outcome, and the one person where it is FOUND."""

    outcome: InsiOutcome
    person: InsiPerson | None = None

    @classmethod
    def parse(cls, raw: bytes, environment: Environment) -> Self:
        """Read the body of an answer, whatever its HTTP status.

        Raises `TeleserviceFault` for a fault, `XmlRefused` for a document that is hostile or no
        answer of this service, `IdentifierError` for identifiers that are none, and
        `LeakedTestIdentity` for a test matricule in production.
        """
        root = parse(raw)
        if namespace_of(root) != SOAP:
            raise XmlRefused("not an answer of the service")
        fault = root.find("soap:Body/soap:Fault", _NAMES)
        if fault is not None:
            raise _fault(fault)
        result = _only(root, "soap:Body/ins:RESULTAT")
        code = _text(result, "ins:CR/ins:CodeCR")
        try:
            outcome = InsiOutcome(code or "")
        except ValueError:
            raise XmlRefused("the answer's code is not known") from None
        return cls(outcome, _found(result, environment) if outcome is InsiOutcome.FOUND else None)


def _found(result: Element, environment: Environment) -> InsiPerson:
    person = _only(result, "ins:INDIVIDU")
    traits = _only(person, "ins:TIQ")
    sex, born = _text(traits, "ins:Sexe"), _text(traits, "ins:DateNaissance")
    place = _text(traits, "ins:LieuNaissance")
    return InsiPerson(
        matricule=_matricule(_only(person, "ins:INSACTIF")).require(environment),
        former=tuple(_former(one) for one in person.findall("ins:INSHISTO", _NAMES)),
        birth_name=_text(traits, "ins:NomNaissance"),
        first_given_name=_text(traits, "ins:Prenom"),
        given_names=_text(traits, "ins:ListePrenom"),
        sex=parse_sex(sex) if sex else None,
        birth_date=BirthDate.parse(born) if born else None,
        birth_place=BirthPlace.parse(place) if place else None,
    )


def _matricule(node: Element) -> Matricule:
    """A key left out is computed; a wrong one is kept, for `Nir.has_valid_key` to tell."""
    number = _text(node, "ins:IdIndividu/ins:NumIdentifiant") or ""
    if len(number) != NUMBER_SIZE:
        raise IdentifierError("the answer's matricule has not 13 characters")
    key = _text(node, "ins:IdIndividu/ins:Cle") or key_of(number)
    return Matricule.parse(number + key, _text(node, "ins:OID") or "", check_key=False)


def _former(node: Element) -> FormerMatricule:
    return FormerMatricule(_matricule(node), _day(node, "ins:DateDeb"), _day(node, "ins:DateFin"))


def _day(node: Element, name: str) -> date | None:
    text = _text(node, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise XmlRefused("a date of the answer is none") from None


def _fault(node: Element) -> TeleserviceFault:
    """Only codes of the usual form get into the message."""
    error = node.find("soap:Detail/siram:Erreur", _NAMES)
    subcode = (_text(node, "soap:Code/soap:Subcode/soap:Value") or "").rpartition(":")[2]
    told = [error.get("code") if error is not None else None, subcode]
    codes = [code.lower() for code in told if code and _CODE.fullmatch(code)]
    code = codes[0] if codes else None
    meaning = next((_MEANINGS[code] for code in codes if code in _MEANINGS), "not explained here")
    text = (error.text if error is not None else None) or _text(node, "soap:Reason/soap:Text")
    message = f"the service answered with a fault, {code or 'without a known code'}: {meaning}"
    return TeleserviceFault(message, service_code=code, text=text or "")


def _only(node: Element, path: str) -> Element:
    found = node.findall(path, _NAMES)
    if len(found) != 1:
        raise XmlRefused("not an answer of the service")
    return found[0]


def _text(node: Element, path: str) -> str | None:
    return (node.findtext(path, "", _NAMES) or "").strip() or None
