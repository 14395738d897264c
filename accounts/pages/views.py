"""Sign in and sign out, rendered by the server; they work without JavaScript."""

import time

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import audit, limits, sessions
from accounts.models import User
from accounts.pages.forms import SignInForm


def next_address(request: HttpRequest) -> str:
    """Return where to go after signing in: the page that was asked for, if it is one of this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)


@method_decorator([sensitive_post_parameters("password"), never_cache], name="dispatch")
class SignInView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        # Asked for again by somebody signed in: the admin wants a fresh sign-in, or the right is missing.
        if request.user.is_authenticated and not request.GET.get("next"):
            return redirect(settings.LOGIN_REDIRECT_URL)
        return self._form(request, SignInForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignInForm(request.POST)
        if not form.is_valid():
            return self._form(request, form, status=400)
        user = authenticate(request, **form.cleaned_data)
        if wait := getattr(request, "sign_in_retry_after", 0):
            form.add_error(None, limits.sentence(wait))
            response = self._form(request, form, status=429)
            response["Retry-After"] = str(wait)
            return response
        if not isinstance(user, User):
            form.add_error(None, "The name or the password is wrong.")
            return self._form(request, form, status=401)
        audit.actor.set(user.username)
        # A browser that was signed in as somebody else, or before, leaves no live sign-in behind.
        sessions.finish(request)
        grant = sessions.begin(request, user, now=int(time.time()))
        response = redirect(next_address(request))
        sessions.set_cookie(response, grant)
        return response

    def _form(self, request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "next": next_address(request), "signed_in_as": self._name_of_visitor(request)}
        return render(request, "accounts/sign_in.html", context, status=status)

    def _name_of_visitor(self, request: HttpRequest) -> str:
        return request.user.get_username() if request.user.is_authenticated else ""


@method_decorator(never_cache, name="dispatch")
class SignOutView(View):
    """POST only: a link or an image of another site must not sign anybody out."""

    def post(self, request: HttpRequest) -> HttpResponse:
        sessions.finish(request)
        response = redirect(settings.LOGIN_URL)
        sessions.clear_cookie(response)
        return response
