"""The cards a test wants, as its `card` markers say."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Self

import pytest

from cardio.errors import ConfigurationError


class Family(Enum):
    """The two cards of a workstation; the value is also the word for any card of the family."""

    CPS = "cps"
    VITALE = "vitale"

    @property
    def emulated_kind(self) -> str:
        """The kind an emulated card of the family has unless the test says another."""
        return "cps3" if self is Family.CPS else "vitale2"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One card: any of its `family`, or of one `kind`; `persona` is for emulated ones."""

    family: Family
    kind: str | None = None
    persona: str | None = None

    @classmethod
    def of(cls, marker: pytest.Mark) -> Self:
        """Read `card(kind=…, persona=…)`. Raises `ConfigurationError`."""
        kind, persona = _arguments(*marker.args, **marker.kwargs)
        family = Family.VITALE if kind.startswith(Family.VITALE.value) else Family.CPS
        if kind == family.value:
            return cls(family, persona=persona)
        _check(kind)
        return cls(family, kind, persona)

    def __str__(self) -> str:
        return self.kind or f"card of the {self.family.value} family"

    def fits(self, kind: str) -> bool:
        """Whether a card that was identified as of `kind` will do."""
        if self.kind is None:
            return kind.startswith(self.family.value)
        return kind == self.kind.removesuffix("-t0")  # told by the protocol, not by the kind


def marked(node: pytest.Item) -> Iterator[Wanted]:
    """What its markers want, the closest first, one card of a family."""
    found: set[Family] = set()
    for marker in node.iter_markers("card"):
        wanted = Wanted.of(marker)
        if wanted.family not in found:
            found.add(wanted.family)
            yield wanted


def wanted(node: pytest.Item, family: Family | None = None) -> Wanted:
    """The one card of `family`; without it, the one the test is about: marked, or a CPS.

    A test that asks for `emulated_vitale` and for no CPS is about that.
    """
    fits = (one for one in marked(node) if family in (None, one.family))
    return next(fits, Wanted(family or _asked_for(node)))


def _asked_for(node: pytest.Item) -> Family:
    fixtures = node.fixturenames if isinstance(node, pytest.Function) else ()
    only_vitale = "emulated_vitale" in fixtures and "emulated_cps" not in fixtures
    return Family.VITALE if only_vitale else Family.CPS


def _arguments(kind: str = Family.CPS.value, persona: str | None = None) -> tuple[str, str | None]:
    return kind, persona


def _check(kind: str) -> None:
    from cardio_emulator.kinds import KINDS

    if kind not in KINDS:
        words = ", ".join((*KINDS, *(family.value for family in Family)))
        raise ConfigurationError(f"card(kind={kind!r}): is not one of: {words}")
