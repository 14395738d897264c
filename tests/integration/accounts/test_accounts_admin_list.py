"""The list of users in the admin, over DynamoDB and through HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from tests.faulty_proxy import faulty_proxy
from tests.user_admin import LIST, listed

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]


@pytest.fixture(scope="module")
def crowd_rows() -> list[Any]:
    joined = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        User(
            username=f"user{n:03}",
            password="!",
            email=f"user{n:03}@example.org",
            first_name=("Ann", "Ben", "Cy")[n % 3],
            role=("viewer", "analyst")[n % 2],
            is_active=n % 10 != 0,
            last_login=None if n % 4 else joined + timedelta(days=n),
        )
        for n in range(120)
    ]


@pytest.fixture
def crowd(user_store: str, crowd_rows: list[Any]) -> None:
    from accounts.dynamo.tables import UserItem

    with UserItem.batch_write() as batch:
        for user in crowd_rows:
            names = [field.attname for field in User._meta.concrete_fields]
            batch.save(UserItem(**{name: value for name in names if (value := getattr(user, name)) is not None}))


@pytest.mark.usefixtures("crowd")
def test_pages_in_the_order_of_names(root_client: Client) -> None:
    pages = [listed(root_client.get(LIST, {"p": number})) for number in (1, 2, 3)]

    assert pages[0][0] == "root"
    assert [len(page) for page in pages] == [50, 50, 21]
    assert sorted(set().union(*pages)) == ["root", *(f"user{n:03}" for n in range(120))]


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "user11"}, 10),
        ({"q": "ANN user00"}, 4),
        ({"q": "nobody"}, 0),
        ({"role__exact": "analyst", "is_active__exact": "0"}, 0),
        ({"role__exact": "viewer", "is_active__exact": "0"}, 12),
        ({"all": ""}, 121),
        ({"_facets": "True", "role__exact": "analyst"}, 50),
    ],
)
def test_search_filters_and_facets(root_client: Client, query: dict[str, str], found: int) -> None:
    assert len(listed(root_client.get(LIST, query))) == found


@pytest.mark.usefixtures("crowd")
def test_facets_count_users(root_client: Client) -> None:
    page = root_client.get(LIST, {"_facets": "True"}).content.decode()

    assert "Analyst (60)" in page


@pytest.mark.usefixtures("crowd")
def test_other_orders(root_client: Client) -> None:
    by_sign_in = listed(root_client.get(LIST, {"o": "-7"}))
    by_address = listed(root_client.get(LIST, {"o": "-2"}))

    assert by_sign_in[:3] == ["root", "user116", "user112"]
    assert by_address[:2] == ["user119", "user118"]


@pytest.mark.usefixtures("crowd")
def test_the_next_page_starts_where_this_one_ended_in_both_directions(root_client: Client) -> None:
    up = listed(root_client.get(f"{LIST}?o=1")) + listed(root_client.get(f"{LIST}?o=1&p=2"))
    down = listed(root_client.get(f"{LIST}?o=-1")) + listed(root_client.get(f"{LIST}?o=-1&p=2"))

    assert len(set(up)) == len(set(down)) == 100
    assert down == sorted(down, reverse=True)


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("page", [1, 2])
def test_a_page_costs_a_page(root_client: Client, user_store: str, settings: Any, page: int) -> None:
    for number in range(1, page + 1):
        root_client.get(LIST, {"p": number})
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        root_client.get(LIST, {"p": page})

    assert proxy.items_read() <= 50 + 2, proxy.calls


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"nonsense": "1"}, (302, "/admin/accounts/user/?e=1")),
        ({"last_login__year": "2026"}, (302, "/admin/accounts/user/?e=1")),
        ({"password__startswith": "argon2"}, (400, None)),
    ],
)
def test_bad_filters(root_client: Client, query: dict[str, str], answer: tuple[int, str | None]) -> None:
    response = root_client.get(LIST, query)

    assert (response.status_code, response.get("Location")) == answer


@pytest.mark.usefixtures("crowd")
def test_actions_on_selected_and_on_all_that_were_found(root_client: Client) -> None:
    root_client.post(LIST, {"action": "deactivate", "_selected_action": ["user001", "user002"]})
    assert User.objects.filter(pk__in=["user001", "user002"], is_active=False).count() == 2

    body = {"action": "activate", "_selected_action": ["user000"], "select_across": "1"}
    root_client.post(f"{LIST}?q=user0", body)

    assert User.objects.filter(username__startswith="user0", is_active=False).count() == 0
    assert User.objects.filter(username__startswith="user1", is_active=False).count() == 2


@pytest.mark.usefixtures("crowd")
def test_delete_one_and_many_listing_users_only(root_client: Client) -> None:
    asked = root_client.get(f"{LIST}user001/delete/").content.decode()
    assert "Log entr" not in asked
    root_client.post(f"{LIST}user001/delete/", {"post": "yes"})

    selected = {"action": "delete_selected", "_selected_action": ["user002", "user003"]}
    assert "user003" in root_client.post(LIST, selected).content.decode()
    root_client.post(LIST, selected | {"post": "yes"})

    assert User.objects.filter(username__startswith="user00").count() == 7
    make_free = User.objects.create_user("again", "user002@example.org")
    assert make_free.pk == "again"


def test_a_new_user_is_counted_at_once(root_client: Client, make_user: Any) -> None:
    assert "1 user" in root_client.get(LIST).content.decode()
    make_user("ada")

    assert "2 users" in root_client.get(LIST).content.decode()


@pytest.mark.usefixtures("crowd")
def test_a_count_is_remembered_for_a_minute(root_client: Client, user_store: str, settings: Any) -> None:
    root_client.get(LIST)
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        root_client.get(LIST)
        warm = proxy.items_read()
        cache.clear()
        root_client.get(LIST)

    assert warm <= 52
    assert proxy.items_read() > warm + 121
