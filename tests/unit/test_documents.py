"""Links between the documents lead somewhere, and the index of decisions is complete."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")]
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_link_leads_to_a_file(document: Path) -> None:
    missing = [link for link in LINK.findall(document.read_text()) if not (document.parent / link).exists()]

    assert missing == []


def test_every_decision_is_in_the_index() -> None:
    folder = REPOSITORY / "docs/decisions"
    listed = set(LINK.findall((folder / "README.md").read_text()))

    assert listed == {page.name for page in folder.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("lock", ["frontend/package-lock.json", "tools/package-lock.json"])
def test_a_lock_names_no_registry(lock: str) -> None:
    text = (REPOSITORY / lock).read_text()

    assert '"resolved"' not in text
    assert '"integrity": "sha512-' in text
