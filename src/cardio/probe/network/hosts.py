"""The hosts of the services, and who opens TLS on the way: dated data (hosts.toml)."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

HTTP = 80

RESPONDER = "http://ocsp.esante.gouv.fr"
"""Tells whether a card was revoked (facts: certificates_identifiers_services.md §1.3)."""


@dataclass(frozen=True, slots=True)
class Host:
    """A host, the services that go there, and who says so. `is_plain`: without TLS, for lists and
    answers that are signed themselves.
    """

    host: str
    port: int
    services: tuple[str, ...] = ()
    source: str = ""
    checked: date | None = None
    confidence: str = ""
    is_plain: bool = False


@cache
def hosts() -> tuple[Host, ...]:
    """All hosts, in the order of the file."""
    return tuple(
        Host(
            row["host"],
            row["port"],
            tuple(row["services"]),
            row["source"],
            row["checked"],
            row["confidence"],
            is_plain=row["port"] == HTTP,
        )
        for row in _table()["host"]
    )


def inspects(issuer: str) -> bool:
    """Whether the issuer of a certificate is known to open TLS on the way."""
    makers = _table()["inspection"]["makers"]
    return any(maker.casefold() in issuer.casefold() for maker in makers)


@cache
def _table() -> dict[str, Any]:
    text = (files("cardio.probe.network") / "hosts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
