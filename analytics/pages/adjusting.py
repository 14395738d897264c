"""What the pages say of splits and dividends: which the range has, and whether its prices are adjusted for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from analytics.pages.choices import Choice
from analytics.queries.adjustment import Adjustment, AppliedEvent, factors_of
from analytics.queries.facts_known import events_known_at
from analytics.queries.figures import day, price
from analytics.queries.reader import LakeReader
from market.actions import ActionKind

_MOST_NAMED = 5
_NAMES = {Adjustment.RAW: "splits", Adjustment.SPLIT: "splits", Adjustment.ALL: "splits or dividends"}


@dataclass(frozen=True)
class Note:
    """A fact for below the chart; `warns` where prices before and after an event are side by side as traded."""

    text: str
    warns: bool = False


def shown_events(reader: LakeReader, choice: Choice, now: datetime) -> list[AppliedEvent]:
    """Return the events of a page's symbols that bear on its data, oldest first; dividends only where they count."""
    kinds = Adjustment.ALL if choice.adjustment is Adjustment.ALL else Adjustment.SPLIT
    events = [event for symbol in choice.symbols for event in factors_of(reader, symbol, kinds, now).events]
    first = min(each.first for each in choice.ranges)
    return sorted((event for event in events if event.session > first), key=lambda event: event.session)


def boot_events(events: Iterable[AppliedEvent]) -> list[dict[str, Any]]:
    """Return events as the API's `actions` has them, as far as a chart needs them."""
    names = ("symbol", "session", "kind", "value")
    return [{name: value for name, value in event.to_json().items() if name in names} for event in events]


def unknown_symbols(reader: LakeReader, choice: Choice) -> list[str]:
    """Return the symbols of which nobody was ever asked whether they split."""
    return [symbol for symbol, known_at in events_known_at(reader, choice.symbols).items() if known_at is None]


def notes(choice: Choice, events: Sequence[AppliedEvent], unknown: Sequence[str]) -> list[Note]:
    """Say what was done about the events that are known and, where it is so, that those of a symbol are not."""
    if not unknown:
        return [_note(choice, events)]
    what = "Splits and dividends" if choice.adjustment is Adjustment.ALL else "Splits"
    asked = Note(
        f"{what} of {' and '.join(unknown)} are not known: nobody was asked. `manage.py fetch_facts` asks", warns=True
    )
    if not events and set(unknown) == set(choice.symbols):
        return [Note("Prices as traded"), asked]
    return [_note(choice, events), asked]


def _note(choice: Choice, events: Sequence[AppliedEvent]) -> Note:
    """Count later events in as well, since they move the prices of the range."""
    bearing = [event for event in events if event.session > choice.first]
    within = [event for event in bearing if event.session <= choice.last]
    named = _NAMES[choice.adjustment]
    if choice.adjustment is Adjustment.RAW:
        if not within:
            return Note("Prices as traded; no splits in this range")
        return Note(f"Prices as traded, not adjusted for {_listed(within)}", warns=True)
    if not bearing:
        return Note(f"Nothing to adjust: no {named} in this range")
    after = "" if within else " after this range"
    return Note(f"Adjusted for {named.replace(' or ', ' and ')}{after}: {_listed(bearing)}")


def _listed(events: Sequence[AppliedEvent]) -> str:
    """Name the splits, newest first, and count the dividends, which are many."""
    splits = [event for event in events if event.kind == ActionKind.SPLIT]
    dividends = [event for event in events if event.kind != ActionKind.SPLIT]
    parts = [in_words(event) for event in splits[::-1][:_MOST_NAMED]]
    if len(splits) > _MOST_NAMED:
        parts.append(f"{len(splits) - _MOST_NAMED} earlier splits")
    if 0 < len(dividends) <= 2:
        parts += [in_words(event) for event in dividends[::-1]]
    elif dividends:
        parts.append(f"{len(dividends)} dividends")
    if unknown := sum(event.price_factor is None for event in dividends):
        parts.append(f"without {unknown} of the dividends, for which the close before is not here")
    return ", ".join(parts)


def in_words(event: AppliedEvent) -> str:
    """Write an event such as "AAPL 7 for 1 on 9 Jun 2014"."""
    if event.kind == ActionKind.SPLIT:
        return f"{event.symbol} {ratio(event.value)} on {day(event.session)}"
    return f"{event.symbol} ${price(event.value)} on {day(event.session)}"


def ratio(new_for_one: float) -> str:
    """
    >>> ratio(7.0), ratio(1.5), ratio(1 / 8)
    ('7 for 1', '3 for 2', '1 for 8')
    """
    shares = Fraction(new_for_one).limit_denominator(1000)
    return f"{shares.numerator} for {shares.denominator}"
