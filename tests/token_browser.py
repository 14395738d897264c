"""A browser that signs in through the API, for tests of tokens."""

from typing import Any

from django.test import Client

from tests.dynamo import PASSWORD

SCRIPT = {"X-Requested-With": "fetch"}
COOKIE = "sc_refresh"


class TokenBrowser:
    """A browser with a cookie and an access token in memory, over Django's test client."""

    def __init__(self, cookie: str = "") -> None:
        self.client = Client()
        self.access = ""
        if cookie:
            self.client.cookies[COOKIE] = cookie

    @property
    def cookie(self) -> str:
        return self.client.cookies[COOKIE].value

    def sign_in(self, username: str = "ada", password: str = PASSWORD) -> Any:
        response = self.client.post("/api/v1/auth/token/", {"username": username, "password": password})
        return self._keep(response)

    def refresh(self) -> Any:
        return self._keep(self.client.post("/api/v1/auth/refresh/", headers=SCRIPT))

    def me(self) -> Any:
        return self.client.get("/api/v1/auth/me/", headers={"Authorization": f"Bearer {self.access}"})

    def sign_out(self) -> Any:
        return self.client.post("/api/v1/auth/logout/", headers=SCRIPT)

    def _keep(self, response: Any) -> Any:
        if response.status_code == 200:
            self.access = response.json()["access"]
        return response
