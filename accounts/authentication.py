"""Who a request's bearer token belongs to: checked against DynamoDB, or by its signature alone.

`JWTAuthentication` is the default of every API view: one consistent read, and a token is dead at once after sign-out,
change of password, deactivation or deletion. `authenticate_bearer` reads nothing: for charts' tiles, where the bytes
were public to this user a moment ago and are asked for by the dozen. There, revocation takes effect when the access
token ends: at most 5 minutes (and 30 s of leeway for clocks) later.
"""

import time
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts import audit, keys, sessions, tokens
from accounts.models import User
from accounts.roles import needed_permission, permissions_of
from accounts.tokens import Claims, TokenInvalid

SCHEME = "bearer "
# `request.auth` of a request that came with an API key.
KEY = "api_key"
VERIFIED_LIMIT = 4096
# Tokens whose signature this process has already checked: a page asks for dozens of tiles with the same one.
_verified: dict[str, Claims] = {}


class BearerUser:
    """A user known from an access token alone, good for what a role may do. It is never saved."""

    is_authenticated = True
    is_anonymous = False
    is_active = True

    def __init__(self, claims: Claims) -> None:
        self.claims = claims
        self.username = self.pk = self.id = claims.username
        self.role = claims.role

    def __str__(self) -> str:
        return self.username

    def get_username(self) -> str:
        return self.username

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return obj is None and perm in permissions_of(self.role)

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)


def bearer_of(request: HttpRequest) -> str | None:
    """Return the token of the Authorization header, or None when there is no bearer header."""
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    if header[: len(SCHEME)].lower() != SCHEME:
        return None
    return header[len(SCHEME) :].strip()


def authenticate_bearer(request: HttpRequest) -> Claims | None:
    """Return the claims of the request's access token, or None when there is none. No read, no write.

    Raises TokenInvalid when the token is forged, of another kind or past its time.
    """
    text = bearer_of(request)
    return None if text is None else verify(text)


def verify(text: str) -> Claims:
    """Return the claims of an access token. Raises TokenInvalid."""
    claims = _verified.get(text)
    if claims is not None and claims.exp > time.time():
        return claims
    _verified.pop(text, None)
    claims = tokens.read_access(text)
    if len(_verified) >= VERIFIED_LIMIT:
        _verified.clear()
    _verified[text] = claims
    return claims


class JWTAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, Claims] | None:
        text = bearer_of(request._request)
        if text is None:
            return None
        try:
            claims = verify(text)
            user = sessions.check(claims, now=int(time.time()))
        except TokenInvalid as error:
            raise AuthenticationFailed("The access token is invalid or expired.", "token_not_valid") from error
        except sessions.SignInEnded as error:
            raise AuthenticationFailed("This sign-in has ended. Sign in again.", "sign_in_ended") from error
        audit.actor.set(user.username)
        return user, claims

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class ApiKeyAuthentication(BaseAuthentication):
    """Knows a personal API key, which is sent as a bearer token, too: that is what programs can send.

    A view that states no `required_permission` is about the caller's own account, and no key may use it, whatever its
    `permission_classes` are: a stolen key must not become a password, another key, or the end of the account.
    """

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        text = bearer_of(request._request)
        if text is None or not keys.is_key(text):
            return None
        try:
            user = keys.check(text, now=int(time.time()))
        except keys.KeyInvalid as error:
            raise AuthenticationFailed("This API key is unknown, revoked or expired.", "api_key_invalid") from error
        if not needed_permission(request.parser_context.get("view"), request.method or "GET"):
            raise PermissionDenied("An API key cannot do this. Sign in.", "api_key_not_allowed")
        audit.actor.set(user.username)
        return user, KEY

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself by being a class
    target_class = "accounts.authentication.ApiKeyAuthentication"
    name = "api_key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "sck_…",
            "description": "A personal API key. It may do what both its scopes and its owner's role allow.",
        }


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself by being a class
    target_class = "accounts.authentication.JWTAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of `POST /api/v1/auth/token/` or `/refresh/`; it lives 5 minutes.",
        }
