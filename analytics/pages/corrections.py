"""The page of bars that a later reply changed, added late or no longer had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from analytics.api import answers
from analytics.pages import downloads
from analytics.pages.access import members_only
from analytics.pages.choices import read_date
from analytics.pages.problems import explain_problems
from analytics.pages.quality import chosen_symbol
from analytics.queries.arrivals import recent_corrections
from analytics.queries.figures import MISSING, price, thousands
from analytics.queries.reader import configured_reader
from analytics.queries.status import market_state
from analytics.queries.symbols import bars_view

_ROWS = 25
_PRICES = ("open", "high", "low", "close")
_KINDS = {"changed": "changed", "late": "came late", "withdrawn": "withdrawn"}


@dataclass(frozen=True)
class Value:
    """`differs` tells whether it is another one than the version before had."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Version:
    """A bar as one reply had it; without `values` that reply did not have it. `reply` is the path of the newer one."""

    name: str
    values: Sequence[Value]
    provider: str | None
    fetched_at: str | None
    reply: str

    @property
    def digest(self) -> str:
        """Return the end of the reply's name: the beginning of its SHA-256."""
        return self.reply.rpartition("_")[2]


@members_only
@require_safe
@explain_problems
def corrections(request: HttpRequest) -> HttpResponse:
    """List corrected bars, newest first: of one symbol or of all, of one session or of all."""
    reader = configured_reader()
    symbol, session = chosen_symbol(reader, request), read_date(request.GET, "session")
    corrected = recent_corrections(reader, symbol, session)
    if downloads.is_wanted(request):
        download = answers.rows_download("corrections", [symbol or "all"], corrected.rows)
        return downloads.file_response(request, download)
    page = Paginator(corrected.rows, _ROWS).get_page(request.GET.get("page"))
    chosen = {"symbol": symbol, "session": session or ""}
    context = {
        "section": "data",
        "finding": corrected.sentence(),
        "corrected": corrected,
        "rows": page,
        "corrections": [_shown(row) for row in page],
        "symbols": list(bars_view(reader).months),
        "symbol": symbol,
        "session": session,
        "download_url": f"{reverse('corrections')}?{urlencode(chosen)}" if len(corrected.rows) else "",
        "market": market_state(datetime.now(UTC)),
        "provenance": answers.whole_provenance(reader, [symbol] if symbol else list(bars_view(reader).months)),
    }
    return render(request, "pages/corrections.html", context)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "symbol": row["symbol"],
        "bar_start": row["bar_start"],
        "kind": _KINDS[row["kind"]],
        "versions": [_version(row, "old"), _version(row, "new")],
    }


def _version(row: Mapping[str, Any], age: str) -> Version:
    is_new = age == "new"
    was_there = row[f"{age}_provider"] is not None
    return Version(
        name="Now" if is_new else "Before",
        values=[_value(row, age, name) for name in (*_PRICES, "volume")] if was_there else [],
        provider=row[f"{age}_provider"],
        fetched_at=row["seen_at"] if is_new else row["old_fetched_at"],
        reply=row["new_reply"] if is_new else "",
    )


def _value(row: Mapping[str, Any], age: str, name: str) -> Value:
    value = row[f"{age}_{name}"]
    differs = age == "new" and row["kind"] == "changed" and value != row[f"old_{name}"]
    if value is None:
        return Value(MISSING, differs)
    # A correction may lie beyond the cents.
    return Value(thousands(value) if name == "volume" else price(value, 2 if round(value, 2) == value else 4), differs)
