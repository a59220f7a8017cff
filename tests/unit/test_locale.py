import datetime
import string
from importlib.resources import files

import pytest

import cardio.errors
from cardio.cards.cps.situation import SituationReason
from cardio.errors import CardioError, CardMute, MixedTestAndReal, SelectionError
from cardio.locale import LANGUAGES, Translator, system_language, translator
from cardio.locale.catalogue import messages
from cardio.workstation.selection import SelectionReason

FILES = {language: files("cardio.locale") / language for language in LANGUAGES}
TOML = {file.name for one in FILES.values() for file in one.iterdir() if file.is_file()}
TOPICS = sorted({name.removesuffix(".toml") for name in TOML} - {"error", "hint"})
ERRORS = [
    value
    for value in vars(cardio.errors).values()
    if isinstance(value, type) and issubclass(value, CardioError)
]


def names(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def agreeing(message: str) -> list[tuple[str, str]]:
    """Each number that words agree with, and those words: `("count", "card|cards")`."""
    parsed = string.Formatter().parse(message)
    return [(name, form) for _, name, form, _ in parsed if name and form]


@pytest.mark.parametrize("topic", TOPICS)
def test_both_languages_say_the_same_things(topic: str) -> None:
    french, english = messages("fr", topic), messages("en", topic)
    assert french
    assert set(french) == set(english)
    assert {k: names(v) for k, v in french.items()} == {k: names(v) for k, v in english.items()}
    assert all(
        message.strip() == message != "" for message in (*french.values(), *english.values())
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_what_agrees_with_a_number_has_two_forms(topic: str) -> None:
    said = [m for language in LANGUAGES for m in messages(language, topic).values()]
    forms = [form for message in said for _, form in agreeing(message)]
    assert [form for form in forms if form.count("|") != 1 or form.startswith("|")] == []


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 0, "It can still be used 0 times."),
        ("en", 1, "It can still be used 1 time."),
        ("en", 2, "It can still be used 2 times."),
        ("fr", 2, "Il peut encore servir 2 fois."),
    ],
)
def test_words_agree_with_their_number(language: str, count: int, said: str) -> None:
    assert translator(language)("pin.uses", count=count) == said


@pytest.mark.parametrize(
    ("language", "units"),
    [("en", ["people", "person", "people"]), ("fr", ["personne", "personne", "personnes"])],
)
def test_none_is_singular_in_french_only(language: str, units: list[str]) -> None:
    text = translator(language)
    assert [text("study.unit.person", count=count) for count in range(3)] == units


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_says_in_french_what_happened(error: type[CardioError]) -> None:
    said = messages("fr", "error")[f"error.{error.code}"]
    assert said == said.strip(" .") != ""
    assert not said[:1].isupper() or said.startswith(("INS", "PKCS"))


def test_no_french_of_an_error_or_reason_is_left_that_is_gone() -> None:
    reasons: set[str] = {reason.value for reason in (*SelectionReason, *SituationReason)}
    said = set(messages("fr", "error"))
    by_reason = {key.removeprefix("error.reason.") for key in said if "reason" in key}
    assert by_reason <= reasons
    assert {key for key in said if "reason" not in key} == {f"error.{e.code}" for e in ERRORS}


def test_a_choice_that_fails_says_why_in_french() -> None:
    error = SelectionError("no reader holds a card", reason=SelectionReason.NO_CARD.value)
    assert translator("fr").title(error) == "aucun lecteur ne contient de carte"
    mixed = MixedTestAndReal("…", reason=SelectionReason.TEST_AND_REAL.value)
    assert translator("fr").title(mixed) == messages("fr", "error")["error.CARD-1404"]
    assert translator("en").title(error) == "no reader holds a card"


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
