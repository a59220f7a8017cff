"""Workstations as their reports show them, and the cards seen in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cardio.errors import IdentifierError
from cardio.identity.ps_idnat import PsIdNat
from cardio.study.evidence import (
    UNSEEN_VITALE,
    CardEvidence,
    VitaleEvidence,
    WorkstationEvidence,
)
from cardio.study.fixes import fix_of_check
from cardio.study.reports import ReportFile
from cardio.study.result import CheckFound, FileProblem, Problem
from cardio.study.seen import cards_of, vitale_of, workstation_of

_BAD = ("fail", "warn", "unknown")


@dataclass(frozen=True, slots=True)
class SeenCard:
    """A professional's card. The number and names are there in reports made with identities."""

    file: str
    created: datetime
    reader: str
    kind: str
    evidence: CardEvidence
    number: str | None = field(default=None, repr=False)
    family_name: str | None = field(default=None, repr=False)
    given_name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Station:
    """What one report tells of its workstation. `for_cps4`: the same, for somebody with a CPS4."""

    file: str
    id: str | None
    created: datetime
    verdict: str
    evidence: WorkstationEvidence
    for_cps4: WorkstationEvidence
    vitale: VitaleEvidence
    cards: tuple[SeenCard, ...]
    checks: tuple[CheckFound, ...]


def station(report: ReportFile) -> Station:
    """What a study keeps of a report."""
    document = report.document
    return Station(
        file=report.file,
        id=document["workstation"]["id"],
        created=report.created,
        verdict=document["verdict"]["status"],
        evidence=workstation_of(document),
        for_cps4=workstation_of(document, has_cps4=True),
        vitale=_vitale(document),
        cards=tuple(_cards(report)),
        checks=tuple(_check(one) for one in document["checks"] if one["status"] in _BAD),
    )


@dataclass(slots=True)
class Stations:
    """The newest report of each workstation, and of each card that tells its number.

    `names`: the names that the site has for workstations, by their ids and by the names of their
    files. A workstation that has neither id nor name is known by its file.
    """

    names: Mapping[str, str] = field(default_factory=dict[str, str])
    newest: dict[str, Station] = field(default_factory=dict[str, Station])
    by_number: dict[str, SeenCard] = field(default_factory=dict[str, SeenCard])
    by_file: dict[str, Station] = field(default_factory=dict[str, Station])
    reports: int = 0

    def add(self, seen: Station) -> FileProblem | None:
        """Take a report in; tells which file another one of the same workstation puts aside."""
        self.reports += 1
        self.by_file[seen.file] = seen
        for card in seen.cards:
            if card.number and _is_newer(card, self.by_number.get(card.number)):
                self.by_number[card.number] = card
        name = self.name_of(seen)
        before = self.newest.get(name)
        if before is None:
            self.newest[name] = seen
            return None
        if before.created == seen.created and replace(seen, file="", cards=()) == replace(
            before, file="", cards=()
        ):
            return FileProblem(seen.file, Problem.SAME, before.file)
        older, newer = sorted((before, seen), key=lambda one: one.created)
        self.newest[name] = newer
        return FileProblem(older.file, Problem.SUPERSEDED, newer.file)

    def name_of(self, seen: Station) -> str:
        """What the site calls it, else its id, else its file."""
        for key in (seen.file, _stem(seen.file), seen.id):
            if key and key in self.names:
                return self.names[key]
        return seen.id or seen.file


def _is_newer(card: SeenCard, before: SeenCard | None) -> bool:
    return before is None or card.created > before.created


def _stem(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".json")


def _vitale(document: Mapping[str, Any]) -> VitaleEvidence:
    """A card at hand shows that reading works. It is no patient's: its kind decides nothing.

    Without one nothing is known: patients bring theirs.
    """
    found = vitale_of(document)
    return replace(found, is_test=None) if found else UNSEEN_VITALE


def _cards(report: ReportFile) -> Iterable[SeenCard]:
    document = report.document
    kinds = {card["reader"]: card["kind"] for card in document["cards"]}
    holders = {one["reader"]: one for one in document.get("identity", {}).get("cps", ())}
    for reader, evidence in cards_of(document):
        holder = holders.get(reader, {})
        yield SeenCard(
            report.file,
            report.created,
            reader,
            kinds[reader],
            evidence,
            _number(holder.get("ps_idnat")),
            holder.get("family_name"),
            holder.get("given_name"),
        )


def _number(ps_idnat: str | None) -> str | None:
    """The RPPS or ADELI number, as rosters have it; None for other kinds and wrong ones."""
    try:
        found = PsIdNat.parse(ps_idnat) if ps_idnat else None
        return str(found.rpps or found.adeli or "") or None if found else None
    except IdentifierError:
        return None


def _check(check: Mapping[str, Any]) -> CheckFound:
    return CheckFound(
        check=check["id"],
        reader=check["reader"],
        status=check["status"],
        cause=check["cause"],
        fix=fix_of_check(check["id"]),
        finding=str(check.get("finding", "")),
        advice=str(check.get("advice", "")),
    )
