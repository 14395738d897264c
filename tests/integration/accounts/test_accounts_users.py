"""`get_user_model()` over a real DynamoDB API: what Django developers expect, and what is refused."""

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django import forms
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, NotSupportedError
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from accounts.errors import StaleUser, StoreNotConfigured
from accounts.roles import Role
from tests.dynamo import PASSWORD
from tests.faulty_proxy import faulty_proxy

User = get_user_model()
pytestmark = pytest.mark.usefixtures("user_store")


def test_a_name_and_an_address_have_one_spelling(make_user: Any) -> None:
    make_user(" ＡDA ", email="Ada@Example.ORG")

    assert User.objects.get(username="Ada").email == "ada@example.org"
    assert User.objects.get(email__iexact=" ADA@example.org").username == "ada"


@pytest.mark.parametrize(
    ("username", "email", "taken"),
    [("Ada", "other@example.org", "username"), ("eve", "ADA@example.org", "email")],
)
def test_a_taken_name_or_address_is_refused_whole(make_user: Any, username: str, email: str, taken: str) -> None:
    make_user("ada")

    with pytest.raises(IntegrityError, match=taken):
        make_user(username, email=email)

    assert [user.username for user in User.objects.all()] == ["ada"]
    assert not User.objects.filter(email="other@example.org").exists()


def test_changing_the_address_frees_the_old_one(make_user: Any) -> None:
    user = make_user("ada", email="old@example.org")
    user.email = "new@example.org"
    user.save()

    make_user("bob", email="old@example.org")
    with pytest.raises(IntegrityError, match="email"):
        make_user("cyd", email="new@example.org")


def test_a_taken_address_leaves_the_user_as_it_was(make_user: Any) -> None:
    make_user("ada")
    bob = make_user("bob")
    bob.email = "ada@example.org"
    bob.first_name = "Bob"

    with pytest.raises(IntegrityError, match="email"):
        bob.save()

    assert User.objects.get(pk="bob").first_name == ""
    assert User.objects.get(email="bob@example.org").pk == "bob"


def test_users_without_an_address_do_not_collide(make_user: Any) -> None:
    make_user("ada", email=None)
    make_user("bob", email="")

    assert [user.email for user in User.objects.all()] == [None, None]


def test_a_stale_save_is_refused(make_user: Any) -> None:
    make_user("ada")
    first, second = User.objects.get(pk="ada"), User.objects.get(pk="ada")
    first.first_name = "Ada"
    first.save()

    second.first_name = "Augusta"
    with pytest.raises(StaleUser, match="Load it again"):
        second.save()

    assert User.objects.get(pk="ada").first_name == "Ada"


def test_a_sign_in_time_neither_needs_nor_moves_the_revision(make_user: Any) -> None:
    make_user("ada")
    edited, signing_in = User.objects.get(pk="ada"), User.objects.get(pk="ada")
    edited.first_name = "Ada"
    edited.save()

    signing_in.last_login = datetime(2026, 10, 1, tzinfo=UTC)
    signing_in.save(update_fields=["last_login"])

    user = User.objects.get(pk="ada")
    assert (user.first_name, user.last_login, user.rev) == ("Ada", signing_in.last_login, edited.rev)


def test_a_deleted_user_is_not_resurrected_by_a_save(make_user: Any) -> None:
    user = make_user("ada")
    User.objects.get(pk="ada").delete()
    user.first_name = "Ada"

    with pytest.raises(StaleUser):
        user.save()

    assert not User.objects.filter(pk="ada").exists()
    assert not User.objects.filter(email="ada@example.org").exists()


def test_a_save_meant_for_the_deleted_user_misses_its_successor(make_user: Any) -> None:
    old = make_user("ada")
    User.objects.get(pk="ada").delete()
    make_user("ada")
    old.role = Role.ADMIN

    with pytest.raises(StaleUser):
        old.save()
    assert old.delete() == (0, {})

    assert User.objects.get(pk="ada").role == Role.VIEWER


def test_a_name_cannot_be_changed(make_user: Any) -> None:
    user = make_user("ada")
    user.username = "bob"

    with pytest.raises(NotSupportedError, match="cannot be changed"):
        user.save()


def test_only_and_defer_load_the_rest_when_it_is_asked_for(make_user: Any) -> None:
    make_user("ada", first_name="Ada")
    user = User.objects.only("username").get(pk="ada")

    assert "first_name" in user.get_deferred_fields()
    assert user.first_name == "Ada"
    user.last_name = "Lovelace"
    user.save()
    assert User.objects.get(pk="ada").get_full_name() == "Ada Lovelace"


def test_pickled_and_awaited(make_user: Any) -> None:
    make_user("ada")
    user = pickle.loads(pickle.dumps(User.objects.get(pk="ada")))
    user.first_name = "Ada"
    user.save()

    async def read() -> tuple[str, int, list[str]]:
        found = await User.objects.aget(pk="ada")
        return found.first_name, await User.objects.acount(), [user.pk async for user in User.objects.all()]

    assert async_to_sync(read)() == ("Ada", 1, ["ada"])


