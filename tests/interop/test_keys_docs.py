"""The programs of the how-to run as they stand there, one after the other."""

import re
import textwrap
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs/how-to/keys.md"


def test_the_page_runs() -> None:
    first, *others = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    program = first + textwrap.indent("".join(others), "    ")
    names: dict[str, Any] = {}
    exec(compile(program, PAGE.name, "exec"), names)
    assert names["signed"].startswith(b"\x30")
    assert names["secret"] == b"secret"
