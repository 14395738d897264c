"""The pages of figures over a range: what each symbol did and risked, and how two moved together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analytics.api import range_answers
from analytics.formulas.figures import Figure
from analytics.formulas.pair_sessions import INTERVALS
from analytics.pages import downloads
from analytics.pages.access import members_only
from analytics.pages.adjusting import notes, shown_events, unknown_symbols
from analytics.pages.blocks import (
    DIFFERENCE_BLOCK,
    MAIN_BLOCKS,
    MORE_BLOCKS,
    RELATIVE_BLOCKS,
    SPREAD_BLOCKS,
    moving_blocks,
    number,
)
from analytics.pages.choices import MAX_SYMBOLS, Choice, Link, choice_for, path_symbols
from analytics.pages.measured import Cell, Group, Row, drawdown_rows, groups_of, note_on, notes_on, period_group
from analytics.pages.problems import explain_problems
from analytics.queries.adjustment import Basis
from analytics.queries.figures import MISSING, percent
from analytics.queries.finding import pair_sentence, statistics_sentence
from analytics.queries.pair_range import pair_range
from analytics.queries.paths import Span
from analytics.queries.provenance import Provenance
from analytics.queries.reader import LakeReader, configured_reader
from analytics.queries.relative import Relative
from analytics.queries.statistics import Statistics, range_statistics
from analytics.queries.status import market_state
from analytics.queries.symbols import bars_view


@members_only
@require_safe
@explain_problems
def statistics(request: HttpRequest, symbols: str) -> HttpResponse:
    """Show each symbol, and each against the one named last."""
    reader, now = configured_reader(), datetime.now(UTC)
    choice = choice_for(reader, request.GET, "statistics", path_symbols(symbols, 1, MAX_SYMBOLS))
    measured = range_statistics(
        reader, choice.symbols, _span(choice), _basis(choice, now), choice.symbols[-1], choice.risk_free
    )
    if downloads.is_wanted(request):
        return downloads.file_response(request, range_answers.statistics_download(measured))
    context = {
        "finding": statistics_sentence(measured),
        "matched": measured.matched_minutes,
        "groups": _main_groups(measured),
        "more_groups": groups_of("statistics", MORE_BLOCKS, _by_symbol(measured)),
        "compared": [each.symbol for each in measured.relative],
        "relative_groups": _relative_groups(measured.relative),
        "verdicts": [_verdict(each) for each in measured.relative],
        "turns": _turns(choice),
        "pairs": _pairs(choice),
    }
    return _page(request, reader, choice, now, measured.provenance, context)


@members_only
@require_safe
@explain_problems
def pair(request: HttpRequest, symbols: str) -> HttpResponse:
    reader, now = configured_reader(), datetime.now(UTC)
    choice = choice_for(reader, request.GET, "pair", path_symbols(symbols, 2, 2))
    measured = pair_range(reader, choice.symbols, _span(choice), _basis(choice, now))
    if downloads.is_wanted(request):
        return downloads.file_response(request, range_answers.pair_download(measured))
    context = {
        "finding": pair_sentence(measured),
        "matched": measured.matched_minutes,
        "intervals": _interval_rows(measured.figures),
        "moving_groups": groups_of("pair", moving_blocks(*choice.symbols), {"": measured.figures}),
        "spread_groups": groups_of("pair", SPREAD_BLOCKS, {"": measured.figures}),
        "value_columns": ["Value"],
        "turns": _turns(choice),
    }
    return _page(request, reader, choice, now, measured.provenance, context)


def _span(choice: Choice) -> Span:
    return Span.between(choice.first, choice.last)


def _basis(choice: Choice, now: datetime) -> Basis:
    return Basis(choice.adjustment, now)


def _by_symbol(measured: Statistics) -> dict[str, Mapping[str, Figure]]:
    return {each.symbol: each.figures for each in measured.symbols}


def _main_groups(measured: Statistics) -> list[Group]:
    figures, details = _by_symbol(measured), [each.detail for each in measured.symbols]
    first, risk, *others = groups_of("statistics", MAIN_BLOCKS, figures)
    sessions = notes_on({symbol: each["volatility"] for symbol, each in figures.items()})
    return [
        Group(first.heading, [*first.rows, *drawdown_rows(details)], first.notes),
        risk,
        period_group(details, percent, sessions),
        *others,
    ]


def _relative_groups(relative: Sequence[Relative]) -> list[Group]:
    figures = {each.symbol: each.figures for each in relative}
    drawn = {each.symbol: _drawn(each) for each in relative}
    return [
        *groups_of("relative", RELATIVE_BLOCKS, figures),
        *groups_of("difference", [DIFFERENCE_BLOCK], drawn),
    ]


def _drawn(relative: Relative) -> Mapping[str, Figure]:
    return {name: Figure(**relative.difference[name]) for name in ("mean", "low", "high")}


def _verdict(relative: Relative) -> str:
    """Say whether chance explains that one did better."""
    real = relative.difference["is_real"]
    both = f"{relative.symbol} and {relative.benchmark}"
    if real is None:
        return f"{both}: the range is too short to tell the difference from chance."
    few = " The sessions are few." if relative.difference["mean"]["warning"] else ""
    if real:
        return f"{both}: chance alone does not explain the difference.{few}"
    return f"{both}: the difference may be chance; the interval holds zero.{few}"


def _interval_rows(figures: Mapping[str, Figure]) -> list[Row]:
    """Return correlation, beta and the number of returns by the length of an interval."""
    rows = []
    for every in INTERVALS:
        both = [figures[f"{name}_{every}min"] for name in ("correlation", "beta")]
        cells = [Cell(MISSING if each.value is None else number(each.value)) for each in both]
        said = dict.fromkeys(note_on(each) for each in both)
        rows.append(Row(f"{every} minute{'s' if every > 1 else ''}", cells, list(said)))
    return rows


def _turns(choice: Choice) -> list[Link]:
    """Lead to the same with another symbol last, against which the others are measured."""
    links = []
    for last in choice.symbols[:-1]:
        others = [symbol for symbol in choice.symbols if symbol != last]
        turned = replace(choice, symbols=(*others, last))
        links.append(Link(f"{' and '.join(others)} against {last}", turned.url(), current=False))
    return links


def _pairs(choice: Choice) -> list[Link]:
    """Lead to each two of more than two symbols as a pair."""
    if len(choice.symbols) < 3:
        return []
    found = combinations(choice.symbols, 2)
    return [Link(" and ".join(two), replace(choice, page="pair", symbols=two).url(), current=False) for two in found]


def _page(
    request: HttpRequest,
    reader: LakeReader,
    choice: Choice,
    now: datetime,
    provenance: Provenance,
    context: dict[str, Any],
) -> HttpResponse:
    frame = {
        "choice": choice,
        "section": "compare",
        "market": market_state(now),
        "known_symbols": list(bars_view(reader).months),
        "typed": ", ".join(choice.symbols),
        "adjustment_notes": notes(choice, shown_events(reader, choice, now), unknown_symbols(reader, choice)),
        "provenance": provenance,
    }
    return render(request, f"pages/{choice.page}.html", frame | context)
