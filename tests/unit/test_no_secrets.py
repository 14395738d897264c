"""Nothing in the repository is a key, a token or a vendor's data."""

import csv
import gzip
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SECRETS = {
    # But for the documentation's, and one that says of itself that it is none.
    "an AWS key": rb"(?<![A-Z0-9])(AKIA|ASIA)(?!IOSFODNN7EXAMPLE|REALREALREALREAL)[A-Z0-9]{16}(?![A-Z0-9])",
    "a private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a token": rb"eyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "a key pair of Alpaca": rb"(?<![A-Z0-9])(PK|AK(?!IA)|CK)(?=[A-Z0-9]*[0-9])(?=[A-Z0-9]*[A-Z]{4})[A-Z0-9]{18}\b",
    "a key in an address": rb"(?i)api_?key=[A-Z0-9]{12,}",
    "a bearer's key": rb"(?i)bearer [A-Za-z0-9_]{24,}",
}
# Files of lock hashes and of generated types have long words by the thousand.
GENERATED = ("requirements.txt", "requirements-dev.txt", "package-lock.json")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True).stdout
    paths = [REPOSITORY / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def test_no_file_holds_a_key_or_a_token() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}: {what}"
        for path in tracked()
        if path.name not in GENERATED
        for what, pattern in SECRETS.items()
        if re.search(pattern, path.read_bytes())
    ]

    assert found == []


@pytest.mark.parametrize(
    "text", ["AKIA" + "IOSFODNN7EXAMPLQ", "apikey=" + "ABCDEFGH12345678", "PKABCD1234" + "EFGH567890"]
)
def test_the_patterns_find_what_they_are_for(text: str) -> None:
    assert any(re.search(pattern, text.encode()) for pattern in SECRETS.values())


def test_no_file_holds_bars_by_the_thousand() -> None:
    """A vendor's month has 8,000 bars or more; what tests make up is made up when they run."""
    stamped = re.compile(rb"(?m)^[^\n]{0,20}[12]\d{3}-\d\d-\d\d[ T]\d\d:\d\d[^\n]*(,[^\n]*){4}$")

    assert [path.name for path in tracked() if len(stamped.findall(path.read_bytes())) > 500] == []
    assert [path.name for path in tracked() if path.suffix in (".gz", ".parquet", ".zip", ".arrow")] == []


@pytest.mark.realdata
def test_no_file_holds_a_recorded_bar(shared_data: Path) -> None:
    contents = b"\n".join(path.read_bytes() for path in tracked())
    for path in sorted((shared_data / "minute_bars/norm").glob("*/*.csv.gz")):
        with gzip.open(path, "rt", newline="") as handle:
            rows = list(csv.reader(handle))[1::997]
        # Prices and volume as a vendor's line has them; the volume alone tells one bar from all others.
        told = [",".join(row[2:6]).encode() for row in rows if int(float(row[6])) > 9_999]
        assert [line for line in told if line in contents] == [], path