@pytest.mark.parametrize("username", ["o_41b", "we.ird-na+me-1", "ünïcode", "名前"])
def test_odd_names(make_user: Any, username: str) -> None:
    make_user(username, email=None).full_clean()

    assert User.objects.get_by_natural_key(username.upper()).pk == username


def test_an_address_is_no_name(make_user: Any) -> None:
    with pytest.raises(Exception, match="Use letters, digits"):
        User(username="ada@example.org").full_clean(exclude=["password"])


def test_forms_and_serializers_ask_the_store(make_user: Any) -> None:
    ada = make_user("ada")
    choice = forms.ModelChoiceField(User.objects.all())

    assert choice.clean("ada") == ada
    assert 'value="ada"' in choice.widget.render("user", None)
    taken = NewUserSerializer(data={"username": "ADA"})
    assert not taken.is_valid()
    assert taken.errors["username"][0].code == "unique"


class NewUserSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(validators=[UniqueValidator(User.objects.all())])


def test_roles_give_permissions(make_user: Any) -> None:
    viewer, analyst, admin = (make_user(role, role=role) for role in ("viewer", "analyst", "admin"))
    root = make_user("root", superuser=True)

    assert [u.has_perm("analytics.view_prices") for u in (viewer, analyst, admin, root)] == [True] * 4
    assert [u.has_perm("analytics.export_prices") for u in (viewer, analyst, admin, root)] == [False, True, True, True]
    assert [u.has_perm("accounts.change_user") for u in (viewer, analyst, admin, root)] == [False, False, True, True]
    assert [u.has_module_perms("accounts") for u in (viewer, admin)] == [False, True]
    assert not admin.has_perm("accounts.change_user", obj=viewer)
    root.is_active = False
    assert not root.has_perm("accounts.change_user")


@pytest.mark.django_db
def test_users_by_permission(make_user: Any) -> None:
    from accounts.backends import DynamoBackend

    for role in Role.values:
        make_user(role, role=role)
    make_user("root", superuser=True, role="viewer")

    found = DynamoBackend().with_perm("analytics.export_prices")

    assert [user.username for user in found] == ["admin", "analyst", "root"]


@pytest.mark.parametrize("identifier", ["ada", "ADA", "ada@example.org", " Ada@Example.org "])
def test_sign_in_by_name_and_address_in_any_case(make_user: Any, identifier: str) -> None:
    user = make_user("ada")

    assert authenticate(None, username=identifier, password=PASSWORD) == user
    assert authenticate(None, username=identifier, password=PASSWORD + "x") is None


def test_inactive_and_unknown_users_do_not_sign_in(make_user: Any) -> None:
    make_user("ada", is_active=False)

    assert authenticate(None, username="ada", password=PASSWORD) is None
    assert authenticate(None, username="nobody", password=PASSWORD) is None


def test_a_hash_is_upgraded_at_sign_in_without_ending_sessions(make_user: Any, settings: Any) -> None:
    user = make_user("ada")
    before = user.get_session_auth_hash()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", *settings.PASSWORD_HASHERS]

    assert authenticate(None, username="ada", password=PASSWORD) == user

    upgraded = User.objects.get(pk="ada")
    assert upgraded.password.startswith("argon2")
    assert upgraded.get_session_auth_hash() == before


def test_an_upgrade_never_undoes_a_new_password(make_user: Any, settings: Any) -> None:
    make_user("ada")
    signing_in = User.objects.get(pk="ada")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", *settings.PASSWORD_HASHERS]
    changed = User.objects.get(pk="ada")
    changed.set_password("another-horse-8")
    changed.save()

    assert signing_in.check_password(PASSWORD)  # checked against what it had read before

    assert User.objects.get(pk="ada").check_password("another-horse-8")
    assert not User.objects.get(pk="ada").check_password(PASSWORD)


def test_only_changed_fields_are_sent(make_user: Any, user_store: str, settings: Any) -> None:
    make_user("ada")
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        user = User.objects.get(pk="ada")
        user.save()
        user.first_name = "Ada"
        user.save()

    assert proxy.operations() == ["GetItem", "UpdateItem"]


def test_a_list_in_the_order_of_names_reads_only_its_page(make_user: Any, user_store: str, settings: Any) -> None:
    User.objects.bulk_create([User(username=f"user{n:03}", password=make_password(None)) for n in range(60)])
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        page = [user.username for user in User.objects.defer("password")[:10]]

    assert page[-1] == "user009"
    assert proxy.items_read() == 10


def test_no_dynamodb_is_guessed(settings: Any) -> None:
    settings.AWS_ENDPOINT_URL_DYNAMODB = ""

    with pytest.raises(StoreNotConfigured, match="AWS_ENDPOINT_URL_DYNAMODB"):
        User.objects.first()
