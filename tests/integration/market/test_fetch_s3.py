"""The lake in a bucket: the same bars by the same command, and clear words when the bucket cannot be used."""

import json
import socket
import uuid
from pathlib import Path

import pytest
from pytest_django import Settings

from market.lake.location import Lake, configured_lake
from market.lake.tables import TableChanged
from tests.builders import make_bar, write_bars
from tests.fetching import KEY, bars, fetch_process, finished, rows, run_command
from tests.integration.market.test_lake_tables import compete
from tests.servers import S3Server
from tests.vendors import Vendor

pytestmark = pytest.mark.django_db
ARGUMENTS = ("--provider", "alpha_vantage", "--symbols", "AAPL", "BRK.B", "--months", "2026-09")


def configure(settings: Settings, monkeypatch: pytest.MonkeyPatch, server: S3Server, bucket: str) -> Lake:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    settings.AWS_ENDPOINT_URL_S3 = server.url
    settings.LAKE_URL = f"s3://{bucket}/stocks"
    options = {"bucket_name": bucket, "location": "stocks", "file_overwrite": False, "default_acl": None}
    lake_storage = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "lake": lake_storage}
    return configured_lake()


@pytest.fixture
def bucket(s3: S3Server) -> str:
    name = f"prices-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(name)
    return name


@pytest.fixture
def bucket_lake(settings: Settings, monkeypatch: pytest.MonkeyPatch, s3: S3Server, bucket: str) -> Lake:
    return configure(settings, monkeypatch, s3, bucket)


@pytest.mark.slow
def test_a_bucket_holds_what_a_folder_would(
    bucket_lake: Lake, vendor: Vendor, s3: S3Server, settings: Settings, tmp_path: Path
) -> None:
    ran = finished(fetch_process(bucket_lake.url, vendor, *ARGUMENTS, **s3.environment))
    again = finished(fetch_process(bucket_lake.url, vendor, *ARGUMENTS, **s3.environment))
    in_folder = finished(fetch_process(f"file://{tmp_path}", vendor, *ARGUMENTS))

    assert (ran.code, again.code, in_folder.code) == (0, 0, 0), ran.output + again.output
    assert "2 already final" in again.output
    in_bucket = rows(bucket_lake).drop_columns(["fetched_at"])
    settings.LAKE_URL = f"file://{tmp_path}"
    assert in_bucket == rows(configured_lake()).drop_columns(["fetched_at"])


@pytest.mark.slow
def test_replies_and_manifests_are_in_the_bucket_without_the_key(
    bucket_lake: Lake, vendor: Vendor, s3: S3Server
) -> None:
    finished(fetch_process(bucket_lake.url, vendor, *ARGUMENTS, **s3.environment))

    folder = "raw/alpha_vantage/TIME_SERIES_INTRADAY/symbol=BRK.B/month=2026-09"
    _, names = bucket_lake.storage.listdir(folder)
    reply, manifest = sorted(names)
    assert reply.endswith(".csv.gz")
    assert manifest.endswith(".ok.json")
    with bucket_lake.storage.open(f"{folder}/{manifest}") as handle:
        told = handle.read()
    assert json.loads(told)["rows"] > 15_000
    assert KEY.encode() not in told


def test_in_a_bucket_too_exactly_one_of_many_commits(bucket_lake: Lake) -> None:
    seen = write_bars(bucket_lake, [make_bar(close=0.0)])

    winners = compete(bucket_lake, seen)

    assert len(winners) == 1
    assert bars(bucket_lake).read()["close"].to_pylist() == winners


def test_in_a_bucket_too_a_stale_snapshot_cannot_commit(bucket_lake: Lake) -> None:
    seen = bars(bucket_lake)
    write_bars(bucket_lake, [make_bar(close=1.0)])

    with pytest.raises(TableChanged):
        bars(bucket_lake).table.publish(seen, [], [], {})


def test_a_missing_bucket_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch, s3: S3Server) -> None:
    configure(settings, monkeypatch, s3, "prices-missing")

    ran = run_command("--provider", "synthetic", "--months", "2026-09")

    assert ran.code == 1
    assert "the bucket prices-missing does not exist; create it, or correct LAKE_URL" in ran.output


def test_a_denied_bucket_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch, denying_s3: S3Server) -> None:
    configure(settings, monkeypatch, denying_s3, "prices-secret")

    ran = run_command("--provider", "synthetic", "--months", "2026-09")

    assert ran.code == 1
    assert "access to the bucket prices-secret was denied; let these AWS credentials list, read and write" in ran.output


@pytest.mark.slow
def test_an_endpoint_that_is_away_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        server = S3Server(f"http://127.0.0.1:{closed.getsockname()[1]}")
        configure(settings, monkeypatch, server, "prices")
        ran = run_command("--provider", "synthetic", "--months", "2026-09")

    assert ran.code == 1
    assert "the S3 endpoint of the bucket prices did not answer; check the network" in ran.output


def test_a_bucket_that_goes_away_in_the_middle_fails_the_cell(
    bucket_lake: Lake, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """The table can be read, but nothing can be written: every later cell is left alone."""
    options = {"bucket_name": "prices-missing", "location": "stocks", "file_overwrite": False, "default_acl": None}
    settings.STORAGES = {
        **settings.STORAGES,
        "lake": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }

    ran = run_command("--provider", "synthetic", "--months", "2026-08", "2026-09", "--symbols", "AAPL")

    assert ran.code == 1
    assert "1 failed, 1 not tried" in ran.output
    assert "does not exist; create it, or correct LAKE_URL" in ran.output
