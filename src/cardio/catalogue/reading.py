"""A service from its TOML file.

id = "pse"
status = "renamed"
name = { fr = "…", en = "…" }

[[convention]]
id = "liberal"
name = { fr = "…", en = "…" }
channels = ["web_amelipro"]

[[convention.rule]]
subject = "credential"
any_of = ["CPS"]                 # or all_of, at_least, at_most, or unknown = { fr, en }
source = "services.md §2.5 [2]"
date = "2019-02"                 # "≥ 2022": then or later; left out: the source has none
confidence = "S"
"""

import re

from cardio.catalogue.model import Convention, Rule, RuleDate, Service, Words
from cardio.catalogue.subject import VOCABULARIES, Demand, Subject
from cardio.catalogue.table import Table, allowed
from cardio.catalogue.values import Channel, Confidence, ServiceStatus

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DATE = re.compile(r"(≥ )?(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_LIMITS = (Demand.AT_LEAST, Demand.AT_MOST)
_MOST_MONTHS, _MOST_DAYS = 12, 31


def read_service(text: str, file: str) -> Service:
    """The service in this text; `file` is its name in errors.

    Raises `ConfigurationError` for the first mistake: file, line, key and what is allowed.
    """
    table = Table.parse(text, file)
    service = Service(
        id=_id(table),
        name=table.both_languages("name"),
        status=table.word("status", ServiceStatus),
        note=_words(table, "note"),
        conventions=tuple(_convention(one) for one in table.tables("convention")),
    )
    table.finish()
    ids = [convention.id for convention in service.conventions]
    if len(set(ids)) < len(ids):
        table.refuse("convention", "has the same id twice")
    return service


def _convention(table: Table) -> Convention:
    convention = Convention(
        id=_id(table),
        name=table.both_languages("name"),
        channels=table.words("channels", Channel),
        rules=tuple(_rule(one) for one in table.tables("rule")),
    )
    table.finish()
    return convention


def _rule(table: Table) -> Rule:
    subject = table.word("subject", Subject)
    demand = _demand(table, subject)
    rule = Rule(
        subject=subject,
        demand=demand,
        values=_values(table, subject, demand),
        why=table.both_languages("unknown") if demand is Demand.UNKNOWN else _words(table, "note"),
        source=table.text("source"),
        date=_date(table),
        confidence=table.word("confidence", Confidence),
        line=table.line,
    )
    table.finish()
    if (rule.confidence is Confidence.UNKNOWN) != (demand is Demand.UNKNOWN):
        table.refuse("confidence", "is U for what is unknown, and for nothing else")
    return rule


def _demand(table: Table, subject: Subject) -> Demand:
    demands = VOCABULARIES[subject].demands | {Demand.UNKNOWN}
    found = [demand for demand in Demand if demand in table]
    if len(found) != 1 or found[0] not in demands:
        table.refuse("subject", f"is {subject.value!r}, which takes one of: {allowed(demands)}")
    return found[0]


def _values(table: Table, subject: Subject, demand: Demand) -> tuple[str, ...]:
    if demand is Demand.UNKNOWN:
        return ()
    if demand in _LIMITS:
        return (str(table.number(demand)),)
    values, words = table.texts(demand), VOCABULARIES[subject].words
    for value in values:
        if words is not None and value not in words:
            table.refuse(demand, f"has {value!r}; allowed: {allowed(words)}")
    return values


def _date(table: Table) -> RuleDate | None:
    if "date" not in table:
        return None
    found = _DATE.fullmatch(table.text("date"))
    month, day = (int(found[n]) if found and found[n] else None for n in (3, 4))
    if found is None or (month or 1) > _MOST_MONTHS or (day or 1) > _MOST_DAYS or 0 in (month, day):
        table.refuse("date", "must be a year, a month or a day: '2020', '2020-02', '≥ 2022'")
    return RuleDate(int(found[2]), month, day, after=bool(found[1]))


def _words(table: Table, key: str) -> Words:
    return table.both_languages(key) if key in table else {}


def _id(table: Table) -> str:
    found = table.text("id")
    if not _ID.fullmatch(found):
        table.refuse("id", "must be small letters, digits and hyphens")
    return found
