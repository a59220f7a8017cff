"""`cardio card dump`: the free files of a card as an image that `cardio emulate` can play."""

from collections.abc import Iterator
from pathlib import Path

import click

from cardio.anonymise.card_files import CardDump, read_card
from cardio.anonymise.contents import Anonymiser
from cardio.anonymise.dump import RewrittenCard, rewrite, serial_of
from cardio.cards.identify import CardKind
from cardio.cli.commands import command, option
from cardio.cli.new_file import require_free
from cardio.cli.output import print_json
from cardio.cli.session import workstation_of
from cardio.cli.settings import Settings, with_settings
from cardio.cli.trace_anonymise import anonymiser_of
from cardio.errors import AtrError, ConfigurationError, SelectionError
from cardio.iso7816.atr import Atr
from cardio.locale import Translator
from cardio.transport.base import ReaderStatus
from cardio.transport.channel import Channel
from cardio.transport.readers import choose_reader
from cardio.whole_file import write_whole
from cardio.workstation.scan import Looked, OpenSlot
from cardio.workstation.selection import SelectionReason
from cardio.workstation.workstation import Workstation
from cardio_emulator.image import FIXED_DF
from cardio_emulator.image_rebuild import file_access, model, rebuild
from cardio_emulator.image_tree import CPS2TER, MAIN, Entry
from cardio_emulator.image_write import encode

_LIMIT = 300.0
"""Seconds a whole card may take; a slow one has some hundred commands to answer."""
_NO_SERIAL = "00000000"
_T1 = 1


@command(name="dump", help="dump.help")
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path))
@option("--reader", metavar="PART", help="cli.option.reader")
@option("--as-is", is_flag=True, help="dump.option.as_is")
@option("--seed", metavar="TEXT", help="anonymise.option.seed")
@option("--keep-unknown", is_flag=True, help="anonymise.option.keep_unknown")
@option("--force", is_flag=True, help="anonymise.option.force")
@with_settings
def dump(
    settings: Settings,
    target: Path,
    reader: str | None,
    as_is: bool,
    seed: str | None,
    keep_unknown: bool,
    force: bool,
) -> None:
    """Only reads, and only what anybody may read; no PIN is asked for."""
    if as_is and (seed is not None or keep_unknown):
        others = ("--seed", "--keep-unknown")
        text = settings.text("cli.usage.goes_without", option="--as-is", others=others)
        raise click.UsageError(text)
    require_free(target, force=force)
    engine = Anonymiser.as_written() if as_is else anonymiser_of(seed, keep_unknown=keep_unknown)
    with workstation_of(settings) as workstation:
        found = _read(workstation, reader)
    made = rewrite(found, engine)
    if as_is:
        click.echo(settings.text("dump.as_is"), err=True)
    write_whole(target, _image(made, as_is=as_is).encode(), private=True, replace=force)
    if settings.as_json:
        print_json({"file": str(target), **_as_json(made)})
    else:
        click.echo(_as_text(made, settings.text))


def _read(workstation: Workstation, reader: str | None) -> CardDump:
    """The one card there is, or the one in the reader of that name. Raises `SelectionError`."""
    status = _status(workstation, reader)
    read: list[CardDump] = []

    def then(slot: OpenSlot) -> Looked:
        read.append(read_card(Channel(slot.connection), slot.match))
        return slot

    (slot,) = workstation.scan((status,), limit=_LIMIT, then=then)
    if slot.error:
        raise slot.error
    if not read:
        message = "there is no card in the reader"
        raise SelectionError(message, reason=SelectionReason.NOT_FOUND.value).at(status.name)
    return read[0]


def _status(workstation: Workstation, reader: str | None) -> ReaderStatus:
    readers = workstation.readers()
    if reader is not None:
        return choose_reader(reader, readers)
    slots = [one for one in workstation.scan(readers) if one.match]
    if len(slots) == 1:
        return slots[0].status
    if not slots:
        message, reason = "no card is in any reader", SelectionReason.NOT_FOUND
    else:
        message, reason = f"{len(slots)} cards: choose one by --reader", SelectionReason.SEVERAL
    raise SelectionError(message, reason=reason.value)


def _image(made: RewrittenCard, *, as_is: bool) -> str:
    like = model(_kind(made.dump))
    certificates = {key.role: key.certificate for key in made.keys}
    certificates.update(("ca", issuer) for issuer in made.issuers[:1])
    image = rebuild(
        like,
        atr=made.dump.atr,
        serial=serial_of(made.dump) or _NO_SERIAL,
        entries=_entries(made.dump),
        keys={key.role: key.key for key in made.keys},
        certificates=certificates,
    )
    who = "with the identities of the card" if as_is else "identities are invented"
    return encode(
        image,
        f"Image of a card, made by `cardio card dump`; {who}.",
        "The keys are fresh test keys, and certificates were issued anew for them.",
        "The PINs are test values. Nothing in this file is a secret of the card.",
    )


def _kind(read: CardDump) -> str:
    """The word of the emulator. Raises `ConfigurationError` for a kind it does not play."""
    kind = read.match.kind
    if kind is CardKind.UNKNOWN:
        raise ConfigurationError("a card of unknown kind has no image")
    return "cps4-t0" if kind is CardKind.CPS4 and not _speaks_t1(read.atr) else kind.value


def _speaks_t1(atr: bytes) -> bool:
    try:
        return _T1 in Atr.parse(atr).protocols
    except AtrError:
        return True


def _entries(read: CardDump) -> Iterator[Entry]:
    for folder in read.folders:
        part = CPS2TER if folder.old_part else MAIN
        yield Entry(folder.path, FIXED_DF.contact, name=folder.name, part=part)
    for file in read.files:
        was_read = file.content is not None
        access = file_access(read.match.kind.value, file.label, file.rules, was_read=was_read)
        yield Entry(
            file.path,
            access.contact,
            access.contactless,
            content=bytes(file.size) if file.content is None else file.content,
            sfi=file.sfi,
            label="".join(one for one in file.label if one.isprintable()),
            part=CPS2TER if file.old_part else MAIN,
        )


def _as_json(made: RewrittenCard) -> dict[str, object]:
    refused = [one for one in made.dump.files if one.content is None]
    return {
        "kind": _kind(made.dump),
        "files": len(made.dump.files) - len(refused),
        "refused": len(refused),
        "keys": len(made.keys),
        "masked_bytes": made.masked,
    }


def _as_text(made: RewrittenCard, text: Translator) -> str:
    return text("dump.done", **_as_json(made))
