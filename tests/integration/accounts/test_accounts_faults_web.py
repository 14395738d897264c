"""Each operation of accounts at the real web process, against each way in which DynamoDB can fail, within real limits.

To add an operation, add one line to OPERATIONS.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from accounts import links
from accounts.dynamo import claims, owned
from tests.dynamo import PASSWORD
from tests.faulty_proxy import Fault, Proxy, faulty_proxy
from tests.web import Visitor, website

User = get_user_model()
pytestmark = [pytest.mark.slow, pytest.mark.real_limits, pytest.mark.timeout(300)]
SECONDS = 5
USERS = "/admin/accounts/user/"
NEW_PASSWORD = "another-horse-8"
WRITES = ("TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem")


class Door:
    """How a visitor may have come in before DynamoDB fails."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._root = Visitor(site, "root").sign_in()

    def stranger(self, name: str) -> Visitor:
        someone = Visitor(self.site, name)
        for cookie in self._root.http.cookies:
            if cookie.name == "csrftoken":
                someone.http.cookies.set_cookie(cookie)
        return someone

    def with_token(self, name: str) -> Visitor:
        return Visitor(self.site, name).take_token()

    def signed_in(self, name: str) -> Visitor:
        return self.stranger(name).sign_in()

    def admin(self, name: str) -> Visitor:
        root = Visitor(self.site, "root")
        root.http.cookies.update(self._root.http.cookies)
        return root

    def admin_alone(self, name: str) -> Visitor:
        """A new password gives the administrator's session another key, which no copy knows."""
        return Visitor(self.site, "root").sign_in()


@dataclass(frozen=True)
class Operation:
    """`enter(door, name)` gives the visitor for `run(visitor, name)`, where `name` is a user of this attempt's own. A
    good answer has the status `good`, and then, if the operation writes, `is_done(name)`."""

    name: str
    enter: Callable[[Door, str], Visitor]
    run: Callable[[Visitor, str], Any]
    good: int
    is_done: Callable[[str], bool] = lambda name: True


def change(root: Visitor, name: str) -> Any:
    form = {"rev": "1", "email": f"new-{name}@example.org", "first_name": "New", "role": "viewer"}
    return root.send(f"{USERS}{name}/change/", {**form, "is_active": "on"})


def new_user(name: str) -> dict[str, str]:
    password = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return {"username": f"{name}-new", "email": f"{name}-new@example.org", **password}


def sign_up(who: Visitor, name: str) -> Any:
    address = {"email": f"{name}-new@example.org", "invitation": ""}
    confirmation = links.write("sign_up", address, now=int(time.time()))
    new = {"username": f"{name}-new", "password": NEW_PASSWORD, "confirmation": confirmation}
    return who.call("/api/v1/auth/sign-up/", new)


def confirm_address(who: Visitor, name: str) -> Any:
    facts = {
        "username": name,
        "uid": stored(name).uid,
        "was": f"{name}@example.org",
        "email": f"new-{name}@example.org",
    }
    token = links.write("change_email", facts, now=int(time.time()))
    return who.call("/api/v1/auth/me/email/confirm/", {"token": token})


def selected(name: str, action: str) -> dict[str, str]:
    return {"action": action, "_selected_action": name, "index": "0"}


def credentials(name: str) -> dict[str, str]:
    return {"username": name, "password": PASSWORD}


def stored(name: str) -> Any:
    return User.objects.filter(pk=name).first()


def is_changed(name: str) -> bool:
    user = stored(name)
    return (user.email, user.first_name, user.role, user.rev) == (f"new-{name}@example.org", "New", "viewer", 2)


def has_new_password(name: str) -> bool:
    return bool(stored(name).check_password(NEW_PASSWORD)) and stored(name).token_version == 1


def owns(name: str, kind: str) -> bool:
    return len(owned.find_all(stored(name).uid, kind)) == 1


