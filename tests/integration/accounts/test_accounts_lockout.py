"""How many passwords may be tried."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from tests.dynamo import PASSWORD

User = get_user_model()


@pytest.fixture(autouse=True)
def _start_of_a_window() -> Any:
    with time_machine.travel((time.time() // 900) * 900 + 10, tick=True):
        yield


def attempt(password: str, username: str = "ada", address: str = "192.0.2.1") -> Any:
    body = {"username": username, "password": password}
    return Client(REMOTE_ADDR=address).post("/api/v1/auth/token/", body)


def fail(times: int, **options: str) -> None:
    for _ in range(times):
        assert attempt("wrong", **options).status_code == 401


def test_a_name_is_locked_after_five_wrong_passwords_and_free_in_the_next_window(make_user: Any) -> None:
    make_user("ada")
    fail(5)

    response = attempt(PASSWORD)

    assert response.status_code == 429
    assert response.json()["code"] == "locked"
    assert 0 < int(response["Retry-After"]) <= 900
    with time_machine.travel(time.time() + int(response["Retry-After"])):
        assert attempt(PASSWORD).status_code == 200


def test_an_unknown_name_is_locked_the_same_way(make_user: Any) -> None:
    fail(5, username="nobody")

    assert attempt("wrong", username="nobody").status_code == 429


def test_name_and_address_of_one_account_share_a_count(make_user: Any) -> None:
    make_user("ada")
    fail(3, username="ada")
    fail(2, username="ADA@example.org")

    assert attempt(PASSWORD).status_code == 429


def test_a_right_password_starts_the_count_anew(make_user: Any) -> None:
    make_user("ada")
    fail(4)
    assert attempt(PASSWORD).status_code == 200

    fail(4)
    assert attempt(PASSWORD).status_code == 200


def test_one_name_locked_leaves_the_others_free(make_user: Any) -> None:
    make_user("ada")
    make_user("bob")
    fail(5)

    assert attempt(PASSWORD, username="bob").status_code == 200


def test_an_address_has_a_limit_over_all_names(make_user: Any, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS_PER_ADDRESS = 3
    make_user("ada")
    for name in ("x", "y", "z"):
        fail(1, username=name)

    assert attempt(PASSWORD).status_code == 429
    assert attempt(PASSWORD, address="192.0.2.2").status_code == 200


def test_right_passwords_do_not_use_up_an_address(make_user: Any, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS_PER_ADDRESS = 2
    make_user("ada")

    assert [attempt(PASSWORD).status_code for _ in range(4)] == [200] * 4


def test_a_forwarded_address_counts_only_from_our_own_proxy(make_user: Any, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS_PER_ADDRESS = 1
    make_user("ada")

    def through(forwarded: str) -> int:
        body = {"username": "ada", "password": "wrong"}
        client = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
        return client.post("/api/v1/auth/token/", body).status_code

    assert [through("198.51.100.1"), through("198.51.100.2")] == [401, 429]
    settings.TRUSTED_PROXIES = 1
    assert [through("1.1.1.1, 198.51.100.3"), through("1.1.1.1, 198.51.100.4")] == [401, 401]
    assert through("9.9.9.9, 198.51.100.4") == 429


def test_forty_guesses_at_once_get_five_checks(make_user: Any, settings: Any) -> None:
    settings.LOGIN_ATTEMPTS_PER_ADDRESS = 1000
    make_user("ada")
    checked = []
    check = User.check_password

    def counting(user: Any, password: str) -> bool:
        checked.append(password)
        return check(user, password)

    with patch.object(User, "check_password", autospec=True, side_effect=counting), ThreadPoolExecutor(40) as pool:
        answers = sorted(pool.map(lambda n: attempt(f"guess-{n}").status_code, range(40)))

    assert len(checked) == 5
    assert answers == [401] * 5 + [429] * 35
