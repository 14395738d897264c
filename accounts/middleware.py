"""Who the user of a request is, by area of the site, and what a fault of DynamoDB looks like from outside."""

import time
from collections.abc import Callable

from django.contrib.auth import get_user
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from accounts import audit, keys, sessions
from accounts.authentication import BearerUser, authenticate_bearer, bearer_of
from accounts.dynamo.client import request_budget
from accounts.errors import StoreUnavailable
from accounts.limits import TooMany
from accounts.models import User
from accounts.tokens import TokenInvalid
from accounts.unavailable import too_many, unavailable

API = "/api/"
# Django's own session, set at sign-in for staff only, and its CSRF tokens guard the admin.
ADMIN = "/admin/"


class AccountsMiddleware:
    """Stands after Django's AuthenticationMiddleware and sets a lazy `request.user`.

    - below /api/: the user of the bearer token, by signature alone, or of the API key; no cookie counts there, so no
      CSRF either;
    - below /admin/: the user of Django's session, for as long as the sign-in that began it lives;
    - elsewhere: the user of the refresh cookie, for reading pages. One consistent read, when the user is looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        of_page = not request.path_info.startswith((API, ADMIN))
        if request.path_info.startswith(API):
            request.user = SimpleLazyObject(lambda: bearer_user(request))  # type: ignore[assignment]  # lazy
        elif request.path_info.startswith(ADMIN):
            request.user = SimpleLazyObject(lambda: staff_user(request))  # type: ignore[assignment]  # lazy
        else:
            request.user = SimpleLazyObject(lambda: cookie_user(request))  # type: ignore[assignment]  # lazy
        acting = audit.actor.set("")
        try:
            with request_budget():
                response = self.get_response(request)
        finally:
            audit.actor.reset(acting)
        if of_page:
            keep_private(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if isinstance(exception, TooMany):
            return too_many(request, exception)
        return unavailable(request) if isinstance(exception, StoreUnavailable) else None


def bearer_user(request: HttpRequest) -> User | BearerUser | AnonymousUser:
    text = bearer_of(request)
    try:
        if text and keys.is_key(text):
            return keys.check(text, now=int(time.time()))
        claims = authenticate_bearer(request)
    except (TokenInvalid, keys.KeyInvalid):
        return AnonymousUser()
    return BearerUser(claims) if claims else AnonymousUser()


def cookie_user(request: HttpRequest) -> User | AnonymousUser:
    text = sessions.cookie_of(request)
    user = sessions.identify(text, now=int(time.time())) if text else None
    if user:
        audit.actor.set(user.username)
    return user or AnonymousUser()


def staff_user(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    if sessions.SESSION_SIGN_IN not in request.session:
        # Made by other code than our sign-in: as good as Django's own rules make it.
        return get_user(request)
    user = sessions.of_session(request.session, now=int(time.time()))
    if user:
        audit.actor.set(user.username)
    return user or AnonymousUser()


def keep_private(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let no cache, and no Back button after sign-out, show a page that was made for one user."""
    patch_vary_headers(response, ["Cookie"])
    if sessions.cookie_of(request) and not response.has_header("Cache-Control"):
        response["Cache-Control"] = "private, no-store"
