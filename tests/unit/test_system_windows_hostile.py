"""Whatever a Windows registry and its system calls answer, facts come out, never an exception."""

import json
from pathlib import Path
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from cardio.probe.system.encode import facts_to_json
from cardio.probe.system.known import Why
from cardio.probe.system.platform import FAMILIES
from cardio.probe.system.recorded import recorded_platform
from cardio.probe.system.windows.proxies import parse_winhttp

SNAPSHOTS = Path(__file__).parents[2] / "vectors" / "systems" / "windows"
DOCUMENTS = [json.loads(path.read_text("utf-8")) for path in sorted(SNAPSHOTS.glob("*.json"))]
UNREADABLE = st.sampled_from([{"unreadable": why.value} for why in Why])
TEXT = st.text(max_size=30)
VALUE = (
    TEXT
    | st.integers(-(2**63), 2**64)
    | st.binary(max_size=40).map(lambda data: {"hex": data.hex()})
    | st.lists(TEXT, max_size=3)
    | UNREADABLE
)
ANSWER = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def spoilt_machines(draw: st.DrawFn) -> dict[str, Any]:
    """A recorded machine, some of whose values and answers were replaced by anything."""
    document = json.loads(json.dumps(draw(st.sampled_from(DOCUMENTS))))
    keys = document["registry"]["64"]
    for key in draw(st.lists(st.sampled_from(sorted(keys)), max_size=12)):
        for name in () if "unreadable" in keys[key] else sorted(keys[key]):
            keys[key][name] = draw(VALUE)
    for word in draw(st.sets(st.sampled_from(sorted(document["asked"])), max_size=2)):
        document["asked"][word] = draw(ANSWER | _like(document["asked"][word]))
    return document


def _like(answer: object) -> st.SearchStrategy[Any]:
    """The right shape with the wrong values."""
    given = cast(list[dict[str, object]], answer if isinstance(answer, list) else [answer])
    names = sorted({name for one in given for name in one}) or [""]
    return st.lists(st.dictionaries(st.sampled_from(names), ANSWER), max_size=3)


@given(spoilt_machines())
def test_every_family_answers_on_any_machine(document: dict[str, Any]) -> None:
    platform = recorded_platform(document)
    shown = {family: facts_to_json(getattr(platform, family)()) for family in FAMILIES}
    assert json.loads(json.dumps(shown)) == shown


@given(st.binary(max_size=60))
def test_any_winhttp_value_is_read_or_malformed(data: bytes) -> None:
    parse_winhttp(data)
