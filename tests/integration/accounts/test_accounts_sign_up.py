"""Signing up: with mail and without, by invitation or not at all, and without telling who is here already."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from accounts import links
from accounts.people import sign_up
from tests.dynamo import PASSWORD
from tests.faulty_proxy import Fault, faulty_proxy
from tests.mailbox import Mailbox

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
NEW = {"username": "ada", "password": "well-9-deep", "password_again": "well-9-deep"}
DAY = 24 * 3600


def ask(email: str, client: Client | None = None, **more: str) -> Any:
    return (client or Client()).post("/sign-up/", {"email": email, **more})


def choose(token: str, **changes: str) -> Any:
    return Client().post("/sign-up/confirm/", {"token": token, **NEW, **changes})


def plain(response: Any) -> tuple[int, str, str]:
    """Return what a visitor can tell apart: everything but the random token against forgery."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return response.status_code, response.headers.get("Location", ""), body


def test_without_mail_an_account_is_good_at_once_and_a_viewers() -> None:
    client = Client()
    assert "E-mail" not in client.get("/sign-up/").content.decode()

    told = client.post("/sign-up/", {**NEW, "username": " Ada "}, follow=True)

    assert "Your account is ready, ada." in told.content.decode()
    user = User.objects.get(pk="ada")
    assert (user.role, user.email, user.is_staff) == ("viewer", None, False)
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"username": "ada@example.org"}, "Use letters, digits"),
        ({"username": ""}, "This field is required."),
        ({"password": "short", "password_again": "short"}, "This password is too short"),
        ({"password": "password", "password_again": "password"}, "This password is too common."),
        ({"username": "welldeep9", "password": "well-deep9", "password_again": "well-deep9"}, "too similar to the"),
        ({"password_again": "other-9-deep"}, "The two passwords are not the same."),
    ],
)
def test_a_form_that_is_no_good_says_why(changes: dict[str, str], complaint: str) -> None:
    response = Client().post("/sign-up/", NEW | changes)

    assert response.status_code == 400
    assert complaint in response.content.decode()
    assert not User.objects.exists()


def test_a_taken_name_asks_for_another_and_keeps_its_owner(make_user: Any) -> None:
    make_user("ada")

    response = Client().post("/sign-up/", NEW | {"username": "ADA"})

    assert response.status_code == 409
    assert "Choose another one" in response.content.decode()
    assert User.objects.get(pk="ada").check_password(PASSWORD)


def test_with_mail_there_is_no_account_before_the_address_is_confirmed(mailbox: Mailbox) -> None:
    asked = ask("Ada@Example.org")
    assert asked["Location"] == "/sign-up/sent/"
    assert not User.objects.exists()

    client = Client()
    path = mailbox.path("ada@example.org")
    assert "For ada@example.org." in client.get(path).content.decode()
    assert not User.objects.exists(), "a program that follows links makes no account"
    client.post(path, {**NEW, "token": mailbox.token("ada@example.org")})

    assert User.objects.get(email="ada@example.org").username == "ada"
    assert client.get("/account/").status_code == 200


def test_an_address_with_an_account_gets_the_same_answer_and_another_mail(make_user: Any, mailbox: Mailbox) -> None:
    make_user("bob")
    client = Client()

    known, unknown = ask("bob@example.org", client), ask("new@example.org", client)

    assert plain(known) == plain(unknown)
    assert plain(client.get(known["Location"])) == plain(client.get(unknown["Location"]))
    assert "bob" in str(mailbox.to("bob@example.org")[0].body)
    assert "token=" not in str(mailbox.to("bob@example.org")[0].body)
    assert "token=" in str(mailbox.to("new@example.org")[0].body)


def test_both_cost_the_same_calls(make_user: Any, mailbox: Mailbox, user_store: str, settings: Any) -> None:
    make_user("bob")
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        ask("bob@example.org")
        known = proxy.operations()
        ask("new@example.org")

    assert proxy.operations()[len(known) :] == known


def test_a_link_works_once(mailbox: Mailbox) -> None:
    ask("ada@example.org")
    token = mailbox.token("ada@example.org")
    assert choose(token).status_code == 302
    User.objects.get(pk="ada").delete()

    for again in (choose(token), Client().get("/sign-up/confirm/", {"token": token})):
        assert again.status_code == 410
        assert "This link does not work any more" in again.content.decode()
    assert not User.objects.exists()


def test_a_link_ends_after_a_day_and_with_the_first_account_of_its_address(mailbox: Mailbox) -> None:
    ask("ada@example.org")
    ask("ada@example.org")
    first, second = (re.findall(r"token=(\S+)", str(mail.body))[0] for mail in mailbox.to("ada@example.org"))
    with time_machine.travel(time.time() + DAY + 1):
        assert choose(first).status_code == 410

    assert choose(first).status_code == 302
    assert choose(second, username="other").status_code == 410


@pytest.mark.parametrize("purpose", ["reset_password", "change_email", "invitation"])
def test_a_link_of_another_kind_or_a_changed_one_is_refused(mailbox: Mailbox, purpose: str) -> None:
    ask("ada@example.org")
    token = mailbox.token("ada@example.org")
    facts = {"email": "ada@example.org", "invitation": ""}
    other = links.write(purpose, facts, now=int(time.time()))

    for forged in (other, token[:-2], f"x{token}", token.swapcase(), "", "a:b:c"):
        assert choose(forged).status_code == 410
    assert not User.objects.exists()


