"""One view for each page: title, finding, table and caption first; the chart is added by its script."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from analytics.api import answers
from analytics.pages import downloads
from analytics.pages.access import members_only
from analytics.pages.adjusting import boot_events, notes, shown_events, unknown_symbols
from analytics.pages.boot import boot_rows, chart_boot
from analytics.pages.choices import (
    MAX_SYMBOLS,
    Choice,
    choice_for,
    default_symbols,
    page_path,
    path_symbols,
    typed_symbols,
)
from analytics.pages.problems import explain_problems
from analytics.pages.tables import compared_sessions
from analytics.queries.adjusted_rows import adjusted
from analytics.queries.adjustment import Basis
from analytics.queries.averages import NAMES, session_end_averages
from analytics.queries.comparison import match
from analytics.queries.daily import daily_rows
from analytics.queries.errors import NoBars, NoOverlap
from analytics.queries.figures import clock, day
from analytics.queries.finding import average_sentence, coverage_sentence, finding_sentence, means_sentence
from analytics.queries.hourly import hourly_rows
from analytics.queries.reader import LakeReader, configured_reader
from analytics.queries.rows import Rows
from analytics.queries.status import market_state
from analytics.queries.symbols import bars_view
from analytics.queries.timeframes import Timeframe

TABLE_ROWS = 40
BOOT_ROWS = 60
_HOW_MANY = {"compare": 2, "statistics": 2, "pair": 2, "daily": 2, "hourly": 2, "averages": 1}


def _now() -> datetime:
    return datetime.now(UTC)


@require_safe
@explain_problems
def home(request: HttpRequest) -> HttpResponse:
    """Say what this is to visitors, and how the first pair stands to members."""
    if not request.user.is_authenticated:
        return render(request, "pages/welcome.html")
    reader, now = configured_reader(), _now()
    context: dict[str, Any] = {"status": answers.status(reader, now), "market": market_state(now)}
    try:
        context |= _first_pair(reader, now)
    except NoBars:
        return render(request, "pages/no_bars.html")
    return render(request, "pages/home.html", context)


@members_only
@require_safe
@explain_problems
def choose(request: HttpRequest, page: str) -> HttpResponse:
    """Lead to the page of the symbols typed into its form, or of the configured ones."""
    known = list(bars_view(configured_reader()).months)
    symbols = typed_symbols(request.GET.getlist("symbols")) or default_symbols(known, _HOW_MANY[page])
    kept = request.GET.copy()
    kept.pop("symbols", None)
    address = page_path(page, symbols)
    return redirect(f"{address}?{kept.urlencode()}" if kept else address)


@members_only
@require_safe
@explain_problems
def comparison(request: HttpRequest, symbols: str) -> HttpResponse:
    reader, now = configured_reader(), _now()
    choice = choice_for(reader, request.GET, "compare", path_symbols(symbols, 2, MAX_SYMBOLS))
    matched = match(reader, choice.symbols, choice.first, choice.last, now, choice.adjustment)
    if downloads.is_wanted(request):
        by_minute = matched.compared(Timeframe.MINUTE)
        return downloads.file_response(request, answers.comparison_download(by_minute))
    compared = matched.compared(max_rows=boot_rows(choice.symbols))
    context = {
        "finding": finding_sentence(compared, now),
        "comparison": compared,
        "sessions": compared_sessions(matched.compared(Timeframe.DAY))[:TABLE_ROWS],
        "provenance": compared.provenance,
    }
    return _chart_page(request, reader, choice, now, context, comparison=compared.to_json())


@members_only
@require_safe
@explain_problems
def daily(request: HttpRequest, symbols: str) -> HttpResponse:
    return _rows_page(request, "daily", path_symbols(symbols, 1, MAX_SYMBOLS), daily_rows)


@members_only
@require_safe
@explain_problems
def hourly(request: HttpRequest, symbols: str) -> HttpResponse:
    return _rows_page(request, "hourly", path_symbols(symbols, 1, MAX_SYMBOLS), hourly_rows)


@members_only
@require_safe
@explain_problems
def averages(request: HttpRequest, symbols: str) -> HttpResponse:
    reader, now = configured_reader(), _now()
    choice = choice_for(reader, request.GET, "averages", path_symbols(symbols, 1, 1))
    averaged = session_end_averages(reader, choice.symbols[0], choice.first, choice.last)
    rows = _adjusted(reader, choice, now, averaged, "moving_averages")
    if downloads.is_wanted(request):
        return downloads.file_response(request, answers.rows_download("averages", choice.symbols, rows))
    context = {
        "finding": average_sentence(choice.symbols[0], rows[0] if len(rows) else None),
        "symbol": choice.symbols[0],
        "names": NAMES,
        "rows": rows[:TABLE_ROWS],
        "provenance": rows.provenance,
    }
    detail = answers.symbol_detail(reader, choice.symbols[0], now, choice.adjustment)
    return _chart_page(request, reader, choice, now, context, symbol=detail)


@members_only
@require_safe
@explain_problems
def data(request: HttpRequest) -> HttpResponse:
    reader, now = configured_reader(), _now()
    status = answers.status(reader, now)
    present, expected = (
        sum(each[f"{kind}_minutes"] for each in status["coverage"]) for kind in ("present", "expected")
    )
    context = {
        "finding": coverage_sentence(present, expected, len(status["coverage"])),
        "status": status,
        "market": market_state(now),
        "provenance": answers.whole_provenance(reader, [each["symbol"] for each in status["coverage"]]),
        "boot": {"page": "data", "status": status},
    }
    return render(request, "pages/data.html", context)


def _rows_page(
    request: HttpRequest,
    page: str,
    symbols: Sequence[str],
    query: Callable[[LakeReader, Sequence[str], date, date], Rows],
) -> HttpResponse:
    reader, now = configured_reader(), _now()
    choice = choice_for(reader, request.GET, page, symbols)
    rows = _adjusted(reader, choice, now, query(reader, choice.symbols, choice.first, choice.last), page)
    if downloads.is_wanted(request):
        return downloads.file_response(request, answers.rows_download(page, choice.symbols, rows))
    context = {
        "finding": means_sentence(rows[: 2 * len(choice.symbols)], _when(page, rows)),
        "rows": Paginator(rows, TABLE_ROWS).get_page(request.GET.get("page")),
        "provenance": rows.provenance,
    }
    return _chart_page(request, reader, choice, now, context, **{page: _page_json(rows)})


def _adjusted(reader: LakeReader, choice: Choice, now: datetime, rows: Rows, table: str) -> Rows:
    return adjusted(reader, rows, table, choice.symbols, Basis(choice.adjustment, now), choice.first)


def _page_json(rows: Rows) -> dict[str, Any] | None:
    """Return the API's first page when that is all there is, small enough for the boot data to consider it."""
    if len(rows) > BOOT_ROWS:
        return None
    page = {"count": len(rows), "next": None, "previous": None}
    return {**page, "results": rows[:], "provenance": rows.provenance.to_json()}


