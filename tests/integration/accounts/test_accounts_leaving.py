"""What is kept about a person: to take away, and to delete."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.test import Client

from accounts import personal_data
from accounts.dynamo.tables import EmailClaim, FamilyItem, UserItem
from accounts.errors import StoreUnavailable
from tests.dynamo import PASSWORD

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]


def signed_in(username: str = "ada") -> Client:
    client = Client(HTTP_USER_AGENT="Firefox/145 on Linux")
    assert client.post("/sign-in/", {"username": username, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Things that users own, by uid."""
    owned: dict[str, list[str]] = {}
    monkeypatch.setattr(personal_data, "_parts", {})
    personal_data.register("things", export=lambda uid: owned.get(uid, []), erase=lambda uid: owned.pop(uid, None))
    return owned


def delete(client: Client, password: str = PASSWORD) -> Any:
    return client.post("/account/delete/", {"current": password})


def test_the_file_has_everything_and_no_secret(make_user: Any, things: dict[str, list[str]]) -> None:
    make_user("root", superuser=True)
    user = make_user("ada", first_name="Ada")
    things[user.uid] = ["AAPL"]
    root = signed_in("root")
    root.post("/admin/accounts/user/", {"action": "end_sessions", "_selected_action": "ada"})

    response = signed_in().post("/account/data/")

    assert response["Content-Disposition"].startswith('attachment; filename="stockcompare-ada-')
    found = json.loads(response.content)
    assert found["account"]["email"] == "ada@example.org"
    assert found["account"]["first_name"] == "Ada"
    assert [sign_in["device"] for sign_in in found["sign_ins"]] == ["Firefox/145 on Linux"]
    assert [entry["by"] for entry in found["administration"]] == ["root"]
    assert found["things"] == ["AAPL"]
    row = UserItem.get("ada")
    family = next(iter(FamilyItem.query(user.uid)))
    for secret in (row.password, family.jti_current, family.sid):
        assert secret not in response.content.decode()


def test_a_part_that_cannot_be_read_makes_no_half_a_file(make_user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(uid: str) -> None:
        raise StoreUnavailable

    make_user("ada")
    client = signed_in()
    monkeypatch.setattr(personal_data, "_parts", {})
    personal_data.register("things", export=unreachable, erase=unreachable)

    assert client.post("/account/data/").status_code == 503
    assert delete(client).status_code == 503
    assert User.objects.filter(pk="ada").exists()


def test_a_deleted_account_leaves_nothing_but_the_administrations_log(
    make_user: Any, things: dict[str, list[str]]
) -> None:
    user = make_user("ada")
    things[user.uid] = ["AAPL"]
    LogEntry.objects.create(user_id="ada", object_id="ada", object_repr="ada", action_flag=2)
    other, client = signed_in(), signed_in()

    told = client.post("/account/delete/", {"current": PASSWORD}, follow=True)

    assert "Your account is deleted" in told.content.decode()
    assert client.cookies["sc_refresh"].value == ""
    assert other.get("/account/").status_code == 302
    assert things == {}
    assert [table.count() for table in (UserItem, EmailClaim, FamilyItem)] == [0, 0, 0]
    assert LogEntry.objects.filter(user_id="ada").exists()


def test_the_password_is_asked_before_anything_goes(make_user: Any, things: dict[str, list[str]]) -> None:
    user = make_user("ada")
    things[user.uid] = ["AAPL"]

    response = delete(signed_in(), "wrong")

    assert response.status_code == 400
    assert "This is not your password." in response.content.decode()
    assert things == {user.uid: ["AAPL"]}
    assert User.objects.filter(pk="ada").exists()


def test_the_last_superuser_stays(make_user: Any) -> None:
    make_user("root", superuser=True)
    client = signed_in("root")

    refused = delete(client)
    assert refused.status_code == 409
    assert "last active superuser" in refused.content.decode()
    make_user("second", superuser=True)

    assert delete(client).status_code == 302
    assert [user.pk for user in User.objects.all()] == ["second"]


def test_the_file_is_limited(make_user: Any) -> None:
    make_user("ada")
    client = signed_in()

    statuses = [client.post("/account/data/").status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]
