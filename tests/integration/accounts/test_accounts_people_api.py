"""What people do with their own accounts, by the API."""

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.dynamo import PASSWORD
from tests.mailbox import Mailbox

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
NEW = "well-9-deep"


class Api:
    """A program with an access token, once it has one."""

    def __init__(self) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}

    def sign_in(self, username: str = "ada", password: str = PASSWORD) -> "Api":
        return self.carry(self.post("token/", username=username, password=password))

    def carry(self, response: Any) -> "Api":
        self.headers = {"Authorization": f"Bearer {response.json()['access']}"}
        return self

    def send(self, method: str, path: str, body: Any = None) -> Any:
        text = "" if body is None else json.dumps(body)
        return self.client.generic(method, f"/api/v1/auth/{path}", text, "application/json", headers=self.headers)

    def post(self, path: str, **body: Any) -> Any:
        return self.send("POST", path, body)

    def get(self, path: str) -> Any:
        return self.send("GET", path)


def test_a_program_signs_up_with_an_address(mailbox: Mailbox) -> None:
    api = Api()
    assert api.post("sign-up/address/", email="Ada@example.org").status_code == 202

    made = api.post("sign-up/", username="Ada", password=NEW, confirmation=mailbox.token("ada@example.org"))

    assert made.status_code == 201
    assert "sc_refresh" in made.cookies
    me = api.carry(made).get("me/").json()
    assert (me["username"], me["email"], me["role"]) == ("ada", "ada@example.org", "viewer")


def test_an_address_with_an_account_gets_the_same_bytes(make_user: Any, mailbox: Mailbox) -> None:
    make_user("ada")
    api = Api()

    for path in ("sign-up/address/", "password/forgotten/"):
        known = api.post(path, email="ada@example.org")
        unknown = api.post(path, email="new@example.org")
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
        assert known.status_code == 202


def test_with_mail_no_account_is_made_without_a_confirmed_address(mailbox: Mailbox) -> None:
    refused = Api().post("sign-up/", username="ada", password=NEW)

    assert (refused.status_code, refused.json()["code"]) == (403, "address_not_confirmed")
    assert not User.objects.exists()


def test_without_mail_an_account_is_made_at_once(make_user: Any) -> None:
    make_user("bob")
    api = Api()

    assert api.post("sign-up/", username="ada", password=NEW).status_code == 201
    assert api.post("sign-up/", username="BOB", password=NEW).json() == {
        "username": ["This name cannot be had. Choose another one."]
    }
    weak = api.post("sign-up/", username="eve", password="12345678")
    assert (weak.status_code, list(weak.json())) == (400, ["password"])
    assert api.post("sign-up/", username="e@e", password=NEW).json()["username"][0].startswith("Use letters")


@pytest.mark.parametrize("path", ["sign-up/address/", "password/forgotten/"])
def test_without_mail_links_are_not_promised(path: str) -> None:
    refused = Api().post(path, email="ada@example.org")

    assert (refused.status_code, refused.json()["code"]) == (409, "mail_not_configured")


def test_closed_is_said(settings: Any) -> None:
    settings.ACCOUNTS_SIGN_UP = "closed"

    refused = Api().post("sign-up/", username="ada", password=NEW)

    assert (refused.status_code, refused.json()["code"]) == (403, "sign_up_closed")


def test_a_forgotten_password_is_set_anew_once(make_user: Any, mailbox: Mailbox) -> None:
    make_user("ada")
    api, before = Api(), Api().sign_in()
    api.post("password/forgotten/", email="ada@example.org")
    token = mailbox.token("ada@example.org")

    assert api.post("password/reset/", token=token, password=NEW).status_code == 204
    again = api.post("password/reset/", token=token, password="other-9-deep")
    assert (again.status_code, again.json()["code"]) == (410, "link_invalid")
    assert before.get("me/").status_code == 401
    assert api.sign_in(password=NEW).get("me/").status_code == 200


def test_a_changed_password_ends_other_tokens_and_gives_a_new_one(make_user: Any) -> None:
    make_user("ada")
    other, api = Api().sign_in(), Api().sign_in()

    wrong = api.post("password/", current_password="wrong", new_password=NEW)
    assert wrong.json() == {"current_password": ["This is not your password."]}
    changed = api.post("password/", current_password=PASSWORD, new_password=NEW)

    assert changed.status_code == 200
    assert api.get("me/").status_code == other.get("me/").status_code == 401
    assert api.carry(changed).get("me/").status_code == 200


def test_a_wrong_password_is_counted(make_user: Any) -> None:
    make_user("ada")
    api = Api().sign_in()

    statuses = [api.post("me/delete/", current_password="wrong") for _ in range(6)]

    assert [response.status_code for response in statuses] == [400] * 5 + [429]
    assert statuses[5].json()["code"] == "too_many"
    assert int(statuses[5]["Retry-After"]) > 0


def test_sign_ins_are_listed_and_ended(make_user: Any) -> None:
    make_user("ada")
    others = [Api().sign_in(), Api().sign_in()]
    api = Api().sign_in()
    listed = api.get("sign-ins/").json()["results"]
    assert [sign_in["is_current"] for sign_in in listed] == [True, False, False]

    assert api.send("DELETE", f"sign-ins/{listed[1]['sid']}/").status_code == 204
    assert sorted(other.get("me/").status_code for other in others) == [200, 401]
    assert api.post("sign-ins/end-others/").json() == {"ended": 1}
    assert [other.get("me/").status_code for other in others] == [401, 401]
    assert api.get("me/").status_code == 200


def test_an_address_is_changed_by_a_link(make_user: Any, mailbox: Mailbox) -> None:
    make_user("ada")
    api = Api().sign_in()

    asked = api.post("me/email/", email="new@example.org", current_password=PASSWORD)
    confirmed = Api().post("me/email/confirm/", token=mailbox.token("new@example.org"))

    assert (asked.status_code, confirmed.status_code) == (202, 204)
    assert api.get("me/").json()["email"] == "new@example.org"


def test_a_name_is_changed_in_part(make_user: Any) -> None:
    make_user("ada", last_name="King")

    answer = Api().sign_in().send("PATCH", "me/", {"first_name": "Ada"})

    assert (answer.status_code, answer.json()["name"]) == (200, "Ada King")


def test_data_is_taken_away_and_the_account_deleted(make_user: Any) -> None:
    make_user("root", superuser=True)
    make_user("ada")
    api, root = Api().sign_in(), Api().sign_in("root")
    assert api.get("me/export/").json()["account"]["username"] == "ada"

    assert api.post("me/delete/", current_password=PASSWORD).status_code == 204
    refused = root.post("me/delete/", current_password=PASSWORD)

    assert api.get("me/").status_code == 401
    assert (refused.status_code, refused.json()["code"]) == (409, "last_superuser")
    assert [user.pk for user in User.objects.all()] == ["root"]


@pytest.mark.parametrize("path", ["sign-up/", "sign-up/address/", "password/forgotten/", "password/reset/"])
def test_another_site_cannot_send_these(mailbox: Mailbox, path: str) -> None:
    response = Client().post(
        f"/api/v1/auth/{path}", {"email": "ada@example.org"}, headers={"Origin": "https://evil.example"}
    )

    assert (response.status_code, response.json()["code"]) == (403, "foreign_origin")
