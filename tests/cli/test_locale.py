"""A technician who asks for French gets French, from click's own sentences too."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from tests.support.desk import Desk

import cardio.errors
import cardio.locale
from cardio.cli.failure import as_text
from cardio.cli.root import cardio as root
from cardio.locale import translator

CLICK_SAYS = re.compile(
    r"Usage:|Try '|Error:|Options:\n.*Show|Commands:|No such|Missing|Invalid|Got unexpected|"
    r"does not|requires|is not|\[default|required\]|and exit|Aborted|Did you|Choose"
)
SOURCE = Path(cardio.locale.__file__).parent / "fr/LC_MESSAGES/click.po"
COMPILED = SOURCE.with_suffix(".mo")


def paths(command: object, *before: str) -> list[tuple[str, ...]]:
    """Every verb of `cardio`, groups first."""
    import click

    if not isinstance(command, click.Group):
        return [before]
    context = click.Context(command)
    names = command.list_commands(context)
    verbs = [paths(command.get_command(context, name), *before, name) for name in names]
    return [before, *(path for some in verbs for path in some)]


@pytest.mark.parametrize("verb", paths(root), ids=" ".join)
def test_help_is_in_french(verb: tuple[str, ...], desk: Desk) -> None:
    done = desk.run("--lang", "fr", *verb, "--help")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Usage : {' '.join(('cardio', *verb))} ")
    assert "Montrer cette aide et quitter." in done.stdout
    assert CLICK_SAYS.findall(done.stdout) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["carte"], "La commande « carte » n'existe pas."),
        (["--bad"], "L'option « --bad » n'existe pas."),
        (["cards", "--bad"], "L'option « --bad » n'existe pas."),
        (["cards", "--jsn"], "L'option « --jsn » n'existe pas. Vouliez-vous dire "),
        (["cards", "--json=1"], "L'option « --json » ne prend pas de valeur."),
        (["cards", "a", "b"], "Arguments de trop (a b)"),
        (["cards", "a"], "Argument de trop (a)"),
        (["cps", "show", "--wait", "a"], "'--wait' : « a » n'est pas un nombre valable."),
        (["cps", "show", "--wait", "-1"], "-1.0 n'est pas dans l'intervalle x>=0."),
        (["roster"], "Argument manquant : 'FILE'."),
        (["ins", "datamatrix", "-"], "Option manquante : '--out'."),
        (["roster", "nope"], "« nope » n'existe pas."),
        (["emulate", "--bench", "/"], "« / » est un dossier."),
        (["completion", "ksh"], "« ksh » n'est pas parmi 'bash', 'zsh', 'fish'."),
        (["vitale", "rights", "--on", "hier"], "« hier » n'est pas écrit selon '%Y-%m-%d'."),
        (["pin", "verify", "1234"], "Aucun argument n'est admis, un code encore moins."),
        (["sign", "/etc/hostname", "1234"], "Un seul FILE est admis"),
        (["pin", "verify", "--pin-fd", "x"], "--pin-fd prend le numéro"),
        (["pin", "verify", "--pin-env", "a b"], "--pin-env prend le nom"),
        (["pin", "verify", "--pin-fd", "0", "--pin-pad"], "voyez --pin-…"),
        (["pin", "change", "--pin-pad", "--new-pin-fd", "0"], "le nouveau code se tape aussi"),
        (["card", "dump", "x", "--as-is", "--seed", "y"], "--as-is ne va pas avec --seed"),
        (["emulate"], "Il faut --card"),
        (["emulate", "--card", "cps3", "--image", __file__], "Une seule de --card"),
        (["emulate", "--serve", "0", "--card", "cps3"], "--serve ne va pas avec --card."),
        (["emulate", "--serve", "0", "--tui"], "--tui demande un terminal"),
        (["--workstation", "demo", "vitale", "show", "--beneficiary", "9"], "a 3 bénéficiaires"),
    ],
)
@pytest.mark.parametrize("place", ["before", "after", "system"])
def test_a_mistake_is_told_in_french(words: list[str], said: str, place: str, desk: Desk) -> None:
    asked = {"before": ["--lang", "fr", *words], "after": [*words, "--lang=fr"], "system": words}
    system = {"LC_ALL": "fr_FR.UTF-8"} if place == "system" else {}
    done = desk.run(*asked[place], env=system)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Erreur : " in done.stderr
    assert CLICK_SAYS.findall(done.stderr) == []


def test_english_stays_as_click_says_it(desk: Desk) -> None:
    for words in (["foo"], ["--lang", "en", "foo"]):
        done = desk.run(*words, env={"LC_ALL": "fr_FR.UTF-8"} if len(words) > 1 else None)
        assert "Usage: cardio [OPTIONS] COMMAND" in done.stderr
        assert "Error: No such command 'foo'." in done.stderr
    in_help = desk.run("cards", "--help").stdout
    assert "Options:" in in_help
    assert "Show this message and exit." in in_help


def test_the_last_language_asked_for_is_spoken(desk: Desk) -> None:
    assert "n'existe pas" in desk.run("--lang", "en", "cards", "--lang", "fr", "--bad").stderr
    assert "No such" in desk.run("--lang=fr", "cards", "--lang=en", "--bad").stderr
    assert "« de » n'est pas parmi" in desk.run("--lang", "fr", "cards", "--lang", "de").stderr
    assert "Got unexpected extra argument (fr)" in desk.run("cards", "fr").stderr


def test_an_error_is_told_in_french_with_its_english_detail(desk: Desk) -> None:
    told = desk.run("--lang", "fr", "readers", "--workstation", "nope.toml").stderr.splitlines()
    assert told == [
        "CARD-1600 : un fichier ou une option ne convient pas",
        "  nope.toml: No such file or directory",
        "→ Corrigez le fichier ou l'option que nomme le message.",
    ]


def test_the_detail_is_dimmed_and_english_is_one_line() -> None:
    error = cardio.errors.CardMute("no answer to reset").at("Lecteur A")
    french = as_text(error, translator("fr")).splitlines()
    assert french[0] == "CARD-1208 : la carte est muette"
    assert french[1] == "\x1b[2m  no answer to reset (reader 'Lecteur A')\x1b[0m"
    english = as_text(error, translator("en")).splitlines()
    assert english[0] == "CARD-1208: no answer to reset (reader 'Lecteur A')"
    assert len(french) == len(english) + 1 == 3


def test_an_option_without_its_value_is_told_in_french(desk: Desk) -> None:
    done = desk.run("--lang", "fr", "cps", "show", "--wait")
    assert "L'option « --wait » demande une valeur." in done.stderr


def test_the_french_of_click_is_compiled() -> None:
    assert said(read_mo(io.BytesIO(COMPILED.read_bytes()))) == said(written())


def test_the_french_of_click_takes_the_same_values() -> None:
    sentences = said(written())
    assert len(sentences) > 40
    for english, french in sentences.items():
        assert names(*french) <= names(*english)


def written() -> Catalog:
    return read_po(io.BytesIO(SOURCE.read_bytes()))


def said(catalog: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Each sentence and its translation, with their plurals."""
    return {_forms(one.id): _forms(one.string) for one in catalog if one.id}


def _forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def names(*texts: str) -> set[str]:
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
