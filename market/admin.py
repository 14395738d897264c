"""Symbols, the plan, and the ledger of requests in the admin."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone

from market.backfill.control import ACTIONS, plan_by_symbol
from market.budget.ledger import used_today
from market.models import BackfillCell, CellState, KeyBudget, RequestAttempt, Symbol
from market.months import Month, MonthInvalid
from market.symbols import SymbolInvalid
from market.universe.tracking import (
    SymbolUnlisted,
    add_symbol,
    addable,
    is_tracked,
    remove_symbol,
    tracked_symbols,
)

# The stubs' ModelAdmin takes a type argument, Django's own does not.
if TYPE_CHECKING:
    _SymbolAdmin = admin.ModelAdmin[Symbol]
    _CellAdmin = admin.ModelAdmin[BackfillCell]
    _BudgetAdmin = admin.ModelAdmin[KeyBudget]
    _AttemptAdmin = admin.ModelAdmin[RequestAttempt]
    _SymbolForm = ModelForm[Symbol]
else:
    _SymbolAdmin = _CellAdmin = _BudgetAdmin = _AttemptAdmin = admin.ModelAdmin
    _SymbolForm = ModelForm

_MAY_PLAN = "market.plan_backfill"
_DONE = {"pause": "paused", "resume": "planned again", "cancel": "cancelled"}


class _Written:
    """Rows that only the program writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AddSymbolForm(_SymbolForm):
    """Adds a symbol and plans its months; errors are those of the command."""

    first_month = forms.CharField(
        required=False, help_text="Like 2020-01. Empty: the newest months, as many as BACKFILL_MONTHS says."
    )
    unlisted = forms.BooleanField(required=False, label="Add it even if the listing does not have it")

    class Meta:
        model = Symbol
        fields = ("symbol",)

    def clean_first_month(self) -> Month | None:
        text = self.cleaned_data["first_month"].strip()
        try:
            return Month.parse(text) if text else None
        except MonthInvalid as error:
            raise forms.ValidationError(str(error)) from error

    def validate_unique(self) -> None:
        """A symbol that is known may be added all the same."""

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        try:
            typed["symbol"] = addable(typed.get("symbol", ""), unlisted=typed["unlisted"])
        except (SymbolInvalid, SymbolUnlisted) as error:
            self.add_error("symbol", str(error).replace("insist with --unlisted", "tick the box below"))
        return typed


class TrackedFilter(admin.SimpleListFilter):
    """Of the thousands that are listed, first those that are fetched."""

    title = "prices"
    parameter_name = "prices"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return (("all", "All symbols"), ("delisted", "Delisted"))

    def choices(self, changelist: Any) -> Any:
        choices = super().choices(changelist)
        yield {**next(choices), "display": "Fetched"}
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Symbol]) -> QuerySet[Symbol]:
        if self.value() == "all":
            return queryset
        if self.value() == "delisted":
            return queryset.exclude(delisted=None)
        return queryset.filter(symbol__in=tracked_symbols())


