"""The relational database is SQLite or PostgreSQL: made from empty, and written to by the admin."""

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import postgresql

REPOSITORY = Path(__file__).resolve().parents[3]

FROM_EMPTY = """
import io, json, sys
import django
django.setup()
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client

settings.AWS_ENDPOINT_URL_DYNAMODB = sys.argv[1]
settings.ALLOWED_HOSTS = ["*"]
quiet = io.StringIO()
call_command("makemigrations", check=True, dry_run=True, stdout=quiet)
call_command("migrate", verbosity=0)
call_command("migrate", check=True, verbosity=0)

User = get_user_model()
root = User.objects.create_superuser("root", "root@example.org", "correct-horse-7")
client = Client()
client.force_login(root)
password = {"usable_password": "true", "password1": "well-9-deep", "password2": "well-9-deep"}
answers = {
    "add a user": client.post("/admin/accounts/user/add/", {"username": "ada", **password}).status_code,
    "history": client.get("/admin/accounts/user/ada/history/").status_code,
    "index": client.get("/admin/").status_code,
    "run a job": client.post("/admin/stockcompare/jobrun/run/fetch/").status_code,
    "runs": client.get("/admin/stockcompare/jobrun/").status_code,
    "schedules": client.get("/admin/django_q/schedule/").status_code,
}
with connection.cursor() as cursor:
    constraints = connection.introspection.get_constraints(cursor, LogEntry._meta.db_table).values()
    tables = connection.introspection.table_names(cursor)
print(json.dumps({
    "vendor": connection.vendor,
    "answers": answers,
    "log": list(LogEntry.objects.values_list("user_id", "object_id")),
    "points at": sorted(found["foreign_key"][0] for found in constraints if found["foreign_key"]),
    "tables of users": [name for name in tables if "users" in name],
    "in DynamoDB": User.objects.get(pk="ada").has_usable_password(),
}))
"""


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_made_from_empty_and_written_to_by_the_admin(vendor: str, user_store: str, tmp_path: Path) -> None:
    with postgresql() if vendor == "postgresql" else nullcontext(f"sqlite:///{tmp_path}/empty.sqlite3") as url:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_URL": url}
        command = [sys.executable, "-c", FROM_EMPTY, user_store]
        done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("answers") == {
        "add a user": 302, "history": 200, "index": 200, "run a job": 302, "runs": 200, "schedules": 200,
    }  # fmt: skip
    assert found == {
        "vendor": vendor,
        "log": [["root", "ada"]],
        "points at": ["django_content_type"],
        "tables of users": [],
        "in DynamoDB": True,
    }
