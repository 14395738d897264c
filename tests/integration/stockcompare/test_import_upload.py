"""A file of bars handed in through the admin: kept, imported by the worker's task, and told about in its record."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from market.lake.location import Lake, configured_lake
from stockcompare.models import Job, JobRun, State
from stockcompare.tasks import run_now
from tests.fetching import rows
from tests.files_of_bars import alpha_vantage_csv, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
UPLOAD = "/admin/stockcompare/jobrun/import/"
BARS = minutes("AAPL", date(2026, 9, 1), date(2026, 9, 2))


@pytest.fixture
def lake(tmp_path: Path, settings: Settings) -> Lake:
    settings.LAKE_URL = f"file://{tmp_path}/lake"
    settings.VAR_DIR = tmp_path / "var"
    storage = {"BACKEND": "market.lake.storage.AtomicFileSystemStorage", "OPTIONS": {"location": f"{tmp_path}/lake"}}
    settings.STORAGES = {**settings.STORAGES, "lake": storage}
    return configured_lake()


@pytest.fixture
def manager(make_user: Callable[..., Any]) -> Client:
    client = Client()
    client.force_login(make_user("manager", role="admin", is_staff=True))
    return client


def hand_in(client: Client, name: str, content: bytes, **stated: str) -> Any:
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content), **stated}, follow=True)


def test_a_file_is_imported_by_the_worker(lake: Lake, manager: Client, settings: Settings) -> None:
    answer = hand_in(manager, "AAPL.csv", alpha_vantage_csv(BARS, late=1))
    run = JobRun.objects.get()
    assert (run.job, run.state, run.trigger) == (Job.IMPORT, State.QUEUED, "manager")
    assert "AAPL.csv: received" in answer.content.decode()

    run_now(run.pk)

    run.refresh_from_db()
    assert (run.state, run.changed) == (State.DONE, True), run.summary
    assert "label end (a stamp at the end of extended trading)" in run.summary
    assert rows(lake)["bar_start"].to_pylist() == [bar.utc for bar in BARS]
    assert [*(settings.VAR_DIR / "uploads").iterdir()] == []


def test_what_is_stated_goes_with_the_file(lake: Lake, manager: Client) -> None:
    few = BARS[400:410]
    hand_in(manager, "AAPL.csv", alpha_vantage_csv(few, late=1), label="end", zone="new_york")

    run_now(JobRun.objects.get().pk)

    assert rows(lake)["bar_start"].to_pylist() == [bar.utc for bar in few]


def test_a_file_that_is_not_certain_or_no_table_fails_with_the_reason(lake: Lake, manager: Client) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("AAPL.csv", b"\0" * (3 << 20))
    cases = {
        "AAPL.csv": (alpha_vantage_csv(BARS[400:410]), "state it with --label"),
        "AAPL.zip": (bomb.getvalue(), "no table of bars"),
        "MSFT.parquet": (b"PAR1", "no Parquet file"),
    }
    for name, (content, reason) in cases.items():
        hand_in(manager, name, content)
        run = JobRun.objects.latest()
        run_now(run.pk)
        run.refresh_from_db()
        assert (run.state, run.changed, reason in run.summary) == (State.FAILED, False, True), run.summary


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [("AAPL.exe", 10, "Only files that end in"), ("AAPL.csv", 2 << 20, "larger than 1 MB"), ("AAPL.csv", 0, "empty")],
)
def test_a_file_that_cannot_be_bars_is_not_received(
    lake: Lake, manager: Client, settings: Settings, name: str, size: int, message: str
) -> None:
    settings.FILES_UPLOAD_MAX_MEGABYTES = 1

    answer = hand_in(manager, name, b"x" * size)

    assert message in answer.content.decode()
    assert not JobRun.objects.exists()


def test_a_name_that_leads_elsewhere_stays_in_its_folder(lake: Lake, manager: Client, settings: Settings) -> None:
    hand_in(manager, "../../AAPL.csv", alpha_vantage_csv(BARS))

    kept = list(settings.VAR_DIR.rglob("*.csv"))
    assert [path.parent.parent for path in kept] == [settings.VAR_DIR / "uploads"]


def test_only_data_managers_may_hand_in(make_user: Callable[..., Any], lake: Lake) -> None:
    analyst = Client()
    analyst.force_login(make_user("anna", role="analyst", is_staff=True))

    assert analyst.get(UPLOAD).status_code == 403
    assert hand_in(analyst, "AAPL.csv", alpha_vantage_csv(BARS)).status_code == 403
    assert not JobRun.objects.exists()
