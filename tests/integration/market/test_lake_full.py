"""A full disk, a read-only lake and a broken S3: a sentence, an exit code, and nothing lost."""

import errno
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

import market.lake.storage
from market.lake.location import Lake, configured_lake
from market.raw_reading import bar_folders, read_reply, stored_replies
from tests.fetching import KEY, Fetch, bars, everything_written, rows, run_command
from tests.integration.market.test_fetch_s3 import configure
from tests.integration.market.test_verify import run
from tests.servers import S3Server
from tests.vendors import Vendor

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

    for ran in (run_command(*ONE), run("rebuild_bars"), run("verify_lake"), run("maintain_lake")):
        assert ran.code == 1
        assert "the S3 server of the bucket prices-busy is too busy or out of order; run again later" in ran.output


def test_a_rebuild_on_a_disk_that_fills_up_loses_nothing(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    bars(filled).table.publish(bars(filled), [], list(bars(filled).parts)[:2], {})
    before = rows(filled)
    for number in FAULTS:
        with monkeypatch.context() as full:
            full.setattr(market.lake.storage, "_write_through", failing_from(1, number))
            failed = run("rebuild_bars")
        assert (failed.code, FAULTS[number] in failed.output) == (1, True), failed.output
        assert rows(filled) == before

    assert run("rebuild_bars").code == 0
    assert len(bars(filled).parts) == 4
    assert run("verify_lake").code == 0


def test_a_lake_that_this_user_may_only_read_is_read_and_named(fetched: Path, settings: Settings) -> None:
    """True permissions: the folder belongs to somebody else."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        settings.LAKE_URL, settings.VAR_DIR = f"file://{folder}/lake", folder / "var"
        storage = {"BACKEND": "market.lake.storage.AtomicFileSystemStorage", "OPTIONS": {"location": f"{folder}/lake"}}
        settings.STORAGES = {**settings.STORAGES, "lake": storage}
        shutil.copytree(fetched, folder / "lake")
        settings.VAR_DIR.mkdir()
        # As oneself first: who becomes somebody else may not load what is below a home folder.
        commands = (("rebuild_bars", "--check"), ("verify_lake",), ("maintain_lake",))
        assert [run(*command).code for command in commands] == [0, 0, 0]
        assert run_command(*ONE[:-1], "2026-07").code == 0
        with as_a_reader_of(folder):
            rebuild, verify = (run(*command) for command in commands[:2])
            fetch = run_command(*ONE[:-1], "2026-06")
            settings.VAR_DIR = folder
            unlocked = run_command(*ONE[:-1], "2026-06")
        settings.LAKE_RETENTION_DAYS = 0
        held = bars(configured_lake())
        held.table.publish(held, [], [next(iter(held.parts))], {})
        with as_a_reader_of(folder):
            maintain = run("maintain_lake")

    assert (rebuild.code, verify.code) == (0, 0), rebuild.output + verify.output
    for ran in (fetch, maintain):
        assert (ran.code, "this user may not write there" in ran.output) == (1, True), ran.output
    assert (unlocked.code, "The lock of this run cannot be written" in unlocked.output) == (1, True), unlocked.output


@contextmanager
def as_a_reader_of(folder: Path) -> Iterator[None]:
    """Become somebody who may read all in a folder, write to its `var`, and no more."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    (folder / "var").chmod(0o777)
    for path in (folder / "var").rglob("*"):
        path.chmod(0o777)
    nobody = os.geteuid() == 0
    if nobody:
        os.seteuid(65534)
    try:
        yield
    finally:
        if nobody:
            os.seteuid(0)
        for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
            path.chmod(0o755)


@pytest.fixture
def bucket_lake(settings: Settings, monkeypatch: pytest.MonkeyPatch, s3: S3Server) -> Lake:
    name = f"prices-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(name)
    return configure(settings, monkeypatch, s3, name)


def test_in_a_bucket_too_damage_is_found_mended_and_tidied(
    bucket_lake: Lake, monkeypatch: pytest.MonkeyPatch, settings: Settings, denying_s3: S3Server
) -> None:
    assert run_command(*ONE).code == 0
    sound = rows(bucket_lake)
    assert [run(command).code for command in ("verify_lake", "maintain_lake", "rebuild_bars")] == [0, 0, 0]
    (file,) = bars(bucket_lake).files

    bucket_lake.storage.delete(f"tables/bars/{file.path}")
    damaged = run("verify_lake")
    bars(bucket_lake).table.publish(bars(bucket_lake), [], [file.part], {})
    # What goes wrong half-way leaves what is there.
    options = {"bucket_name": "prices-missing", "location": "stocks", "file_overwrite": False, "default_acl": None}
    with monkeypatch.context():
        whole = settings.STORAGES
        settings.STORAGES = {**whole, "lake": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}
        failed = run("rebuild_bars")
        settings.STORAGES = whole

    assert (damaged.code, file.path in damaged.output) == (1, True), damaged.output
    assert (failed.code, "does not exist; create it" in failed.output) == (1, True), failed.output
    assert run("rebuild_bars").code == 0
    assert rows(bucket_lake) == sound
    assert run("verify_lake").code == 0


def test_a_denied_bucket_is_named_by_each_command(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, denying_s3: S3Server
) -> None:
    configure(settings, monkeypatch, denying_s3, "prices-secret")

    for command in ("rebuild_bars", "verify_lake", "maintain_lake", "check_quality"):
        ran = run(command)
        assert ran.code == 1, command
        assert "access to the bucket prices-secret was denied" in ran.output, command


def ours(caplog: pytest.LogCaptureFixture) -> str:
    """Return what processes of ours would log: urllib3 tells addresses at DEBUG, which no setting of ours turns on."""
    return "\n".join(str(vars(record)) for record in caplog.records if not record.name.startswith("urllib3"))


@pytest.mark.parametrize("fault", ["day_with_key", "bad_key", "http_500", "ok"])
def test_the_key_is_in_nothing_that_is_stored_or_said(
    lake: Lake, fetch: Fetch, vendor: Vendor, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Replies opened, manifests, table logs, checkpoints and Parquet files of every table, their names; log, output."""
    caplog.set_level("DEBUG")
    vendor.queue(*[fault] * 2)
    ran = fetch("--provider", "alpha_vantage", "--symbols", "AAPL", "--months", "2026-09")
    run("maintain_lake")

    folder = Path(lake.storage.path(""))
    written = everything_written(folder)
    said = (ran.output + ours(caplog)).encode()
    for part in (KEY, KEY.replace("&", "%26"), KEY[:12]):
        assert part.encode() not in written + said
    stored = [reply for where in bar_folders(lake).values() for each in where for reply in stored_replies(lake, each)]
    assert stored
    assert all(KEY.encode() not in read_reply(lake, reply).body for reply in stored)
    assert fault != "ok" or bars(lake).files
