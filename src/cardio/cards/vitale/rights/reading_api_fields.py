"""Where each field of the records stands in the XML of the API de lecture.

Facts: vitale.md §4.4. Paths are below one `T_AsnBeneficiaire`. That `amc` fills group 109 and
`listeat` group 103 is inferred from the names, as is the form of the dates that no source shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cardio.cards.vitale.rights.dates import SIZE, CardDate, is_digits
from cardio.cards.vitale.rights.records import (
    BeneficiaryRecord,
    ComplementaryRecord,
    EntitlementRecord,
    ReadingApiRecord,
    Record,
    WorkAccidentsRecord,
)
from cardio.errors import RecordError

_DAY_SIZE = 8
_MIDNIGHT = "0000"
"""The end of the 12 digits of a day (facts: vitale.md §4.1)."""


@dataclass(frozen=True, slots=True)
class DateForm:
    """How 8 digits stand for a day; a text of another size stands for itself."""

    to_year_first: Callable[[str], str]
    from_year_first: Callable[[str], str]

    def read(self, text: str) -> CardDate:
        if len(text) == _DAY_SIZE and is_digits(text):
            return CardDate(self.to_year_first(text) + _MIDNIGHT)
        return CardDate(text)

    def write(self, value: CardDate) -> str:
        """Raises `RecordError` for 8 digits, which would be read as another day."""
        text = value.written
        if len(text) == SIZE and is_digits(text) and text.endswith(_MIDNIGHT):
            return self.from_year_first(text[:_DAY_SIZE])
        if len(text) == _DAY_SIZE and is_digits(text):
            raise RecordError("a date of 8 digits has no place in the document")
        return text


def _same(text: str) -> str:
    return text


DAY_FIRST = DateForm(
    lambda text: text[4:] + text[2:4] + text[:2], lambda text: text[6:] + text[4:6] + text[:4]
)
"""`JJMMAAAA`"""

YEAR_FIRST = DateForm(_same, _same)
"""`AAAAMMJJ`, or `AAMMJJ` kept without its century."""

DATES = frozenset({"certified_on", "start", "end"})
"""The fields below that are dates, all written `JJMMAAAA`."""

PATHS: Mapping[type[Record], Mapping[str, str]] = {
    BeneficiaryRecord: {
        "used_name": "ident/nomUsuel",
        "birth_name": "ident/nomPatronymique",
        "given_name": "ident/prenomUsuel",
        **{f"address_{line}": f"ident/adresse/ligne{line}" for line in range(1, 6)},
        "birth_rank": "ident/rangDeNaissance",
        "certified_on": "ident/dateCertification",
        "quality": "amo/qualBenef",
    },
    ReadingApiRecord: {
        "nir": "ident/nir",
        "regime": "amo/codeRegime",
        "fund": "amo/caisse",
        "centre": "amo/centreGestion",
        "card_centre": "amo/centreCarte",
        "management_code": "amo/codeGestion",
        "exoneration": "amo/libelleExo",
        "treating_doctor": "amo/medecinTraitant",
        "cmu_type": "cmu/typeCMU",
    },
    EntitlementRecord: {"start": "debut", "end": "fin"},
    ComplementaryRecord: {
        "b2_number": "numComplB2",
        "member_number": "numAdherent",
        "indicator": "indicTraitement",
        "start": "validiteDonnees/debut",
        "end": "validiteDonnees/fin",
        "flow_routing": "codeRoutageFlux",
    },
    WorkAccidentsRecord: {
        "organism": "at1/orgGestion",
        "organism_1": "at2/orgGestion",
        "identifier_1": "at2/identifiant",
        "organism_2": "at3/orgGestion",
        "identifier_2": "at3/identifiant",
    },
}
"""Below the person; for the last three below the element that has the record."""

ENTITLEMENTS, ENTITLEMENT = "amo/listePeriodesDroits", "element"
COMPLEMENTARY = "amc"
WORK_ACCIDENTS = "listeat"
BIRTH_DATE_SHOWN, BIRTH_DATE = "ident/naissance/date", "ident/naissance/dateEnCarte"
CERTIFIED_NIR = "ident/nirCertifie"

ORDER = (
    *("ident", "nomUsuel", "nomPatronymique", "prenomUsuel", "adresse"),
    *(f"ligne{line}" for line in range(1, 6)),
    *("naissance", "date", "dateEnCarte", "rangDeNaissance", "nir", "nirCertifie"),
    *("dateCertification", "amo", "qualBenef", "codeRegime", "caisse", "centreGestion"),
    *("centreCarte", "codeGestion", "listePeriodesDroits", "element", "libelleExo"),
    *("medecinTraitant", "amc", "numComplB2", "numAdherent", "codeRoutageFlux"),
    *("indicTraitement", "validiteDonnees", "debut", "fin", "cmu", "typeCMU", "listeat"),
    *("at1", "at2", "at3", "orgGestion", "identifiant"),
)
"""The elements in the order of the fact sheet; whether a reader minds another is not public."""
