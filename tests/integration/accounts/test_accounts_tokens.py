"""Sign in, refresh and sign out through the API."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings as project_settings
from django.contrib.auth import get_user_model
from django.test import Client

from accounts.dynamo import families, setup
from accounts.sessions import GRACE_SECONDS
from tests.dynamo import PASSWORD
from tests.faulty_proxy import faulty_proxy
from tests.token_browser import COOKIE, SCRIPT, TokenBrowser

User = get_user_model()
DAY = 86_400


def test_obtain_and_use(make_user: Any) -> None:
    make_user("ada", first_name="Ada", role="analyst")
    browser = TokenBrowser()

    response = browser.sign_in("ADA@example.org")

    assert response.json().keys() == {"access", "expires_in"}
    assert response["Cache-Control"] == "no-store"
    assert browser.me().json() == {
        "username": "ada",
        "name": "Ada",
        "first_name": "Ada",
        "last_name": "",
        "email": "ada@example.org",
        "role": "analyst",
        "is_staff": False,
        "permissions": [
            "analytics.export_prices",
            "analytics.save_comparison",
            "analytics.share_comparison",
            "analytics.view_prices",
        ],
    }
    assert User.objects.get(pk="ada").last_login is not None


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(signed_in: TokenBrowser) -> None:
    morsel = signed_in.client.cookies[COOKIE]

    assert (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"]) == (True, "Lax", "/", "")
    assert morsel["max-age"] == 7 * DAY


def test_the_cookie_is_secure_and_bound_to_the_host_behind_https(make_user: Any, settings: Any) -> None:
    make_user("ada")
    settings.HTTPS, settings.REFRESH_COOKIE = True, "__Host-sc_refresh"

    response = TokenBrowser().sign_in()

    morsel = response.cookies["__Host-sc_refresh"]
    assert (morsel["secure"], morsel["path"], morsel["domain"]) == (True, "/", "")


def test_the_access_token_is_short_and_signed_with_a_key_of_its_own(signed_in: TokenBrowser) -> None:
    claims = jwt.decode(signed_in.access, options={"verify_signature": False})

    assert claims["exp"] - claims["iat"] == 300
    assert {"sub", "uid", "tv", "jti", "iss", "aud"} <= claims.keys()
    assert project_settings.JWT_SIGNING_KEY not in ("", project_settings.SECRET_KEY)
    assert len(project_settings.JWT_SIGNING_KEY) >= 32
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(signed_in.access, project_settings.SECRET_KEY, ["HS256"], audience="stockcompare")


def test_refresh_rotates(signed_in: TokenBrowser) -> None:
    first, first_access = signed_in.cookie, signed_in.access

    assert signed_in.refresh().status_code == 200

    assert signed_in.cookie != first
    assert signed_in.access != first_access
    assert signed_in.me().status_code == 200


def test_two_tabs_that_refresh_at_once_get_the_same_successor(signed_in: TokenBrowser) -> None:
    other_tab = TokenBrowser(signed_in.cookie)

    signed_in.refresh()
    assert other_tab.refresh().status_code == 200

    assert other_tab.cookie == signed_in.cookie
    assert other_tab.me().status_code == 200


def test_a_copy_used_after_the_grace_ends_the_whole_family(signed_in: TokenBrowser) -> None:
    thief = TokenBrowser(signed_in.cookie)
    signed_in.refresh()

    with time_machine.travel(time.time() + GRACE_SECONDS + 1):
        assert thief.refresh().status_code == 401
        assert signed_in.refresh().status_code == 401
        assert signed_in.me().status_code == 401


def test_a_failed_refresh_takes_the_cookie_away(signed_in: TokenBrowser) -> None:
    TokenBrowser(signed_in.cookie).sign_out()

    response = signed_in.refresh()

    assert response.status_code == 401
    assert response.json()["code"] == "sign_in_ended"
    assert response.cookies[COOKIE]["max-age"] == 0


def test_sign_out_ends_cookie_and_access_token(signed_in: TokenBrowser) -> None:
    stolen = TokenBrowser(signed_in.cookie)
    stolen.access = signed_in.access

    assert signed_in.sign_out().status_code == 204

    assert stolen.refresh().status_code == 401
    assert stolen.me().status_code == 401
    assert stolen.me().json()["code"] == "sign_in_ended"


def test_sign_out_by_access_token_alone(signed_in: TokenBrowser) -> None:
    headers = {**SCRIPT, "Authorization": f"Bearer {signed_in.access}"}

    assert Client().post("/api/v1/auth/logout/", headers=headers).status_code == 204

    assert signed_in.me().status_code == 401


def test_a_sign_in_elsewhere_stays(signed_in: TokenBrowser) -> None:
    phone = TokenBrowser()
    phone.sign_in()

    signed_in.sign_out()

    assert phone.me().status_code == 200
    assert phone.refresh().status_code == 200


def deactivate(user: Any) -> None:
    user.is_active = False
    user.save()


def change_password(user: Any) -> None:
    user.set_password("another-horse-8")
    user.save()


def recreate(user: Any) -> None:
    user.delete()
    User.objects.create_user("ada", "ada@example.org", PASSWORD)


def reactivate(user: Any) -> None:
    deactivate(user)
    user.is_active = True
    user.save()


@pytest.mark.parametrize(
    "event",
    [deactivate, change_password, recreate, reactivate, lambda user: user.delete(), lambda u: u.end_all_sessions()],
)
def test_tokens_die_at_once(signed_in: TokenBrowser, event: Any) -> None:
    assert signed_in.me().status_code == 200

    event(User.objects.get(pk="ada"))

    assert signed_in.me().status_code == 401
    assert signed_in.refresh().status_code == 401


def test_a_sign_in_ends_after_seven_idle_days(signed_in: TokenBrowser) -> None:
    with time_machine.travel(time.time() + 7 * DAY - 60):
        assert signed_in.refresh().status_code == 200
    with time_machine.travel(time.time() + 14 * DAY - 30):
        assert signed_in.refresh().status_code == 401


def test_a_sign_in_ends_after_thirty_days_however_busy(signed_in: TokenBrowser) -> None:
    begun = time.time()
    for days in range(6, 30, 6):
        with time_machine.travel(begun + days * DAY):
            assert signed_in.refresh().status_code == 200
    assert signed_in.client.cookies[COOKIE]["max-age"] <= 6 * DAY

    with time_machine.travel(begun + 30 * DAY + 1):
        assert signed_in.refresh().status_code == 401


def test_an_access_token_ends_after_five_minutes_and_the_leeway(signed_in: TokenBrowser) -> None:
    begun = time.time()

    with time_machine.travel(begun + 325):
        assert signed_in.me().status_code == 200
    with time_machine.travel(begun + 335):
        assert signed_in.me().json()["code"] == "token_not_valid"


def test_an_authenticated_request_costs_one_read(signed_in: TokenBrowser, user_store: str, settings: Any) -> None:
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        signed_in.me()
        assert proxy.operations() == ["BatchGetItem"]
        signed_in.refresh()

    assert proxy.operations()[1:] == ["BatchGetItem", "UpdateItem"]


def test_a_lost_reply_of_the_rotation_is_recognised(signed_in: TokenBrowser, user_store: str, settings: Any) -> None:
    from tests.faulty_proxy import Fault

    with faulty_proxy(user_store) as proxy:
        proxy.fault = Fault("drop", "UpdateItem", times=1)
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        assert signed_in.refresh().status_code == 200

    settings.AWS_ENDPOINT_URL_DYNAMODB = user_store
    assert signed_in.refresh().status_code == 200


def test_a_client_that_lost_the_answer_may_ask_again_within_the_grace(signed_in: TokenBrowser) -> None:
    old = signed_in.cookie
    signed_in.refresh()
    retry = TokenBrowser(old)

    with time_machine.travel(time.time() + GRACE_SECONDS - 2):
        assert retry.refresh().status_code == 200

    assert retry.cookie == signed_in.cookie


def test_twelve_refreshes_at_once_keep_one_family(signed_in: TokenBrowser) -> None:
    old = signed_in.cookie
    tabs = [TokenBrowser(old) for _ in range(12)]

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda tab: tab.refresh().status_code, tabs))

    assert answers == [200] * 12
    assert {tab.cookie for tab in tabs} == {tabs[0].cookie}
    with time_machine.travel(time.time() + GRACE_SECONDS + 1):
        assert TokenBrowser(old).refresh().status_code == 401
        assert tabs[0].refresh().status_code == 401


def test_expired_sign_ins_are_swept(signed_in: TokenBrowser) -> None:
    uid = User.objects.get(pk="ada").uid

    assert setup.sweep(time.time()) == 0
    assert setup.sweep(time.time() + 8 * DAY) >= 1

    assert families.list_families(uid) == []
