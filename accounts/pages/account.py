"""Profile and sign-ins of a signed-in person."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.errors import StaleUser
from accounts.pages.forms import NameForm
from accounts.pages.person import PersonView
from accounts.people import profile, sign_ins

STALE = "Your account was changed elsewhere in this moment. Nothing was saved; send the form again."


class ProfileView(PersonView):
    template = "accounts/profile.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(name_form=NameForm.of(self.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NameForm(request.POST)
        if not form.is_valid():
            return self.page(name_form=form, status=400)
        try:
            profile.rename(self.user, **form.cleaned_data)
        except StaleUser:
            form.add_error(None, STALE)
            return self.page(name_form=form, status=409)
        messages.success(request, "Your name is saved.")
        return redirect("account")


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
