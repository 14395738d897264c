"""Users moved from one DynamoDB to another by the commands, between two makes of server."""

import io
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command

from accounts import keys, saved
from accounts.dynamo import claims, setup, store
from accounts.dynamo.tables import TABLES
from tests.dynamo import PASSWORD, dynamodb_server
from tests.faulty_proxy import Fault, faulty_proxy

User = get_user_model()
pytestmark = pytest.mark.usefixtures("user_store")
NOW = int(time.time())


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Return the address of a server of the other make."""
    with dynamodb_server("embedded" if os.environ.get("DYNAMO_SERVER") == "local" else "local") as url:
        yield url


@pytest.fixture
def move(settings: Any) -> Callable[[str], None]:
    """Return a function that leads accounts to another server, with empty tables."""

    def lead_to(url: str) -> None:
        settings.AWS_ENDPOINT_URL_DYNAMODB = url
        setup.create_tables()
        empty()

    return lead_to


def empty() -> None:
    for table in TABLES:
        with table.batch_write() as batch:
            for item in table.scan():
                batch.delete(item)


@pytest.fixture
def town(make_user: Any) -> dict[str, str]:
    """Make three users, who own a watchlist, a comparison and a key. The value has the key's text."""
    ada = make_user("ada", first_name="Ada", role="analyst")
    make_user("ünï", email=None, is_active=False)
    ada.email = "countess@example.org"
    ada.save()
    make_user("root", superuser=True)
    saved.create(ada, saved.WATCHLIST, {"name": "Mine", "symbols": ["AAPL"]}, repeat_key="", now=NOW)
    saved.create(ada, saved.COMPARISON, {"name": "Two"}, repeat_key="once", now=NOW)
    _, text = keys.create(ada, name="report", scopes=["prices:read"], days=30, now=NOW)
    return {"key": text}


def export(path: Path) -> list[str]:
    call_command("export_users", str(path), stderr=io.StringIO())
    return sorted(path.read_text().splitlines())


