import datetime
import string
from importlib.resources import files

import pytest

import cardio.errors
from cardio.errors import CardioError, CardMute
from cardio.locale import LANGUAGES, Translator, system_language, translator
from cardio.locale.catalogue import messages

FILES = {language: files("cardio.locale") / language for language in LANGUAGES}
TOPICS = sorted(
    {file.name.removesuffix(".toml") for one in FILES.values() for file in one.iterdir()} - {"hint"}
)
ERRORS = [
    value
    for value in vars(cardio.errors).values()
    if isinstance(value, type) and issubclass(value, CardioError)
]


def names(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


@pytest.mark.parametrize("topic", TOPICS)
def test_both_languages_say_the_same_things(topic: str) -> None:
    french, english = messages("fr", topic), messages("en", topic)
    assert french
    assert set(french) == set(english)
    assert {k: names(v) for k, v in french.items()} == {k: names(v) for k, v in english.items()}
    assert all(
        message.strip() == message != "" for message in (*french.values(), *english.values())
    )


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_has_a_hint_in_both_languages(error: type[CardioError]) -> None:
    assert messages("fr", "hint")[f"hint.{error.code}"] == translator("fr").hint(error)
    assert translator("en").hint(error) == error.hint


def test_no_french_hint_is_left_of_an_error_that_is_gone() -> None:
    assert set(messages("fr", "hint")) == {f"hint.{error.code}" for error in ERRORS}


def test_hint_of_an_error_that_happened() -> None:
    assert "puce en premier" in translator("fr").hint(CardMute("muette"))


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LC_ALL": "fr_FR.UTF-8", "LANG": "en_US.UTF-8"}, "fr"),
        ({"LC_ALL": "", "LC_MESSAGES": "fr_CA", "LANG": "de_DE"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LC_ALL": "C", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_language_of_the_system(environment: dict[str, str], language: str) -> None:
    assert system_language(environment) == language


@pytest.mark.parametrize(
    ("platform", "language"), [("French_France", "fr"), ("fr_FR", "fr"), (None, "en")]
)
def test_language_where_no_variable_is_set(
    platform: str | None, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("locale.getlocale", lambda: (platform, None))
    assert system_language({}) == language


def test_the_language_asked_for_wins() -> None:
    assert [translator(language).language for language in LANGUAGES] == list(LANGUAGES)
    with pytest.raises(ValueError, match="de"):
        Translator("de")


def test_values_are_said_the_way_of_the_language() -> None:
    day = datetime.date(2027, 3, 1)
    key = "check.cps.certificates.ok.found"
    assert translator("fr")(key, until=day) == "Valables jusqu'au 01/03/2027 au moins."
    assert translator("en")(key, until=day) == "Valid until 2027-03-01 at least."
    readers = translator("en")("check.cps.present.several.found", count=2, readers=("A", "B"))
    assert readers == "CPS cards found: 2 (A, B)."


def test_a_message_that_is_missing_is_an_error_and_can_be_asked_for() -> None:
    text = translator("fr")
    assert text.has("report.title")
    assert not text.has("report.nonsense")
    assert not text.has("nonsense.title")
    with pytest.raises(KeyError):
        text("report.nonsense")
