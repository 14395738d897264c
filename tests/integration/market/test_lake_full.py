"""A full disk, a read-only lake and a broken S3: a sentence, an exit code, and nothing lost."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

import market.lake.storage
from market.lake.location import Lake
from market.raw_reading import bar_folders, read_reply, stored_replies
from tests.fetching import KEY, Fetch, bars, everything_written, rows, run_command
from tests.integration.market.test_fetch_s3 import configure
from tests.integration.market.test_verify import run
from tests.servers import S3Server, Vendor

pytestmark = pytest.mark.django_db

ONE = ("--provider", "synthetic", "--symbols", "AAPL", "--months", "2026-08")
TWO = (*ONE, "2026-09")
FAULTS = {errno.ENOSPC: "the disk is full; make room", errno.EROFS: "the file system is read-only"}


def failing_from(write: int, number: int) -> Callable[..., None]:
    """Return a write that fails from the n-th on, after half of the content, as a disk does that fills up."""
    real, calls = market.lake.storage._write_through, []

    def write_through(content: Any, handle: Any) -> None:
        calls.append(content)
        if len(calls) >= write:
            handle.write(b"half")
            raise OSError(number, "no")
        real(content, handle)

    return write_through


@pytest.mark.parametrize(
    ("write", "number"),
    [(1, errno.ENOSPC), (2, errno.ENOSPC), (3, errno.ENOSPC), (1, errno.EROFS)],
    ids=["full at the reply", "full at the bars", "full at the manifest", "read-only"],
)
def test_a_disk_that_cannot_be_written_loses_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, write: int, number: int
) -> None:
    assert run_command(*ONE).code == 0
    before = rows(lake)
    with monkeypatch.context() as full:
        full.setattr(market.lake.storage, "_write_through", failing_from(write, number))
        failed = run_command(*TWO)
    kept = rows(lake)

    again = run_command(*TWO)

    # One of the two months was done before.
    assert failed.code == 3, failed.output
    assert FAULTS[number] in failed.output
    # The manifest is written last: without it the bars are there, and the month is asked for once more.
    assert kept.num_rows == before.num_rows if write < 3 else kept.num_rows > before.num_rows
    assert kept.slice(0, before.num_rows) == before
    assert again.code == 0
    assert rows(lake).num_rows > before.num_rows
    assert run("verify_lake").code == 0
    assert run("rebuild_bars", "--check").code == 0


@pytest.mark.slow
def test_a_busy_bucket_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch, busy_s3: S3Server) -> None:
    configure(settings, monkeypatch, busy_s3, "prices-busy")

    for ran in (run_command(*ONE), run("rebuild_bars"), run("verify_lake")):
        assert ran.code == 1
        assert "the S3 server of the bucket prices-busy is too busy or out of order; run again later" in ran.output


def test_a_denied_bucket_is_named_by_each_command(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, denying_s3: S3Server
) -> None:
    configure(settings, monkeypatch, denying_s3, "prices-secret")

    for command in ("rebuild_bars", "verify_lake", "maintain_lake", "check_quality"):
        ran = run(command)
        assert ran.code == 1, command
        assert "access to the bucket prices-secret was denied" in ran.output, command


@pytest.mark.parametrize("fault", ["day_with_key", "bad_key", "http_500", "ok"])
def test_the_key_is_in_nothing_that_is_stored(lake: Lake, fetch: Fetch, vendor: Vendor, fault: str) -> None:
    """Replies opened, manifests, logs, checkpoints and Parquet files of every table, and their names."""
    vendor.queue(*[fault] * 2)
    fetch("--provider", "alpha_vantage", "--symbols", "AAPL", "--months", "2026-09")
    run("maintain_lake")

    folder = Path(lake.storage.path(""))
    written = everything_written(folder)
    for part in (KEY, KEY.replace("&", "%26"), KEY[:12]):
        assert part.encode() not in written
    stored = [reply for where in bar_folders(lake).values() for each in where for reply in stored_replies(lake, each)]
    assert stored
    assert all(KEY.encode() not in read_reply(lake, reply).body for reply in stored)
    assert fault != "ok" or bars(lake).files
