"""A verified signature, told: it names a person, because `cardio verify` was asked who signed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from cardio.authentication.judgement import SignatureReport
from cardio.cards.cps.certificate import CpsCertificate
from cardio.cards.cps.trust.flaw import Flaw
from cardio.cli.output import console, pairs
from cardio.identity.nomenclature import Code
from cardio.locale import Translator


class Verdict(StrEnum):
    """UNKNOWN: the authorities are not known here. EXPIRED: dates are all that is wrong."""

    TRUSTED = "trusted"
    TRUSTED_TEST = "trusted-test"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    NOT_TRUSTED = "not-trusted"


def verdict(report: SignatureReport) -> Verdict:
    """The one word for a signature that fits."""
    if report.is_trusted:
        return Verdict.TRUSTED_TEST if report.trust.is_test else Verdict.TRUSTED
    if report.is_expired:
        return Verdict.EXPIRED
    is_unknown = set(report.trust.flaws) <= {Flaw.ISSUER_MISSING}
    return Verdict.UNKNOWN if is_unknown else Verdict.NOT_TRUSTED


def report_as_json(report: SignatureReport) -> dict[str, Any]:
    """Stable words; the times are in UTC."""
    signed, trust, certificate = report.signed, report.trust, report.signed.certificate
    return {
        "verdict": verdict(report).value,
        "format": signed.format.value,
        "algorithm": signed.algorithm,
        "signed_at": _iso(signed.signed_at),
        "when_signed": signed.when_signed.value,
        "signer": {
            "family_name": certificate.family_name,
            "given_name": certificate.given_name,
            "ps_idnat": str(certificate.ps_idnat) if certificate.ps_idnat else None,
            "profession": _code(certificate.profession),
            "subject": _subject(certificate),
        },
        "certificate": {
            "usage": certificate.usage.value,
            "not_before": _iso(certificate.not_before),
            "not_after": _iso(certificate.not_after),
            "test": certificate.is_test,
        },
        "trust": {
            "at": _iso(trust.at),
            "anchor": trust.anchor.name if trust.anchor else None,
            "test": trust.is_test,
            "flaws": [flaw.value for flaw in trust.flaws],
            "revocation": trust.revocation.status.value,
        },
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _code(code: Code | None) -> dict[str, str | None] | None:
    return {"code": code.code, "label": code.label} if code else None


def _subject(certificate: CpsCertificate) -> str:
    return certificate.load().subject.rfc4514_string()


def show_report(report: SignatureReport, text: Translator) -> None:
    """For a person: what fits, who signed, and whether that is to be believed."""
    out = console()
    out.print(text("sign.verify.fits"), markup=False)
    out.print(pairs(_rows(report, text)))
    word = verdict(report)
    mark = "✓" if report.is_trusted else "!"
    told = text(f"sign.verdict.{word.value}", flaws=_flaws(report, text))
    out.print(f"{mark} {told}", markup=False)
    claim = report.signed.when_signed
    if word is Verdict.EXPIRED:
        out.print(f"  {text(f'sign.claim.{claim.value}')}", markup=False)


def _rows(report: SignatureReport, text: Translator) -> dict[str, str | None]:
    signed, certificate = report.signed, report.signed.certificate
    is_named = certificate.ps_idnat or certificate.family_name
    return {
        text("cli.family_name"): certificate.family_name,
        text("cli.given_name"): certificate.given_name,
        text("cli.identifier"): str(certificate.ps_idnat) if certificate.ps_idnat else None,
        text("cli.profession"): str(certificate.profession) if certificate.profession else None,
        text("sign.subject"): None if is_named else _subject(certificate),
        text("sign.signed_at"): _moment(signed.signed_at, text),
        text("sign.key"): text(f"report.term.usage.{certificate.usage.value}"),
        text("sign.certificate"): text(
            "sign.dates", since=certificate.not_before.date(), until=certificate.not_after.date()
        ),
        text("sign.test_card"): text(f"sign.is_test.{_word(certificate.is_test)}"),
        text("sign.anchor"): report.trust.anchor.name if report.trust.anchor else None,
        text("sign.revocation"): text(f"sign.revoked.{report.trust.revocation.status.value}"),
    }


def _moment(moment: datetime | None, text: Translator) -> str | None:
    if moment is None:
        return None
    return text("sign.moment", day=moment.date(), time=f"{moment:%H:%M:%S}")


def _word(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "unknown"}[value]


def _flaws(report: SignatureReport, text: Translator) -> list[str]:
    return [text(f"report.term.flaws.{flaw.value}") for flaw in report.trust.flaws]