def take_in(path: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("import_users", str(path), stdout=out, **options)
    return out.getvalue()


def without_writers(lines: list[str]) -> list[Any]:
    """Leave out `wid`, which says by which write a user was written."""
    rows = [json.loads(line) for line in lines]
    for row in rows:
        if row.get("table") == "users":
            row["row"].pop("wid", None)
    return rows


def test_there_and_back_everything_is_the_same(
    town: dict[str, str], user_store: str, elsewhere: str, move: Any, tmp_path: Path
) -> None:
    first = export(tmp_path / "first")

    move(elsewhere)
    assert "users: 3 written" in take_in(tmp_path / "first")
    second = export(tmp_path / "second")
    assert authenticate(None, username="countess@example.org", password=PASSWORD) == User(username="ada")
    assert keys.check(town["key"], now=NOW).pk == "ada"
    assert not claims.compare()

    move(user_store)
    take_in(tmp_path / "second")
    third = export(tmp_path / "third")

    assert without_writers(first) == without_writers(second) == without_writers(third)
    assert (User.objects.get(pk="ada").rev, User.objects.get(pk="ünï").email) == (2, None)


def test_an_export_has_no_secret_and_is_for_its_owner_only(town: dict[str, str], tmp_path: Path) -> None:
    export(tmp_path / "users")

    text = (tmp_path / "users").read_text()
    assert PASSWORD not in text
    assert town["key"].partition(".")[2] not in text
    assert "md5$" in text
    assert stat.S_IMODE((tmp_path / "users").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["users"]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(town: dict[str, str], tmp_path: Path) -> None:
    export(tmp_path / "users")
    empty()

    assert "users: 3 would be written, 0 were here already" in take_in(tmp_path / "users", dry_run=True)

    assert User.objects.count() == 0


def test_an_import_goes_on_after_a_break(
    town: dict[str, str], user_store: str, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = export(tmp_path / "users")
    empty()
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        proxy.fault = Fault("error", "TransactWriteItems", after=2)
        with pytest.raises(CommandError, match="does not answer"):
            take_in(tmp_path / "users")
    settings.AWS_ENDPOINT_URL_DYNAMODB = user_store
    assert User.objects.count() == 2

    assert "users: 1 written, 2 were here already" in take_in(tmp_path / "users")
    assert "users: 0 written, 3 were here already" in take_in(tmp_path / "users")
    assert without_writers(export(tmp_path / "again")) == without_writers(lines)


@pytest.mark.parametrize("write", ["TransactWriteItems", "PutItem"])
def test_a_lost_reply_is_no_conflict(
    town: dict[str, str], user_store: str, settings: Any, tmp_path: Path, write: str
) -> None:
    export(tmp_path / "users")
    empty()
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        proxy.fault = Fault("drop", write, times=1)

        assert "users: 3 written" in take_in(tmp_path / "users")
        assert proxy.fault.hits == 1


def test_conflicts_are_named_and_left_as_they_are(town: dict[str, str], make_user: Any, tmp_path: Path) -> None:
    export(tmp_path / "users")
    empty()
    make_user("ada", email="other@example.org")
    make_user("squatter", email="root@example.org")
    out = io.StringIO()

    with pytest.raises(CommandError, match="left out, as listed") as refusal:
        call_command("import_users", str(tmp_path / "users"), stdout=out)

    assert refusal.value.returncode == 3
    assert "ada: another account has that name here" in out.getvalue()
    assert "root: the address root@example.org belongs to squatter here" in out.getvalue()
    assert "its owner was left out" in out.getvalue()
    assert User.objects.get(pk="ada").email == "other@example.org"
    assert store.get_user("ünï") is not None
    assert not claims.compare()


def test_an_account_changed_on_both_sides_is_a_conflict(town: dict[str, str], tmp_path: Path) -> None:
    export(tmp_path / "users")
    ada = User.objects.get(pk="ada")
    ada.first_name = "Augusta"
    ada.save()

    with pytest.raises(CommandError, match="left out"):
        take_in(tmp_path / "users")

    assert User.objects.get(pk="ada").first_name == "Augusta"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[:-1], "ends early"),
        (lambda lines: [*lines[:2], lines[2][:20], *lines[3:]], "Line 3 is no JSON object"),
        (lambda lines: lines[1:], "first line must be"),
        (lambda lines: [], "ends early"),
        (lambda lines: [*lines[:1], *lines[2:]], "The file says that it holds"),
        (lambda lines: [lines[0], '{"table": "cats", "row": {}}', *lines[1:]], "unknown here"),
        (
            lambda lines: [lines[0], '{"table": "users", "row": {"cat": {"S": "x"}}}', *lines[1:]],
            "Line 2, a row of users, has cat",
        ),
        (lambda lines: [lines[0], '{"table": "users"}', *lines[1:]], "Line 2 is no row of users"),
    ],
)
def test_a_file_that_is_not_whole_says_so(town: dict[str, str], tmp_path: Path, change: Any, message: str) -> None:
    path = tmp_path / "users"
    export(path)
    path.write_text("".join(f"{line}\n" for line in change(path.read_text().splitlines())))

    with pytest.raises(CommandError, match=message) as refusal:
        take_in(path)

    assert refusal.value.returncode == 1


@pytest.mark.parametrize("command", ["export_users", "import_users"])
def test_commands_say_what_to_do(command: str, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "users").write_text('{"format": "stockcompare-users", "version": 1}\n{"end": {}}\n')
    with pytest.raises(CommandError, match="No such file"):
        call_command(command, str(tmp_path / "none/users"))
    settings.AWS_ENDPOINT_URL_DYNAMODB = ""
    if command == "export_users":
        with pytest.raises(CommandError, match="Set AWS_ENDPOINT_URL_DYNAMODB"):
            call_command(command, str(tmp_path / "users"))
