"""Two things at once, in separate processes against a real server. RACE_ROUNDS repeats each race (50 by default)."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.db import IntegrityError
from django.test import Client

from accounts import links
from accounts.dynamo import claims, store
from accounts.errors import StaleUser
from accounts.sessions import GRACE_SECONDS
from tests.dynamo import PASSWORD
from tests.racing import racers

User = get_user_model()
ROUNDS = int(os.environ.get("RACE_ROUNDS", "50"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.both_servers,
    pytest.mark.usefixtures("user_store"),
    pytest.mark.timeout(900),
]


class SlowHasher(PBKDF2PasswordHasher):
    """Slow enough that what happens meanwhile matters."""

    algorithm = "slow"
    iterations = 20_000


@pytest.fixture(autouse=True)
def _start_of_a_window(settings: Any) -> Iterator[None]:
    """No window of attempts ends while guesses are counted, and none is locked that is not meant to be."""
    settings.LOGIN_ATTEMPTS_PER_ADDRESS = settings.ACCOUNTS_REQUESTS_PER_ADDRESS = 1_000_000
    Client().post("/api/v1/auth/token/", {})  # loads what each process would load for itself
    with time_machine.travel((time.time() // 900) * 900 + 10, tick=True):
        yield


@pytest.mark.parametrize(("shared", "refusal"), [("username", 400), ("email", 410)])
def test_sixteen_sign_ups_have_one_winner(shared: str, refusal: int) -> None:
    def sign_up(number: int, turn: int) -> str:
        name = f"same{turn}" if shared == "username" else f"name{turn}-{number}"
        address = f"same{turn}@example.org" if shared == "email" else f"a{turn}-{number}@example.org"
        confirmation = links.write("sign_up", {"email": address, "invitation": ""}, now=int(time.time()))
        body = {"username": name, "password": "well-9-deep", "confirmation": confirmation}
        answer = Client().post("/api/v1/auth/sign-up/", body, "application/json")
        return f"{name} {address}" if answer.status_code == 201 else f"refused with {answer.status_code}"

    with racers(16, sign_up) as race:
        for turn in range(ROUNDS):
            answers = Counter(race(turn))

            assert answers.pop(f"refused with {refusal}", 0) == 15, answers
            ((name, address),) = (winner.split() for winner in answers)
            assert store.find_username(address) == name
            assert User.objects.get(pk=name).email == address

    assert User.objects.count() == ROUNDS
    assert not claims.compare()


def test_two_admins_saving_one_user_one_is_told(make_user: Any) -> None:
    make_user("ada")

    def save(number: int, loaded: list[Any]) -> str:
        loaded[number].first_name = f"{time.monotonic_ns()}"
        try:
            loaded[number].save()
        except StaleUser:
            return "told"
        return str(loaded[number].first_name)

    with racers(2, save) as race:
        for _ in range(ROUNDS):
            answers = race([User.objects.get(pk="ada") for _ in range(2)])

            assert answers.count("told") == 1
            assert User.objects.get(pk="ada").first_name in answers


def test_a_new_password_stands_against_the_upgrade_of_the_old_hash(make_user: Any, settings: Any) -> None:
    weak = settings.PASSWORD_HASHERS[0]
    settings.PASSWORD_HASHERS = [f"{__name__}.SlowHasher", weak]

    def act(number: int, turn: int) -> str:
        if number:
            authenticate(None, username=f"ada{turn}", password=PASSWORD)
            return "signed in"
        user = User.objects.get(pk=f"ada{turn}")
        user.set_password("another-horse-8")
        user.save()
        return "changed"

    with racers(4, act) as race:
        for turn in range(ROUNDS):
            user = make_user(f"ada{turn}")
            user.password = make_password(PASSWORD, hasher="md5")
            user.save()

            assert Counter(race(turn)) == {"changed": 1, "signed in": 3}

            user = User.objects.get(pk=f"ada{turn}")
            assert user.check_password("another-horse-8")
            assert not user.check_password(PASSWORD)


def refresh(_number: int, cookie: str) -> tuple[int, str]:
    browser = Client()
    browser.cookies["sc_refresh"] = cookie
    response = browser.post("/api/v1/auth/refresh/", headers={"X-Requested-With": "fetch"})
    return response.status_code, browser.cookies["sc_refresh"].value


def test_twelve_refreshes_of_one_token_keep_one_family(make_user: Any) -> None:
    make_user("ada")
    with racers(12, refresh) as race:
        for _ in range(ROUNDS):
            browser = Client()
            browser.post("/api/v1/auth/token/", {"username": "ada", "password": PASSWORD})
            cookie = browser.cookies["sc_refresh"].value

            answers = race(cookie)

            assert {status for status, _ in answers} == {200}
            (successor,) = {successor for _, successor in answers}
            with time_machine.travel(time.time() + GRACE_SECONDS + 1):
                assert refresh(0, successor)[0] == 200
                assert refresh(0, cookie)[0] == 401
                assert refresh(0, successor)[0] == 401


def test_forty_wrong_passwords_get_five_checks(make_user: Any) -> None:
    def guess(number: int, turn: int) -> int:
        body = {"username": f"ada{turn}", "password": f"guess-{number}"}
        return Client().post("/api/v1/auth/token/", body).status_code

    with racers(40, guess) as race:
        for turn in range(ROUNDS):
            make_user(f"ada{turn}")

            assert Counter(race(turn)) == {401: 5, 429: 35}


def test_a_user_deleted_while_being_saved_stays_deleted(make_user: Any) -> None:
    def act(number: int, loaded: Any) -> str:
        if number == 0:
            loaded.delete()
            return "deleted"
        loaded.first_name, loaded.email = f"n{number}", f"n{number}-{loaded.pk}@example.org"
        try:
            loaded.save()
        except (StaleUser, IntegrityError):
            return "told"
        return "saved"

    with racers(4, act) as race:
        for turn in range(ROUNDS):
            answers = race(make_user(f"ada{turn}"))

            assert "deleted" in answers
            assert answers.count("saved") <= 1
            assert not User.objects.filter(pk=f"ada{turn}").exists()

    assert not claims.compare()
    assert User.objects.count() == 0
