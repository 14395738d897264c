"""The page of what the checks found."""

from datetime import UTC, datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analytics.api import answers
from analytics.pages.access import members_only
from analytics.pages.problems import explain_problems
from analytics.queries.arrivals import recent_findings
from analytics.queries.reader import LakeReader, configured_reader
from analytics.queries.status import market_state
from analytics.queries.symbols import bars_view, require_symbols
from market.symbols import SymbolInvalid, parse_symbol

_ROWS = 40
ALARM = "alarm"


@members_only
@require_safe
@explain_problems
def quality(request: HttpRequest) -> HttpResponse:
    """List findings, newest first: alarms, or all of them; of one symbol, or of all."""
    reader = configured_reader()
    symbol = chosen_symbol(reader, request)
    recent = recent_findings(reader, symbol)
    notices = request.GET.get("severity") == "all"
    context = {
        "finding": recent.sentence(),
        "recent": recent,
        "rows": Paginator(recent.rows("" if notices else ALARM), _ROWS).get_page(request.GET.get("page")),
        "symbol": symbol,
        "notices": notices,
        "section": "data",
        "market": market_state(datetime.now(UTC)),
        "provenance": answers.whole_provenance(reader, [symbol] if symbol else list(reader.view("bars").months)),
    }
    return render(request, "pages/quality.html", context)


def chosen_symbol(reader: LakeReader, request: HttpRequest) -> str:
    """Return the symbol that the query names, empty for all. Raises NoBars, SymbolUnknown."""
    text = request.GET.get("symbol", "")
    try:
        symbol = parse_symbol(text) if text.strip() else ""
    except SymbolInvalid:
        # The query says that there are no such bars, and what there is.
        symbol = text
    if symbol:
        require_symbols(bars_view(reader), [symbol], "symbol")
    return symbol
