"""The admin site's page that makes an invitation, and shows its address once."""

import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from accounts import links
from accounts.people import sign_up


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        max_length=254,
        help_text="The account gets it unasked, so be sure whose it is. Without one, whoever has the link is let in.",
    )


class InvitesUsers(ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """A mixin for the admin of users."""

    def get_urls(self) -> Any:
        page = path("invite/", self.admin_site.admin_view(self.invite), name="accounts_user_invite")
        return [page, *super().get_urls()]

    def invite(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = InvitationForm(request.POST or None)
        address = ""
        if request.method == "POST" and settings.ACCOUNTS_SIGN_UP != "closed" and form.is_valid():
            base, now = links.base_of(request), int(time.time())
            address = sign_up.invite(form.cleaned_data["email"], base=base, now=now)
        context = {
            **self.admin_site.each_context(request),
            "title": "Invite somebody",
            "opts": self.model._meta,
            "form": form,
            "address": address,
            "mailed_to": form.cleaned_data["email"] if address and settings.MAIL_CONFIGURED else "",
            "closed": settings.ACCOUNTS_SIGN_UP == "closed",
        }
        return TemplateResponse(request, "admin/accounts/user/invite.html", context)
