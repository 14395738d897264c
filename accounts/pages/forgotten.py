"""A forgotten password, set anew through a link in a mail."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts import links
from accounts.lockout import client_address
from accounts.pages.form_page import FormPage, tell
from accounts.pages.forms import AddressForm, NewPasswordForm
from accounts.people import passwords


class ForgottenPasswordView(FormPage):
    form_class = AddressForm
    heading = "Forgotten password"
    lead = "Give the e-mail address of your account. You get a mail with a link to set a new password."
    button = "Send the link"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.MAIL_CONFIGURED:
            sentence = "This site sends no mails. An administrator can set a new password for you."
            return tell(request, "Ask an administrator", sentence, status=403)
        return super().dispatch(request, *args, **kwargs)

    def act(self, form: Any) -> HttpResponse:
        address, base = client_address(self.request), links.base_of(self.request)
        passwords.forgotten(form.cleaned_data["email"], address=address, base=base, now=self.now)
        return redirect("forgotten-password-sent")


class ResetPasswordView(FormPage):
    form_class = NewPasswordForm
    heading = "Set a new password"
    lead = "Whoever is signed in as you now will be signed out."
    button = "Set password"

    def form(self, data: Any = None) -> Any:
        form = super().form(data)
        form.user = passwords.user_of_link(self.token, now=self.now)
        self.lead = f"For {form.user.username}. {ResetPasswordView.lead}"
        return form

    def act(self, form: Any) -> HttpResponse:
        passwords.reset(form.user, form.cleaned_data["password"], now=self.now)
        messages.success(self.request, "Your password is changed. Sign in with the new one.")
        return redirect("sign-in")

    def on_invalid_link(self, request: HttpRequest) -> HttpResponse:
        sentence = "It works once, for an hour, and until the password changes. Ask for a new one."
        heading = "This link does not work any more"
        return tell(request, heading, sentence, to="forgotten-password", button="Ask for a new link", status=410)


def sent(request: HttpRequest) -> HttpResponse:
    sentence = (
        "If there is an account with this address, a mail with a link is on its way to it. The link works for an hour."
    )
    return tell(request, "Look into your mail", sentence, to="forgotten-password", button="Ask again")
