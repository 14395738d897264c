"""What is kept about a person: taken away as a file, or deleted with the account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import sessions
from accounts.limits import TooMany
from accounts.lockout import client_address
from accounts.pages.account import WRONG
from accounts.pages.form_page import refuse
from accounts.pages.forms import DeleteAccountForm
from accounts.pages.person import PersonView
from accounts.people import leaving
from accounts.people.leaving import LastSuperuser
from accounts.people.passwords import WrongPassword


class DataView(PersonView):
    template = "accounts/data.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        name = f"stockcompare-{self.user.username}-{now:%Y-%m-%d}.json"
        return JsonResponse(
            leaving.export(self.user, now=now),
            json_dumps_params={"indent": 2, "ensure_ascii": False},
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class DeleteAccountView(PersonView):
    template = "accounts/delete.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=DeleteAccountForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DeleteAccountForm(request.POST)
        if not form.is_valid():
            return self.page(400, form=form)
        try:
            leaving.delete(self.user, form.cleaned_data["current"], address=client_address(request))
        except WrongPassword:
            form.add_error("current", WRONG)
            return self.page(400, form=form)
        except LastSuperuser:
            form.add_error(None, "You are the last active superuser. Make somebody else one first.")
            return self.page(409, form=form)
        except TooMany as error:
            return self.limited(self.page(refuse(form, error), form=form), error)
        sessions.finish(request)
        messages.success(request, "Your account is deleted, with all that it owned.")
        response = redirect("sign-in")
        sessions.clear_cookie(response)
        return response
