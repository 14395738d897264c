"""Forgotten and changed passwords."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from tests.dynamo import PASSWORD
from tests.faulty_proxy import faulty_proxy
from tests.mailbox import Mailbox

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
NEW = {"password": "well-9-deep", "password_again": "well-9-deep"}


def forget(email: str = "ada@example.org", client: Client | None = None) -> Any:
    return (client or Client()).post("/forgotten-password/", {"email": email})


def reset(token: str, **changes: str) -> Any:
    return Client().post("/reset-password/", {"token": token, **NEW, **changes})


def signed_in(password: str = PASSWORD, username: str = "ada") -> Client:
    client = Client()
    assert client.post("/sign-in/", {"username": username, "password": password}).status_code == 302
    return client


def is_signed_in(client: Client, path: str = "/account/") -> bool:
    return client.get(path).status_code == 200


def change(client: Client, **changes: str) -> Any:
    return client.post("/account/password/", {"current": PASSWORD, **NEW, **changes})


def plain(response: Any) -> tuple[int, str, str]:
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return response.status_code, response.headers.get("Location", ""), body


def test_a_forgotten_password_is_set_anew_and_every_sign_in_ends(make_user: Any, mailbox: Mailbox) -> None:
    make_user("ada")
    before = signed_in()
    assert forget("ADA@example.org")["Location"] == "/forgotten-password/sent/"

    form = Client().get(mailbox.path("ada@example.org"))
    assert "For ada." in form.content.decode()
    told = Client().post("/reset-password/", {"token": mailbox.token("ada@example.org"), **NEW}, follow=True)

    assert "Your password is changed." in told.content.decode()
    assert not is_signed_in(before)
    assert is_signed_in(signed_in("well-9-deep"))
    assert Client().post("/sign-in/", {"username": "ada", "password": PASSWORD}).status_code == 401
    assert mailbox.to("ada@example.org")[-1].subject == "Your StockCompare password was changed"


def test_nobody_learns_whether_there_is_an_account(make_user: Any, mailbox: Mailbox) -> None:
    make_user("ada")
    make_user("off", is_active=False)
    make_user("keyless", password=None)
    client = Client()
    addresses = [f"{name}@example.org" for name in ("ada", "nobody", "off", "keyless")]

    answers = [plain(forget(email, client)) for email in addresses]
    pages = [plain(client.get(answer[1])) for answer in answers]

    assert len(set(answers)) == len(set(pages)) == 1
    assert [message.to for message in mailbox.all()] == [["ada@example.org"]]


def test_both_cost_the_same_calls(make_user: Any, mailbox: Mailbox, user_store: str, settings: Any) -> None:
    make_user("ada")
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        forget()
        known = proxy.operations()
        forget("nobody@example.org")

    assert proxy.operations()[len(known) :] == known


def test_a_link_works_once_for_an_hour_and_until_the_password_changes(make_user: Any, mailbox: Mailbox) -> None:
    user = make_user("ada")
    forget()
    token = mailbox.token("ada@example.org")
    with time_machine.travel(time.time() + 3601):
        assert reset(token).status_code == 410
    assert reset(token).status_code == 302
    assert reset(token).status_code == 410

    forget()
    token = mailbox.token("ada@example.org")
    user = User.objects.get(pk="ada")
    user.set_password("another-horse-8")
    user.save()
    assert reset(token).status_code == 410
    assert User.objects.get(pk="ada").check_password("another-horse-8")


@pytest.mark.parametrize("ending", ["deactivated", "deleted", "made anew", "signed out everywhere"])
def test_a_link_ends_with_what_it_was_made_for(make_user: Any, mailbox: Mailbox, ending: str) -> None:
    user = make_user("ada")
    forget()
    token = mailbox.token("ada@example.org")

    if ending == "deactivated":
        user.is_active = False
        user.save()
    elif ending == "signed out everywhere":
        user.end_all_sessions()
    else:
        user.delete()
    if ending == "made anew":
        make_user("ada")

    assert reset(token).status_code == 410
    assert Client().get("/reset-password/", {"token": token}).status_code == 410


def test_a_changed_link_is_refused(make_user: Any, mailbox: Mailbox) -> None:
    make_user("ada")
    forget()
    token = mailbox.token("ada@example.org")

    for forged in (token[:-1], f"{token}x", f"x{token}", "", "nonsense"):
        assert reset(forged).status_code == 410


def test_one_link_used_eight_times_at_once_sets_one_password(make_user: Any, mailbox: Mailbox) -> None:
    make_user("ada")
    forget()
    token = mailbox.token("ada@example.org")

    def use(n: int) -> int:
        password = f"well-9-deep-{n}"
        status: int = reset(token, password=password, password_again=password).status_code
        return status

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(use, range(8)))

    assert sorted(statuses) == [302] + [410] * 7
    assert User.objects.get(pk="ada").check_password(f"well-9-deep-{statuses.index(302)}")


def test_a_reset_frees_a_locked_name(make_user: Any, mailbox: Mailbox) -> None:
    make_user("ada")
    for _ in range(6):
        Client().post("/sign-in/", {"username": "ada", "password": "wrong"})
    forget()

    reset(mailbox.token("ada@example.org"))

    assert is_signed_in(signed_in("well-9-deep"))


def test_a_bad_new_password_is_explained_and_the_link_lives_on(make_user: Any, mailbox: Mailbox) -> None:
    make_user("ada")
    forget()
    token = mailbox.token("ada@example.org")

    response = reset(token, password="12345678", password_again="12345678")

    assert response.status_code == 400
    assert "This password is too common." in response.content.decode()
    assert reset(token).status_code == 302


def test_without_mail_an_administrator_helps() -> None:
    response = Client().get("/forgotten-password/")

    assert response.status_code == 403
    assert "administrator" in response.content.decode()
    assert "/forgotten-password/" not in Client().get("/sign-in/").content.decode()


def test_a_changed_password_ends_the_others_and_keeps_this_browser(make_user: Any, mailbox: Mailbox) -> None:
    make_user("root", superuser=True)
    other, client = signed_in(username="root"), signed_in(username="root")
    old = Client()
    old.cookies["sc_refresh"] = client.cookies["sc_refresh"].value

    told = client.post("/account/password/", {"current": PASSWORD, **NEW}, follow=True)

    assert "Your password is changed." in told.content.decode()
    assert [is_signed_in(client), is_signed_in(client, "/admin/")] == [True, True]
    assert [is_signed_in(other), is_signed_in(other, "/admin/"), is_signed_in(old)] == [False] * 3
    assert is_signed_in(signed_in("well-9-deep", "root"))
    assert len(mailbox.to("root@example.org")) == 1


def test_the_current_password_is_asked_and_counted_like_a_sign_in(make_user: Any) -> None:
    make_user("ada")
    client = signed_in()

    wrong = [change(client, current="wrong") for _ in range(6)]

    assert [response.status_code for response in wrong] == [400] * 5 + [429]
    assert "This is not your password." in wrong[0].content.decode()
    assert int(wrong[5]["Retry-After"]) > 0
    assert Client().post("/sign-in/", {"username": "ada", "password": PASSWORD}).status_code == 429
    assert User.objects.get(pk="ada").check_password(PASSWORD)


def test_a_new_password_like_the_name_is_refused(make_user: Any) -> None:
    make_user("constance")

    response = change(signed_in(username="constance"), password="constance1", password_again="constance1")

    assert response.status_code == 400
    assert "too similar to the user name" in response.content.decode()
