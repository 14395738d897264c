"""The page of what a person saved to compare: open, rename, remove; the compare page's form saves one here."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts import saved
from accounts.dynamo.owned import AlreadyThere, LimitReached, NotThere, Stale
from accounts.dynamo.store import Item
from accounts.pages.person import PersonView
from accounts.roles import SAVE
from accounts.saved import ADJUSTMENTS, COMPARED_SYMBOLS, COMPARISON, MODES, NAME_LENGTH, RANGES
from accounts.text import plain_text

_USUAL = {"mode": MODES[0], "adjustment": ADJUSTMENTS[0]}


class NameForm(forms.Form):
    name = forms.CharField(max_length=NAME_LENGTH, validators=[plain_text])


class VersionForm(NameForm):
    version = forms.IntegerField(min_value=1, max_value=2**53)


class ComparisonForm(NameForm):
    """A comparison as the compare page's address has it: a named range, or two dates."""

    symbols = forms.CharField()
    range = forms.ChoiceField(choices=[(name, name) for name in RANGES], required=False)
    first = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    last = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    mode = forms.ChoiceField(choices=[(name, name) for name in MODES])
    adjustment = forms.ChoiceField(choices=[(name, name) for name in ADJUSTMENTS])

    def clean_symbols(self) -> list[str]:
        texts = self.cleaned_data["symbols"].split(",")
        if len(texts) > COMPARED_SYMBOLS:
            raise forms.ValidationError(f"Name at most {COMPARED_SYMBOLS} symbols.")
        try:
            symbols = list(dict.fromkeys(saved.parse_symbol(text) for text in texts))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if len(symbols) < 2:
            raise forms.ValidationError("Name at least two symbols, for example AAPL and MSFT.")
        return symbols

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if bool(values.get("range")) == bool(first and last):
            raise forms.ValidationError("Give either a range or two dates.")
        if first and last and first > last:
            raise forms.ValidationError(f"{first} is after {last}; exchange the two dates.")
        return values

    def body(self) -> Item:
        values = self.cleaned_data
        dates = {} if values["range"] else {"from": _written(values["first"]), "to": _written(values["last"])}
        return {
            **{name: values[name] for name in ("name", "symbols", "mode", "adjustment")},
            "from": None,
            "to": None,
            **dates,
            "range": values["range"] or None,
            "timeframe": "auto",
            "shared": False,
        }


class ComparisonsView(PersonView):
    template = "accounts/comparisons.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        require_saving(request)
        form = ComparisonForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=400)
        body = form.body()
        try:
            self._save(body)
        except LimitReached as error:
            form.add_error(None, f"You have {error.limit} comparisons, as many as there can be. Remove one first.")
            return self._page(form, status=400)
        messages.success(request, f"Saved as “{body['name']}”. It is among your comparisons.")
        return redirect(_address(body))

    def _save(self, body: Item) -> None:
        """Save a comparison once, however often the form is sent; its place is named by what it holds."""
        key = f"page {_address(body)} {body['name']}"
        try:
            row = saved.create(self.user, COMPARISON, body, repeat_key=key, now=self.now)
        except AlreadyThere as error:
            row = error.row
        if row["body"]["name"] != body["name"]:
            # That one was renamed since, and stays.
            saved.create(self.user, COMPARISON, body, repeat_key="", now=self.now)

    def _page(self, form: ComparisonForm | None = None, status: int = 200) -> HttpResponse:
        rows = [_row(row) for row in saved.find_all(self.user.uid, COMPARISON)]
        return self.page(status, form=form, comparisons=rows[::-1], may_save=self.user.has_perm(SAVE))


class OneComparisonView(PersonView):
    """A change of one comparison; it needs the right to save."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            require_saving(request)
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotThere as error:
            raise Http404 from error


class RenameComparisonView(OneComparisonView):
    def post(self, request: HttpRequest, thing_id: str) -> HttpResponse:
        form = VersionForm(request.POST)
        if not form.is_valid():
            messages.error(request, f"Write a name of at most {NAME_LENGTH} characters, in one line.")
            return redirect("account-comparisons")
        there = saved.get(self.user.uid, COMPARISON, thing_id)
        body = {**COMPARISON.whole(there["body"]), "name": form.cleaned_data["name"]}
        version = form.cleaned_data["version"]
        try:
            saved.replace(self.user.uid, COMPARISON, thing_id, body, version=version, now=self.now)
        except Stale:
            messages.error(request, "This comparison was changed meanwhile. Nothing was renamed; look at it first.")
        else:
            messages.success(request, f"Renamed to “{body['name']}”.")
        return redirect("account-comparisons")


class RemoveComparisonView(OneComparisonView):
    def post(self, request: HttpRequest, thing_id: str) -> HttpResponse:
        saved.delete(self.user.uid, COMPARISON, thing_id)
        messages.success(request, "That comparison is removed.")
        return redirect("account-comparisons")


def require_saving(request: HttpRequest) -> None:
    """Raises PermissionDenied for who may only look."""
    if not request.user.has_perm(SAVE):
        raise PermissionDenied


def _row(row: Item) -> dict[str, Any]:
    body = COMPARISON.whole(row["body"])
    return {
        "id": saved.id_of(row),
        "name": body["name"],
        "symbols": ", ".join(body["symbols"]),
        "dates": body["range"] or f"{body['from']} to {body['to']}",
        "shared": body["shared"],
        "address": _address(body),
        "version": int(row["version"]),
        "updated_at": datetime.fromtimestamp(int(row["updated_at"]), UTC),
    }


def _address(body: Mapping[str, Any]) -> str:
    """Return where the comparison is shown; what is as usual is left out."""
    dates = {"range": body["range"]} if body["range"] else {"from": body["from"], "to": body["to"]}
    unusual = {name: body[name] for name, usual in _USUAL.items() if body[name] != usual}
    return f"{reverse('compare', args=['/'.join(body['symbols'])])}?{urlencode({**dates, **unusual})}"


def _written(on: date) -> str:
    return on.isoformat()
