"""The page of a person's API keys: list, make (shown once), revoke."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import keys
from accounts.dynamo.owned import AlreadyThere, LimitReached, NotThere
from accounts.keys import Key
from accounts.pages.person import PersonView
from accounts.roles import SCOPES, scopes_of
from accounts.text import plain_text

SCOPE_WORDS = {
    "read": "Read: prices, comparisons, averages, and what you saved",
    "export": "Export: also download rows as CSV and Parquet",
    "save": "Save: also keep and share watchlists and comparisons",
}
DAYS = {7: "in 7 days", 30: "in 30 days", 90: "in 90 days", 365: "in a year"}


class KeyForm(forms.Form):
    name = forms.CharField(
        label="What it is for",
        max_length=keys.NAME_LENGTH,
        validators=[plain_text],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
    days = forms.TypedChoiceField(label="Expires", choices=list(DAYS.items()), coerce=int, initial=90)
    # Made with the form, so that sending the same form again makes no second key.
    key_id = forms.CharField(
        widget=forms.HiddenInput,
        validators=[RegexValidator(r"^[0-9a-f]{12}\Z", "Load this page again, then make the key.")],
        initial=keys.new_id,
    )

    def __init__(self, role: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = scopes_of(role)
        self.fields["scopes"].choices = [(scope, SCOPE_WORDS[scope]) for scope in SCOPES if scope in offered]  # type: ignore[attr-defined]  # of a choice field
        self.fields["scopes"].initial = ["read"]


class KeysView(PersonView):
    template = "accounts/keys.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        form = KeyForm(self.user.role, request.POST)
        if not form.is_valid():
            return self._page(form, status=400)
        try:
            key, text = keys.create(self.user, **form.cleaned_data, now=self.now)
        except LimitReached as error:
            form.add_error(None, f"You have {error.limit} keys, as many as there can be. Revoke one first.")
            return self._page(form, status=400)
        except AlreadyThere:
            messages.warning(request, "That key was made already, and is not shown again. Revoke it if you lost it.")
            return redirect("account-keys")
        return self._page(new_key=text, new_id=key.id, status=201)

    def _page(self, form: KeyForm | None = None, status: int = 200, **context: Any) -> HttpResponse:
        rows = [_row(key, self.now) for key in keys.find_all(self.user.uid)]
        form = form or KeyForm(self.user.role)
        return self.page(status, form=form, keys=rows, is_full=len(rows) >= keys.MOST, most=keys.MOST, **context)


class RevokeKeyView(PersonView):
    def post(self, request: HttpRequest, key_id: str) -> HttpResponse:
        try:
            keys.revoke(self.user, key_id)
        except NotThere as error:
            raise Http404 from error
        messages.success(request, "That key is revoked: it is refused from now on.")
        return redirect("account-keys")


def _row(key: Key, now: int) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": ", ".join(key.scopes),
        "has_expired": key.expires_at <= now,
        "created_at": datetime.fromtimestamp(key.created_at, UTC),
        "expires_at": datetime.fromtimestamp(key.expires_at, UTC),
        "used_at": datetime.fromtimestamp(key.used_at, UTC) if key.used_at else None,
    }
