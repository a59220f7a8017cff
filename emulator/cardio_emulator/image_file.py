"""Card images as files: TOML, version 1, described in docs/reference/card-image.md.

A file holds a whole `CardImage`, its test keys and test PINs included; there is nothing in it that
a real card keeps secret.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path as FilePath
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from cardio.errors import ConfigurationError, MalformedData
from cardio.iso7816.path import Path
from cardio_emulator.image import (
    AccessRule,
    CardImage,
    Delivery,
    Interface,
    KeyImage,
    Manners,
    PinImage,
    PlainSelect,
)
from cardio_emulator.image_tree import CPS2TER, MAIN, PARTS, Entry, TreeError, build
from cardio_emulator.kinds import KINDS
from cardio_emulator.settings import Settings

VERSION = 1
MAX_FILE = 1 << 22
"""Largest file read, in bytes; an image of a full card takes a tenth of it."""
MAX_SIZE = 0x8000
"""Largest content of an elementary file, in bytes: what READ BINARY reaches."""
ROLES = ("signature", "authentication", "technical", "ca", "root")
"""What a certificate of the image is: the card's own, and its issuers'."""

PLAIN_SELECT = {"name": PlainSelect.NAME, "root-only": PlainSelect.ROOT_ONLY}
DELIVERY = {delivery.value: delivery for delivery in Delivery}
INTERFACE = {interface.value: interface for interface in Interface}

_MAX_NAME, _MAX_SFI, _MAX_ATR, _MAX_SERIAL, _MAX_SECRET = 16, 30, 33, 32, 16
_MIN_KEY, _MAX_KEY = 1024, 4096
_ATR_STARTS = (0x3B, 0x3F)

T = TypeVar("T")


def load(path: FilePath) -> CardImage:
    """Read an image. Raises `ConfigurationError` naming file, line, key and what is allowed."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise ConfigurationError(f"{path}: larger than {MAX_FILE} bytes")
        settings = Settings.read(path)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except RecursionError:
        raise ConfigurationError(f"{path}: nested too deep") from None
    return _image(settings)


def _image(settings: Settings) -> CardImage:
    if (version := settings.number("version")) != VERSION:
        raise settings.error("version", f"is {version}; allowed: {VERSION}")
    entries = [_folder(table) for table in settings.tables("folder")]
    entries += [_file(table) for table in settings.tables("file")]
    try:
        roots = build(entries)
    except TreeError as error:
        raise ConfigurationError(f"{error.place}: {error}") from None
    if MAIN not in roots:
        raise settings.error("folder", f'must have one with path = "3F00" and part = "{MAIN}"')
    image = CardImage(
        kind=settings.choice("kind", KINDS),
        atr=_atr(settings),
        serial=_printable(settings, "serial", _MAX_SERIAL),
        root=roots[MAIN],
        manners=_manners(settings),
        interface=_one_of(settings, "interface", INTERFACE, Interface.CONTACT),
        pins=_unique(settings, "pin", _pin, lambda pin: pin.reference),
        keys=_unique(settings, "key", _key, lambda key: (key.reference, key.df)),
        cps2ter=roots.get(CPS2TER),
        certificates=dict(_unique_roles(settings)),
    )
    settings.finish()
    return image


def _atr(settings: Settings) -> bytes:
    atr = settings.octets("atr")
    if not 2 <= len(atr) <= _MAX_ATR or atr[0] not in _ATR_STARTS:
        raise settings.error("atr", f"must have 2 to {_MAX_ATR} bytes and begin with 3B or 3F")
    return atr


def _manners(settings: Settings) -> Manners:
    tables = settings.tables("manners")
    if len(tables) != 1:
        raise settings.error("manners", "must be one [manners] table")
    table = tables[0]
    environments = table.tables("security_environment")
    manners = Manners(
        plain_select=PLAIN_SELECT[table.choice("plain_select", PLAIN_SELECT)],
        delivery=_one_of(table, "delivery", DELIVERY, Delivery.STEPWISE),
        silent_root_path="silent_root_path" in table and table.flag("silent_root_path"),
        channel=_number(table, "channel", 0, 3) if "channel" in table else None,
        security_environments=dict(map(_security_environment, environments)),
    )
    table.finish("security_environment")
    return manners


def _security_environment(table: Settings) -> tuple[int, int]:
    pair = _number(table, "number", 1, 14), _number(table, "pin", 1, 31)
    table.finish()
    return pair


