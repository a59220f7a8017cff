"""Programs known to use card readers: candidates to name where the system names nobody."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def known_program(process: str) -> str | None:
    """The title of the program with this process name, such as "ccm.exe"; None for others.

    Linux shows the first 15 characters of a name only (proc(5)).
    """
    name = process.lower().removesuffix(".exe")
    for pattern, title in _titles().items():
        if name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1])):
            return title
    return None


@cache
def _titles() -> Mapping[str, str]:
    text = (files("cardio.probe.system") / "known_programs.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["program"]
    return {name: row["title"] for row in rows for name in row["names"]}
