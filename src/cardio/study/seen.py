"""What a report of `cardio probe` shows, as evidence.

A report is taken as its JSON document (docs/reference/report.md), so that one of yesterday, from
another workstation, counts as much as one made now.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cardio.catalogue.values import Credential
from cardio.study.evidence import (
    CardEvidence,
    Environment,
    Evidence,
    VitaleEvidence,
    WorkstationEvidence,
)
from cardio.study.seen_software import browsers, middleware

Json = Mapping[str, Any]

_CREDENTIALS = {
    "00": Credential.CPS,
    "01": Credential.CPF,
    "02": Credential.CPE,
    "03": Credential.CPA,
}
"""Table G02; 02 and 03 are the director's card as well."""

CPS4 = "cps4"
_WORKS = ("pass", "warn")
_FAILS = ("fail",)


def evidence_of(report: Json, environment: Environment) -> dict[str | None, Evidence]:
    """The evidence for each professional's card, by its reader; under None where there is none."""
    vitale = vitale_of(report)
    cards: dict[str | None, CardEvidence | None] = dict(cards_of(report)) or {None: None}
    kinds = {card["reader"]: card["kind"] for card in report["cards"]}
    return {
        reader: Evidence(
            environment, card, vitale, workstation_of(report, has_cps4=kinds.get(reader) == CPS4)
        )
        for reader, card in cards.items()
    }


def workstation_of(report: Json, *, has_cps4: bool = False) -> WorkstationEvidence:
    """Readers, programs and browsers, for somebody with a CPS4 or with another card."""
    service_works = _outcome(report, "pcsc.service", None)
    return WorkstationEvidence(
        service_works=service_works,
        readers=len(report["readers"]) if service_works else None,
        middleware=middleware(report, has_cps4=has_cps4),
        browsers=browsers(report),
    )


def vitale_of(report: Json) -> VitaleEvidence | None:
    """The first patient's card."""
    return next(_vitales(report), None)


def cards_of(report: Json) -> Iterator[tuple[str, CardEvidence]]:
    """A contactless card tells nothing of its holder, and opens none of these services."""
    holders = {one["reader"]: one for one in report.get("identity", {}).get("cps", ())}
    for card in report["cards"]:
        if card["kind"].startswith("cps") and card["interface"] == "contact":
            yield card["reader"], _card(card, report, holders.get(card["reader"], {}))


def _card(card: Json, report: Json, holder: Json) -> CardEvidence:
    reader = card["reader"]
    left = _check(report, "cps.pin", reader).get("evidence", {}).get("left")
    speciality = holder.get("speciality_code")
    return CardEvidence(
        credential=_CREDENTIALS.get(card.get("card_type") or ""),
        is_test=card["test"],
        is_readable=_outcome(report, "cps.readable", reader),
        tries_left=left if type(left) is int else None,
        certificates_valid=_outcome(report, "cps.certificates", reader),
        chain_is_sound=_outcome(report, "cps.chain", reader),
        profession=holder.get("profession_code"),
        has_speciality=speciality is not None if holder else None,
    )


def _vitales(report: Json) -> Iterator[VitaleEvidence]:
    for card in report["cards"]:
        if card["kind"].startswith("vitale"):
            is_readable = _outcome(report, "vitale.readable", card["reader"])
            yield VitaleEvidence(is_readable=is_readable, is_test=card["test"])


def _outcome(report: Json, check: str, reader: str | None) -> bool | None:
    """Whether a check came out well; None where it could not be told."""
    status = _check(report, check, reader).get("status")
    return True if status in _WORKS else False if status in _FAILS else None


def _check(report: Json, check: str, reader: str | None) -> Json:
    for result in report["checks"]:
        if (result["id"], result["reader"]) == (check, reader):
            return result
    return {}
