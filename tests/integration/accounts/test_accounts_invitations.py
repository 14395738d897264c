"""Invitations by the admin site and by command."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.dynamo import PASSWORD
from tests.mailbox import Mailbox

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
NEW = {"username": "ada", "password": "well-9-deep", "password_again": "well-9-deep"}
PAGE = "/admin/accounts/user/invite/"


def staff(make_user: Any, **fields: Any) -> Client:
    make_user("root", **fields)
    client = Client()
    client.post("/sign-in/", {"username": "root", "password": PASSWORD})
    return client


def path_of(address: str) -> str:
    return address.strip().replace("&amp;", "&").partition("testserver")[2] or address.strip().partition(":8000")[2]


def test_an_administrator_makes_an_invitation_that_lets_one_person_in(make_user: Any, settings: Any) -> None:
    settings.ACCOUNTS_SIGN_UP = "invite"
    root = staff(make_user, superuser=True)
    assert PAGE in root.get("/admin/accounts/user/").content.decode()

    page = root.post(PAGE, {"email": ""}).content.decode()
    (address,) = re.findall(r'<code class="invitation">(\S+)</code>', page)
    token = address.partition("token=")[2]

    assert "Create your account" in Client().get(path_of(address)).content.decode()
    assert Client().post("/sign-up/", {**NEW, "token": token}).status_code == 302
    assert Client().get(path_of(address)).status_code == 410


def test_an_invitation_with_an_address_is_mailed(make_user: Any, mailbox: Mailbox) -> None:
    root = staff(make_user, superuser=True)

    page = root.post(PAGE, {"email": "Ada@example.org"}).content.decode()

    assert "on its way to Ada@example.org" in page
    assert mailbox.path("ada@example.org").startswith("/sign-up/?token=")


def test_what_is_wrong_is_said(make_user: Any, settings: Any) -> None:
    root = staff(make_user, superuser=True)

    assert "Enter a valid email address." in root.post(PAGE, {"email": "nonsense"}).content.decode()
    settings.ACCOUNTS_SIGN_UP = "closed"
    assert "Sign-up is closed" in root.post(PAGE, {"email": ""}).content.decode()


def test_only_who_may_add_users_invites(make_user: Any) -> None:
    client = staff(make_user, is_staff=True, role="analyst")

    assert client.post(PAGE, {"email": ""}).status_code == 403


def test_the_command_prints_the_address(settings: Any) -> None:
    settings.ACCOUNTS_SIGN_UP = "invite"
    written = StringIO()

    call_command("invite_user", stdout=written)

    assert written.getvalue().startswith("http://127.0.0.1:8000/sign-up/?token=")
    assert Client().get(path_of(written.getvalue())).status_code == 200


def test_the_command_refuses_what_cannot_work(settings: Any) -> None:
    with pytest.raises(CommandError, match="not an e-mail address"):
        call_command("invite_user", email="nonsense")
    settings.ACCOUNTS_SIGN_UP = "closed"
    with pytest.raises(CommandError, match="Sign-up is closed"):
        call_command("invite_user")
