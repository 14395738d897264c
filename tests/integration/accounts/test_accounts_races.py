"""Two things at once, in separate processes against a real server. RACE_ROUNDS repeats each race (3 by default)."""

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import time_machine
from django.contrib.auth import authenticate, get_user_model
from django.db import IntegrityError, connections
from django.test import Client

from accounts.dynamo import client, store
from accounts.errors import StaleUser
from accounts.sessions import GRACE_SECONDS
from tests.dynamo import PASSWORD

User = get_user_model()
ROUNDS = int(os.environ.get("RACE_ROUNDS", "3"))
FORK = multiprocessing.get_context("fork")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("user_store"), pytest.mark.timeout(120 + 60 * ROUNDS)]


def race(contestants: int, run: Callable[[int], Any]) -> list[Any]:
    """Run `run(n)` in as many processes, released at the same moment, and return what each returned."""
    start = FORK.Barrier(contestants)
    results = FORK.Queue()
    processes = [FORK.Process(target=_contest, args=(start, results, run, n)) for n in range(contestants)]
    for process in processes:
        process.start()
    answers = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(30)
    return answers


def _contest(start: Any, results: Any, run: Callable[[int], Any], number: int) -> None:
    # What was opened before the fork belongs to the parent.
    http: Any = client.connection().client._endpoint.http_session
    http.close()
    connections.close_all()
    start.wait(60)
    try:
        results.put(run(number))
    except Exception as error:  # any other outcome must reach the parent
        results.put(type(error).__name__)
    results.close()
    results.join_thread()
    os._exit(0)


@pytest.mark.parametrize("shared", ["username", "email"])
def test_sixteen_sign_ups_have_one_winner(shared: str) -> None:
    for turn in range(ROUNDS):

        def sign_up(number: int, turn: int = turn) -> str:
            name = f"same{turn}" if shared == "username" else f"name{turn}-{number}"
            address = f"same{turn}@example.org" if shared == "email" else f"a{turn}-{number}@example.org"
            try:
                return str(User.objects.create_user(name, address, PASSWORD).pk)
            except IntegrityError:
                return "taken"

        answers = Counter(race(16, sign_up))

        assert answers.pop("taken") == 15
        (winner,) = answers
        written = User.objects.filter(username__startswith="same" if shared == "username" else f"name{turn}-")
        assert [user.pk for user in written if user.pk == winner] == [winner]
        assert User.objects.count() == turn + 1


def test_two_admins_saving_one_user_one_is_told(make_user: Any) -> None:
    make_user("ada")
    for _ in range(ROUNDS):
        loaded = [User.objects.get(pk="ada") for _ in range(2)]

        def save(number: int, loaded: list[Any] = loaded) -> str:
            loaded[number].first_name = f"{time.monotonic_ns()}"
            try:
                loaded[number].save()
            except StaleUser:
                return "told"
            return str(loaded[number].first_name)

        answers = race(2, save)

        assert answers.count("told") == 1
        assert User.objects.get(pk="ada").first_name in answers


def test_a_new_password_stands_against_the_upgrade_of_the_old_hash(make_user: Any, settings: Any) -> None:
    weak = settings.PASSWORD_HASHERS
    strong = ["django.contrib.auth.hashers.ScryptPasswordHasher", *weak]
    for turn in range(ROUNDS):
        settings.PASSWORD_HASHERS = weak
        make_user(f"ada{turn}")
        settings.PASSWORD_HASHERS = strong

        def act(number: int, turn: int = turn) -> str:
            if number:
                authenticate(None, username=f"ada{turn}", password=PASSWORD)
                return "signed in"
            while True:
                user = User.objects.get(pk=f"ada{turn}")
                user.set_password("another-horse-8")
                user.save()
                return "changed"

        assert "changed" in race(4, act)

        user = User.objects.get(pk=f"ada{turn}")
        assert user.check_password("another-horse-8")
        assert not user.check_password(PASSWORD)


def refresh(cookie: str, _number: int = 0) -> tuple[int, str]:
    browser = Client()
    browser.cookies["sc_refresh"] = cookie
    response = browser.post("/api/v1/auth/refresh/", headers={"X-Requested-With": "fetch"})
    return response.status_code, browser.cookies["sc_refresh"].value


def test_twelve_refreshes_of_one_token_keep_one_family(make_user: Any) -> None:
    make_user("ada")
    for _ in range(ROUNDS):
        browser = Client()
        browser.post("/api/v1/auth/token/", {"username": "ada", "password": PASSWORD})
        cookie = browser.cookies["sc_refresh"].value

        answers = race(12, partial(refresh, cookie))

        assert {status for status, _ in answers} == {200}
        (successor,) = {successor for _, successor in answers}
        with time_machine.travel(time.time() + GRACE_SECONDS + 1):
            assert refresh(successor)[0] == 200
            assert refresh(cookie)[0] == 401
            assert refresh(successor)[0] == 401


def test_forty_wrong_passwords_get_five_checks(make_user: Any, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS_PER_ADDRESS = 1000
    for turn in range(ROUNDS):
        make_user(f"ada{turn}")

        def guess(number: int, turn: int = turn) -> int:
            body = {"username": f"ada{turn}", "password": f"guess-{number}"}
            return Client().post("/api/v1/auth/token/", body).status_code

        assert Counter(race(40, guess)) == {401: 5, 429: 35}


def test_a_user_deleted_while_being_saved_stays_deleted(make_user: Any) -> None:
    for turn in range(ROUNDS):
        make_user(f"ada{turn}")
        loaded = User.objects.get(pk=f"ada{turn}")

        def act(number: int, loaded: Any = loaded) -> str:
            if number == 0:
                loaded.delete()
                return "deleted"
            loaded.first_name, loaded.email = f"n{number}", f"n{number}-{loaded.pk}@example.org"
            try:
                loaded.save()
            except (StaleUser, IntegrityError):
                return "told"
            return "saved"

        answers = race(4, act)

        assert "deleted" in answers
        assert answers.count("saved") <= 1
        assert not User.objects.filter(pk=loaded.pk).exists()
        held = [f"ada{turn}@example.org", *(f"n{n}-ada{turn}@example.org" for n in range(4))]
        assert [store.find_username(address) for address in held] == [None] * 5
