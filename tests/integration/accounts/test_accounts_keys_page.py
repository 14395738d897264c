"""The page of API keys: what a person sees, makes once and revokes, without JavaScript."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts import keys
from tests.dynamo import PASSWORD

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
ADDRESS = "/account/keys/"


@pytest.fixture
def person(make_user: Any) -> Client:
    make_user("ada", role="analyst")
    client = Client()
    assert client.post("/sign-in/", {"username": "ada", "password": PASSWORD}).status_code == 302
    return client


def form(client: Client, **changes: Any) -> dict[str, Any]:
    page = client.get(ADDRESS).content.decode()
    key_id = re.search(r'name="key_id" value="(\w+)"', page)
    assert key_id
    return {"name": "notebook", "scopes": ["read", "export"], "days": "30", "key_id": key_id[1], **changes}


def shown_key(response: Any) -> str:
    found = re.search(r"sck_[\w-]+\.[\w-]+", response.content.decode())
    assert found
    return found[0]


def test_a_visitor_is_led_to_sign_in() -> None:
    assert Client().get(ADDRESS)["Location"] == "/sign-in/?next=/account/keys/"
    assert Client().post(ADDRESS, {}).status_code == 302


def test_a_key_is_shown_once_and_works(person: Client) -> None:
    made = person.post(ADDRESS, form(person))

    key = shown_key(made)
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    assert Client().get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    page = person.get(ADDRESS).content.decode()
    assert key not in page
    assert key[:12] in page
    assert "notebook" in page
    assert "read, export" in page


def test_the_same_form_sent_again_makes_no_second_key(person: Client) -> None:
    once = form(person)
    person.post(ADDRESS, once)

    again = person.post(ADDRESS, once, follow=True)

    assert "was made already" in again.content.decode()
    assert len(keys.find_all(User.objects.get(pk="ada").uid)) == 1


def test_a_key_is_revoked(person: Client) -> None:
    key = shown_key(person.post(ADDRESS, form(person)))
    (row,) = keys.find_all(User.objects.get(pk="ada").uid)

    page = person.post(f"{ADDRESS}{row.id}/revoke/", follow=True).content.decode()

    assert "is revoked" in page
    assert "notebook" not in page
    assert Client().get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert person.post(f"{ADDRESS}{row.id}/revoke/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"name": "a\x07b"}, "without control characters"),
        ({"scopes": []}, "Choose at least one."),
        ({"scopes": ["admin"]}, "is not one of the available choices"),
        ({"days": "4000"}, "is not one of the available choices"),
        ({"key_id": "../../x"}, "Load this page again"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(person: Client, changes: dict[str, Any], sentence: str) -> None:
    response = person.post(ADDRESS, form(person, **changes))

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert keys.find_all(User.objects.get(pk="ada").uid) == []


def test_a_viewer_is_offered_what_viewers_may_do(make_user: Any) -> None:
    make_user("vic")
    client = Client()
    client.post("/sign-in/", {"username": "vic", "password": PASSWORD})

    page = client.get(ADDRESS).content.decode()

    assert 'value="read"' in page
    assert 'value="export"' not in page


def test_with_all_keys_made_the_page_says_so(person: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    late = form(person)
    monkeypatch.setattr(keys, "MOST", 1)
    person.post(ADDRESS, form(person))

    assert "as many as there can be" in person.get(ADDRESS).content.decode()
    assert person.post(ADDRESS, late).status_code == 400


def test_the_forms_are_guarded_against_forgery(person: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = person.cookies

    assert strict.post(ADDRESS, {"name": "x"}).status_code == 403
    assert strict.post(f"{ADDRESS}abc/revoke/").status_code == 403
