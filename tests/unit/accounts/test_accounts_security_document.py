"""docs/security.md names tests that there are."""

import ast
import re

from tests.conftest import REPOSITORY

DOCUMENT = (REPOSITORY / "docs/security.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", DOCUMENT)
# What must be promised at least.
AREAS = [
    "Hashing", "Revocation", "Lockout", "Enumeration", "CSRF", "Session fixation", "Cookie flags", "Least privilege",
    "API keys",
]  # fmt: skip


def test_every_test_that_is_named_exists() -> None:
    functions = {
        path: {node.name for node in ast.walk(ast.parse((REPOSITORY / path).read_text())) if hasattr(node, "name")}
        for path, _ in NAMED
    }

    assert len(NAMED) > 60
    assert [f"{path}::{name}" for path, name in NAMED if name not in functions[path]] == []


def test_every_promise_names_a_test() -> None:
    promises = [line for line in DOCUMENT.splitlines() if line.startswith("| ") and "promise" not in line]

    assert [line for line in promises if "::test_" not in line] == []
    assert [area for area in AREAS if not any(line.startswith(f"| {area}") for line in promises)] == []
