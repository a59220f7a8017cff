"""A small health centre for the tests of the study: reports, a roster, a description.

Every person is invented, every card one for tests.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.support.probe_facts import (
    CPS,
    CPS_READER,
    HOLDER,
    MACHINE,
    NOW,
    VITALE_READER,
    certificate,
    facts,
    match,
    report,
)
from tests.support.rosters import HEADER, rpps, write_csv

from cardio.cards.identify import CardKind
from cardio.catalogue.catalogue import Catalogue
from cardio.locale import translator
from cardio.probe import to_json
from cardio.probe.facts import CpsFacts, ReaderFacts, TriesFacts
from cardio.probe.system.encode import facts_to_json
from cardio.probe.system.software.facts import (
    Browser,
    Extension,
    Product,
    Profile,
    Registration,
    SoftwareFacts,
)
from cardio.study.before import Before
from cardio.study.conduct import Outcome, Request, conduct
from cardio.study.engine import Options
from cardio.study.evidence import Environment
from cardio.study.reports import find
from cardio.study.result import PersonResult, ServiceVerdict, WorkstationResult
from cardio.study.roster.reading import read_roster
from cardio.study.series import Series
from cardio.study.shown import Shown
from cardio.study.site_file import read_sites

CATALOGUE = Catalogue.load().services
FINESS = "099999997"
DOCTOR, NURSE, MIDWIFE = rpps(1), rpps(2), rpps(3)

PLANS = """
[[site.plan]]
services = ["amelipro-aat"]
professions = ["10"]
workstations = ["cabinet"]

[[site.plan]]
services = ["amelipro-bsi"]
professions = ["60"]
workstations = ["soins"]
"""

SITE = f"""\
name = "Essai"

[[site]]
id = "centre"
name = "Centre de santé d'essai"
finess = "{FINESS}"
sector = "SA05"
signed = ["cpam_declaration", "amelipro_account"]

[[site.workstation]]
id = "cabinet"

[[site.workstation]]
id = "soins"

[[site.workstation]]
id = "accueil"

[[site.plan]]
services = ["amelipro-aat", "amelipro-bsi"]
{PLANS}"""


def software(cryptolib: str | None = "5.2.6") -> SoftwareFacts:
    """A workstation with Firefox and its extension, and Cryptolib CPS of this version."""
    listed = (Registration(cryptolib),) if cryptolib else ()
    extension = Extension("vitale", "1.0", active=True)
    return SoftwareFacts(
        "linux",
        products=(
            Product("cryptolib", installed=cryptolib is not None, registrations=listed),
            Product("srvsvcnam", installed=True),
        ),
        browsers=(
            Browser(
                "firefox",
                "native",
                installed=True,
                profiles=(Profile(1, is_default=True, extensions=(extension,)),),
            ),
        ),
    )


def cps(
    number: str | None = None,
    kind: CardKind = CardKind.CPS3,
    **changes: Any,  # noqa: ANN401 - fields of CpsFacts
) -> ReaderFacts:
    """A reader with a professional's card; its holder is told only with a number."""
    holder = replace(HOLDER, ps_idnat=f"8{number}", profession_code=None) if number else None
    card: CpsFacts = replace(CPS, identity=holder, **changes)
    return replace(CPS_READER, cps=card, match=match(kind))


BLOCKED: dict[str, Any] = {"pin_tries": TriesFacts(0, 3)}
EXPIRED: dict[str, Any] = {
    "certificates": (certificate("signature", days=-3), certificate("authentication"))
}


def document(
    *readers: ReaderFacts, name: str = "0", hours: float = 0, cryptolib: str | None = "5.2.6"
) -> dict[str, Any]:
    """The report of a workstation with these readers."""
    found = facts(*readers)
    machine = replace(MACHINE, id=f"{int(name, 36):032x}" if name else None)
    moment = NOW + timedelta(hours=hours)
    made = report(replace(found, machine=machine, now=moment))
    return {
        **to_json(made, translator("fr")),
        "software": facts_to_json(software(cryptolib)),
    }


@dataclass
class Centre:
    """A folder with a roster, reports and a description; `study` makes a study of it."""

    folder: Path

    def report(self, name: str, document: object) -> None:
        (self.folder / "reports").mkdir(exist_ok=True)
        text = document if isinstance(document, str) else json.dumps(document)
        (self.folder / "reports" / f"{name}.json").write_text(text, encoding="utf-8")

    def roster(self, *rows: list[str]) -> None:
        write_csv(self.folder / "roster.csv", [HEADER, *rows])

    def site(self, text: str = SITE) -> None:
        (self.folder / "site.toml").write_text(text, encoding="utf-8")

    def request(
        self,
        *services: str,
        environment: Environment = Environment.TEST,
        with_identity: bool = False,
        series: Series | None = None,
        before: Before | None = None,
    ) -> Request:
        (self.folder / "reports").mkdir(exist_ok=True)
        site = self.folder / "site.toml"
        return Request(
            read_roster(self.folder / "roster.csv"),
            read_sites(site, CATALOGUE) if site.exists() else None,
            find((self.folder / "reports",)),
            CATALOGUE,
            services or ("amelipro-aat", "amelipro-bsi"),
            series or Series.once(),
            Options(environment, with_identity, before),
        )

    def study(self, *services: str, **options: Any) -> "Studied":  # noqa: ANN401 - those of `request`
        shown = Shown()
        outcome = conduct(self.request(*services, **options), (shown,))
        return Studied(outcome, shown)


@dataclass
class Studied:
    outcome: Outcome
    shown: Shown

    def person(self, line: int) -> PersonResult:
        (found,) = [one for one in self.shown.people if one.line == line]
        return found

    def verdict(self, line: int, service: str) -> ServiceVerdict:
        (found,) = [one for one in self.person(line).services if one.service == service]
        return found

    def workstation(self, name: str) -> WorkstationResult:
        (found,) = [one for one in self.shown.workstations if one.name == name]
        return found


def row(
    number: str = "",
    profession: str = "Médecin",
    *,
    name: str = "TEST-ESSAI",
    given: str = "Zéphyrine",
    adeli: str = "",
    role: str = "",
    finess: str = FINESS,
) -> list[str]:
    return ["Mme", name, given, number, adeli, finess, "091", profession, role]


VITALE = VITALE_READER
