"""Run records in the admin, and the buttons that queue a job."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from stockcompare.jobs import new_run
from stockcompare.models import Job, JobRun, State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
RUNS = "/admin/stockcompare/jobrun/"


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root(make_user: Callable[..., Any]) -> Client:
    return client_of(make_user("root", superuser=True))


@pytest.mark.parametrize("job", [job for job in Job if job.startable])
def test_the_button_queues_a_run_for_the_worker(root: Client, job: Job) -> None:
    answer = root.post(f"{RUNS}run/{job}/", follow=True)

    run = JobRun.objects.get()
    assert (run.job, run.state, run.trigger) == (job, State.QUEUED, "root")
    task = SignedPackage.loads(OrmQ.objects.get().payload)
    assert (task["func"], task["args"]) == ("stockcompare.tasks.run_now", (run.pk,))
    assert f"{job.label}: queued" in answer.content.decode()


def test_the_list_shows_runs_and_offers_both_jobs(root: Client) -> None:
    run = new_run(Job.PROCESS, trigger="schedule", now=timezone.now())
    JobRun.objects.filter(pk=run.pk).update(state=State.FAILED, summary="the lake is full\nmore")

    page = root.get(RUNS).content.decode()

    assert "the lake is full" in page
    assert "Fetch prices now" in page
    assert "Process prices now" in page


def test_following_a_link_starts_nothing(root: Client) -> None:
    assert root.get(f"{RUNS}run/fetch/").status_code == 405
    assert not JobRun.objects.exists()


@pytest.mark.parametrize("job", ["sell", "import"])
def test_a_job_that_no_button_starts_is_not_found(root: Client, job: str) -> None:
    assert root.post(f"{RUNS}run/{job}/").status_code == 404


def test_records_can_be_neither_added_nor_changed_nor_deleted(root: Client) -> None:
    run = new_run(Job.FETCH, trigger="schedule", now=timezone.now())

    assert root.get(f"{RUNS}add/").status_code == 403
    assert root.post(f"{RUNS}{run.pk}/change/", {"trigger": "somebody else"}).status_code == 403
    assert root.post(f"{RUNS}{run.pk}/delete/", {"post": "yes"}).status_code == 403
    assert JobRun.objects.get().trigger == "schedule"


def test_a_member_of_staff_without_the_permission_is_refused(make_user: Callable[..., Any]) -> None:
    staff = client_of(make_user("vera", role="viewer", is_staff=True))

    assert staff.post(f"{RUNS}run/fetch/").status_code == 403
    assert not JobRun.objects.exists()


def test_an_administrator_by_role_may_run_jobs(make_user: Callable[..., Any]) -> None:
    helper = client_of(make_user("helper", role="admin", is_staff=True))

    assert helper.post(f"{RUNS}run/fetch/", follow=True).status_code == 200
    assert JobRun.objects.get().trigger == "helper"


def test_signed_out_it_leads_to_the_sign_in(user_store: str) -> None:
    answer = Client().post(f"{RUNS}run/fetch/")

    assert answer.status_code == 302
    assert not JobRun.objects.exists()