@admin.register(Symbol)
class SymbolAdmin(_SymbolAdmin):
    list_display = ("symbol", "name", "exchange", "prices", "planned", "listed", "delisted", "renamed_to")
    list_filter = (TrackedFilter,)
    search_fields = ("symbol", "name")
    actions = ("start_fetching", "stop_fetching")
    fields = ("symbol", "first_month", "unlisted")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Symbol]:
        mine = BackfillCell.objects.filter(lake=settings.LAKE_URL, symbol=OuterRef("symbol")).order_by()
        cells = mine.values("symbol").annotate(number=Count("pk")).values("number")
        done = cells.filter(state=CellState.DONE)
        return super().get_queryset(request).annotate(cells=Subquery(cells), cells_done=Subquery(done))

    def get_form(self, request: HttpRequest, obj: Symbol | None = None, change: bool = False, **kwargs: Any) -> Any:
        return AddSymbolForm if obj is None else super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Symbol | None = None) -> Any:
        facts = ("symbol", "name", "exchange", "asset_type", "listed", "delisted", "renamed_to", "prices", "listing_at")
        return self.fields if obj is None else facts

    def get_readonly_fields(self, request: HttpRequest, obj: Symbol | None = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # The configured symbols have no row before somebody looks for them.
        missing = set(tracked_symbols()) - set(Symbol.objects.values_list("symbol", flat=True))
        Symbol.objects.bulk_create([Symbol(symbol=name) for name in missing], ignore_conflicts=True)
        return super().changelist_view(request, {"title": "Symbols", **(extra_context or {})})

    def has_delete_permission(self, request: HttpRequest, obj: Symbol | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Symbol, form: Any, change: bool) -> None:
        if change:
            return
        typed = form.cleaned_data
        added = add_symbol(
            typed["symbol"], settings.PRICES_PROVIDER, timezone.now(), first=typed["first_month"], unlisted=True
        )
        obj.pk = Symbol.objects.get(symbol=added.symbol).pk
        obj.refresh_from_db()
        months = f"{len(added.months)} months are planned; the worker begins within a minute."
        messages.info(request, f"{months} {added.remark}".rstrip())

    @admin.display(description="prices")
    def prices(self, row: Symbol) -> str:
        return "fetched" if is_tracked(row) else "–"

    @admin.display(description="plan")
    def planned(self, row: Any) -> str:
        return f"{row.cells_done or 0} of {row.cells} months" if row.cells else "–"

    @admin.action(description="Fetch prices of these symbols", permissions=["change"])
    def start_fetching(self, request: HttpRequest, rows: QuerySet[Symbol]) -> None:
        months = sum(
            len(add_symbol(row.symbol, settings.PRICES_PROVIDER, timezone.now(), unlisted=True).months) for row in rows
        )
        messages.success(request, f"{len(rows)} symbols are fetched; {months} months are planned.")

    @admin.action(description="Stop fetching these symbols (their bars stay)", permissions=["change"])
    def stop_fetching(self, request: HttpRequest, rows: QuerySet[Symbol]) -> None:
        names = [row.symbol for row in rows if row.symbol in tracked_symbols()]
        cancelled = sum(remove_symbol(name, timezone.now()) for name in names)
        messages.success(request, f"{len(names)} symbols are not fetched any more; {cancelled} months cancelled.")


@admin.register(BackfillCell)
class BackfillCellAdmin(_Written, _CellAdmin):
    list_display = ("symbol", "month", "state", "bars", "provider", "reason", "changed_at")
    list_filter = ("state", "symbol")
    search_fields = ("symbol", "month", "reason")
    change_list_template = "admin/market/backfillcell/change_list.html"
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[BackfillCell]:
        return super().get_queryset(request).filter(lake=settings.LAKE_URL)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.move)
        return [path("move/<str:action>/", view, name="market_backfillcell_move"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        states = [state for plan in plan_by_symbol(settings.LAKE_URL) for state in plan.states.elements()]
        counts = [(label, states.count(state)) for state, label in CellState.choices if state in states]
        actions = list(_DONE) if request.user.has_perm(_MAY_PLAN) and states else []
        context = {"title": "Plan", "state_counts": counts, "plan_actions": actions, **(extra_context or {})}
        return super().changelist_view(request, context)

    def move(self, request: HttpRequest, action: str) -> HttpResponse:
        """Pause, resume or cancel the whole plan. A GET must not: links are followed by machines."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(_MAY_PLAN):
            raise PermissionDenied
        if action not in ACTIONS:
            raise Http404
        count = ACTIONS[action](settings.LAKE_URL, [], timezone.now())
        messages.success(request, f"{count} symbol-months {_DONE[action]}.")
        return redirect("admin:market_backfillcell_changelist")


@admin.register(KeyBudget)
class KeyBudgetAdmin(_Written, _BudgetAdmin):
    list_display = ("provider", "key", "sent_today", "day_closed_until", "minute_closed_until", "second_closed_until")
    list_display_links = None

    @admin.display(description="key (fingerprint)")
    def key(self, budget: KeyBudget) -> str:
        return budget.fingerprint[:6] + "…"

    @admin.display(description="requests today")
    def sent_today(self, budget: KeyBudget) -> int:
        return used_today(budget, timezone.now())


@admin.register(RequestAttempt)
class RequestAttemptAdmin(_Written, _AttemptAdmin):
    list_display = ("sent_at", "function", "symbol", "month", "outcome", "size", "budget")
    list_filter = ("outcome", "function", "budget__provider")
    search_fields = ("symbol", "month", "function")
    list_select_related = ("budget",)
    date_hierarchy = None
    list_per_page = 50
