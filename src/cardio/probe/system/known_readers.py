"""Readers met in French practices, by USB id, and which devices may be readers at all."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from cardio.probe.system.facts import SMART_CARD_CLASS


class ReaderKind(StrEnum):
    """How a reader talks: see known_readers.toml."""

    PSS = "pss"
    PCSC = "pcsc"
    CONTACTLESS = "contactless"


@dataclass(frozen=True, slots=True)
class KnownReader:
    """What is known of a model, who says so, when that was read, and how sure it is.

    `interfaces`: how many PC/SC readers one unit shows. `note` is in French ("fr") and English
    ("en").
    """

    usb_id: str
    name: str
    kind: ReaderKind
    source: str
    checked: date
    confidence: str
    interfaces: int | None = None
    pcsc_names: tuple[str, ...] = ()
    note: Mapping[str, str] = field(default_factory=dict[str, str])


@cache
def known_readers() -> Mapping[str, KnownReader]:
    """All known models, by their USB id such as "0B00:0090"."""
    return {row["usb"]: _reader(row) for row in _table()["reader"]}


@cache
def reader_makers() -> Mapping[str, str]:
    """Makers of nothing but readers, by their USB number such as "0B00"."""
    return {row["usb"]: row["name"] for row in _table()["maker"]}


def may_be_reader(usb_id: str, interface_classes: Iterable[int], *, listed: bool) -> bool:
    """Whether a device is worth telling: a smart-card interface, a driver that lists it, a known
    model or maker. Nothing else plugged in is anybody's business.
    """
    return (
        listed
        or SMART_CARD_CLASS in interface_classes
        or usb_id in known_readers()
        or usb_id[:4] in reader_makers()
    )


def _reader(row: dict[str, Any]) -> KnownReader:
    return KnownReader(
        usb_id=row["usb"],
        name=row["name"],
        kind=ReaderKind(row["kind"]),
        source=row["source"],
        checked=row["checked"],
        confidence=row["confidence"],
        interfaces=row.get("interfaces"),
        pcsc_names=tuple(row.get("pcsc_names", ())),
        note=row.get("note", {}),
    )


def _table() -> dict[str, Any]:
    text = (files("cardio.probe.system") / "known_readers.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
