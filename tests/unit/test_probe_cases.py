"""Every failure case of the field is seen by a check, or the page says why it cannot be."""

import re
from pathlib import Path

from cardio.probe.registry import CHECKS

PAGE = (Path(__file__).parents[2] / "docs/reference/checks.md").read_text(encoding="utf-8")
IDS = {check.id for check in CHECKS}


def table(title: str) -> dict[str, str]:
    """First column and all that follows, of the table below a heading."""
    part = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = (line.strip("|").split("|", 1) for line in part.splitlines() if line.startswith("|"))
    found = {name.strip(): rest for name, rest in rows}
    return {name: rest for name, rest in found.items() if not re.fullmatch("[a-z-]+", name)}


def named(text: str) -> set[str]:
    return set(re.findall(r"`([a-z]+\.[a-z-]+)`", text))


SEEN = table("Cases and the checks that show them")
NOT_SEEN = table("What cannot be seen from a workstation")


def test_all_thirty_cases_are_in_the_table() -> None:
    assert set(SEEN) == {str(case) for case in range(1, 31)}


def test_the_table_says_what_the_checks_say() -> None:
    for case, text in SEEN.items():
        of_case = {check.id for check in CHECKS if int(case) in check.cases}
        assert of_case <= named(text), case
        assert named(text) <= IDS, case


def test_a_case_that_no_check_sees_has_its_reason() -> None:
    seen = {str(case) for check in CHECKS for case in check.cases}
    assert seen | set(NOT_SEEN) >= {str(case) for case in range(1, 31)}
    assert all(len(reason) > 30 for reason in NOT_SEEN.values())
    for case in set(SEEN) & set(NOT_SEEN):
        assert "see below" in SEEN[case]


def test_the_check_list_of_earlier_tools_names_checks_that_exist() -> None:
    listed = table("The check list of earlier tools")
    assert len(listed) == 15
    for point, text in listed.items():
        assert named(text) <= IDS, point
        assert named(text) or "PIN" in text, point
