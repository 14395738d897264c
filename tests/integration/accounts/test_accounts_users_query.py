"""Query sets of users over a real DynamoDB API: filters, orders and slices, and what is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import NotSupportedError
from django.db.models import Count, F, Q

from accounts.roles import Role

User = get_user_model()
pytestmark = pytest.mark.usefixtures("user_store")


@pytest.fixture
def crowd(make_user: Any) -> None:
    make_user("ada", first_name="Ada", last_name="Lovelace", role=Role.ADMIN, is_staff=True)
    make_user("bob", first_name="Bob", role=Role.ANALYST, last_login=datetime(2026, 10, 2, tzinfo=UTC))
    make_user("cyd", email=None, last_login=datetime(2026, 10, 1, tzinfo=UTC), is_active=False)


def names(users: Any) -> list[str]:
    return [user.username for user in users]


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Q(), ["ada", "bob", "cyd"]),
        (Q(username="ADA"), ["ada"]),
        (Q(username__in=["cyd", "ada", "nobody"]), ["ada", "cyd"]),
        (Q(email="bob@example.org"), ["bob"]),
        (Q(email__isnull=True), ["cyd"]),
        (Q(username__startswith="b"), ["bob"]),
        (Q(username__gt="ada", username__lt="cyd"), ["bob"]),
        (Q(role=Role.ADMIN) | Q(is_active=False), ["ada", "cyd"]),
        (~Q(email="bob@example.org"), ["ada", "cyd"]),
        (Q(last_name__icontains="LOVE"), ["ada"]),
        (Q(last_login__gte=datetime(2026, 10, 2, tzinfo=UTC)), ["bob"]),
        (Q(first_name__regex="^[AB]") ^ Q(username="ada"), ["bob"]),
        (Q(pk__in=[]), []),
    ],
)
def test_filters_mean_what_they_mean_in_sql(condition: Q, found: list[str]) -> None:
    users = User.objects.filter(condition)

    assert names(users) == found
    assert users.count() == len(found)
    assert users.exists() is bool(found)


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    ("order", "found"),
    [
        (["-username"], ["cyd", "bob", "ada"]),
        (["last_login"], ["ada", "cyd", "bob"]),
        (["-last_login"], ["bob", "cyd", "ada"]),
        ([F("last_login").asc(nulls_last=True)], ["cyd", "bob", "ada"]),
        (["-is_active", "-username"], ["bob", "ada", "cyd"]),
    ],
)
def test_order(order: list[Any], found: list[str]) -> None:
    assert names(User.objects.order_by(*order)) == found
    assert names(User.objects.order_by(*order).reverse()) == found[::-1]


@pytest.mark.usefixtures("crowd")
def test_slices_values_and_the_rest_of_the_query_set() -> None:
    users = User.objects.all()

    assert names(users[1:]) == ["bob", "cyd"]
    assert names(users[1:2]) == ["bob"]
    assert users[1:].count() == 2
    assert [users.first(), users.last()] == [User(username="ada"), User(username="cyd")]
    assert list(users.values_list("username", "role")) == [("ada", "admin"), ("bob", "analyst"), ("cyd", "viewer")]
    assert list(users.values_list("pk", flat=True)) == ["ada", "bob", "cyd"]
    assert users.filter(pk="bob").values("email").get() == {"email": "bob@example.org"}
    assert sorted(users.values_list("is_active", flat=True).distinct()) == [False, True]
    assert set(users.in_bulk(["ada", "cyd"])) == {"ada", "cyd"}
    assert names(users.none()) == []
    assert [user.username for user in users.iterator()] == ["ada", "bob", "cyd"]


@pytest.mark.usefixtures("crowd")
def test_counts_with_filters_of_their_own() -> None:
    counted = User.objects.aggregate(all=Count("pk"), active=Count("pk", filter=Q(is_active=True)))

    assert counted == {"all": 3, "active": 2}


@pytest.mark.parametrize(
    "refused",
    [
        lambda users: users.select_for_update(),
        lambda users: users.annotate(n=Count("pk")),
        lambda users: users.union(users),
        lambda users: users.extra(where=["1=1"]),
        lambda users: users.raw("select 1"),
        lambda users: users.explain(),
        lambda users: users.bulk_update([], ["role"]),
        lambda users: users.filter(username=F("email")),
        lambda users: users.filter(last_login__year=2026),
        lambda users: users.filter(password__startswith="argon2"),
        lambda users: users.filter(logentry__action_flag=1),
        lambda users: users.update(role=F("username")),
        lambda users: list(users.order_by("?")),
        lambda users: list(users.order_by("password")),
        lambda users: users.filter(username__in=users.values("username")),
    ],
)
def test_what_cannot_be_done_is_refused_loudly(refused: Any) -> None:
    with pytest.raises(NotSupportedError, match="live in DynamoDB"):
        refused(User.objects.all())


@pytest.mark.usefixtures("crowd")
def test_reading_all_users_has_a_limit(settings: Any) -> None:
    settings.ACCOUNTS_SCAN_LIMIT = 2

    with pytest.raises(NotSupportedError, match="ACCOUNTS_SCAN_LIMIT"):
        list(User.objects.order_by("email"))


@pytest.mark.usefixtures("crowd")
def test_update_delete_and_bulk_create() -> None:
    assert User.objects.filter(is_active=True).update(role=Role.VIEWER) == 2
    assert {user.role for user in User.objects.all()} == {Role.VIEWER}
    assert User.objects.exclude(pk="ada").delete() == (2, {"accounts.User": 2})

    User.objects.bulk_create([User(username="dan"), User(username="ada")], ignore_conflicts=True)

    assert names(User.objects.all()) == ["ada", "dan"]
