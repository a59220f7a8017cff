"""The page of the faults says what the code says."""

import re
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from cardio_emulator.faults import ALL_FAULTS, FIELD_CASES, FaultKind, Rule, read_fault
from cardio_emulator.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"
TEXT = PAGE.read_text(encoding="utf-8")


def table() -> str:
    """The table of kinds, as it must stand on the page."""
    head = ("kind", "class and keys", "in process", "over pcscd", "field cases", "where")
    rows = [head, ("---",) * len(head), *(_row(kind) for kind in ALL_FAULTS.values())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def cases() -> str:
    rows = [f"| {number} | {text} |" for number, text in FIELD_CASES.items()]
    return "\n".join(["| case | what it is |", "|---|---|", *rows])


def _row(kind: FaultKind) -> tuple[str, ...]:
    assert is_dataclass(kind.fault)
    keys = ", ".join(_key(field) for field in fields(kind.fault))
    numbers = ", ".join(str(case) for case in kind.cases) or "none"
    remark = f": {kind.remark}" if kind.remark else ""
    shape = f"`{kind.fault.__name__}`: {keys}" if keys else f"`{kind.fault.__name__}`"
    return f"`{kind.word}`", shape, kind.seen, kind.over_vpcd, numbers + remark, kind.where.value


def _key(field: Field[Any]) -> str:
    if field.default is MISSING or field.default is None or field.default == b"":
        return f"`{field.name}`"
    return f"`{field.name}` ({_told(field.name, field.default)})"


def _told(name: str, value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bytes):
        return value.hex().upper()
    if name in ("status", "mask"):
        return f"{value:#06X}".replace("0X", "0x") if name == "status" else f"0x{value:02X}"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def test_the_table_is_that_of_the_code() -> None:
    assert table() in TEXT
    assert cases() in TEXT


def test_every_key_of_a_rule_is_told() -> None:
    assert re.findall(r"^\| `(\w+)` \|", TEXT.split("## What")[0], re.MULTILINE) == [
        field.name for field in fields(Rule)
    ]


def test_the_python_of_the_page_runs() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(block, {})


def test_the_example_of_a_file_is_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    path = tmp_path / "bench.toml"
    path.write_text(f"[[reader]]\n{block}", encoding="utf-8")
    (reader,) = Settings.read(path).tables("reader")
    (fault,) = (read_fault(table) for table in reader.tables("fault"))
    assert type(fault) is ALL_FAULTS["status"].fault
