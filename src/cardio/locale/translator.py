"""Say a message in one language."""

import datetime
import locale
import os
from collections.abc import Mapping

from cardio.errors import CardioError
from cardio.locale.catalogue import LANGUAGES, Language, messages

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first that is set and not empty decides (POSIX.1-2017, base definitions §8.2)."""


class Translator:
    """Says messages in `language`: `text("report.created", date=...)`."""

    def __init__(self, language: str) -> None:
        known: dict[str, Language] = {name: name for name in LANGUAGES}
        if language not in known:
            raise ValueError(f"no messages in {language!r}, only in {', '.join(LANGUAGES)}")
        self.language: Language = known[language]

    def __call__(self, key: str, **values: object) -> str:
        """The message, its `{names}` replaced by `values`. Raises `KeyError` if there is none."""
        message = self._messages(key)[key]
        return message.format_map({name: self._said(value) for name, value in values.items()})

    def has(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in self._messages(key)

    def hint(self, error: CardioError | type[CardioError]) -> str:
        """What to do about an error. In English, the `hint` of its class."""
        return self._messages("hint").get(f"hint.{error.code}", error.hint)

    def _messages(self, key: str) -> Mapping[str, str]:
        return messages(self.language, key.partition(".")[0])

    def _said(self, value: object) -> object:
        if isinstance(value, datetime.date) and self.language == "fr":
            return value.strftime("%d/%m/%Y")
        if isinstance(value, datetime.date):
            return value.strftime("%Y-%m-%d")
        if isinstance(value, list | tuple):
            return ", ".join(str(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return value


def translator(language: str | None = None) -> Translator:
    """The messages in `language`, by default the user's. Raises `ValueError` for any other."""
    return Translator(language or system_language())


def system_language(environment: Mapping[str, str] = os.environ) -> str:
    """`fr` for a French system, else `en`; without POSIX variables, what the platform says."""
    chosen = next(filter(None, (environment.get(name) for name in _VARIABLES)), None)
    if chosen is None:
        chosen = locale.getlocale()[0] or ""
    return "fr" if chosen.lower().startswith("fr") else "en"
