"""docs/roles.md is what the API does: every operation, asked by every role and by nobody."""

import re
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.contrib.admin import site
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import keys, sessions
from accounts.roles import SCOPES, Role
from tests.conftest import REPOSITORY
from tests.dynamo import PASSWORD
from tests.market_fixture import write_market

DOCUMENT = (REPOSITORY / "docs/roles.md").read_text()
ARGUMENTS = {"symbol": "AAPL", "month": "2025-11", "first": "AAPL", "second": "MSFT"}
# Not described, because they are the description.
DESCRIPTIONS = {"/api/v1/schema/", "/api/v1/docs/"}


class Question(NamedTuple):
    """`permission` is empty where being signed in is enough."""

    method: str
    path: str
    query: str
    permission: str


def rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith("|--"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def stated_roles() -> dict[str, set[str]]:
    """Return who has each permission, as the document's first table says."""
    part = DOCUMENT.partition("## What each role may do")[2].partition("## ")[0]
    (_, *roles, _, _), *lines = rows(part)
    return {
        permission.strip("`"): {role for role, mark in zip(roles, marks, strict=True) if mark == "yes"}
        for _, *marks, permission, _ in lines
    }


def stated_operations() -> Iterator[tuple[str, str, str]]:
    """Yield method, path and what it needs, as the document's second table says."""
    for operation, needs in list(rows(DOCUMENT.partition("## The API")[2]))[1:]:
        method, path = operation.strip("`").split()
        yield method, path, needs


def guarded_questions() -> list[Question]:
    found = []
    for method, path, needs in stated_operations():
        if needs == "nothing":
            continue
        permission, *download = re.findall(r"`([\w.]+)`", needs) or [""]
        filled = re.sub(r"{(\w+)}", lambda match: ARGUMENTS.get(match[1], "none-such"), path)
        found.append(Question(method, filled, "?symbols=AAPL,MSFT", permission))
        found += [Question(method, filled, "?symbols=AAPL,MSFT&format=csv", name) for name in download]
    return found


def ask(question: Question, headers: dict[str, str]) -> Any:
    address = question.path + question.query
    return Client().generic(question.method, address, b"{}", "application/json", headers=headers)


@pytest.fixture(scope="module")
def market_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    write_market(folder)
    return folder


@pytest.fixture
def market(market_folder: Path, settings: Any) -> None:
    settings.LAKE_URL = f"file://{market_folder}"


@pytest.fixture
def bearer_of(make_user: Callable[..., Any]) -> Callable[[str], dict[str, str]]:
    """Return a function that signs a new user of a role in: some operations end a sign-in or a user."""
    names = (f"user{number}" for number in range(1000))

    def bearer(role: str) -> dict[str, str]:
        grant = sessions.start(make_user(next(names), role=role), device="", address="", now=int(time.time()))
        return {"Authorization": f"Bearer {grant.access}"}

    return bearer


def test_the_document_is_current() -> None:
    written = StringIO()
    call_command("describe_roles", stdout=written)

    assert written.getvalue() == DOCUMENT, "run `make types`"


def test_the_document_states_what_the_roles_are_for() -> None:
    assert (
        stated_roles().items()
        >= {
            "analytics.view_prices": {"viewer", "analyst", "admin"},
            "analytics.export_prices": {"analyst", "admin"},
            "analytics.save_comparison": {"analyst", "admin"},
            "analytics.share_comparison": {"analyst", "admin"},
            "accounts.*": {"admin"},
        }.items()
    )


def addresses(patterns: list[Any], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("/api/"):
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def test_every_address_of_the_api_is_in_the_document() -> None:
    assert set(addresses(get_resolver().url_patterns)) - DESCRIPTIONS == {path for _, path, _ in stated_operations()}


@pytest.mark.usefixtures("user_store", "market")
def test_nobody_may_do_anything_that_needs_a_user() -> None:
    let_in = [question for question in guarded_questions() if ask(question, {}).status_code != 401]

    assert let_in == []


@pytest.mark.django_db
@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("role", Role.values)
def test_each_role_may_do_what_the_document_says(role: str, bearer_of: Callable[[str], dict[str, str]]) -> None:
    allowed = {permission for permission, roles in stated_roles().items() if role in roles} | {""}
    wrong = []
    for question in guarded_questions():
        response = ask(question, bearer_of(role))
        refused = response.status_code == 403 and response.json()["code"] == "role_insufficient"
        if response.status_code == 401 or refused is (question.permission in allowed):
            wrong.append((question, response.status_code))

    assert wrong == []


def scope_permissions(scope: str) -> set[str]:
    """Return what the document says a key with this scope may do; every key may read."""
    part = DOCUMENT.partition("## What each role may do")[2].partition("## ")[0]
    return {permission.strip("`") for *_, permission, carried in list(rows(part))[1:] if carried in ("read", scope)}


@pytest.mark.django_db
@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("scope", SCOPES)
def test_each_key_may_do_what_the_document_says(scope: str, make_user: Callable[..., Any]) -> None:
    now = int(time.time())
    _, key = keys.create(make_user("ada", role="admin"), name="test", scopes=[scope], days=1, now=now)
    allowed = scope_permissions(scope)
    wrong = []
    for question in guarded_questions():
        response = ask(question, {"Authorization": f"Bearer {key}"})
        code = response.json()["code"] if response.status_code == 403 else ""
        expected = {"scope_insufficient"} if question.permission else {"api_key_not_allowed"}
        if response.status_code == 401 or (code in expected) is (question.permission in allowed):
            wrong.append((question, response.status_code, code))

    assert wrong == []


def test_a_refusal_says_which_role_it_takes(market: None, bearer_of: Callable[[str], dict[str, str]]) -> None:
    response = ask(Question("GET", "/api/v1/daily/", "?symbols=AAPL&format=csv", ""), bearer_of("viewer"))

    assert response.json() == {
        "detail": "To take rows away as CSV or Parquet you need the role analyst or admin; yours is viewer. "
        "Ask an administrator.",
        "code": "role_insufficient",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role.values)
def test_the_admin_site_opens_to_administrators_alone(role: str, make_user: Callable[..., Any]) -> None:
    make_user("ada", role=role, is_staff=True)
    client = Client()
    client.post("/sign-in/", {"username": "ada", "password": PASSWORD})
    lists = [reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in site._registry]

    answers = {address: client.get(address).status_code for address in lists}

    assert len(lists) >= 5
    assert set(answers.values()) == {200 if role == Role.ADMIN else 403}, answers


@pytest.mark.django_db
def test_a_role_opens_no_admin_site_without_being_staff(make_user: Callable[..., Any]) -> None:
    make_user("ada", role=Role.ADMIN)
    client = Client()
    client.post("/sign-in/", {"username": "ada", "password": PASSWORD})

    assert client.get("/admin/accounts/user/").status_code == 302
