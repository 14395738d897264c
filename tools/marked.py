"""Which test files a suite needs to look at: importing the others takes longer than some suites run."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"


def may_have(path: Path, marker: str) -> bool:
    """Say whether a test file can have tests with a marker: it names the marker, or lies in the folder of that name."""
    return marker in path.relative_to(TESTS).parts or f"mark.{marker}" in path.read_text()


def files_with(marker: str) -> list[str]:
    return [str(path) for path in sorted(TESTS.rglob("test_*.py")) if may_have(path, marker)]
