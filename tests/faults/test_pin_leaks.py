"""No code is in a report; and the search for codes, which every run of the matrix does, works."""

import json
import re

import pytest
from tests.faults.matrix_cards import PIN, fresh
from tests.faults.matrix_leaks import check_leaks

from cardio.errors import CardioError
from cardio.locale import translator
from cardio.pin.guard import Allow
from cardio.pin.outcomes import Verified
from cardio.pin.pin import Pin
from cardio.probe import probe, to_html, to_json
from cardio.workstation.emulated import EmulatedResourceManager
from cardio.workstation.workstation import Workstation
from cardio_emulator.bench import Bench

READER = "Lecteur 00 00"
TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+|\d+\.\d+")
"""Whose digits are anybody's."""


def test_the_search_finds_a_code() -> None:
    error = CardioError(f"wrong PIN {PIN.decode()}")
    with pytest.raises(AssertionError, match="is in"):
        check_leaks([repr(error)], [])
    keeper = CardioError("fine")
    keeper.__dict__["last"] = [{"sent": b"\x00\x20\x00\x01\x04" + PIN}]
    with pytest.raises(AssertionError, match="is kept"):
        check_leaks([], [keeper])


@pytest.mark.parametrize("kind", ["cps3", "cps4", "cps2ter"])
def test_no_code_is_in_a_report(kind: str) -> None:
    bench = Bench()
    bench.add_reader(READER, fresh(kind))
    with Workstation(EmulatedResourceManager(bench)) as workstation:
        card = workstation.cps()
        with Pin.of(PIN) as pin:
            assert card.verify_pin(pin, allow=Allow.UNKNOWN_COUNTER) == Verified()
        report = probe("bench", opener=lambda _: Workstation(EmulatedResourceManager(bench)))
        texts = [json.dumps(to_json(report, translator(lang))) for lang in ("fr", "en")]
        texts += [to_html(report, translator("fr")), repr(report)]
    check_leaks([TIMES.sub("", text) for text in texts], [report])
