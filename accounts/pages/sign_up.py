"""Sign up: with an address to confirm where mail is configured, at once where it is not."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts import audit, links, sessions
from accounts.lockout import client_address
from accounts.pages.form_page import FormPage, tell
from accounts.pages.forms import AddressForm, NewAccountForm
from accounts.people import sign_up
from accounts.people.sign_up import Admission, NameTaken


class NewAccountPage(FormPage):
    """Whoever was admitted chooses a name and a password."""

    form_class: type[Form] = NewAccountForm
    heading = "Create your account"
    button = "Create account"
    admission: Admission

    def admit(self) -> Admission:
        raise NotImplementedError

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.admission = Admission()

    def get(self, request: HttpRequest) -> HttpResponse:
        self.admission = self.admit()
        return super().get(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        self.admission = self.admit()
        return super().post(request)

    def form(self, data: Any = None) -> Any:
        form = super().form(data)
        form.email = self.admission.email
        if self.admission.email:
            self.lead = f"For {self.admission.email}."
        return form

    def act(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        address = client_address(self.request)
        try:
            user = sign_up.create(values["username"], values["password"], self.admission, address=address, now=self.now)
        except NameTaken:
            form.add_error("username", "This name cannot be had. Choose another one.")
            return self.show(form, status=409)
        audit.actor.set(user.username)
        sessions.finish(self.request)
        grant = sessions.begin(self.request, user, now=self.now)
        messages.success(self.request, f"Your account is ready, {user.username}.")
        response = redirect(settings.LOGIN_REDIRECT_URL)
        sessions.set_cookie(response, grant)
        return response


class SignUpView(NewAccountPage):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET" and request.user.is_authenticated and not self.token:
            return redirect(settings.LOGIN_REDIRECT_URL)
        return super().dispatch(request, *args, **kwargs)

    def admit(self) -> Admission:
        admission = sign_up.admit(self.token, now=self.now)
        if admission.asks_for_address:
            self.form_class = AddressForm
            self.heading, self.button = "Sign up", "Send the link"
            self.lead = "You get a mail with a link. It leads to your name and password, and works for a day."
        return admission

    def act(self, form: Any) -> HttpResponse:
        if not self.admission.asks_for_address:
            return super().act(form)
        sign_up.ask(
            form.cleaned_data["email"],
            self.admission,
            invitation=self.token,
            address=client_address(self.request),
            base=links.base_of(self.request),
            now=self.now,
        )
        return redirect("sign-up-sent")


class SignUpConfirmView(NewAccountPage):
    def admit(self) -> Admission:
        return sign_up.admit_confirmed(self.token, now=self.now)


def sent(request: HttpRequest) -> HttpResponse:
    sentence = "Open the link in the mail that we have sent you. Nothing there after some minutes? Ask again."
    return tell(request, "Look into your mail", sentence, to="sign-up", button="Ask again")