MY_PASSWORD = {"current_password": PASSWORD}
SIGN_UP_FORM = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
PASSWORDS = {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
OPERATIONS = [
    Operation("me", Door.with_token, lambda who, _: who.get("/api/v1/auth/me/"), 200),
    Operation("obtain", Door.stranger, lambda who, name: who.call("/api/v1/auth/token/", credentials(name)), 200),
    Operation("refresh", Door.with_token, lambda who, _: who.call("/api/v1/auth/refresh/"), 200),
    Operation("log out", Door.with_token, lambda who, _: who.call("/api/v1/auth/logout/"), 204),
    Operation("sign in", Door.stranger, lambda who, name: who.send("/sign-in/", credentials(name)), 302),
    Operation("sign out", Door.signed_in, lambda who, _: who.send("/sign-out/"), 302),
    Operation("profile", Door.signed_in, lambda who, _: who.get("/account/"), 200),
    Operation(
        "rename", Door.signed_in, lambda who, _: who.send("/account/", {"first_name": "New"}), 302,
        lambda name: (stored(name).first_name, stored(name).rev) == ("New", 2),
    ),
    Operation("my sign-ins", Door.signed_in, lambda who, _: who.get("/account/sign-ins/"), 200),
    Operation("end other sign-ins", Door.signed_in, lambda who, _: who.send("/account/sign-ins/end-others/"), 302),
    Operation(
        "sign up", Door.stranger, lambda who, name: who.send("/sign-up/", {"username": f"{name}-new", **SIGN_UP_FORM}),
        302, lambda name: stored(f"{name}-new") is not None,
    ),
    Operation(
        "sign up with an address", Door.stranger, sign_up, 201,
        lambda name: stored(f"{name}-new").email == f"{name}-new@example.org",
    ),
    Operation(
        "confirm an address", Door.stranger, confirm_address, 204,
        lambda name: (stored(name).email, stored(name).rev) == (f"new-{name}@example.org", 2),
    ),
    Operation(
        "change my password", Door.with_token,
        lambda who, _: who.call("/api/v1/auth/password/", {**MY_PASSWORD, "new_password": NEW_PASSWORD}), 200,
        has_new_password,
    ),
    Operation("my data", Door.with_token, lambda who, _: who.get("/api/v1/auth/me/export/"), 200),
    Operation(
        "new key", Door.with_token,
        lambda who, _: who.call("/api/v1/auth/keys/", {"name": "report", "scopes": ["read"]}), 201,
        lambda name: owns(name, "api-key"),
    ),
    Operation(
        "save a list", Door.with_token,
        lambda who, _: who.call("/api/v1/watchlists/", {"name": "Mine", "symbols": ["AAPL"]}), 201,
        lambda name: owns(name, "watchlist"),
    ),
    Operation(
        "delete my account", Door.with_token, lambda who, _: who.call("/api/v1/auth/me/delete/", MY_PASSWORD), 204,
        lambda name: stored(name) is None,
    ),
    Operation("admin index", Door.admin, lambda root, _: root.get("/admin/"), 200),
    Operation("admin list", Door.admin, lambda root, _: root.get(USERS), 200),
    Operation("admin form", Door.admin, lambda root, name: root.get(f"{USERS}{name}/change/"), 200),
    Operation(
        "admin add", Door.admin, lambda root, name: root.send(f"{USERS}add/", new_user(name)), 302,
        lambda name: stored(f"{name}-new") is not None,
    ),
    Operation("admin change", Door.admin, change, 302, is_changed),
    Operation(
        "admin password", Door.admin_alone, lambda root, name: root.send(f"{USERS}{name}/password/", PASSWORDS), 302,
        has_new_password,
    ),
    Operation(
        "admin deactivate", Door.admin, lambda root, name: root.send(USERS, selected(name, "deactivate")), 302,
        lambda name: not stored(name).is_active,
    ),
    Operation(
        "admin delete", Door.admin, lambda root, name: root.send(f"{USERS}{name}/delete/", {"post": "yes"}), 302,
        lambda name: stored(name) is None,
    ),
]  # fmt: skip
KINDS = ["refuse", "error", "throttle", "cut", "drop", "silence", "slow"]
ON_BOTH = pytest.mark.both_servers


@pytest.fixture(scope="module")
def proxy(dynamodb_url: str) -> Iterator[Proxy]:
    with faulty_proxy(dynamodb_url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def site(proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("web")
    with website(folder, proxy.url) as address:
        yield address


@pytest.fixture
def attempt(make_user: Any, site: str) -> Callable[[str], Callable[[Operation], Callable[[], Any]]]:
    """Return a function that prepares an attempt at an operation, with a user of its own, and gives its last step."""
    make_user("root", superuser=True)
    door = Door(site)

    def attempts(word: str) -> Callable[[Operation], Callable[[], Any]]:
        def prepare(operation: Operation) -> Callable[[], Any]:
            name = user_of(operation, word)
            make_user(name, role="analyst")
            who = operation.enter(door, name)
            return lambda: operation.run(who, name)

        return prepare

    return attempts


def user_of(operation: Operation, word: str) -> str:
    return f"{operation.name.replace(' ', '-')}-{word}"


def timed(step: Callable[[], Any]) -> tuple[float, Any]:
    began = time.monotonic()
    answer = step()
    return time.monotonic() - began, answer


def at_once(steps: list[Callable[[], Any]]) -> list[tuple[float, Any]]:
    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(timed, steps))


def break_dynamodb(proxy: Proxy, kind: str) -> None:
    if kind == "refuse":
        proxy.stop()
    else:
        proxy.fault = Fault(kind, seconds=0.8)


def mend_dynamodb(proxy: Proxy) -> None:
    proxy.fault = None
    if proxy.server is None:
        proxy.start()


def complaint(kind: str, took: float, answer: Any) -> str:
    """Say what is wrong with an answer that was given while DynamoDB failed."""
    if took > SECONDS:
        return f"took {took:.1f} s"
    if answer.status_code != 503:
        return "" if kind == "slow" and answer.status_code < 400 else f"{answer.status_code} {answer.text[:200]}"
    if int(answer.headers.get("Retry-After", "0")) <= 0 or "wrong" in answer.text:
        return f"no Retry-After, or a wrong word: {answer.text[:200]}"
    text = answer.json()["code"] if answer.headers["Content-Type"] == "application/json" else answer.text
    return "" if "accounts_unavailable" in text or "Accounts cannot be reached" in text else answer.text[:200]


def assert_good(operation: Operation, answer: Any) -> None:
    assert answer.status_code == operation.good, (operation.name, answer.text[:300])
    assert "next=" not in answer.headers.get("Location", ""), f"{operation.name}: led to the sign-in"


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=[ON_BOTH] * (kind == "silence")) for kind in KINDS])
def test_each_operation_under_a_fault_and_after_it(kind: str, proxy: Proxy, attempt: Any) -> None:
    steps = [attempt("during")(operation) for operation in OPERATIONS]
    later = [attempt("after")(operation) for operation in OPERATIONS]

    break_dynamodb(proxy, kind)
    try:
        answers = at_once(steps)
    finally:
        mend_dynamodb(proxy)
    recovered = at_once(later)
    # The reply that was lost may have rotated the token: its owner asks again and is not taken for a thief.
    assert steps[[operation.name for operation in OPERATIONS].index("refresh")]().status_code == 200

    wrong = {operation.name: complaint(kind, *answer) for operation, answer in zip(OPERATIONS, answers, strict=True)}
    assert {name: what for name, what in wrong.items() if what} == {}
    for word, given in (("during", answers), ("after", recovered)):
        for operation, (_, answer) in zip(OPERATIONS, given, strict=True):
            if word == "after" or answer.status_code != 503:
                assert_good(operation, answer)
                assert operation.is_done(user_of(operation, word)), operation.name
    assert not claims.compare()


@pytest.mark.both_servers
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_one_lost_reply_of_a_write_goes_unnoticed(operation: Operation, proxy: Proxy, attempt: Any) -> None:
    step = attempt("whole")(operation)
    proxy.calls.clear()
    assert_good(operation, step())
    for number, write in enumerate(sorted(set(proxy.operations()) & set(WRITES))):
        step = attempt(str(number))(operation)
        proxy.fault = Fault("drop", write, times=1)
        try:
            answer = step()
        finally:
            proxy.fault = None

        assert_good(operation, answer)
        assert operation.is_done(user_of(operation, str(number))), write
    assert not claims.compare()
