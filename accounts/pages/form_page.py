"""Pages with one form, and pages that tell what happened."""

import time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.limits import TooMany
from accounts.links import LinkInvalid
from accounts.people.sign_up import SignUpClosed


def tell(
    request: HttpRequest,
    heading: str,
    sentence: str,
    *,
    to: str = "sign-in",
    button: str = "Sign in",
    status: int = 200,
) -> HttpResponse:
    """Answer with a heading, a sentence and one way on."""
    context = {"heading": heading, "sentence": sentence, "to": to, "button": button}
    return render(request, "accounts/told.html", context, status=status)


def refuse(form: forms.Form, error: TooMany) -> int:
    """Note in a form that the limit is reached; return the status of the answer."""
    form.add_error(None, str(error))
    return 429


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class FormPage(View):
    """Show a form, check it, act on it. Limits and links that are no good become answers here."""

    template = "accounts/form_page.html"
    form_class: type[forms.Form] = forms.Form
    heading = lead = button = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except LinkInvalid:
            return self.on_invalid_link(request)
        except SignUpClosed:
            sentence = "An account here needs an invitation or an administrator. Ask whoever runs this site."
            return tell(request, "Sign-up is closed", sentence, status=403)

    def on_invalid_link(self, request: HttpRequest) -> HttpResponse:
        sentence = "It was used before, is too old, or something has changed since. Ask for a new one."
        return tell(request, "This link does not work any more", sentence, status=410)

    @property
    def now(self) -> int:
        return int(time.time())

    @property
    def token(self) -> str:
        return self.request.POST.get("token") or self.request.GET.get("token") or ""

    def form(self, data: Any = None) -> Any:
        return self.form_class(data, initial={"token": self.token})

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, status=400)
        try:
            return self.act(form)
        except TooMany as error:
            response = self.show(form, status=refuse(form, error))
            response["Retry-After"] = str(error.retry_after)
            return response

    def act(self, form: Any) -> HttpResponse:
        raise NotImplementedError

    def show(self, form: forms.Form, status: int = 200) -> HttpResponse:
        context = {"form": form, "heading": self.heading, "lead": self.lead, "button": self.button}
        return render(self.request, self.template, context, status=status)
