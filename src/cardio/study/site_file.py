"""A site's description from its TOML or YAML file (docs/how-to/roster.md)."""

from collections.abc import Callable, Collection
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from cardio.catalogue.subject import STAFF
from cardio.catalogue.table import Table, allowed
from cardio.catalogue.values import Contract, Credential
from cardio.errors import ConfigurationError, IdentifierError
from cardio.identity.adeli import Adeli
from cardio.identity.finess import Finess
from cardio.identity.nomenclature import Table as Codes
from cardio.identity.rpps import Rpps
from cardio.lines import read_yaml
from cardio.study.roster.spelling import folded
from cardio.study.site import Means, Network, Plan, Site, Sites, SiteWorkstation, Told

WordT = TypeVar("WordT", bound=StrEnum)

_YAML = (".yaml", ".yml")
_PROFESSIONS = frozenset({*Codes.PROFESSION.labels, STAFF})


def read_sites(path: Path, services: Collection[str] | None = None) -> Sites:
    """`services` are those of the catalogue; None: any word is one.

    Raises `ConfigurationError` for the first mistake: file, line, key and what is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not UTF-8 at byte {error.start}") from error
    table = _yaml(text, str(path)) if path.suffix.lower() in _YAML else Table.parse(text, str(path))
    name = table.text("name")
    sites = tuple(_site(one, services) for one in table.tables("site"))
    _refuse_twins(table, "site", [site.id for site in sites])
    _refuse_twins(table, "site", [str(site.finess) for site in sites if site.finess])
    table.finish()
    return Sites(name, sites)


def _yaml(text: str, file: str) -> Table:
    values, lines = read_yaml(text, file)
    return Table(values, file, lines)


def _site(table: Table, services: Collection[str] | None) -> Site:
    networks = tuple(_network(one) for one in _tables(table, "network"))
    names = [one.name for one in networks]
    _refuse_twins(table, "network", names)
    workstations = tuple(_workstation(one, names) for one in _tables(table, "workstation"))
    ids = [one.id for one in workstations]
    _refuse_twins(table, "workstation", ids)
    site = Site(
        id=table.text("id"),
        name=table.text("name"),
        finess=_finess(table, "finess"),
        finess_entity=_finess(table, "finess_entity"),
        sector=_code(table, "sector", Codes.SECTOR.labels) if "sector" in table else None,
        fund=_text(table, "fund") or None,
        means=_means(table),
        networks=networks,
        workstations=workstations,
        plans=tuple(_plan(one, ids, services) for one in _tables(table, "plan")),
    )
    table.finish()
    return site


def _network(table: Table) -> Network:
    network = Network(
        table.text("name"), _told(table, "internet"), _told(table, "proxy"), _text(table, "note")
    )
    table.finish()
    return network


def _workstation(table: Table, networks: Collection[str]) -> SiteWorkstation:
    workstation = SiteWorkstation(
        id=table.text("id"),
        place=_text(table, "place"),
        network=_code(table, "network", networks) if "network" in table else None,
        report=_text(table, "report") or None,
        remote=_told(table, "remote"),
    )
    table.finish()
    return workstation


def _plan(table: Table, workstations: Collection[str], services: Collection[str] | None) -> Plan:
    plan = Plan(
        services=_codes(table, "services", services),
        professions=frozenset(_codes(table, "professions", _PROFESSIONS, optional=True)),
        roles=frozenset(folded(role) for role in _codes(table, "roles", None, optional=True)),
        numbers=_numbers(table),
        workstations=_codes(table, "workstations", workstations, optional=True),
        means=_means(table),
        line=table.line,
    )
    table.finish()
    return plan


def _means(table: Table) -> Means:
    return Means(
        _both(table, "has", "lacks", Credential), _both(table, "signed", "unsigned", Contract)
    )


def _both(table: Table, yes: str, no: str, words: type[WordT]) -> dict[WordT, bool]:
    """Words that are so and words that are not; one in both lists is refused."""
    found: dict[WordT, bool] = {}
    for key, is_so in ((yes, True), (no, False)):
        for word in table.words(key, words) if key in table else ():
            if word in found:
                table.refuse(key, f"has {word.value!r}, which '{yes}' has too")
            found[word] = is_so
    return found


def _numbers(table: Table) -> frozenset[str]:
    """RPPS or ADELI numbers; a mistake is told by its place in the list, not by the number."""
    texts = _codes(table, "people", None, optional=True)
    for place, text in enumerate(texts, start=1):
        if not (_is(Rpps.parse, text) or _is(Adeli.parse, text)):
            table.refuse("people", f"number {place} is neither an RPPS nor an ADELI number")
    return frozenset(texts)


def _finess(table: Table, key: str) -> Finess | None:
    if key not in table:
        return None
    text = table.text(key)
    if not _is(Finess.parse, text):
        table.refuse(key, "must be a FINESS number: 9 digits, or a letter A or B in second")
    return Finess.parse(text)


def _is(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except IdentifierError:
        return False
    return True


def _code(table: Table, key: str, known: Collection[str]) -> str:
    text = table.text(key)
    if text not in known:
        table.refuse(key, f"is {text!r}; allowed: {allowed(known)}")
    return text


def _codes(
    table: Table, key: str, known: Collection[str] | None, *, optional: bool = False
) -> tuple[str, ...]:
    if optional and key not in table:
        return ()
    texts = table.texts(key)
    for text in texts:
        if known is not None and text not in known:
            table.refuse(key, f"has {text!r}; allowed: {allowed(known)}")
    return texts


def _text(table: Table, key: str) -> str:
    return table.text(key) if key in table else ""


def _told(table: Table, key: str) -> Told:
    return table.word(key, Told) if key in table else Told.UNKNOWN


def _tables(table: Table, key: str) -> list[Table]:
    return table.tables(key) if key in table else []


def _refuse_twins(table: Table, key: str, ids: list[str]) -> None:
    if len(set(ids)) < len(ids):
        table.refuse(key, "has the same id, name or FINESS twice")
