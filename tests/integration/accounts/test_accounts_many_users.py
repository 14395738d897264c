"""The admin's list of five hundred users: pages, search, filters, orders, and what each costs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.faulty_proxy import Proxy, faulty_proxy

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
LIST = "/admin/accounts/user/"
JOINED = datetime(2024, 1, 1, tzinfo=UTC)


def row(number: int) -> dict[str, Any]:
    name = f"user{number:03}"
    fields: dict[str, Any] = {
        "username": name,
        "uid": name,
        "password": "!",
        "email": f"{name}@example.org",
        "first_name": ("Ann", "Ben", "Cy")[number % 3],
        "role": ("viewer", "analyst")[number % 2],
        "is_active": number % 10 != 0,
        "date_joined": JOINED,
    }
    return fields if number % 4 else fields | {"last_login": JOINED + timedelta(days=number)}


@pytest.fixture
def client(make_user: Any) -> Client:
    """Return a superuser's browser, on a site with 500 users (the superuser among them)."""
    from accounts.dynamo.tables import UserItem

    with UserItem.batch_write() as batch:
        for number in range(499):
            batch.save(UserItem(**row(number)))
    client = Client()
    client.force_login(make_user("root", superuser=True))
    return client


@contextmanager
def counted(user_store: str, settings: Any) -> Iterator[Proxy]:
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        yield proxy
    settings.AWS_ENDPOINT_URL_DYNAMODB = user_store


def listed(response: Any) -> list[str]:
    assert response.status_code == 200, response
    return re.findall(r'field-username"><a[^>]*>([^<]+)<', response.content.decode())


def test_five_hundred_users_in_the_admin(client: Client) -> None:
    everybody = ["root", *(f"user{n:03}" for n in range(499))]

    def names(**query: str) -> list[str]:
        return listed(client.get(LIST, query))

    assert names() == everybody[:50]
    assert names(p="7") == everybody[300:350]
    assert names(p="10") == everybody[450:]
    assert len(names(q="user11")) == 10
    assert names(q="ann user12") == ["user120", "user123", "user126", "user129"]
    assert len(names(role__exact="viewer", is_active__exact="0")) == 50
    assert names(o="-2")[:2] == ["user498", "user497"]
    assert names(o="7")[0] == "user001"  # no sign-in yet comes first, as nothing is least
    assert names(o="-7")[:3] == ["root", "user496", "user492"]
    facets = client.get(LIST, {"_facets": "True"}).content.decode()
    assert "Analyst (249)" in facets
    assert "Viewer (250)" in facets


def test_all_of_a_search_is_shown_on_one_page(client: Client) -> None:
    assert len(listed(client.get(LIST, {"q": "user1", "all": ""}))) == 100


def test_users_are_offered_while_typing(client: Client) -> None:
    source = {"app_label": "admin", "model_name": "logentry", "field_name": "user"}

    offered = client.get("/admin/autocomplete/", {**source, "term": "user49"}).json()["results"]

    assert [user["id"] for user in offered] == [f"user49{n}" for n in range(9)]


def test_the_default_list_reads_its_page_and_two_items_more(client: Client, user_store: str, settings: Any) -> None:
    client.get(LIST)
    client.get(LIST, {"p": "2"})
    for page in ("1", "2"):
        with counted(user_store, settings) as proxy:
            assert len(listed(client.get(LIST, {"p": page}))) == 50

        assert proxy.items_read() <= 50 + 2, proxy.calls
