"""What a page's address chooses: symbols in its path; range or dates, mode, adjustment and rate in its query."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from analytics.queries.adjustment import Adjustment
from analytics.queries.figures import day
from analytics.queries.ranges import NamedRange, default_range, named_ranges
from analytics.queries.reader import LakeReader
from analytics.queries.symbols import get_symbol
from market.calendar import FIRST_DATE, LAST_DATE
from market.symbols import SymbolInvalid, parse_symbols

MODES = ("pct", "price")
# Someone who compares prices across a split wants them on one basis; rows for programs are as traded.
ADJUSTMENTS = {
    Adjustment.SPLIT: "Adjusted for splits",
    Adjustment.ALL: "Splits and dividends",
    Adjustment.RAW: "As traded",
}
# In percent, as people write a rate; the `risk_free` of the API is a fraction, hence the other name.
_RATE = "risk_free_percent"
_DEFAULTS = {"mode": MODES[0], "adjustment": Adjustment.SPLIT.value, _RATE: "0"}
_MOST_PERCENT = 100.0
MAX_SYMBOLS = 6
_SIDE_BY_SIDE = ("compare", "statistics", "pair")


class ChoiceInvalid(Exception):
    """The address chooses something that cannot be; the text says what to write."""


@dataclass(frozen=True)
class Link:
    """A choice as a link; without `url` it cannot be taken, and `note` says why."""

    label: str
    url: str
    current: bool
    note: str = ""


@dataclass(frozen=True)
class Choice:
    """`range_name` is empty when the dates were given; both dates are included. `risk_free_percent` is of a year."""

    page: str
    symbols: tuple[str, ...]
    range_name: str
    first: date
    last: date
    mode: str
    adjustment: Adjustment
    ranges: Sequence[NamedRange]
    risk_free_percent: float = 0.0

    @property
    def path(self) -> str:
        return page_path(self.page, self.symbols)

    @property
    def risk_free(self) -> float:
        """The rate as a fraction, as it is counted with."""
        return self.risk_free_percent / 100

    @property
    def typed_rate(self) -> str:
        """The rate in percent as a person writes it."""
        return f"{self.risk_free_percent:.12g}"

    def url(self, **changes: str) -> str:
        """Return the address of this choice with some of it changed; what is as usual is left out."""
        dates = {"range": self.range_name} if self.range_name else {"from": str(self.first), "to": str(self.last)}
        query = {**dates, "mode": self.mode, "adjustment": self.adjustment.value, _RATE: self.typed_rate, **changes}
        return (
            f"{self.path}?{urlencode({name: value for name, value in query.items() if _DEFAULTS.get(name) != value})}"
        )

    def range_links(self) -> list[Link]:
        return [
            Link(
                label=each.name,
                url=replace(self, range_name=each.name).url() if each.available else "",
                current=each.name == self.range_name,
                note="" if each.available else f"The bars begin on {day(each.first)}.",
            )
            for each in self.ranges
        ]

    def view_links(self) -> list[Link]:
        """Lead to the same symbols over the same range as a chart and as figures."""
        count = len(self.symbols)
        return [
            self._view("compare", "Chart", "" if count > 1 else "A comparison needs two symbols."),
            self._view("statistics", "Statistics"),
            self._view("pair", "Pair", "" if count == 2 else "A pair is two symbols."),
        ]

    def _view(self, page: str, label: str, note: str = "") -> Link:
        url = "" if note else replace(self, page=page).url()
        return Link(label, url, current=page == self.page, note=note)

    def mode_links(self) -> list[Link]:
        labels = {"pct": "%", "price": "price"}
        return [Link(labels[mode], self.url(mode=mode), current=mode == self.mode) for mode in MODES]

    def adjustment_links(self) -> list[Link]:
        return [
            Link(label, self.url(adjustment=each.value), current=each is self.adjustment)
            for each, label in ADJUSTMENTS.items()
        ]


def page_path(page: str, symbols: Sequence[str]) -> str:
    """Return the address of a page; `data` and `home` have no symbols."""
    return reverse(page, args=["/".join(symbols)] if symbols else [])


def typed_symbols(texts: Sequence[str]) -> list[str]:
    """Read symbols as people type them, between commas or spaces. Raises ChoiceInvalid."""
    words = " ".join(texts).replace(",", " ").split()
    try:
        return parse_symbols(words[:100])
    except SymbolInvalid as error:
        raise ChoiceInvalid(str(error)) from error


def path_symbols(path: str, least: int, most: int) -> list[str]:
    """Read the symbols between the slashes of an address. Raises ChoiceInvalid."""
    symbols = typed_symbols(path.split("/"))
    if len(symbols) < least:
        raise ChoiceInvalid("Name two symbols to compare, for example AAPL and MSFT.")
    if len(symbols) > most:
        raise ChoiceInvalid(f"Name at most {most} symbols." if most > 1 else "Name one symbol.")
    return symbols


def default_symbols(known: Sequence[str], count: int) -> list[str]:
    """Return the configured symbols that there are bars of, filled up with others."""
    configured = [symbol for symbol in settings.PRICES_SYMBOLS if symbol in known]
    return list(dict.fromkeys([*configured, *known]))[:count]


def choice_for(reader: LakeReader, query: QueryDict, page: str, symbols: Sequence[str]) -> Choice:
    """Read the choice of a page of symbols that there are bars of. Raises ChoiceInvalid, NoBars, SymbolUnknown."""
    entries = [get_symbol(reader, symbol, "symbols") for symbol in symbols]
    last = max(entry.last_session for entry in entries)
    # A comparison begins where all have begun; rows of each symbol begin with the first of them.
    first = (max if page in _SIDE_BY_SIDE else min)(entry.first_session for entry in entries)
    return read_choice(page, symbols, query, min(first, last), last)


def read_choice(page: str, symbols: Sequence[str], query: QueryDict, first: date, last: date) -> Choice:
    """Read the query for data from one session to another. Raises ChoiceInvalid."""
    ranges = named_ranges(first, last)
    mode = query.get("mode", MODES[0])
    if mode not in MODES:
        raise ChoiceInvalid(f"The mode is {' or '.join(MODES)}.")
    adjustment, rate = _adjustment(query), _rate(query)
    if "from" in query or "to" in query:
        chosen = NamedRange("", _date(query, "from", first), _date(query, "to", last), available=True)
        if chosen.first > chosen.last:
            raise ChoiceInvalid(f"{day(chosen.first)} is after {day(chosen.last)}; exchange the two dates.")
    else:
        chosen = _named(ranges, query.get("range", ""))
    return Choice(page, tuple(symbols), chosen.name, chosen.first, chosen.last, mode, adjustment, ranges, rate)


def _adjustment(query: QueryDict) -> Adjustment:
    text = query.get("adjustment", _DEFAULTS["adjustment"])
    if text not in list(Adjustment):
        raise ChoiceInvalid(f"The adjustment is {', '.join(ADJUSTMENTS)}.")
    return Adjustment(text)


def _rate(query: QueryDict) -> float:
    try:
        percent = float(query.get(_RATE, _DEFAULTS[_RATE]))
    except ValueError:
        percent = math.nan
    if not -_MOST_PERCENT <= percent <= _MOST_PERCENT:
        raise ChoiceInvalid("Write the risk-free rate as percent a year from −100 to 100, for example 4.5; 0 is none.")
    return percent or 0.0  # never -0


def _named(ranges: list[NamedRange], name: str) -> NamedRange:
    if not name:
        return default_range(ranges)
    for each in ranges:
        if each.name == name.upper():
            return each
    raise ChoiceInvalid(f"The range is one of {', '.join(each.name for each in ranges)}.")


def _date(query: QueryDict, name: str, default: date) -> date:
    return read_date(query, name) or default


def read_date(query: QueryDict, name: str) -> date | None:
    """Read one date of the query; None when it has none. Raises ChoiceInvalid."""
    text = query.get(name)
    if not text:
        return None
    try:
        on = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  # a date has no zone
    except ValueError as error:
        raise ChoiceInvalid(f"Write the date “{name}” as YYYY-MM-DD, for example 2026-10-01.") from error
    if not FIRST_DATE <= on <= LAST_DATE:
        raise ChoiceInvalid(f"Choose dates from {FIRST_DATE} to {LAST_DATE}.")
    return on
