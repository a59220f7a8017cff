"""Writes card images as the files that `image_file` reads."""

import json
from collections.abc import Iterator, Mapping

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cardio_emulator.image import CardImage, KeyImage, PinImage
from cardio_emulator.image_file import DELIVERY, PLAIN_SELECT, VERSION
from cardio_emulator.image_tree import CPS2TER, MAIN, Entry, entries

Value = str | int | bool | bytes | None


def encode(image: CardImage, *remarks: str) -> str:
    """The text of the file; `remarks` are lines of comment at its top."""
    return "\n".join(_lines(image, remarks)) + "\n"


def _lines(image: CardImage, remarks: tuple[str, ...]) -> Iterator[str]:
    for remark in remarks:
        yield f"# {remark}"
    head = {"version": VERSION, "kind": image.kind, "atr": image.atr, "serial": image.serial}
    yield from _values({**head, "interface": image.interface.value})
    yield from _manners(image)
    for pin in image.pins:
        yield from _table("pin", _pin(pin))
    for key in image.keys:
        yield from _table("key", _key(key))
    for role, raw in image.certificates.items():
        yield from _table("certificate", {"role": role, "content": raw})
    for root, part in ((image.root, MAIN), (image.cps2ter, CPS2TER)):
        for entry in entries(root, part) if root else ():
            yield from _table("folder" if entry.content is None else "file", _entry(entry))


def _manners(image: CardImage) -> Iterator[str]:
    manners = image.manners
    yield from ("", "[manners]")
    yield from _values(
        {
            "plain_select": _word(PLAIN_SELECT, manners.plain_select),
            "delivery": _word(DELIVERY, manners.delivery),
            "silent_root_path": manners.silent_root_path,
            "channel": manners.channel,
        }
    )
    for number, pin in manners.security_environments.items():
        yield from _table("manners.security_environment", {"number": number, "pin": pin})


def _word(words: Mapping[str, object], value: object) -> str:
    return next(word for word, meant in words.items() if meant is value)


def _pin(pin: PinImage) -> dict[str, Value]:
    return {
        "reference": pin.reference,
        "folder": str(pin.df),
        "value": pin.value.decode("ascii"),
        "tries": pin.tries,
        "usage": pin.usage,
        "access": pin.access.encode(),
    }


def _key(key: KeyImage) -> dict[str, Value]:
    private = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {
        "reference": key.reference,
        "folder": str(key.df),
        "non_repudiation": key.non_repudiation,
        "access": key.access.encode(),
        "private": private,
    }


def _entry(entry: Entry) -> dict[str, Value]:
    contactless = entry.contactless.encode() if entry.contactless else None
    return {
        "path": str(entry.path),
        "part": None if entry.part == MAIN else entry.part,
        "name": entry.name,
        "label": entry.label or None,
        "sfi": entry.sfi,
        "contact": entry.contact.encode(),
        "contactless": contactless,
        "content": entry.content,
    }


def _table(name: str, values: Mapping[str, Value]) -> Iterator[str]:
    yield from ("", f"[[{name}]]")
    yield from _values(values)


def _values(values: Mapping[str, Value]) -> Iterator[str]:
    for key, value in values.items():
        if value is not None:
            yield f"{key} = {_value(value)}"


def _value(value: Value) -> str:
    """A bool and an int are written alike in TOML and JSON, and so is a plain text."""
    return f'"{value.hex().upper()}"' if isinstance(value, bytes) else json.dumps(value)