def _pin(table: Settings) -> PinImage:
    value = _printable(table, "value", _MAX_SECRET).encode("ascii")
    pin = PinImage(
        reference=_number(table, "reference", 1, 31),
        value=value,
        tries=_number(table, "tries", 1, 15),
        access=_rule(table, "access"),
        usage=_number(table, "usage", 0, 0xFFFF) if "usage" in table else None,
        df=_path(table, "folder"),
    )
    table.finish()
    return pin


def _key(table: Settings) -> KeyImage:
    key = KeyImage(
        reference=_number(table, "reference", 1, 127),
        key=_private_key(table),
        access=_rule(table, "access"),
        non_repudiation=table.flag("non_repudiation"),
        df=_path(table, "folder"),
    )
    table.finish()
    return key


def _private_key(table: Settings) -> RSAPrivateKey:
    key = _parsed_key(table.octets("private"))
    if key is None or not _MIN_KEY <= key.key_size <= _MAX_KEY:
        bits = f"{_MIN_KEY} to {_MAX_KEY} bits"
        raise table.error("private", f"must be an RSA key of {bits} (PKCS #8, DER, no password)")
    return key


@lru_cache(maxsize=64)
def _parsed_key(raw: bytes) -> RSAPrivateKey | None:
    """Kept, as checking that a key is sound takes longer than all else of an image."""
    try:
        key = load_der_private_key(raw, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPrivateKey) else None


def _unique_roles(settings: Settings) -> tuple[tuple[str, bytes], ...]:
    return _unique(settings, "certificate", _certificate, lambda pair: pair[0])


def _certificate(table: Settings) -> tuple[str, bytes]:
    pair = table.choice("role", ROLES), table.octets("content")
    table.finish()
    return pair


def _unique(
    settings: Settings, key: str, read: Callable[[Settings], T], name: Callable[[T], object]
) -> tuple[T, ...]:
    """The `[[key]]` tables, of which no two have one name."""
    found: dict[object, T] = {}
    for table in settings.tables(key):
        made = read(table)
        if name(made) in found:
            raise ConfigurationError(f"{table.place}: the same {key} twice")
        found[name(made)] = made
    return tuple(found.values())


def _folder(table: Settings) -> Entry:
    name = table.octets("name") if "name" in table else None
    if name is not None and not 1 <= len(name) <= _MAX_NAME:
        raise table.error("name", f"must have 1 to {_MAX_NAME} bytes")
    entry = replace(_entry(table), name=name)
    table.finish("part", "name", "contactless", "label")
    return entry


def _file(table: Settings) -> Entry:
    content = table.octets("content")
    if len(content) > MAX_SIZE:
        raise table.error("content", f"has {len(content)} bytes; at most {MAX_SIZE}")
    entry = _entry(table)
    sfi = _number(table, "sfi", 1, _MAX_SFI) if "sfi" in table else None
    entry = replace(entry, content=content, sfi=sfi)
    table.finish("part", "sfi", "contactless", "label")
    return entry


def _entry(table: Settings) -> Entry:
    """What folders and files have alike."""
    return Entry(
        place=table.place,
        part=_part(table),
        path=_path(table, "path"),
        contact=_rule(table, "contact"),
        contactless=_rule(table, "contactless") if "contactless" in table else None,
        label=_label(table),
    )


def _part(table: Settings) -> str:
    return table.choice("part", PARTS) if "part" in table else MAIN


def _label(table: Settings) -> str:
    return table.text("label") if "label" in table else ""


def _path(table: Settings, key: str) -> Path:
    try:
        path = Path.parse(table.text(key))
    except MalformedData:
        path = Path(())
    if not path.is_absolute:
        raise table.error(key, "must be a path such as '3F00/0001/5031'")
    return path


def _rule(table: Settings, key: str) -> AccessRule:
    raw = table.octets(key)
    try:
        return AccessRule(raw[0], raw[1:])
    except (IndexError, ValueError):
        message = "must be a mode byte, then one security byte for each of its bits 40 to 01"
        raise table.error(key, message) from None


def _one_of(table: Settings, key: str, words: Mapping[str, T], default: T) -> T:
    return words[table.choice(key, words)] if key in table else default


def _number(table: Settings, key: str, least: int, most: int) -> int:
    if not least <= (value := table.number(key)) <= most:
        raise table.error(key, f"must be {least} to {most}")
    return value


def _printable(table: Settings, key: str, most: int) -> str:
    text = table.text(key)
    if not (1 <= len(text) <= most and text.isascii() and text.isprintable()):
        raise table.error(key, f"must be 1 to {most} plain ASCII characters")
    return text
