"""`make test`: every suite in CI's order, with one line each at the end. Arguments name suites to run, else all."""

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import checks

ROOT = Path(__file__).resolve().parent.parent
# Not in test-results/, which the browser plugin empties whenever pytest starts.
REPORTS = ROOT / "var/test-reports"


@dataclass(frozen=True)
class Counts:
    passed: int
    failed: int
    skipped: int

    def line(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def check() -> Counts:
    results = checks.run_all()
    passed = sum(result.passed for result in results)
    return Counts(passed, len(results) - passed, 0)


def pytest(name: str, *arguments: str, **environment: str) -> Counts:
    report = REPORTS / f"{name}.xml"
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", f"--junit-xml={report}", *arguments]
    return run_and_count(command, report, environment)


def vitest() -> Counts:
    report = REPORTS / "frontend.xml"
    reporters = ["--reporter=dot", "--reporter=junit", f"--outputFile.junit={report}"]
    return run_and_count(["npm", "--prefix", "frontend", "run", "--silent", "test", "--", *reporters], report, {})


def run_and_count(command: list[str], report: Path, environment: dict[str, str]) -> Counts:
    """Run a test command. A non-zero exit without a counted failure (a crash, nothing collected) is one failure."""
    code = subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False).returncode
    counts = read_report(report) if report.exists() else Counts(0, 0, 0)
    if (code and not counts.failed) or not (counts.passed or counts.failed or counts.skipped):
        return Counts(counts.passed, counts.failed + 1, counts.skipped)
    return counts


def read_report(report: Path) -> Counts:
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    total, failures, errors, skipped = (
        sum(int(suite.get(name) or 0) for suite in suites) for name in ("tests", "failures", "errors", "skipped")
    )
    return Counts(total - failures - errors - skipped, failures + errors, skipped)


PACKAGES = ["accounts", "analytics", "market", "stockcompare"]
PLAIN = "not slow and not real_limits and not spark and not browser"
TWO_AT_ONCE = ["-n", "2", "--dist", "loadfile"]
ACCOUNTS = "tests/integration/accounts"
# What says nothing of the server that DynamoDB is played by.
NO_SERVER = f"--deselect={ACCOUNTS}/test_accounts_commands.py::test_setup_needs_no_dynamodb_and_does_not_even_import_it"
ON_DYNAMODB_LOCAL = {"DYNAMO_SERVER": "local", "RACE_ROUNDS": "5"}

# Each test belongs to exactly one suite, by marker first, by folder for the rest; but the tests of accounts run a
# second time on DynamoDB Local, so that they lean on no emulator.
SUITES: dict[str, Callable[[], Counts]] = {
    "check": check,
    "unit": lambda: pytest("unit", *TWO_AT_ONCE, "-m", PLAIN, "tests/unit", *PACKAGES),
    "integration": lambda: pytest("integration", *TWO_AT_ONCE, "-m", PLAIN, "tests", "--ignore=tests/unit"),
    "dynamodb-local": lambda: pytest(
        "dynamodb-local", *TWO_AT_ONCE, "-m", f"({PLAIN}) or both_servers", NO_SERVER, ACCOUNTS, **ON_DYNAMODB_LOCAL
    ),
    "spark": lambda: pytest("spark", "-m", "spark and not slow and not browser", "tests"),
    "slow": lambda: pytest("slow", *TWO_AT_ONCE, "-m", "slow and not real_limits and not browser", "tests"),
    "limits": lambda: pytest("limits", "-m", "real_limits", "tests"),
    "browser": lambda: pytest("browser", "-m", "browser", "tests"),
    "frontend": vitest,
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(SUITES)
    if unknown:
        print(f"No such suite: {', '.join(sorted(unknown))}. There are: {', '.join(SUITES)}.", file=sys.stderr)
        return 2
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    lines, totals = [], Counts(0, 0, 0)
    for name in names or SUITES:
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        counts = SUITES[name]()
        lines.append(f"{name}: {counts.line()} ({time.monotonic() - began:.0f} s)")
        totals = Counts(*(a + b for a, b in zip(vars(totals).values(), vars(counts).values(), strict=True)))
    print("\n== summary", *lines, "", totals.line(), sep="\n")
    return 1 if totals.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
