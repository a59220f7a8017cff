"""Whatever the files and commands of a Linux machine hold, facts come out, never an exception."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cardio.probe.system.encode import facts_to_json
from cardio.probe.system.known import NotReadable, Why
from cardio.probe.system.linux.drivers import parse_plist, parse_reader_conf
from cardio.probe.system.linux.holders import client_ends
from cardio.probe.system.linux.pcscd import parse_version
from cardio.probe.system.platform import FAMILIES
from cardio.probe.system.recorded import recorded_platform
from cardio.probe.system.sources import CommandResult

SNAPSHOTS = Path(__file__).parents[2] / "vectors" / "systems" / "linux"
DOCUMENTS = [json.loads(path.read_text("utf-8")) for path in sorted(SNAPSHOTS.glob("*.json"))]
UNREADABLE = st.sampled_from([{"unreadable": why.value} for why in Why])
BYTES = st.binary(max_size=60).map(lambda data: {"hex": data.hex()})
RESULT = st.builds(
    lambda code, out: {"exit_code": code, "stdout": out},
    st.integers(-9, 255),
    st.text(max_size=80),
)


@st.composite
def spoilt_machines(draw: st.DrawFn) -> dict[str, Any]:
    """A recorded machine, some of whose answers were replaced by anything."""
    document = json.loads(json.dumps(draw(st.sampled_from(DOCUMENTS))))
    for part, anything in (("files", BYTES), ("commands", RESULT), ("links", st.text())):
        names = sorted(document.get(part, {}))
        if names:
            for name in draw(st.lists(st.sampled_from(names), max_size=6)):
                document[part][name] = draw(anything | UNREADABLE)
    return document


@given(spoilt_machines())
def test_every_family_answers_on_any_machine(document: dict[str, Any]) -> None:
    platform = recorded_platform(document)
    shown = {family: facts_to_json(getattr(platform, family)()) for family in FAMILIES}
    assert json.loads(json.dumps(shown)) == shown


@given(st.binary(max_size=200))
def test_no_list_of_readers_is_malformed_not_empty(data: bytes) -> None:
    found = parse_plist(data)
    assert isinstance(found, NotReadable)
    assert found.why is Why.MALFORMED


@given(st.text())
def test_other_text_is_read_without_complaint(text: str) -> None:
    assert isinstance(parse_reader_conf(text), tuple)
    assert isinstance(client_ends(text), frozenset)
    parse_version(CommandResult(0, text.encode("utf-8", "replace")))
