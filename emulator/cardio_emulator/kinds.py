"""The kinds of card that can be emulated, by the word the command line and bench files use."""

from collections.abc import Callable
from pathlib import Path

from cardio.errors import ConfigurationError
from cardio_emulator.card_os import Card
from cardio_emulator.cards import cps2ter, cps3, cps3_contactless, cps4, vitale1, vitale2
from cardio_emulator.persona_files import PersonaSource, persona_path

_FACTORIES: dict[str, tuple[Callable[[PersonaSource], Card], str]] = {
    "cps3": (cps3.make, "medecin"),
    "cps3-contactless": (cps3_contactless.make, "medecin"),
    "cps4": (cps4.make, "medecin"),
    "cps4-t0": (cps4.make_t0, "medecin"),
    "cps2ter": (cps2ter.make, "medecin"),
    "vitale2": (vitale2.make, "famille"),
    "vitale1": (vitale1.make, "vitale1"),
}

KINDS = tuple(_FACTORIES)


def default_persona(kind: str) -> str:
    """The persona a card of this kind gets when none is named."""
    return _factory(kind)[1]


def make(kind: str, persona: PersonaSource | None = None) -> Card:
    """A fresh card of this kind. Raises `ConfigurationError` for what it does not know."""
    factory, default = _factory(kind)
    source = default if persona is None else persona
    is_own = persona_path(source) == Path(source)
    try:
        return factory(source)
    except ConfigurationError as error:
        if is_own:
            raise
        raise ConfigurationError(f"persona {str(source)!r} does not go with {kind!r}") from error


def _factory(kind: str) -> tuple[Callable[[PersonaSource], Card], str]:
    if kind not in _FACTORIES:
        raise ConfigurationError(f"card {kind!r} is not one of: {', '.join(KINDS)}")
    return _FACTORIES[kind]
