"""What accounts cost: requests that name their user, and the admin's list of many users.

    python bench/users.py [--users 5000]

It starts an embedded DynamoDB server in a folder of its own behind a counting proxy, and asks through Django's test
client, in one process. "items" are the items that DynamoDB read for one request, "ms" the median of the repetitions.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.setdefault("LOG_LEVEL", "WARNING")
LIST = "/admin/accounts/user/"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=5000)
    users = parser.parse_args().users

    import django

    django.setup()
    from django.core.management import call_command

    from tests.dynamo import start_command
    from tests.faulty_proxy import faulty_proxy
    from tests.servers import free_port, running, wait_for_port

    call_command("migrate", verbosity=0)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        wait_for_port(port, stack.enter_context(running(start_command(port, folder))))
        proxy = stack.enter_context(faulty_proxy(f"http://127.0.0.1:{port}"))
        fill(f"http://127.0.0.1:{port}", users)
        lead_to(proxy.url)
        measure_requests(proxy)
        measure_admin(proxy)


def lead_to(url: str) -> None:
    from django.conf import settings

    settings.AWS_ENDPOINT_URL_DYNAMODB = url
    settings.LOGIN_ATTEMPTS_PER_ADDRESS = 1000
    settings.ALLOWED_HOSTS = ["*"]


def fill(url: str, users: int) -> None:
    from accounts.dynamo import setup
    from accounts.dynamo.tables import UserItem
    from accounts.models import User

    lead_to(url)
    setup.create_tables()
    User.objects.create_superuser("root", "root@example.org", "correct-horse-7")
    row: dict[str, Any] = {"password": "!", "role": "viewer", "date_joined": User.objects.get(pk="root").date_joined}
    with UserItem.batch_write() as batch:
        for n in range(users):
            name = f"user{n:05}"
            batch.save(UserItem(username=name, uid=name, email=f"{name}@example.org", is_active=n % 20 != 0, **row))


def measure(name: str, proxy: Any, request: Callable[[], Any], times: int = 5) -> None:
    took = []
    items = 0
    for _ in range(times):
        proxy.calls.clear()
        started = time.perf_counter()
        response = request()
        took.append((time.perf_counter() - started) * 1000)
        if response.status_code >= 400:
            raise SystemExit(f"{name}: {response.status_code}")
        items = proxy.items_read()
    print(f"{name:44} {items:7,} items  {len(proxy.calls):4} calls  {statistics.median(took):9.1f} ms")


def measure_requests(proxy: Any) -> None:
    from django.test import Client

    client = Client()
    credentials = {"username": "root", "password": "correct-horse-7"}
    measure("sign in (MD5 hasher of the tests)", proxy, lambda: client.post("/api/v1/auth/token/", credentials))
    token = client.post("/api/v1/auth/token/", credentials).json()["access"]
    bearer = {"Authorization": f"Bearer {token}"}
    measure("me", proxy, lambda: client.get("/api/v1/auth/me/", headers=bearer), 50)
    script = {"X-Requested-With": "fetch"}
    measure("refresh", proxy, lambda: client.post("/api/v1/auth/refresh/", headers=script), 20)


def measure_admin(proxy: Any) -> None:
    from django.core.cache import cache
    from django.test import Client

    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(pk="root"))

    def cold(address: str) -> Any:
        cache.clear()
        return client.get(address)

    measure("admin list, page 1, cold count", proxy, lambda: cold(LIST))
    measure("admin list, page 1", proxy, lambda: client.get(LIST))
    for page in range(2, 50):
        client.get(f"{LIST}?p={page}")
    measure("admin list, page 50 after 49", proxy, lambda: client.get(f"{LIST}?p=50"))
    client.get(LIST)
    measure("admin list, jump to page 90", proxy, lambda: client.get(f"{LIST}?p=90"))
    measure("admin search, cold", proxy, lambda: cold(f"{LIST}?q=user0123"))
    measure("admin filter active=no, cold", proxy, lambda: cold(f"{LIST}?is_active__exact=0"))
    measure("admin order by e-mail, cold", proxy, lambda: cold(f"{LIST}?o=2"))


if __name__ == "__main__":
    main()
