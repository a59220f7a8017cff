"""Say a message in one language."""

import datetime
import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cardio.errors import CardioError, SelectionError
from cardio.locale.catalogue import LANGUAGES, Language, messages

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first that is set and not empty decides (POSIX.1-2017, base definitions §8.2)."""

_SINGULAR: Mapping[Language, tuple[int, ...]] = {"fr": (0, 1), "en": (1,)}
"""The whole numbers that a language says in the singular."""
_DATE: Mapping[Language, str] = {"fr": "%d/%m/%Y", "en": "%Y-%m-%d"}


@dataclass(frozen=True, slots=True)
class _Number:
    """A number in a message, and what agrees with it: `{count} {count:card|cards}`."""

    value: int
    is_singular: bool

    def __format__(self, form: str) -> str:
        if "|" not in form:
            return format(self.value, form)
        one, many = form.split("|")
        return one if self.is_singular else many


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
        return say(self.language, message, values)

    def has(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in self._messages(key)

    def title(self, error: CardioError) -> str:
        """What happened, in a few words. In English, the error's own message."""
        said = self._messages("error")
        by_code = said.get(f"error.{error.code}", error.message)
        if isinstance(error, SelectionError):
            return said.get(f"error.reason.{error.reason}", by_code)
        return by_code

    def hint(self, error: CardioError | type[CardioError]) -> str:
        """What to do about an error. In English, the `hint` of its class."""
        return self._messages("hint").get(f"hint.{error.code}", error.hint)

    def _messages(self, key: str) -> Mapping[str, str]:
        return messages(self.language, key.partition(".")[0])


def say(language: Language, message: str, values: Mapping[str, object]) -> str:
    """`message` with its `{names}` replaced by `values`, and words that agree with numbers."""
    return message.format_map({name: _said(value, language) for name, value in values.items()})


def _said(value: object, language: Language) -> object:
    if isinstance(value, int):
        return _Number(value, value in _SINGULAR[language])
    if isinstance(value, datetime.date):
        return value.strftime(_DATE[language])
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
