"""Callers of the API as a signed-in user or with a key, and requests that are sent at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from django.test import Client

from tests.dynamo import PASSWORD

KEYS = "/api/v1/auth/keys/"


class Caller:
    """A signed-in user of the API."""

    def __init__(self, username: str) -> None:
        credentials = {"username": username, "password": PASSWORD}
        token = Client().post("/api/v1/auth/token/", credentials).json()["access"]
        self.client = Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)

    def get(self, address: str) -> Any:
        return self.client.get(address)

    def post(self, address: str, body: Any, **headers: str) -> Any:
        return self.client.post(address, body, content_type="application/json", headers=headers)

    def put(self, address: str, body: Any) -> Any:
        return self.client.put(address, body, content_type="application/json")

    def delete(self, address: str) -> Any:
        return self.client.delete(address)

    def saved(self, address: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Save a thing; return its address and what was answered."""
        response = self.post(address, body)
        assert response.status_code == 201, response.content
        return response["Location"], response.json()

    def make_key(self, **changes: Any) -> Any:
        return self.post(KEYS, {"name": "nightly", "scopes": ["read"], **changes})

    def key(self, **changes: Any) -> str:
        response = self.make_key(**changes)
        assert response.status_code == 201, response.content
        text: str = response.json()["key"]
        return text

    def listed_keys(self) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = self.get(KEYS).json()["results"]
        return results


def ask_with(key: str, path: str = "/api/v1/auth/me/", method: str = "GET") -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    return Client(raise_request_exception=False).generic(method, path, b"{}", "application/json", headers=headers)


def at_once(count: int, act: Callable[[int], Any]) -> list[int]:
    """Return the statuses of requests that are sent at the same time."""

    def one(number: int) -> int:
        try:
            status: int = act(number).status_code
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(one, range(count)))
