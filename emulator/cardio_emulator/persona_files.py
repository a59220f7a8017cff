"""Where personas are: those that come with cardio by name, one's own by path."""

from pathlib import Path

from cardio.errors import ConfigurationError

PersonaSource = str | Path
"""The name of a persona that comes with cardio, or the path of one's own."""

_FOLDER = Path(__file__).with_name("personas")


def persona_path(persona: PersonaSource) -> Path:
    """The file of a persona: a word without suffix is a name.

    Raises `ConfigurationError` listing the names when there is none like it.
    """
    path = Path(persona)
    if path.suffix:
        return path
    names = sorted(file.stem for file in _FOLDER.glob("*.toml"))
    if str(persona) not in names:
        raise ConfigurationError(
            f"no persona {str(persona)!r}; allowed: {', '.join(names)}, or a .toml file"
        )
    return _FOLDER / f"{persona}.toml"