def test_one_link_used_sixteen_times_at_once_makes_one_account(mailbox: Mailbox, settings: Any) -> None:
    settings.ACCOUNTS_REQUESTS_PER_ADDRESS = 100
    sign_up.TRIES_PER_LINK, tries = 100, sign_up.TRIES_PER_LINK
    ask("ada@example.org")
    token = mailbox.token("ada@example.org")

    try:
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda n: choose(token, username=f"ada{n}").status_code, range(16)))
    finally:
        sign_up.TRIES_PER_LINK = tries

    assert sorted(statuses) == [302] + [410] * 15
    assert User.objects.count() == 1


def test_a_lost_reply_of_the_last_step_still_makes_the_account(
    mailbox: Mailbox, user_store: str, settings: Any
) -> None:
    ask("ada@example.org")
    token = mailbox.token("ada@example.org")
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        proxy.fault = Fault("drop", "TransactWriteItems", times=1)
        assert choose(token).status_code == 302
        assert proxy.fault.hits == 1


def test_names_cannot_be_tried_without_end_through_one_link(make_user: Any, mailbox: Mailbox) -> None:
    make_user("bob")
    ask("ada@example.org")
    token = mailbox.token("ada@example.org")

    statuses = [choose(token, username="bob").status_code for _ in range(sign_up.TRIES_PER_LINK + 1)]

    assert statuses == [409] * sign_up.TRIES_PER_LINK + [429]


def test_mails_to_one_address_are_limited_whether_or_not_it_has_an_account(make_user: Any, mailbox: Mailbox) -> None:
    make_user("bob")
    for email in ("bob@example.org", "new@example.org"):
        answers = [ask(email, Client(REMOTE_ADDR=f"192.0.2.{n}")) for n in range(4)]

        assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
        assert 0 < int(answers[3]["Retry-After"]) <= 3600
        assert "Too many attempts" in answers[3].content.decode()
        assert len(mailbox.to(email)) == 3


def test_one_client_asks_for_so_many_an_hour(mailbox: Mailbox, settings: Any) -> None:
    settings.ACCOUNTS_REQUESTS_PER_ADDRESS = 2
    asked = [ask(f"new{n}@example.org").status_code for n in range(3)]

    assert asked == [302, 302, 429]
    assert ask("other@example.org", Client(REMOTE_ADDR="192.0.2.77")).status_code == 302


def test_closed_means_closed_and_sign_in_does_not_offer_it(settings: Any, mailbox: Mailbox) -> None:
    ask("ada@example.org")
    invited = sign_up.invite("", base="", now=int(time.time()))
    settings.ACCOUNTS_SIGN_UP = "closed"

    for response in (Client().get("/sign-up/"), Client().post("/sign-up/", NEW), Client().get(invited)):
        assert response.status_code == 403
        assert "Sign-up is closed" in response.content.decode()
    assert choose(mailbox.token("ada@example.org")).status_code == 403
    assert "/sign-up/" not in Client().get("/sign-in/").content.decode()
    assert not User.objects.exists()


def test_an_invitation_with_an_address_lets_one_person_in(settings: Any, mailbox: Mailbox) -> None:
    settings.ACCOUNTS_SIGN_UP = "invite"
    assert Client().get("/sign-up/").status_code == 403
    sign_up.invite("ada@example.org", base="http://testserver", now=int(time.time()))
    body = NEW | {"token": mailbox.token("ada@example.org")}

    assert "For ada@example.org." in Client().get(mailbox.path("ada@example.org")).content.decode()
    assert Client().post("/sign-up/", body).status_code == 302
    assert Client().post("/sign-up/", body | {"username": "eve"}).status_code == 410
    assert [user.email for user in User.objects.all()] == ["ada@example.org"]


def test_an_open_invitation_confirms_an_address_first_and_is_used_up_with_it(settings: Any, mailbox: Mailbox) -> None:
    settings.ACCOUNTS_SIGN_UP = "invite"
    invitation = sign_up.invite("", base="", now=int(time.time())).partition("token=")[2]
    ask("ada@example.org", token=invitation)
    ask("eve@example.org", token=invitation)

    assert choose(mailbox.token("ada@example.org")).status_code == 302
    assert choose(mailbox.token("eve@example.org"), username="eve").status_code == 410
    assert ask("max@example.org", token=invitation).status_code == 410


@pytest.mark.parametrize("path", ["/sign-up/", "/sign-up/confirm/", "/forgotten-password/", "/reset-password/"])
def test_forms_for_visitors_are_guarded_against_forgery(mailbox: Mailbox, path: str) -> None:
    assert Client(enforce_csrf_checks=True).post(path, {"email": "a@example.org"}).status_code == 403


@pytest.mark.parametrize("way", ["sign up", "forgotten"])
def test_without_dynamodb_the_answer_is_503(mailbox: Mailbox, user_store: str, settings: Any, way: str) -> None:
    path = {"sign up": "/sign-up/", "forgotten": "/forgotten-password/"}[way]
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        proxy.fault = Fault("throttle")
        response = Client().post(path, {"email": "ada@example.org"})

    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert mailbox.all() == []