def _when(page: str, rows: Rows) -> str:
    if not len(rows):
        return ""
    if page == "daily":
        return f"On {day(date.fromisoformat(rows[0]['session']))}"
    return f"In the hour from {clock(datetime.fromisoformat(rows[0]['hour_start']))} ET"


def _chart_page(
    request: HttpRequest, reader: LakeReader, choice: Choice, now: datetime, context: dict[str, Any], **data: Any
) -> HttpResponse:
    """Render a chart page with what all of them show around their chart; `data` are for the chart itself."""
    events = shown_events(reader, choice, now)
    may_export = downloads.are_allowed(request)
    frame = {
        "choice": choice,
        "market": market_state(now),
        "known_symbols": list(bars_view(reader).months),
        "typed": ", ".join(choice.symbols),
        "adjustment_notes": notes(choice, events, unknown_symbols(reader, choice)),
        "boot": chart_boot(choice, may_export=may_export, events=boot_events(events), **data),
    }
    return render(request, f"pages/{choice.page}.html", frame | context)


def _first_pair(reader: LakeReader, now: datetime) -> dict[str, Any]:
    symbols = default_symbols(list(bars_view(reader).months), 2)
    if len(symbols) < 2:
        return {"symbols": symbols}
    choice = choice_for(reader, QueryDict(), "compare", symbols)
    try:
        matched = match(reader, symbols, choice.first, choice.last, now, choice.adjustment)
        compared = matched.compared(Timeframe.DAY)
    except NoOverlap as error:
        return {"symbols": symbols, "choice": choice, "finding": str(error)}
    return {
        "symbols": symbols,
        "choice": choice,
        "comparison": compared,
        "finding": finding_sentence(compared, now),
        "provenance": compared.provenance,
    }
