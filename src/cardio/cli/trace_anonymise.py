"""`cardio trace anonymise`: a recording that can be shown to others."""

import json
from pathlib import Path

import click

from cardio.anonymise.contents import Anonymiser
from cardio.anonymise.recording import Summary
from cardio.anonymise.recording import anonymise as rewrite
from cardio.cli.commands import command, option
from cardio.cli.new_file import require_free
from cardio.cli.output import print_json
from cardio.cli.settings import Settings, with_settings
from cardio.errors import ConfigurationError
from cardio.locale import Translator
from cardio.trace.jsonl import decode, encode
from cardio.whole_file import write_whole

_MARK = "anonymised"
"""Key in the first line of the file; readers skip what they do not know."""


@command(name="anonymise", help="anonymise.help")
@click.argument(
    "source", metavar="IN", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path))
@option("--seed", metavar="TEXT", help="anonymise.option.seed")
@option("--keep-unknown", is_flag=True, help="anonymise.option.keep_unknown")
@option("--force", is_flag=True, help="anonymise.option.force")
@with_settings
def anonymise(
    settings: Settings,
    source: Path,
    target: Path,
    seed: str | None,
    keep_unknown: bool,
    force: bool,
) -> None:
    """Nothing is written where an identity would be left."""
    require_free(target, source=source, force=force)
    recorded = decode(source.read_bytes())
    made, summary = rewrite(recorded, anonymiser_of(seed, keep_unknown=keep_unknown))
    write_whole(target, _marked(encode(made), summary), private=True, replace=force)
    if settings.as_json:
        print_json({"file": str(target), **_as_json(summary)})
    else:
        click.echo(_as_text(summary, settings.text))


def anonymiser_of(seed: str | None, *, keep_unknown: bool = False) -> Anonymiser:
    """Raises `ConfigurationError` for an empty seed."""
    if seed is not None and not seed:
        raise ConfigurationError("--seed must not be empty")
    return Anonymiser(seed=seed.encode() if seed else None, keep_unknown=keep_unknown)


def _marked(content: bytes, summary: Summary) -> bytes:
    """The file with a word of what was done in its first line."""
    first, rest = content.split(b"\n", 1)
    header = {**json.loads(first), _MARK: _as_json(summary)}
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + rest


def _as_json(summary: Summary) -> dict[str, object]:
    return {
        "files": summary.files,
        "masked_bytes": summary.masked,
        "certificates": summary.certificates,
        "signatures_remade": summary.signatures,
        "signatures_random": list(summary.random),
    }


def _as_text(summary: Summary, text: Translator) -> str:
    return text(
        "anonymise.done",
        identities=summary.identities,
        files=summary.files,
        masked=summary.masked,
        certificates=summary.certificates,
        signatures=summary.signatures,
        random=len(summary.random),
    )
