"""`cardio consult watch`: what it shows, whose names it keeps to itself, how it ends."""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.consulting import A, B, cps, real_cps, vitale
from tests.support.desk import Desk

from cardio_emulator.faults import FaultyCard, GarbageAtr
from cardio_emulator.kinds import make
from cardio_emulator.virtual_card import VirtualCard

NAMES = ("FAMILLE-TEST", "CARDIOLINE", "MEDECIN", "JULES", "899700982178", "1985")


@pytest.fixture
def both(desk: Desk) -> Desk:
    desk.put(A, cps())
    desk.put(B, vitale())
    return desk


Step = Callable[[], object]


def begun() -> bool:
    """Whether a consultation is being watched."""
    return any(thread.name == "cardio watch" for thread in threading.enumerate())


def hands(*steps: Step, when: Callable[[], bool] = begun) -> threading.Thread:
    """Once `when` holds, take these steps one after the other, leaving the command some time."""

    def take() -> None:
        deadline = time.monotonic() + 20
        while not when() and time.monotonic() < deadline:
            time.sleep(0.01)
        for step in steps:
            time.sleep(0.4)
            step()

    thread = threading.Thread(target=take)
    thread.start()
    return thread


def events(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def swap(desk: Desk, reader: str, card: VirtualCard) -> None:
    desk.bench.reader(reader).remove()
    desk.bench.reader(reader).insert(card)


def test_it_ends_with_the_cps_and_names_nobody(both: Desk) -> None:
    moves = hands(lambda: both.bench.reader(A).remove())
    done = both.run("consult", "watch")
    moves.join()
    assert done.exit_code == 5
    assert f"Consultation: CPS3 in {A}, Vitale in {B} (beneficiaries: 3)." in done.output
    assert "Careful: the Vitale was in" in done.output
    assert "The consultation is over: the CPS was taken out." in done.output
    assert not [name for name in NAMES if name in done.output]


def test_names_are_said_when_asked_for_in_french_too(both: Desk) -> None:
    moves = hands(lambda: both.bench.reader(A).remove())
    done = both.run("--lang", "fr", "consult", "watch", "--with-identity")
    moves.join()
    assert "Professionnel : MEDECIN RPPS0098217 JULES" in done.output
    assert "Bénéficiaire 2 : FAMILLE-TEST NOÉ, naissance 20121915" in done.output
    assert "Consultation terminée : la CPS a été retirée." in done.output


def test_json_lines_follow_patients(both: Desk) -> None:
    moves = hands(
        lambda: both.bench.reader(B).remove(),
        lambda: both.bench.reader(B).insert(vitale("famille-voisine")),
        lambda: both.bench.reader(A).remove(),
    )
    done = both.run("--json", "consult", "watch")
    moves.join()
    told = events(done.output)
    words = [event["event"] for event in told]
    assert words[0] == "started"
    assert words[-2:] == ["cps-left", "ended"]
    between = words[1 : words.index("started", 1)]
    assert between[-1] == "patient-changed"
    assert {"card-removed", "vitale-left", "card-inserted", "card-found"} <= set(between)
    assert told[0]["vitale"]["reader"] == B
    assert "identity" not in told[0]
    assert told[-1]["why"] == "cps-left"
    assert not [name for name in NAMES if name in done.output.replace("+00:00", "")]
    assert all(event["at"].endswith("+00:00") for event in told)


def test_json_with_identity(both: Desk) -> None:
    moves = hands(lambda: both.bench.reader(A).remove())
    done = both.run("--json", "consult", "watch", "--with-identity")
    moves.join()
    identity = events(done.output)[0]["identity"]
    assert identity["professional"]["ps_idnat"] == "899700982178"
    assert [person["given_name"] for person in identity["beneficiaries"]] == [
        "CARDIOLINE",
        "NOÉ",
        "ZOÉLIE",
    ]


def test_it_says_what_to_put_in_and_waits_as_long_as_told(desk: Desk) -> None:
    desk.put(A)
    done = desk.run("--json", "consult", "watch", "--wait", "1")
    assert done.exit_code == 5
    prompt = json.loads(done.stdout.splitlines()[0])
    assert prompt["missing"] == ["cps", "vitale"]
    assert prompt["free"] == [A]
    in_french = desk.run("--lang", "fr", "consult", "watch", "--wait", "1")
    assert f"Insérez la CPS et la carte Vitale : {A}." in in_french.output


def test_it_says_what_to_take_out(both: Desk) -> None:
    both.put("Lecteur C 00 00", cps("infirmiere"))
    told = both.run("--lang", "fr", "consult", "watch", "--wait", "1")
    assert told.exit_code == 5
    assert (
        "CARD-1400 : plusieurs cartes ou lecteurs conviennent\n"
        f"  several CPS cards: {A!r}, 'Lecteur C 00 00'\n→ Insérez"
    ) in told.stdout
    in_json = both.run("--json", "consult", "watch", "--wait", "1").stdout
    prompt = json.loads(in_json.splitlines()[0])
    assert (prompt["missing"], prompt["instead_of"]) == ([], None)
    assert "several CPS" in prompt["message"]


@pytest.mark.parametrize(("language", "said"), [("en", "too old"), ("fr", "trop ancienne")])
def test_a_vitale_1_is_too_old(desk: Desk, language: str, said: str) -> None:
    desk.put(A, cps())
    desk.put(B, make("vitale1"))
    told = desk.run("--lang", language, "consult", "watch", "--wait", "1")
    assert told.exit_code == 7
    assert said in told.stdout


def test_it_says_which_card_cannot_be_read(desk: Desk) -> None:
    desk.put(A, cps())
    desk.put(B, FaultyCard(vitale(), GarbageAtr(bytes.fromhex("3B" + "00" * 33))))
    desk.put("Lecteur C 00 00")
    told = desk.run("consult", "watch", "--wait", "1")
    assert told.exit_code == 7
    asked, what, hint = told.stdout.splitlines()
    assert asked == "Put the Vitale in: Lecteur C 00 00."
    assert B in what
    assert hint.startswith("→ ")


def test_one_reader_in_turn(desk: Desk) -> None:
    desk.put(A, vitale())
    in_use = lambda: desk.bench.reader(A).state.in_use  # noqa: E731
    first = hands(lambda: swap(desk, A, cps()), when=in_use)
    second = hands(lambda: desk.bench.reader(A).remove())
    done = desk.run("consult", "watch")
    first.join()
    second.join()
    assert f"Take the Vitale out of {A} and put the CPS in its place." in done.output
    assert "The Vitale made room for the CPS" in done.output
    assert done.exit_code == 5


def test_test_and_real_are_not_mixed(desk: Desk) -> None:
    desk.put(A, real_cps())
    desk.put(B, vitale())
    done = desk.run("consult", "watch", "--wait", "0")
    assert done.exit_code == 7
    assert "CARD-1404" in done.output


def test_the_readers_vanish(both: Desk) -> None:
    moves = hands(lambda: both.bench.unplug_reader(A))
    done = both.run("consult", "watch")
    moves.join()
    assert done.exit_code == 4
    assert "the readers or their service are gone" in done.output


def test_one_of_two_cps_is_chosen(both: Desk) -> None:
    both.put("Lecteur C 00 00", cps("infirmiere"))
    moves = hands(lambda: both.bench.reader(A).remove())
    done = both.run("--json", "consult", "watch", "--serial", "09821700")
    moves.join()
    assert events(done.output)[0]["cps"]["reader"] == A
    refused = both.run("consult", "watch", "--wait", "0", "--cps-reader", "nowhere")
    assert refused.exit_code == 4


def test_the_python_of_the_page_runs(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/consultation.md").read_text("utf-8")
    programs = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    program = programs.replace("Workstation.open()", 'Workstation.open("demo")')
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "CARDIOLINE ZOÉ-LOU" in done.stdout
