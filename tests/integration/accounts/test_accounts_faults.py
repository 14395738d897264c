"""What people and programs see when DynamoDB is down, throttles, loses replies or falls silent."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from accounts.errors import StoreNotConfigured, StoreUnavailable
from tests.dynamo import PASSWORD
from tests.faulty_proxy import Fault, Proxy, faulty_proxy
from tests.servers import free_port

User = get_user_model()
pytestmark = pytest.mark.django_db
SCRIPT = {"X-Requested-With": "fetch"}


@login_required
def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.user.get_username())


urlpatterns = [path("", include("stockcompare.urls")), path("private/", private)]
handler500 = "accounts.unavailable.server_error"


@pytest.fixture(autouse=True)
def _page_of_a_user(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def proxy(user_store: str, settings: Any) -> Iterator[Proxy]:
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        yield proxy
        proxy.fault = None


@pytest.fixture
def visit(make_user: Any, proxy: Proxy) -> Callable[[str], Any]:
    """Return a function that does one thing as a signed-in administrator and returns the answer."""
    make_user("root", superuser=True)
    client = Client(raise_request_exception=False)
    token = client.post("/api/v1/auth/token/", {"username": "root", "password": PASSWORD}).json()["access"]
    bearer = {"Authorization": f"Bearer {token}"}
    credentials = {"username": "root", "password": PASSWORD}
    new_user = {"username": "ada", "usable_password": "true", "password1": "well-9-deep", "password2": "well-9-deep"}
    ways: dict[str, Callable[[], Any]] = {
        "me": lambda: client.get("/api/v1/auth/me/", headers=bearer),
        "obtain": lambda: Client().post("/api/v1/auth/token/", credentials),
        "refresh": lambda: client.post("/api/v1/auth/refresh/", headers=SCRIPT),
        "log out": lambda: client.post("/api/v1/auth/logout/", headers=SCRIPT),
        "page": lambda: client.get("/private/"),
        "sign in": lambda: Client().post("/sign-in/", credentials),
        "sign out": lambda: client.post("/sign-out/"),
        "admin index": lambda: client.get("/admin/"),
        "admin list": lambda: client.get("/admin/accounts/user/"),
        "admin add": lambda: client.post("/admin/accounts/user/add/", new_user),
    }
    return lambda way: ways[way]()


WAYS = ["me", "obtain", "refresh", "log out", "page", "sign in", "sign out", "admin index", "admin list", "admin add"]


def assert_unavailable(response: Any) -> None:
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "wrong" not in response.content.decode()
    if response["Content-Type"] == "application/json":
        assert response.json()["code"] == "accounts_unavailable"
    else:
        assert "Accounts cannot be reached" in response.content.decode()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["error", "throttle", "cut"])
def test_a_fault_is_503_and_passes(visit: Callable[[str], Any], proxy: Proxy, way: str, kind: str) -> None:
    proxy.fault = Fault(kind)
    assert_unavailable(visit(way))

    proxy.fault = None
    assert visit(way).status_code in (200, 204, 302)


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_is_gone_is_503_and_may_come_back(
    visit: Callable[[str], Any], proxy: Proxy, settings: Any, way: str
) -> None:
    settings.AWS_ENDPOINT_URL_DYNAMODB = f"http://127.0.0.1:{free_port()}"
    assert_unavailable(visit(way))

    settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
    assert visit(way).status_code in (200, 204, 302)


def test_one_lost_reply_of_each_write_is_success(proxy: Proxy) -> None:
    def losing(operation: str) -> None:
        proxy.fault = Fault("drop", operation, times=1)

    losing("TransactWriteItems")
    user = User.objects.create_user("ada", "ada@example.org", PASSWORD)
    losing("UpdateItem")
    user.first_name = "Ada"
    user.save()
    losing("TransactWriteItems")
    user.email = "new@example.org"
    user.save()
    assert proxy.fault
    assert proxy.fault.hits == 1

    user = User.objects.get(email="new@example.org")
    assert (user.first_name, user.rev) == ("Ada", 3)
    losing("TransactWriteItems")
    assert user.delete()[0] == 1
    assert not User.objects.filter(email="new@example.org").exists()


def test_another_transaction_on_the_same_rows_is_waited_for(proxy: Proxy) -> None:
    def conflicting() -> Fault:
        proxy.fault = Fault("conflict", "TransactWriteItems", times=2)
        return proxy.fault

    fault = conflicting()
    user = User.objects.create_user("ada", "ada@example.org", PASSWORD)
    assert fault.hits == 2
    conflicting()
    user.email = "new@example.org"
    user.save()
    conflicting()
    assert user.delete()[0] == 1

    proxy.fault = Fault("conflict", "TransactWriteItems")
    with pytest.raises(StoreUnavailable):
        User.objects.create_user("ada", "ada@example.org", PASSWORD)


@pytest.mark.parametrize("operation", ["UpdateItem", "PutItem"])
def test_a_lost_reply_during_sign_in_goes_unnoticed(visit: Callable[[str], Any], proxy: Proxy, operation: str) -> None:
    proxy.fault = Fault("drop", operation, times=1)

    assert visit("obtain").status_code == 200
    assert proxy.fault.hits == 1


def test_a_write_that_was_refused_left_nothing(proxy: Proxy) -> None:
    proxy.fault = Fault("error", "TransactWriteItems")
    with pytest.raises(StoreUnavailable):
        User.objects.create_user("ada", "ada@example.org", PASSWORD)

    proxy.fault = None
    assert User.objects.create_user("ada", "ada@example.org", PASSWORD).pk == "ada"


def test_a_deletion_stands_when_its_sign_ins_cannot_be_tidied(make_user: Any, proxy: Proxy) -> None:
    user = make_user("ada")
    client = Client()
    access = client.post("/api/v1/auth/token/", {"username": "ada", "password": PASSWORD}).json()["access"]
    # What the user owns is asked for first, and must be gone before the user is.
    proxy.fault = Fault("error", "Query", after=3)

    assert user.delete()[0] == 1

    assert client.get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {access}"}).status_code == 401


def test_no_call_after_an_outage_takes_a_connection_from_before(
    make_user: Any, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.dynamo import client

    monkeypatch.setattr(client, "ATTEMPTS", 1)
    make_user("ada")
    with ThreadPoolExecutor(12) as pool:
        for _ in range(2):
            proxy.fault = Fault("slow", seconds=0.1)
            found = pool.map(lambda _: User.objects.get(pk="ada").username, range(12))
            assert [*found] == ["ada"] * 12
            proxy.stop()
            proxy.start()


@pytest.mark.parametrize("command", ["dynamodb_init", "ensure_admin"])
def test_commands_say_what_to_do(settings: Any, command: str) -> None:
    settings.AWS_ENDPOINT_URL_DYNAMODB = ""
    with pytest.raises(CommandError, match="Set AWS_ENDPOINT_URL_DYNAMODB"):
        call_command(command)

    settings.AWS_ENDPOINT_URL_DYNAMODB = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(CommandError, match="does not answer"):
        call_command(command)


def test_missing_tables_name_the_command(dynamodb_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.dynamo.tables import UserItem

    settings.AWS_ENDPOINT_URL_DYNAMODB = dynamodb_url
    monkeypatch.setattr(UserItem.Meta, "table_name", "never-created-users")

    with pytest.raises(StoreNotConfigured, match=r"manage\.py dynamodb_init"):
        User.objects.get(pk="ada")


def test_an_emulator_never_sees_real_credentials(
    make_user: Any, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    from accounts.dynamo import client

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREALREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real-secret")
    client._connect.cache_clear()

    make_user("ada")

    credentials = client.connection().client._request_signer._credentials
    assert credentials.access_key == "embedded"


def test_a_region_is_never_guessed_for_aws(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from accounts.dynamo import client

    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    settings.AWS_ENDPOINT_URL_DYNAMODB, settings.STOCKCOMPARE_AWS = "", True
    client._connect.cache_clear()

    with pytest.raises(StoreNotConfigured, match="AWS_REGION"):
        User.objects.get(pk="ada")
