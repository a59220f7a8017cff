"""`cardio verify`: who signed a file, and is it so? Needs no card, no reader, no service."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from cardio.authentication.judgement import judge
from cardio.authentication.signed import Signed
from cardio.authentication.verification import format_of, verify_signature
from cardio.cards.cps.trust.store import TrustStore
from cardio.cli.commands import command, option
from cardio.cli.exit_codes import ExitCode
from cardio.cli.failure import show
from cardio.cli.mapped import beginning_of, content_of
from cardio.cli.output import print_json
from cardio.cli.settings import Settings, with_settings
from cardio.cli.sign import SUFFIXES
from cardio.cli.signature_view import Verdict, report_as_json, show_report, verdict
from cardio.errors import SignatureError, UnknownSignatureFormat, XmlRefused

MAX_SIGNATURE = 32 << 20
"""Bytes read of a file that is a signature: a JWS of 16 MiB has 22."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_GOOD = (Verdict.TRUSTED, Verdict.TRUSTED_TEST)


@command(help="sign.verify.help")
@click.argument("file", type=_FILE)
@option("--signature", type=_FILE, help="sign.verify.signature")
@option("--at", type=click.DateTime(), metavar="DATE", help="sign.verify.at")
@with_settings
def verify(settings: Settings, file: Path, signature: Path | None, at: datetime | None) -> None:
    """Exits with 0 if it fits and its signer is trusted, with 1 if not."""
    try:
        signed = _verified(file, signature or _beside(file))
        report = judge(
            signed, TrustStore.of_workstation(), at=at.replace(tzinfo=UTC) if at else None
        )
    except (SignatureError, XmlRefused) as error:
        _refuse(error, settings)
    if settings.as_json:
        print_json(report_as_json(report))
    else:
        show_report(report, settings.text)
    raise SystemExit(ExitCode.FINE if verdict(report) in _GOOD else ExitCode.CHECK_FAILED)


def _refuse(error: SignatureError | XmlRefused, settings: Settings) -> NoReturn:
    show(error, settings)
    raise SystemExit(ExitCode.CHECK_FAILED)


def _beside(file: Path) -> Path | None:
    """The signature that `cardio sign` would have put beside the file."""
    candidates = (file.with_name(file.name + suffix) for suffix in SUFFIXES.values())
    return next((path for path in candidates if path.is_file()), None)


def _verified(file: Path, signature: Path | None) -> Signed:
    raw = beginning_of(signature or file, MAX_SIGNATURE + 1)
    if len(raw) > MAX_SIGNATURE or format_of(raw) is None:
        what = "this is no signature" if signature else "no signature is in or beside the file"
        raise UnknownSignatureFormat(what)
    if signature is None:
        return verify_signature(raw)
    with content_of(file) as content:
        return verify_signature(raw, content)
