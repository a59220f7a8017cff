"""The products of products.toml: what the software of a health professional is called."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from cardio.probe.system.software.places import LINUX, MACOS, WINDOWS


@dataclass(frozen=True, slots=True)
class KnownProduct:
    """A row of products.toml."""

    id: str
    name: str
    listed: tuple[str, ...]
    packages: tuple[str, ...]
    registry: tuple[str, ...]
    hosts: tuple[str, ...]
    files: Mapping[str, tuple[str, ...]]

    def is_listed_as(self, name: str, system: str) -> bool:
        """Whether an entry of the system's list is this product."""
        if system == WINDOWS:
            return name.lower().startswith(tuple(one.lower() for one in self.listed))
        return any(word in name.lower() for word in self.packages)


@cache
def known_products() -> tuple[KnownProduct, ...]:
    """All rows."""
    text = (files("cardio.probe.system.software") / "products.toml").read_text(encoding="utf-8")
    return tuple(_row(row) for row in tomllib.loads(text)["product"])


def product_name(product_id: str) -> str:
    """What people call a product."""
    return next((one.name for one in known_products() if one.id == product_id), product_id)


def _row(row: dict[str, Any]) -> KnownProduct:
    return KnownProduct(
        row["id"],
        row["name"],
        tuple(row.get("listed", ())),
        tuple(row.get("packages", ())),
        tuple(row.get("registry", ())),
        tuple(row.get("hosts", ())),
        {system: tuple(row.get(system, ())) for system in (WINDOWS, MACOS, LINUX)},
    )
