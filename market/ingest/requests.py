"""What is asked of a fetch: read from what a person typed, with the project's defaults."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from market.calendar import LAST_DATE, NEW_YORK
from market.months import Month, MonthInvalid, months_between
from market.providers.base import Provider
from market.symbols import SymbolInvalid, parse_symbols

_SYNTHETIC_MONTHS = 6
_REAL_MONTHS = 2


class RequestInvalid(ValueError):
    """The arguments cannot be a request; the message names the argument and says what to write."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """Symbols × months. `force` fetches what is final, too, and lets fewer bars replace more."""

    symbols: tuple[str, ...]
    months: tuple[Month, ...]
    force: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """What a person typed: either `months`, or `first` and `last` as months or dates, or nothing."""

    months: Sequence[str] = ()
    first: str | None = None
    last: str | None = None


def read_request(
    symbols: Sequence[str], period: Period, *, provider: Provider, now: datetime, force: bool = False
) -> FetchRequest:
    """Return the request; without a period the newest months that suit the provider. Raises RequestInvalid."""
    try:
        names = parse_symbols([name for text in symbols for name in text.split(",") if name.strip()])
    except SymbolInvalid as error:
        raise RequestInvalid(f"--symbols (or PRICES_SYMBOLS): {error}") from error
    if not names:
        raise RequestInvalid("--symbols (or PRICES_SYMBOLS): name at least one symbol, like AAPL.")
    current = current_month(now)
    months = _read_months(period, current) or _default_months(provider, current)
    _check_months(months, provider.capabilities.first_month, current)
    return FetchRequest(tuple(names), tuple(months), force)


def current_month(now: datetime) -> Month:
    """Return the month it is in New York. Raises RequestInvalid when the calendar has ended."""
    today = now.astimezone(NEW_YORK).date()
    if today > LAST_DATE:
        raise RequestInvalid(f"The exchange calendar ends on {LAST_DATE}; update StockCompare.")
    return Month.of(today)


def _default_months(provider: Provider, current: Month) -> list[Month]:
    months = [current]
    while len(months) < (_SYNTHETIC_MONTHS if provider.synthetic else _REAL_MONTHS):
        months.insert(0, months[0].previous())
    return months


def _read_months(period: Period, current: Month) -> list[Month]:
    if period.months and (period.first or period.last):
        raise RequestInvalid("--months: leave out --from and --to, or the other way round.")
    if period.last and not period.first:
        raise RequestInvalid("--to: needs --from as well.")
    if not period.first:
        typed = [text for texts in period.months for text in texts.split(",") if text.strip()]
        return sorted({_read_month("--months", text) for text in typed})
    first = _read_month("--from", period.first)
    last = _read_month("--to", period.last) if period.last else max(first, current)
    if first > last or (period.last and len(period.first) == len(period.last) and period.first > period.last):
        raise RequestInvalid(f"--from: {period.first} is after --to {period.last}; swap them.")
    return months_between(first, last)


def _read_month(name: str, text: str) -> Month:
    """Read a month, or a date whose month is meant."""
    text = text.strip()
    try:
        if name != "--months" and len(text) == len("2026-10-01"):
            return Month.of(datetime.strptime(text, "%Y-%m-%d").date())  # noqa: DTZ007  # a date has no zone
        return Month.parse(text)
    except MonthInvalid as error:
        raise RequestInvalid(f"{name}: {error}") from error
    except ValueError as error:
        raise RequestInvalid(f"{name}: {text[:20]!r} is not a date; write it like 2026-10-01.") from error


def _check_months(months: Sequence[Month], first: Month, current: Month) -> None:
    if months[-1] > current:
        raise RequestInvalid(f"{months[-1]} is in the future; the newest month there is is {current}.")
    if months[0] < first:
        raise RequestInvalid(f"{months[0]} is too early; bars begin in {first}.")
