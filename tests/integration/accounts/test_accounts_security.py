"""Promises of docs/security.md that no other test shows: fixed sessions, cookies behind HTTPS, least privilege."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts.dynamo.tables import PREFIX, TABLES
from tests.aws_policies import Permission, allowed_by
from tests.conftest import REPOSITORY
from tests.dynamo import PASSWORD
from tests.mailbox import Mailbox

User = get_user_model()
SCRIPT = {"X-Requested-With": "fetch"}
HTTPS = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "only-for-tests-" + "Zk3q-Yw8x_" * 5,
    "ENV_FILE": "/nowhere/.env",
    "HTTPS": "true",
    "DJANGO_SETTINGS_MODULE": "stockcompare.settings",
}


def sign_in(client: Client, username: str = "ada", address: str = "/") -> Any:
    return client.post("/sign-in/", {"username": username, "password": PASSWORD, "next": address})


@pytest.mark.django_db
@pytest.mark.parametrize("superuser", [False, True])
def test_a_cookie_that_was_planted_before_the_sign_in_knows_nobody_after_it(make_user: Any, superuser: bool) -> None:
    make_user("ada", superuser=superuser)
    make_user("eve", superuser=superuser)
    attacker, victim = Client(), Client()
    sign_in(attacker, "eve")
    victim.cookies = attacker.cookies.copy()  # type: ignore[assignment]  # SimpleCookie copies to a dict
    planted = {name: morsel.value for name, morsel in attacker.cookies.items()}

    sign_in(victim)

    kept = {name for name, value in planted.items() if victim.cookies[name].value == value}
    assert kept == set()
    # The attacker's copies are over, so they follow the victim nowhere.
    assert attacker.get("/account/").status_code == 302
    assert attacker.get("/admin/").status_code == 302
    assert victim.get("/account/").status_code == 200


@pytest.mark.django_db
def test_the_forgery_token_of_before_is_no_good_after_the_sign_in(make_user: Any) -> None:
    make_user("ada")
    client = Client(enforce_csrf_checks=True)
    page = client.get("/sign-in/").content.decode()
    before = client.cookies["csrftoken"].value
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    client.post("/sign-in/", {"username": "ada", "password": PASSWORD, "csrfmiddlewaretoken": token[1]})

    assert client.cookies["csrftoken"].value != before
    assert client.post("/sign-out/", {"csrfmiddlewaretoken": token[1]}).status_code == 403


def printed_settings() -> dict[str, Any]:
    names = ["SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SECURE"]
    names += ["REFRESH_COOKIE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_PROXY_SSL_HEADER", "DEBUG"]
    code = "import json; from django.conf import settings\n"
    code += f"print(json.dumps({{name: getattr(settings, name) for name in {names}}}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=HTTPS, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_cookie_is_secure_behind_https() -> None:
    assert printed_settings() == {
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": True,
        "REFRESH_COOKIE": "__Host-sc_refresh",
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "DEBUG": False,
    }


def test_djangos_own_checks_for_a_server_find_nothing() -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(command, cwd=REPOSITORY, env=HTTPS, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("user_store")
@pytest.mark.parametrize("address", ["/", "/sign-in/", "/api/v1/docs/", "/nowhere/"])
def test_no_other_site_can_frame_a_page_or_add_a_script(address: str) -> None:
    response = Client().get(address)

    policy = response["Content-Security-Policy"]
    assert {"frame-ancestors 'none'", "script-src 'self'", "base-uri 'none'"} <= set(policy.split("; "))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


def go_by_links(root: Client, mailbox: Mailbox) -> None:
    """Do what a link in a mail is for: sign up, and give another address."""
    new = {"username": "eve", "password": "well-9-deep", "password_again": "well-9-deep"}
    Client().post("/sign-up/", {"email": "eve@example.org"})
    Client().post("/sign-up/confirm/", {**new, "token": mailbox.token("eve@example.org")})
    root.post("/account/email/", {"email": "new@example.org", "current": PASSWORD})
    confirmed = Client().post("/account/email/confirm/", {"token": mailbox.token("new@example.org")})
    assert confirmed.status_code == 302


def visit_everything(root: Client, api: Client) -> None:
    """Do as an administrator and as a program what touches DynamoDB in each of its ways."""
    keys, lists = "/api/v1/auth/keys/", "/api/v1/watchlists/"
    new_user = {"username": "bob", "email": "bob@example.org", "usable_password": "true"}
    root.get("/account/sign-ins/")
    root.post("/admin/accounts/user/add/", {**new_user, "password1": "well-9-deep", "password2": "well-9-deep"})
    root.get("/admin/accounts/user/")
    root.get("/admin/accounts/user/bob/history/")
    root.post("/admin/accounts/user/bob/delete/", {"post": "yes"})
    made = api.post(keys, {"name": "k", "scopes": ["read"]}, content_type="application/json").json()
    Client().get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {made['key']}"})
    api.delete(f"{keys}{made['id']}/")
    body = {"name": "x", "symbols": ["AAPL"]}
    one = api.post(lists, body, content_type="application/json")["Location"]
    api.get(one)
    api.put(one, {**body, "version": 1}, content_type="application/json")
    api.delete(one)
    root.post("/api/v1/auth/refresh/", headers=SCRIPT)
    root.post("/sign-out/")


@pytest.mark.django_db
def test_the_policy_of_the_web_process_allows_no_more_than_it_uses(
    make_user: Any, asked_by_web: set[Permission], mailbox: Mailbox
) -> None:
    """That it allows enough, every test of accounts sees: see `asked_by_web`."""
    make_user("root", superuser=True)
    root = Client()
    sign_in(root, "root@example.org")
    token = Client().post("/api/v1/auth/token/", {"username": "root", "password": PASSWORD}).json()["access"]

    go_by_links(root, mailbox)
    visit_everything(root, Client(headers={"Authorization": f"Bearer {token}"}))

    # Asked only when the reply of a rotation was lost.
    assert allowed_by("web") - asked_by_web == {("refresh-families", "dynamodb:GetItem")}


def table_names() -> list[str]:
    tables: list[Any] = list(TABLES)
    return [table.Meta.table_name for table in tables]


def test_no_policy_is_wider_than_its_tables_and_its_prefix() -> None:
    for policy in ("web", "worker", "setup"):
        text = (REPOSITORY / f"docs/aws/{policy}.json").read_text()
        assert not re.search(r'"(dynamodb|s3):\*|"Resource": "\*"|\[\s*"\*"', text), policy
    tables = {name.removeprefix(PREFIX) for name in table_names()}
    assert {table for table, action in allowed_by("setup") if action == "dynamodb:CreateTable"} == tables
    assert not {action for _, action in allowed_by("web")} & {"dynamodb:Scan", "dynamodb:DeleteTable"}
    assert not allowed_by("worker")
