"""Rules that hold by construction: checked settings, named private names, and the door to DynamoDB."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry, LogEntryManager
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.db.models.sql import Query

from accounts.dynamo.client import ConditionFailed, guard, is_loopback
from accounts.errors import StoreUnavailable
from accounts.fields import canonical
from accounts.models import User
from tests.conftest import REPOSITORY


def errors() -> set[str]:
    return {message.id or "" for message in run_checks(tags=["security"]) if (message.id or "").startswith("accounts.")}


def test_the_settings_are_clean() -> None:
    assert errors() == set()


def test_the_stock_blacklist_is_refused(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = ["rest_framework_simplejwt.token_blacklist"]
    stand_in = SimpleNamespace(INSTALLED_APPS=installed, SIMPLE_JWT=settings.SIMPLE_JWT, SECRET_KEY="other")
    stand_in.AUTHENTICATION_BACKENDS = settings.AUTHENTICATION_BACKENDS
    monkeypatch.setattr("accounts.checks.settings", stand_in)

    assert errors() == {"accounts.E001"}


def test_a_stock_serializer_is_refused(settings: Any) -> None:
    stock = "rest_framework_simplejwt.serializers.TokenRefreshSerializer"
    settings.SIMPLE_JWT = settings.SIMPLE_JWT | {"TOKEN_REFRESH_SERIALIZER": stock}

    assert errors() == {"accounts.E002"}


def test_the_secret_key_signs_no_tokens(settings: Any) -> None:
    settings.SIMPLE_JWT = settings.SIMPLE_JWT | {"SIGNING_KEY": settings.SECRET_KEY}

    assert errors() == {"accounts.E003"}


def test_a_second_backend_is_refused(settings: Any) -> None:
    backends = [*settings.AUTHENTICATION_BACKENDS, "django.contrib.auth.backends.ModelBackend"]
    settings.AUTHENTICATION_BACKENDS = backends

    assert errors() == {"accounts.E004"}


def test_a_stock_view_refuses_to_work() -> None:
    from rest_framework.test import APIRequestFactory
    from rest_framework_simplejwt.views import TokenObtainPairView

    request = APIRequestFactory().post("/", {"username": "ada", "password": "x"})

    with pytest.raises(ImproperlyConfigured, match="/api/v1/auth/"):
        TokenObtainPairView.as_view()(request)


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (
            QuerySet,
            ["_fetch_all", "_iterator", "_filter_or_exclude_inplace", "_annotate", "_combinator_query", "_chain"],
        ),
        (Query, ["get_select_mask", "clear_ordering", "set_limits", "is_empty", "is_sliced"]),
        (User, ["save_base"]),
        (LogEntryManager, ["_queryset_class"]),
    ],
)
def test_private_names_of_django_are_still_there(owner: Any, names: list[str]) -> None:
    assert [name for name in names if not hasattr(owner, name)] == []


def test_private_attributes_of_a_query_are_still_there() -> None:
    names = [
        "where", "order_by", "default_ordering", "standard_ordering", "low_mark", "high_mark", "alias_refcount",
        "combinator", "annotations", "values_select", "distinct", "distinct_fields", "extra", "extra_order_by",
        "select_for_update",
    ]  # fmt: skip

    assert [name for name in names if not hasattr(Query(User), name)] == []


def test_log_entries_never_join_users() -> None:
    query = LogEntry.objects.select_related("content_type", "user")

    assert "users_live_in_dynamodb" not in str(query.query)
    assert "users_live_in_dynamodb" not in str(LogEntry.objects.select_related().query)


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.9.9.9", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("https://dynamodb.us-east-1.amazonaws.com", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback(endpoint: str, expected: bool) -> None:  # one row of the table above
    assert is_loopback(endpoint) is expected


def refused(code: str) -> Exception:
    from botocore.exceptions import ClientError
    from pynamodb.exceptions import UpdateError

    return UpdateError(cause=ClientError({"Error": {"Code": code}}, "UpdateItem"))


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("ThrottlingException", StoreUnavailable),
        ("InternalServerError", StoreUnavailable),
        ("503", StoreUnavailable),
        ("TransactionConflictException", StoreUnavailable),
        ("ConditionalCheckFailedException", ConditionFailed),
    ],
)
def test_what_a_refusal_means(code: str, meaning: type[Exception]) -> None:
    with pytest.raises(meaning), guard():
        raise refused(code)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException", "UnrecognizedClientException"])
def test_a_mistake_of_ours_stays_loud(code: str) -> None:
    error = refused(code)

    with pytest.raises(type(error)) as raised, guard():
        raise error
    assert raised.value is error


@pytest.mark.parametrize("text", ["", "  ", "Ada", "ＡＤＡ", "İstanbul", "straße@Example.ORG", "\u1e9e"])
def test_canonical_text_stays_as_it_is(text: str) -> None:
    once = canonical(text)

    assert canonical(once) == once


def test_a_password_is_hashed_with_argon2_in_little_memory() -> None:
    from accounts.hashers import LeanArgon2PasswordHasher

    hashed = LeanArgon2PasswordHasher().encode("correct-horse-7", "salt-of-a-test")

    assert hashed.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert LeanArgon2PasswordHasher().verify("correct-horse-7", hashed)


def test_only_accounts_dynamo_knows_the_tables() -> None:
    known = [
        str(path.relative_to(REPOSITORY))
        for app in ("accounts", "analytics", "market", "stockcompare")
        for path in (REPOSITORY / app).rglob("*.py")
        if re.search(r"\b(UserItem|EmailClaim|FamilyItem|AttemptItem|OwnedItem)\b", path.read_text())
    ]

    assert known
    assert [path for path in known if not path.startswith("accounts/dynamo/")] == []
