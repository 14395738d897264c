"""`make test`: every suite in CI's order, with one line each at the end. Arguments name suites to run, else all."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import checks
from marked import files_with

ROOT = Path(__file__).resolve().parent.parent
# Not in test-results/, which the browser plugin empties whenever pytest starts.
REPORTS = ROOT / "var/test-reports"
# Where the commands of a suite write, when another one writes to the terminal meanwhile.
_output: ContextVar[IO[str] | None] = ContextVar("output", default=None)


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


def fewer_rounds() -> dict[str, str]:
    return {name: os.environ.get(name, rounds) for name, rounds in ROUNDS.items()}


def vitest() -> Counts:
    report = REPORTS / "frontend.xml"
    reporters = ["--reporter=dot", "--reporter=junit", f"--outputFile.junit={report}"]
    return run_and_count(["npm", "--prefix", "frontend", "run", "--silent", "test", "--", *reporters], report, {})


def run_and_count(command: list[str], report: Path, environment: dict[str, str]) -> Counts:
    """Run a test command. A non-zero exit without a counted failure (a crash, nothing collected) is one failure."""
    code = subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=_output.get(), check=False).returncode
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
SLOW = "slow and not real_limits and not browser"
# In the order of tests/conftest.py: the longest files first.
TWO_AT_ONCE = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
ACCOUNTS = "tests/integration/accounts"
# What says nothing of the server that DynamoDB is played by.
NO_SERVER = f"--deselect={ACCOUNTS}/test_accounts_commands.py::test_setup_needs_no_dynamodb_and_does_not_even_import_it"
ON_DYNAMODB_LOCAL = {"DYNAMO_SERVER": "local", "RACE_ROUNDS": "5"}
# The tests' own numbers take minutes more; whoever names one gets it.
ROUNDS = {"RACE_ROUNDS": "20", "KILL_ROUNDS": "8", "REPLY_ROUNDS": "400"}

# Each test belongs to exactly one suite, by marker first, by folder for the rest; but the tests of accounts run a
# second time on DynamoDB Local, so that they lean on no emulator.
SUITES: dict[str, Callable[[], Counts]] = {
    "check": check,
    "unit": lambda: pytest("unit", *TWO_AT_ONCE, "-m", PLAIN, "tests/unit", *PACKAGES),
    "integration": lambda: pytest("integration", *TWO_AT_ONCE, "-m", PLAIN, "tests", "--ignore=tests/unit"),
    "dynamodb-local": lambda: pytest(
        "dynamodb-local", *TWO_AT_ONCE, "-m", f"({PLAIN}) or both_servers", NO_SERVER, ACCOUNTS, **ON_DYNAMODB_LOCAL
    ),
    "spark": lambda: pytest("spark", "-m", "spark and not slow and not browser", *files_with("spark")),
    "slow": lambda: pytest("slow", *TWO_AT_ONCE, "-m", SLOW, *files_with("slow"), **fewer_rounds()),
    "limits": lambda: pytest("limits", "-m", "real_limits", *files_with("real_limits")),
    "browser": lambda: pytest("browser", "-m", "browser", *files_with("browser")),
    "frontend": vitest,
}
# None of these uses two processors: one after the other they take as long as the other one.
BESIDE = {"limits": "browser", "spark": "browser", "frontend": "browser"}


def main(names: list[str]) -> int:
    unknown = set(names) - set(SUITES)
    if unknown:
        print(f"No such suite: {', '.join(sorted(unknown))}. There are: {', '.join(SUITES)}.", file=sys.stderr)
        return 2
    # Where nothing compiled may be kept, every process of every suite compiles all anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    results: dict[str, tuple[Counts, float]] = {}
    chosen = names or [*SUITES]
    beside = {name: other for name, other in BESIDE.items() if name in chosen and other in chosen}
    for name in [name for name in chosen if name not in beside]:
        results |= run_together(name, [quiet for quiet, other in beside.items() if other == name])
    totals = Counts(
        *(sum(column) for column in zip(*(vars(counts).values() for counts, _ in results.values()), strict=True))
    )
    lines = [f"{name}: {results[name][0].line()} ({results[name][1]:.0f} s)" for name in chosen]
    print("\n== summary", *lines, "", totals.line(), sep="\n")
    return 1 if totals.failed else 0


def run_together(name: str, quiet: list[str]) -> dict[str, tuple[Counts, float]]:
    """Run a suite, and beside it others, one after the other, whose output is shown when all are done."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting = {other: pool.submit(run_quietly, other) for other in quiet}
        print(f"\n== {name}", flush=True)
        results = {name: timed(name)}
    for other, (result, text) in ((other, each.result()) for other, each in waiting.items()):
        print(f"\n== {other} (ran beside {name})\n{text}", flush=True)
        results[other] = result
    return results


def run_quietly(name: str) -> tuple[tuple[Counts, float], str]:
    with tempfile.TemporaryFile("w+") as output:
        _output.set(output)
        result = timed(name)
        output.seek(0)
        return result, output.read()


def timed(name: str) -> tuple[Counts, float]:
    began = time.monotonic()
    return SUITES[name](), time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
