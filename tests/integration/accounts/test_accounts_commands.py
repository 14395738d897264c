"""The commands of accounts, and those of Django that touch users."""

import getpass
import io
import json
import subprocess
import sys
import time
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts.dynamo import store
from tests.dynamo import PASSWORD
from tests.faulty_proxy import faulty_proxy
from tests.settings import BASE_DIR

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]


def run(command: str, *args: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(command, *args, stdout=out, **options)
    return out.getvalue()


def test_dynamodb_init_runs_again_and_again() -> None:
    assert run("dynamodb_init") == run("dynamodb_init") == "All tables are there.\n"


def test_the_tables_are_as_declared() -> None:
    from accounts.dynamo.tables import TABLES, AttemptItem, FamilyItem, UserItem

    tables: tuple[Any, ...] = TABLES
    expiring = {}
    for table in tables:
        name = table.Meta.table_name
        state = table._get_connection().connection.client.describe_time_to_live(TableName=name)
        expiring[table] = state["TimeToLiveDescription"]["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
    assert {table for table, expires in expiring.items() if expires} == {FamilyItem, AttemptItem}
    (index,) = UserItem.describe_table()["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by-kind"
    assert "password" not in index["Projection"]["NonKeyAttributes"]


def test_nobody_is_signed_in_or_told_apart_by_the_index(make_user: Any, user_store: str, settings: Any) -> None:
    """An index is behind its table for a moment: it may be late to know a user, and late to forget one."""
    make_user("ada")
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        client = Client()
        for name in ("ada", "ada@example.org", "nobody"):
            client.post("/api/v1/auth/token/", {"username": name, "password": PASSWORD})
        client.post("/api/v1/auth/refresh/", headers={"X-Requested-With": "fetch"})
        client.post("/api/v1/auth/sign-up/", {"username": "ADA", "password": "well-9-deep"})
        assert User.objects.filter(email="ada@example.org").exists()

    assert not {"Query", "Scan"} & set(proxy.operations()), proxy.operations()


def test_ensure_admin_prints_the_first_administrator_once() -> None:
    first = run("ensure_admin", "--json")
    second = run("ensure_admin", "--json")

    credentials = json.loads(first)
    assert second == ""
    user = User.objects.get(pk=credentials["username"])
    assert (user.is_superuser, user.is_staff, user.role) == (True, True, "admin")
    assert user.check_password(credentials["password"])


def test_ensure_admin_prints_lines_for_people() -> None:
    lines = dict(line.split(": ") for line in run("ensure_admin", "--username", "boss").splitlines())

    assert lines.keys() == {"username", "password"}
    assert lines["username"] == "boss"


def test_ensure_admin_takes_over_nobodys_account(make_user: Any) -> None:
    make_user("admin")

    with pytest.raises(CommandError, match="--username"):
        run("ensure_admin")

    assert User.objects.get(pk="admin").check_password(PASSWORD)


def test_createsuperuser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    arguments = ["--noinput", "--username", "Root", "--email", "root@example.org"]

    assert "created successfully" in run("createsuperuser", *arguments)
    assert User.objects.get(pk="root").is_superuser
    with pytest.raises(CommandError, match="already taken"):
        run("createsuperuser", *arguments)
    with pytest.raises(CommandError, match="already taken"):
        run("createsuperuser", "--noinput", "--username", "other", "--email", "ROOT@example.org")


def test_changepassword(make_user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("ada")
    monkeypatch.setattr(getpass, "getpass", lambda *args, **options: "another-horse-8")

    run("changepassword", "ADA")

    assert User.objects.get(pk="ada").check_password("another-horse-8")


def test_unlock_user(make_user: Any) -> None:
    make_user("ada")
    for _ in range(5):
        Client().post("/api/v1/auth/token/", {"username": "ada", "password": "wrong"})

    run("unlock_user", "ada@example.org")

    right = {"username": "ada", "password": PASSWORD}
    assert Client().post("/api/v1/auth/token/", right).status_code == 200
    with pytest.raises(CommandError, match="no user"):
        run("unlock_user", "nobody")


def test_sweep(make_user: Any) -> None:
    make_user("ada")
    Client().post("/api/v1/auth/token/", {"username": "ada", "password": PASSWORD})
    assert run("dynamodb_sweep") == "Deleted 0 expired rows.\n"

    with time_machine.travel(time.time() + 8 * 86_400):
        assert run("dynamodb_sweep") != "Deleted 0 expired rows.\n"


def test_claims_are_checked_and_mended(make_user: Any) -> None:
    from accounts.dynamo.tables import EmailClaim

    make_user("ada")
    make_user("bob")
    assert run("check_user_claims") == "Users and e-mail claims agree.\n"
    EmailClaim("ada@example.org").delete()
    EmailClaim("left@example.org", username="gone").save()

    with pytest.raises(CommandError, match="disagree"):
        run("check_user_claims")
    mended = run("check_user_claims", "--repair")

    assert "left@example.org is claimed by gone" in mended
    assert "ada uses ada@example.org without a claim" in mended
    assert store.find_username("ada@example.org") == "ada"
    assert store.find_username("left@example.org") is None


def test_users_are_dumped(make_user: Any) -> None:
    make_user("ada")

    (row,) = json.loads(run("dumpdata", "accounts.user"))

    assert row["pk"] == "ada"


def test_no_migration_is_missing() -> None:
    run("makemigrations", "--check", "--dry-run")


def test_no_table_points_at_users(make_user: Any) -> None:
    make_user("root", superuser=True)
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, LogEntry._meta.db_table)
        tables = connection.introspection.table_names(cursor)

    assert "users_live_in_dynamodb" not in tables
    targets = [found["foreign_key"] for found in constraints.values() if found["foreign_key"]]
    assert [table for table, _ in targets] == ["django_content_type"]


WITHOUT_DYNAMODB = """
import django
django.setup()
from django.core.management import call_command
call_command("check", deploy=False, verbosity=0)
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
import sys
assert "pynamodb" not in sys.modules, "pynamodb was imported"
assert "botocore" not in sys.modules, "botocore was imported"
"""


def test_setup_needs_no_dynamodb_and_does_not_even_import_it() -> None:
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DYNAMODB], env=environment, cwd=BASE_DIR, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
