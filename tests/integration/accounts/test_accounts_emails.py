"""A new e-mail address: confirmed at the new one, told to the old one, and what nobody learns by it."""

import time
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from tests.dynamo import PASSWORD
from tests.mailbox import Mailbox

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]


@pytest.fixture
def ada(make_user: Any) -> Client:
    make_user("ada")
    client = Client()
    assert client.post("/sign-in/", {"username": "ada", "password": PASSWORD}).status_code == 302
    return client


def ask(client: Client, email: str = "new@example.org", password: str = PASSWORD) -> Any:
    return client.post("/account/email/", {"email": email, "current": password})


def confirm(token: str) -> Any:
    return Client().post("/account/email/confirm/", {"token": token})


def test_the_address_changes_when_the_new_one_is_confirmed(ada: Client, mailbox: Mailbox) -> None:
    assert ask(ada, "NEW@example.org").status_code == 302
    assert User.objects.get(pk="ada").email == "ada@example.org"
    assert "becomes the address of ada" in Client().get(mailbox.path("new@example.org")).content.decode()
    assert User.objects.get(pk="ada").email == "ada@example.org", "following the link alone changes nothing"

    assert confirm(mailbox.token("new@example.org")).status_code == 302

    assert User.objects.get(email="new@example.org").username == "ada"
    assert not User.objects.filter(email="ada@example.org").exists()
    assert "new@example.org" in str(mailbox.to("ada@example.org")[0].body)


def test_an_address_of_somebody_else_gets_the_same_answer(ada: Client, make_user: Any, mailbox: Mailbox) -> None:
    make_user("bob")

    taken, free = ask(ada, "bob@example.org"), ask(ada, "new@example.org")

    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"]) == (302, "/account/")
    assert "token=" not in str(mailbox.to("bob@example.org")[0].body)


def test_the_password_is_asked(ada: Client, mailbox: Mailbox) -> None:
    response = ask(ada, password="wrong")

    assert response.status_code == 400
    assert "This is not your password." in response.content.decode()
    assert mailbox.all() == []


def test_a_link_works_once_for_a_day_from_the_address_it_was_asked_at(ada: Client, mailbox: Mailbox) -> None:
    ask(ada)
    token = mailbox.token("new@example.org")
    with time_machine.travel(time.time() + 24 * 3600 + 1):
        assert confirm(token).status_code == 410
    assert confirm(f"x{token}").status_code == 410
    assert confirm(token).status_code == 302

    user = User.objects.get(pk="ada")
    user.email = "ada@example.org"
    user.save()
    assert confirm(token).status_code == 410
    assert User.objects.get(pk="ada").email == "ada@example.org"


def test_an_address_taken_meanwhile_stays_with_its_holder(ada: Client, make_user: Any, mailbox: Mailbox) -> None:
    ask(ada)
    make_user("eve", email="new@example.org")

    assert confirm(mailbox.token("new@example.org")).status_code == 410
    assert User.objects.get(email="new@example.org").username == "eve"


def test_mails_are_limited_by_user(ada: Client, mailbox: Mailbox) -> None:
    answers = [ask(ada, f"new{n}@example.org") for n in range(4)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert int(answers[3]["Retry-After"]) > 0
    assert len(mailbox.all()) == 3


def test_without_mail_no_address_can_be_given(ada: Client) -> None:
    assert "sends no mails" in ada.get("/account/").content.decode()
    assert ask(ada).status_code == 400
    assert User.objects.get(pk="ada").email == "ada@example.org"
