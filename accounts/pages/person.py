"""What the pages of a signed-in person share."""

import time
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import sessions, tokens
from accounts.limits import TooMany
from accounts.models import User


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class PersonView(View):
    """A page of somebody who is signed in; a visitor is led through sign-in and back."""

    template = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            # A form that was sent cannot be sent again after the sign-in, so that leads to the account.
            return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("account"))
        return super().dispatch(request, *args, **kwargs)

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    @property
    def now(self) -> int:
        return int(time.time())

    @property
    def sid(self) -> str:
        """The sign-in of this browser. The user is known by the cookie, so the cookie is readable."""
        return tokens.read_refresh(sessions.cookie_of(self.request)).sid

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        return render(self.request, self.template, context, status=status)

    def limited(self, response: HttpResponse, error: TooMany) -> HttpResponse:
        response["Retry-After"] = str(error.retry_after)
        return response
