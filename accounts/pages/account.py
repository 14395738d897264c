"""The pages of a signed-in person: profile, password, sign-ins, data."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import links, sessions
from accounts.errors import StaleUser
from accounts.limits import TooMany
from accounts.lockout import client_address
from accounts.pages.form_page import FormPage, refuse
from accounts.pages.forms import ChangeEmailForm, ChangePasswordForm, NameForm, TokenForm
from accounts.pages.person import PersonView
from accounts.people import emails, passwords, profile, sign_ins
from accounts.people.passwords import WrongPassword

STALE = "Your account was changed elsewhere in this moment. Nothing was saved; send the form again."
WRONG = "This is not your password."


class ProfileView(PersonView):
    template = "accounts/profile.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.profile()

    def profile(self, status: int = 200, **forms: Any) -> HttpResponse:
        return self.page(status, **{"name_form": NameForm.of(self.user), "email_form": ChangeEmailForm(), **forms})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NameForm(request.POST)
        if not form.is_valid():
            return self.profile(400, name_form=form)
        try:
            profile.rename(self.user, **form.cleaned_data)
        except StaleUser:
            form.add_error(None, STALE)
            return self.profile(409, name_form=form)
        messages.success(request, "Your name is saved.")
        return redirect("account")


class ChangeEmailView(ProfileView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("account")

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ChangeEmailForm(request.POST)
        if not settings.MAIL_CONFIGURED or not form.is_valid():
            return self.profile(400, email_form=form)
        email, address = form.cleaned_data["email"], client_address(request)
        if email == self.user.email:
            form.add_error("email", "This is your address already.")
            return self.profile(400, email_form=form)
        try:
            passwords.confirm(self.user, form.cleaned_data["current"], address=address)
            emails.ask(self.user, email, base=links.base_of(request), now=self.now)
        except WrongPassword:
            form.add_error("current", WRONG)
            return self.profile(400, email_form=form)
        except TooMany as error:
            return self.limited(self.profile(refuse(form, error), email_form=form), error)
        messages.success(request, f"Open the link in the mail to {email}. Until then your address stays as it is.")
        return redirect("account")


class ConfirmEmailView(FormPage):
    """Needs no sign-in: the mail may be read on another device, and the password was asked for before it was sent."""

    form_class = TokenForm
    heading = "Confirm your e-mail address"
    button = "Confirm"

    def form(self, data: Any = None) -> Any:
        user, link = emails.read_link(self.token, now=self.now)
        self.lead = f"{link.email} becomes the address of {user.username}."
        return super().form(data)

    def act(self, form: Any) -> HttpResponse:
        user = emails.confirm(self.token, now=self.now)
        messages.success(self.request, f"The e-mail address of {user.username} is now {user.email}.")
        return redirect("account")


class PasswordView(PersonView):
    template = "accounts/password.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=ChangePasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ChangePasswordForm(request.POST)
        form.user = self.user
        if not form.is_valid():
            return self.page(400, form=form)
        current, new = form.cleaned_data["current"], form.cleaned_data["password"]
        try:
            passwords.change(self.user, current=current, new=new, address=client_address(request))
        except WrongPassword:
            form.add_error("current", WRONG)
            return self.page(400, form=form)
        except StaleUser:
            form.add_error(None, STALE)
            return self.page(409, form=form)
        except TooMany as error:
            return self.limited(self.page(refuse(form, error), form=form), error)
        messages.success(request, "Your password is changed. All your other sign-ins have ended.")
        response = redirect("account-password")
        sessions.renew(request, response)
        return response


class SignInsView(PersonView):
    template = "accounts/sign_ins.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(sign_ins=sign_ins.list_sign_ins(self.user, current=self.sid, now=self.now))


class EndSignInView(PersonView):
    def post(self, request: HttpRequest, sid: str) -> HttpResponse:
        sign_ins.end_sign_in(self.user, sid)
        messages.success(request, "That sign-in has ended.")
        return redirect("account-sign-ins")


class EndOtherSignInsView(PersonView):
    def post(self, request: HttpRequest) -> HttpResponse:
        ended = sign_ins.end_other_sign_ins(self.user, current=self.sid)
        messages.success(request, f"{ended} other sign-in{'s' * (ended != 1)} ended. This browser stays signed in.")
        return redirect("account-sign-ins")
