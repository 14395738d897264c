"""The command `process_prices`: what it prints, and its exit codes."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from pyspark.sql.connect.session import SparkSession as ConnectSession
from pytest_django import Settings

from analytics.jobs import run as job
from analytics.jobs.report import ProcessRequest
from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS
from market.lake.location import Lake
from market.lake.schemas import bars_table
from tests.builders import make_lake, make_session_bars, write_bars
from tests.processing import REPOSITORY, command_process, finished, process, run_command
from tests.spark.conftest import PYSPARK_LEAKS


@pytest.fixture
def lake(tmp_path: Path, settings: Settings) -> Lake:
    """Configure an empty lake of files and return it."""
    folder = tmp_path / "lake"
    settings.LAKE_URL = f"file://{folder}"
    storage = {"BACKEND": "market.lake.storage.AtomicFileSystemStorage", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "lake": storage}
    return make_lake(folder)


@pytest.fixture
def filled(lake: Lake) -> Lake:
    write_bars(lake, make_session_bars("AAPL") + make_session_bars("MSFT"))
    return lake


def test_command_tells_its_steps_and_sums_up(filled: Lake) -> None:
    ran = run_command()

    assert ran.code == 0
    lines = ran.output.splitlines()
    assert lines[0] == "Processing 3 parts on embedded"
    assert lines[1] == f"[1/{len(TRANSFORMS)}] daily: 2 parts from AAPL 2026-10 to MSFT 2026-10, 2 rows"
    assert "moving_averages  version 1    2 parts, 780 rows" in lines
    assert lines[-1].startswith("Processed bars version 1 on embedded in ")


def test_command_with_nothing_to_do_says_so(filled: Lake) -> None:
    process(filled)

    ran = run_command()

    assert (ran.code, ran.output) == (0, f"Nothing to do: {len(TRANSFORMS)} tables match bars version 1.\n")


def test_command_with_nothing_to_do_imports_no_engine(filled: Lake) -> None:
    process(filled)
    program = (
        "import sys; from django.core.management import execute_from_command_line as run;"
        "run(['manage.py', 'process_prices']); print(sorted({'pyspark', 'pysail', 'pandas'} & sys.modules.keys()))"
    )
    environment = {
        "PATH": "/usr/bin",
        "DJANGO_SETTINGS_MODULE": "stockcompare.settings",
        "SECRET_KEY": "x" * 32,
        "ENV_FILE": "/nonexistent",
        "LAKE_URL": filled.url,
    }

    output = subprocess.check_output([sys.executable, "-c", program], cwd=REPOSITORY, env=environment, text=True)

    assert output.splitlines()[-1] == "[]"


def test_command_hands_its_options_on(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    run_command("--symbols", "msft", "--tables", "returns", "daily")

    requests: list[ProcessRequest] = []
    monkeypatch.setattr("analytics.management.commands.process_prices.process_prices", _keeping(requests))
    run_command("--full", "--symbols", "brk-b", "MSFT", "--tables", "returns", "--engine", "sc://spark.example:15002")

    universe = ("AAPL", "MSFT", "BRK.B", "MSFT")
    asked = ProcessRequest("sc://spark.example:15002", ("returns",), ("BRK.B", "MSFT"), full=True, universe=universe)
    assert requests == [asked]


def _keeping(requests: list[ProcessRequest]) -> Callable[..., NoReturn]:
    def keep(request: ProcessRequest, *args: object) -> NoReturn:
        requests.append(request)
        raise KeyboardInterrupt

    return keep


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--engine", "flink"], "choose embedded, spark, sc://host:port or spark://host:port"),
        (["--engine", "sc://"], "choose embedded"),
        (["--symbols", "A!B"], "is not a symbol"),
    ],
)
def test_command_refuses_bad_arguments_with_2(lake: Lake, arguments: list[str], told: str) -> None:
    ran = run_command(*arguments)

    assert ran.code == 2
    assert told in ran.output


def test_command_refuses_an_unknown_table_with_2(lake: Lake) -> None:
    ran = finished(command_process(lake.url, "--tables", "weekly"))

    assert ran.code == 2
    assert "invalid choice: 'weekly'" in ran.output


def test_command_that_knows_only_some_symbols_does_those_and_ends_with_3(filled: Lake) -> None:
    ran = run_command("--symbols", "AAPL", "IBM")

    assert ran.code == 3
    assert "daily            version 1    1 parts, 1 rows" in ran.output
    assert ran.output.endswith("No bars yet: IBM. Run `manage.py fetch_prices` for them.")


def test_command_without_bars_fails_and_says_what_to_do(lake: Lake) -> None:
    ran = run_command()

    assert (ran.code, ran.output) == (
        1,
        f"There are no bars in {lake.url} yet; run `manage.py fetch_prices` first.",
    )


def test_command_without_java_says_what_to_install(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nonexistent")

    ran = run_command("--engine", "spark")

    assert ran.code == 1
    assert "needs Java 17 or newer, and there is none" in ran.output
    assert "embedded" in ran.output


@pytest.mark.parametrize(("version", "told"), [("1.8.0_402", "is 8"), ("11.0.21", "is 11")])
def test_command_with_an_old_java_names_it(
    filled: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, told: str
) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2024-01-16' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    ran = run_command("--engine", "spark")

    assert ran.code == 1
    assert f"{java} {told}" in ran.output


@pytest.mark.parametrize("engine", ["sc://127.0.0.1:9", "spark://127.0.0.1:9"])
def test_command_with_a_cluster_that_does_not_answer_fails_at_once(filled: Lake, engine: str) -> None:
    ran = run_command("--engine", engine)

    assert ran.code == 1
    assert f"No Spark answers at {engine}" in ran.output


def test_command_refuses_a_server_of_another_spark_before_it_reads(
    filled: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ConnectSession, "version", "3.5.7")

    ran = run_command()

    assert ran.code == 1
    assert "runs Spark 3.5.7, and this program needs Spark 4" in ran.output
    assert derived_table(filled, "daily").snapshot().version == -1


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 1, "run `manage.py fetch_prices` first"),
        (["--engine", "flink"], 2, "choose embedded, spark, sc://host:port or spark://host:port"),
        (["--symbols", "A!B"], 2, "is not a symbol"),
    ],
)
def test_explain_refuses_what_the_run_would_refuse(lake: Lake, arguments: list[str], code: int, told: str) -> None:
    ran = run_command("--explain", *arguments)

    assert ran.code == code
    assert told in ran.output


@pytest.mark.parametrize("engine", ["embedded", pytest.param("spark", marks=[pytest.mark.spark, PYSPARK_LEAKS])])
def test_command_that_misses_a_file_of_the_bars_fails_and_derives_nothing(filled: Lake, engine: str) -> None:
    for file in bars_table(filled).snapshot().files:
        Path(filled.url.removeprefix("file://"), "tables/bars", file.path).unlink()

    ran = run_command("--engine", engine, "--tables", "daily")

    assert ran.code == 1
    assert "tables/bars" in ran.output or "The engine read 0 bars of AAPL" in ran.output
    assert derived_table(filled, "daily").snapshot().version == -1


def test_command_that_meets_the_unexpected_fails_with_its_name(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError("out of the blue")

    monkeypatch.setattr(job, "open_engine", broken)

    ran = run_command()

    assert ran.code == 1
    assert "ZeroDivisionError: out of the blue" in ran.output
    assert "run the command again" in ran.output


def test_command_that_is_interrupted_says_that_it_can_go_on(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.management.commands.process_prices.process_prices", _keeping([]))

    ran = run_command()

    assert ran.code == 130
    assert "Run the command again to go on" in ran.output


def test_explain_says_what_would_be_computed_and_why_and_does_nothing(
    filled: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    process(filled, tables=("daily", "pairs"))
    write_bars(filled, make_session_bars("AAPL", first_close=300.0))
    newer = replace(TRANSFORMS["hourly"], formula_version=TRANSFORMS["hourly"].formula_version + 1)
    process(filled, tables=("hourly",))
    monkeypatch.setitem(TRANSFORMS, "hourly", newer)

    ran = run_command("--explain", "--tables", "daily", "hourly", "returns", "pairs", "quality")

    lines = ran.output.splitlines()
    assert ran.code == 0
    assert lines[:2] == ["bars version 2: 2 parts of 2 symbols", "daily: 1 parts to compute from 390 bars, 0 to remove"]
    assert lines[2].startswith("  AAPL 2026-10: bars changed since: AAPL 2026-10 at 20")
    assert lines[3:6] == [
        "hourly: 2 parts to compute from 780 bars, 0 to remove",
        f"  AAPL 2026-10: the formula changed, from version {newer.formula_version - 1} to {newer.formula_version}",
        f"  MSFT 2026-10: the formula changed, from version {newer.formula_version - 1} to {newer.formula_version}",
    ]
    assert "  AAPL 2026-10: not there yet" in lines
    assert any(line.startswith("  AAPL_MSFT 2026-10: bars changed since: AAPL") for line in lines)
    assert run_command("--explain", "--tables", "daily").output.splitlines() == lines[:3]
