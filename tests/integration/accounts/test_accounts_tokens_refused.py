"""Tokens, cookies and requests that the API refuses."""

from typing import Any

import jwt
import pytest
from django.conf import settings as project_settings
from django.contrib.auth import get_user_model
from django.test import Client

from tests.dynamo import PASSWORD
from tests.token_browser import COOKIE, SCRIPT, TokenBrowser

User = get_user_model()


@pytest.mark.parametrize(
    "body", [{"username": "ada", "password": "wrong"}, {"username": "nobody", "password": "wrong"}]
)
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(make_user: Any, body: dict[str, str]) -> None:
    make_user("ada")

    response = Client().post("/api/v1/auth/token/", body)

    assert response.status_code == 401
    assert response.json() == {"detail": "The name or the password is wrong.", "code": "wrong_credentials"}
    assert COOKIE not in response.cookies


@pytest.mark.usefixtures("user_store")
@pytest.mark.parametrize("body", [{}, {"username": "ada"}, {"username": "", "password": "x"}, {"username": ["a"]}])
def test_a_malformed_request_names_the_field(body: dict[str, Any]) -> None:
    response = Client().post("/api/v1/auth/token/", body, content_type="application/json")

    assert response.status_code == 400
    assert response.json().keys() <= {"username", "password"}


@pytest.mark.parametrize("kind", ["garbage", "other key", "no signature", "refresh as access", "no audience"])
def test_forged_tokens_are_refused(signed_in: TokenBrowser, kind: str) -> None:
    claims = jwt.decode(signed_in.access, options={"verify_signature": False})
    key = project_settings.JWT_SIGNING_KEY
    signed_in.access = {
        "garbage": "abc.def.ghi",
        "other key": jwt.encode(claims, project_settings.SECRET_KEY, "HS256"),
        "no signature": jwt.encode(claims, None, "none"),
        "refresh as access": signed_in.cookie,
        "no audience": jwt.encode({k: v for k, v in claims.items() if k != "aud"}, key, "HS256"),
    }[kind]

    response = signed_in.me()

    assert response.status_code == 401
    assert response.json()["code"] == "token_not_valid"


def test_an_access_token_is_no_refresh_token(signed_in: TokenBrowser) -> None:
    assert TokenBrowser(signed_in.access).refresh().status_code == 401


@pytest.mark.parametrize("address", ["/api/v1/auth/refresh/", "/api/v1/auth/logout/"])
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "header_missing"),
        ({**SCRIPT, "Sec-Fetch-Site": "cross-site"}, "foreign_origin"),
        ({**SCRIPT, "Sec-Fetch-Site": "same-site"}, "foreign_origin"),
        ({**SCRIPT, "Origin": "https://evil.example"}, "foreign_origin"),
    ],
)
def test_cookie_endpoints_refuse_other_sites(
    signed_in: TokenBrowser, address: str, headers: dict[str, str], code: str
) -> None:
    response = signed_in.client.post(address, headers=headers)

    assert response.status_code == 403
    assert response.json()["code"] == code
    assert signed_in.me().status_code == 200


def test_another_site_cannot_sign_a_browser_in(make_user: Any) -> None:
    make_user("ada")

    response = Client().post(
        "/api/v1/auth/token/", {"username": "ada", "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert response.status_code == 403
    assert COOKIE not in response.cookies


def test_cookies_do_not_authenticate_the_api(signed_in: TokenBrowser) -> None:
    response = signed_in.client.get("/api/v1/auth/me/")

    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_no_cors_headers(signed_in: TokenBrowser) -> None:
    response = signed_in.client.post("/api/v1/auth/refresh/", headers={**SCRIPT, "Sec-Fetch-Site": "same-origin"})

    assert response.status_code == 200
    assert not [name for name in response.headers if name.lower().startswith("access-control")]
