"""The lake in a bucket, processed by both engines: the same tables, and clear words when it cannot be used."""

import uuid
from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from analytics.jobs.report import BarsIncomplete
from market.calendar import Phase
from market.lake.location import Lake
from tests.builders import make_lake, make_session_bars, write_bars
from tests.integration.market.test_fetch_s3 import configure
from tests.market_fixture import market_bars
from tests.processing import command_process, finished, process, read_table, read_tables, run_command
from tests.servers import S3Server


@pytest.fixture
def bucket_lake(settings: Settings, monkeypatch: pytest.MonkeyPatch, s3: S3Server) -> Lake:
    bucket = f"prices-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(bucket)
    return configure(settings, monkeypatch, s3, bucket)


@pytest.mark.slow
def test_a_bucket_gets_the_tables_that_a_folder_would(bucket_lake: Lake, s3: S3Server, tmp_path: Path) -> None:
    bars = market_bars() + make_session_bars("IBM", phases=[Phase.PRE])
    folder_lake = make_lake(tmp_path)
    for lake in (bucket_lake, folder_lake):
        write_bars(lake, bars)

    ran = finished(command_process(bucket_lake.url, **s3.environment))
    again = finished(command_process(bucket_lake.url, **s3.environment))
    process(folder_lake, universe=("AAPL", "MSFT"))

    assert ran.code == 0, ran.output
    assert "Nothing to do" in again.output
    assert read_tables(bucket_lake) == read_tables(folder_lake)


@pytest.mark.slow
@pytest.mark.spark
def test_apache_spark_reads_and_writes_a_bucket(bucket_lake: Lake, s3: S3Server, tmp_path: Path) -> None:
    folder_lake = make_lake(tmp_path)
    for lake in (bucket_lake, folder_lake):
        write_bars(lake, market_bars())

    ran = finished(command_process(bucket_lake.url, "--engine", "spark", "--tables", "daily", **s3.environment))
    process(folder_lake, tables=("daily",))

    assert ran.code == 0, ran.output
    assert read_table(bucket_lake, "daily") == read_table(folder_lake, "daily")
    assert s3.environment["AWS_SECRET_ACCESS_KEY"] not in ran.output


def test_parts_in_a_bucket_are_gone_on_with(bucket_lake: Lake) -> None:
    first, second = (make_session_bars("AAPL", date(2026, 10, day)) for day in (1, 2))
    tables = ("daily", "hourly", "moving_averages")
    write_bars(bucket_lake, first)
    process(bucket_lake, tables=tables)
    write_bars(bucket_lake, first + second)

    report = process(bucket_lake, tables=tables)

    assert {table.name: table.rows for table in report.tables} == {"daily": 1, "hourly": 7, "moving_averages": 390}
    grown = [read_table(bucket_lake, name) for name in tables]
    process(bucket_lake, tables=tables, full=True)
    assert grown == [read_table(bucket_lake, name) for name in tables]


def test_bars_that_are_missing_in_a_bucket_are_an_error(bucket_lake: Lake, s3: S3Server) -> None:
    snapshot = write_bars(bucket_lake, make_session_bars("AAPL") + make_session_bars("MSFT"))
    bucket_lake.storage.delete(f"tables/bars/{snapshot.files[0].path}")

    with pytest.raises(BarsIncomplete, match="0 bars of AAPL 2026-10 where the table has 390"):
        process(bucket_lake)


def test_a_missing_bucket_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch, s3: S3Server) -> None:
    configure(settings, monkeypatch, s3, "prices-missing")

    ran = run_command()

    assert ran.code == 1
    assert "prices-missing" in ran.output
    assert "does not exist" in ran.output


def test_a_denied_bucket_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch, denying_s3: S3Server) -> None:
    configure(settings, monkeypatch, denying_s3, "prices-secret")

    ran = run_command()

    assert ran.code == 1
    assert "prices-secret" in ran.output
    assert "denied" in ran.output
