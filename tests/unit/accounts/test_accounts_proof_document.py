"""The tables of docs/accounts.md name tests that there are, and say of each server what is run on it."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.conftest import REPOSITORY

DOCUMENT = (REPOSITORY / "docs/accounts.md").read_text()
SECTION = DOCUMENT.partition("## What is proved, and where")[2].partition("\n## ")[0]
ROWS = [line for line in SECTION.splitlines() if line.startswith("| ") and "shown by" not in line]


@cache
def marks_by_test(name: str) -> dict[str, str]:
    """Return the tests of a file, each with the text of its marks and of the file's own."""
    (path,) = (REPOSITORY / "tests").rglob(name)
    tree = ast.parse(Path(path).read_text())
    marks = "".join(ast.unparse(node) for node in tree.body if isinstance(node, ast.Assign))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {function.name: marks + "".join(map(ast.unparse, function.decorator_list)) for function in functions}


def named(row: str) -> list[tuple[str, str]]:
    return re.findall(r"`(test_\w+\.py)::(test_\w+)`", row)


def runs_on_both(file: str, test: str) -> bool:
    marks = marks_by_test(file)[test]
    return "mark.slow" not in marks or "both_servers" in marks or "ON_BOTH" in marks


def test_every_line_of_the_checklist_is_there() -> None:
    assert len(ROWS) == 26 + 6


def test_every_line_names_tests_that_there_are() -> None:
    assert [row for row in ROWS if not named(row)] == []
    assert [f"{file}::{test}" for row in ROWS for file, test in named(row) if test not in marks_by_test(file)] == []


def test_what_passes_on_dynamodb_local_is_run_there() -> None:
    for row in ROWS:
        claimed = row.split("|")[-2].strip()
        assert claimed in ("passes", "–", "no server"), row
        if claimed == "passes":
            assert any(runs_on_both(file, test) for file, test in named(row)), row
