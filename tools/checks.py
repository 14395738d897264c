"""`make check`: every check that runs no test. One line a check; the output of a check only when it fails."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Result:
    name: str
    passed: bool
    seconds: float
    output: str


def run(*command: str) -> str:
    """Return nothing when the command succeeds, else what it printed."""
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "WARNING"}
    done = subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr or f"exit code {done.returncode}"


def python_tool(name: str, *arguments: str) -> Callable[[], str]:
    return lambda: run(str(BIN / name), *arguments)


def frontend(script: str) -> Callable[[], str]:
    return lambda: run("npm", "--prefix", "frontend", "run", "--silent", script)


def manage(*arguments: str) -> str:
    return run(sys.executable, "manage.py", *arguments)


def openapi_drift() -> str:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "openapi.yaml"
        error = manage("spectacular", "--validate", "--fail-on-warn", "--file", str(fresh))
        return error or differs(ROOT / "openapi.yaml", fresh, mend="make types")


def types_drift() -> str:
    committed = ROOT / "frontend/src/api/schema.d.ts"
    tools = ROOT / "frontend/node_modules/.bin"
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "schema.d.ts"
        error = run(str(tools / "openapi-typescript"), "openapi.yaml", "--output", str(fresh))
        if error:
            return error
        prettier = [str(tools / "prettier"), "--stdin-filepath", str(committed)]
        pretty = subprocess.run(prettier, input=fresh.read_text(), capture_output=True, text=True, check=True)
        fresh.write_text(pretty.stdout)
        return differs(committed, fresh, mend="make types")


def differs(committed: Path, fresh: Path, *, mend: str) -> str:
    if committed.exists() and committed.read_text() == fresh.read_text():
        return ""
    return f"{committed.relative_to(ROOT)} is not what the code says. Run `{mend}` and commit the result."


def lock_drift() -> str:
    return "\n".join(line for name in ("requirements", "requirements-dev") for line in _unlocked(name))


def _unlocked(name: str) -> Iterator[str]:
    pinned = _pinned(ROOT / f"{name}.txt")
    for line in (ROOT / f"{name}.in").read_text().splitlines():
        if line and line[0] not in "#-":
            wanted = Requirement(line)
            version = pinned.get(canonicalize_name(wanted.name))
            if version is None or version not in wanted.specifier:
                yield f"{name}.in wants {line}, {name}.txt has {version}. Run `make lock` and commit the result."


def _pinned(lock: Path) -> dict[str, str]:
    lines = [line.split(" ")[0] for line in lock.read_text().splitlines() if "==" in line]
    names_and_versions = [line.split("==") for line in lines]
    return {canonicalize_name(name.partition("[")[0]): version for name, version in names_and_versions}


CHECKS: dict[str, Callable[[], str]] = {
    # First, for all others together take as long.
    "mypy": python_tool("mypy", "."),
    "ruff": python_tool("ruff", "check", "--quiet", "."),
    "ruff format": python_tool("ruff", "format", "--check", "--quiet", "."),
    "import-linter": python_tool("lint-imports", "--no-cache"),
    "locks": lock_drift,
    "migrations": lambda: manage("makemigrations", "--check", "--dry-run"),
    "django check": lambda: manage("check"),
    "openapi.yaml": openapi_drift,
    "schema.d.ts": types_drift,
    "eslint and prettier": frontend("lint"),
    "tsc": frontend("typecheck"),
}


def _timed(name: str) -> Result:
    began = time.monotonic()
    output = CHECKS[name]().strip()
    return Result(name, not output, time.monotonic() - began, output)


def run_all() -> list[Result]:
    results = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for result in pool.map(_timed, CHECKS):
            print(f"  {result.name:<20} {'ok' if result.passed else 'FAILED':<6} {result.seconds:5.1f} s", flush=True)
            if not result.passed:
                print(result.output + "\n", flush=True)
            results.append(result)
    return results


if __name__ == "__main__":
    sys.exit(0 if all(result.passed for result in run_all()) else 1)
