"""`cardio sign`: a file signed with the professional's card."""

from pathlib import Path

import click

from cardio.authentication.signed import SignatureFormat
from cardio.cards.cps.card import CpsCard
from cardio.cli.commands import command, option
from cardio.cli.exit_codes import ExitCode
from cardio.cli.localized import current_text
from cardio.cli.mapped import content_of
from cardio.cli.new_file import require_free
from cardio.cli.output import print_json
from cardio.cli.pin import verified
from cardio.cli.pin_view import Outcome, exit_code, outcome_as_json, outcome_as_text
from cardio.cli.secret import SecretSource, takes_secret
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.cli.which_card import Which, chooses_card
from cardio.keys.abilities import KeyRole
from cardio.keys.private_key import CardPrivateKey
from cardio.pin.outcomes import Verified
from cardio.whole_file import write_whole

SUFFIXES = {SignatureFormat.CMS: ".p7s", SignatureFormat.JWS: ".jws"}
"""Added to a file's name, for a signature beside it."""

_KEYS = {role.value: role for role in (KeyRole.SIGNATURE, KeyRole.AUTHENTICATION)}


def _refuse(_context: click.Context, _argument: click.Parameter, value: tuple[str, ...]) -> None:
    """Without saying them again: one may be a code."""
    if value:
        raise click.UsageError(current_text()("cli.usage.one_file"))


@command(help="sign.help")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("stray", nargs=-1, metavar="", expose_value=False, callback=_refuse)
@option(
    "--format",
    "form",
    type=click.Choice([form.value for form in SignatureFormat]),
    default=SignatureFormat.CMS.value,
    show_default=True,
    help="sign.option.format",
)
@option("--out", type=click.Path(dir_okay=False, path_type=Path), help="sign.option.out")
@option(
    "--key",
    "role",
    type=click.Choice(list(_KEYS)),
    default=KeyRole.SIGNATURE.value,
    show_default=True,
    help="sign.option.key",
)
@option("--force", is_flag=True, help="sign.option.force")
@chooses_card
@takes_secret("pin", pad=True)
@with_settings
def sign(
    settings: Settings,
    file: Path,
    form: str,
    out: Path | None,
    role: str,
    force: bool,
    which: Which,
    pin: SecretSource,
) -> None:
    """Everything that can be refused without the PIN is, before it is asked for."""
    wanted = SignatureFormat(form)
    target = out or _beside(file, wanted)
    require_free(target, source=file, force=force)
    with content_of(file) as content, workstation_of(settings) as workstation:
        _require_signable(content, wanted)
        card = which.find(workstation)
        key = _key(card, _KEYS[role])
        outcome = verified(card, pin, settings)
        if isinstance(outcome, Verified):
            write_whole(target, _signature(content, key, wanted), replace=force)
    _tell(settings, card, target, wanted, outcome)


def _beside(file: Path, form: SignatureFormat) -> Path:
    if form is SignatureFormat.XML:
        return file.with_name(f"{file.stem}.signed{file.suffix}")
    return file.with_name(file.name + SUFFIXES[form])


def _require_signable(content: memoryview, form: SignatureFormat) -> None:
    """Have the library, and content it will take, or raise, before a card is touched."""
    if form is SignatureFormat.XML:
        from cardio.authentication import xml_file

        xml_file.require_signable(bytes(content))
    elif form is SignatureFormat.JWS:
        from cardio.authentication import jws

        jws.require_signable(content)


def _key(card: CpsCard, role: KeyRole) -> CardPrivateKey:
    """The key, once its certificate is known to be valid."""
    key = card.keys.signature if role is KeyRole.SIGNATURE else card.keys.authentication
    key.check_validity()
    return key


def _signature(content: memoryview, key: CardPrivateKey, form: SignatureFormat) -> bytes:
    if form is SignatureFormat.CMS:
        from cardio.authentication.cms import sign_cms

        return sign_cms(content, key)
    if form is SignatureFormat.XML:
        from cardio.authentication.xml_file import sign_xml

        return sign_xml(bytes(content), key)
    from cardio.authentication.jws import sign_jws

    return sign_jws(bytes(content), key).encode("ascii") + b"\n"


def _tell(
    settings: Settings, card: CpsCard, target: Path, form: SignatureFormat, outcome: Outcome
) -> None:
    is_done = isinstance(outcome, Verified)
    if settings.as_json:
        told = {"reader": card.reader, "format": form.value, "pin": outcome_as_json(outcome)}
        print_json({"signature": str(target) if is_done else None, **told})
    elif is_done:
        click.echo(settings.text("sign.done", file=target))
    else:
        click.echo(outcome_as_text(outcome, settings.text))
    raise SystemExit(ExitCode.FINE if is_done else exit_code(outcome))
