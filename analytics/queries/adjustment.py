"""Prices on today's basis: stored bars are as traded, and splits and dividends are applied on the way out.

A split of n new shares for one old divides every earlier price by n and multiplies every earlier volume by it. A cash
dividend multiplies earlier prices by 1 − amount ÷ the last regular close before its ex-date, as the Center for Research
in Security Prices does, and leaves volumes. Every adjusted answer names the events it was made with.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics.queries.arrays import equals, to_numpy
from analytics.queries.facts_known import events_known_at
from analytics.queries.instants import Minutes, date_of, minute_of, to_dates
from analytics.queries.provenance import Provenance
from analytics.queries.reader import LakeReader, TableView
from market.actions import Action, ActionKind, fingerprint, read_actions, read_daily
from market.calendar import FIRST_DATE, NEW_YORK, is_session, next_session, previous_session, session_hours
from market.lake.snapshots import Part
from market.months import Month

Floats = NDArray[np.float64]
ACTIONS, DAILY_FIGURES = "corporate_actions", "daily_figures"
_CLOSES = ("session", "phase", "quarantined", "close")


class Adjustment(StrEnum):
    """Which events prices are adjusted for: none, splits, or splits and dividends."""

    RAW = "raw"
    SPLIT = "split"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Basis:
    """What prices are answered for: the events of an adjustment that have taken effect by `now` (aware)."""

    adjustment: Adjustment
    now: datetime


AS_TRADED = Basis(Adjustment.RAW, datetime(1970, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class AppliedEvent:
    """An event of a symbol and what earlier prices were multiplied by.

    `price_factor` is None for a dividend whose preceding close is not known: it was not applied.
    """

    symbol: str
    session: date
    kind: str
    value: float
    price_factor: float | None

    def to_json(self) -> dict[str, Any]:
        return {
            "symbol": self.symbol,
            "session": self.session.isoformat(),
            "kind": self.kind,
            "value": self.value,
            "price_factor": self.price_factor,
        }


@dataclass(frozen=True)
class Factors:
    """Steps of one symbol's factors; `events` ascend, and each applies to what lies before its session."""

    events: tuple[AppliedEvent, ...]

    @property
    def nbytes(self) -> int:
        return 300 * len(self.events) + 300

    @cached_property
    def version(self) -> str:
        """Return a short name of the events, empty when there are none."""
        applied = [Action(each.session, each.kind, each.price_factor or 0.0) for each in self.events]
        return fingerprint(applied) if applied else ""

    def before(self, first: date) -> "Factors":
        """Return the steps that apply to some of the sessions from `first` on."""
        start = bisect_right(self.events, first, key=lambda event: event.session)
        if start not in self._from:
            self._from[start] = Factors(self.events[start:])
        return self._from[start]

    @cached_property
    def _from(self) -> dict[int, "Factors"]:
        # Most months lie before the same events as their neighbours.
        return {0: self}

    def of_sessions(self, sessions: NDArray[np.datetime64]) -> tuple[Floats, Floats]:
        """Return what prices and volumes of sessions (datetime64[D]) are multiplied by."""
        return self._multiplied(len(sessions), (sessions < np.datetime64(event.session) for event in self.events))

    def of_minutes(self, minutes: Minutes) -> tuple[Floats, Floats]:
        """Return what prices and volumes of bars that start at these minutes are multiplied by."""
        opens = (minute_of(session_hours(event.session).pre_open) for event in self.events)
        return self._multiplied(len(minutes), (minutes < opened for opened in opens))

    def _multiplied(self, rows: int, before: Iterable[NDArray[np.bool_]]) -> tuple[Floats, Floats]:
        prices, volumes = np.ones(rows), np.ones(rows)
        for event, earlier in zip(self.events, before, strict=True):
            prices[earlier] *= event.price_factor or 1.0
            if event.kind == ActionKind.SPLIT:
                volumes[earlier] *= event.value
        return prices, volumes


NO_EVENTS = Factors(())


def factors_of(reader: LakeReader, symbol: str, adjustment: Adjustment, now: datetime) -> Factors:
    """Return the factors of events that have taken effect by `now` (aware). Raises LakeUnreachable."""
    if adjustment is Adjustment.RAW:
        return NO_EVENTS
    today = now.astimezone(NEW_YORK).date()
    tables = (ACTIONS,) if adjustment is Adjustment.SPLIT else (ACTIONS, "bars", DAILY_FIGURES)
    key = ("factors", symbol, adjustment, today, *(reader.view(name).serial for name in tables))
    return reader.remember(key, lambda: _factors(reader, symbol, adjustment, today))


def _factors(reader: LakeReader, symbol: str, adjustment: Adjustment, today: date) -> Factors:
    wanted = [ActionKind.SPLIT] if adjustment is Adjustment.SPLIT else list(ActionKind)
    # Events before the calendar begins have no bars before them.
    effective = [each for each in _actions(reader, symbol) if FIRST_DATE < each.session <= today]
    actions = [each for each in effective if each.kind in wanted]
    return Factors(tuple(_applied(reader, symbol, actions)))


def factors_of_all(reader: LakeReader, symbols: Sequence[str], basis: Basis, first: date) -> dict[str, Factors]:
    """Return the factors of symbols that apply to some of the sessions from `first` on."""
    return {symbol: factors_of(reader, symbol, basis.adjustment, basis.now).before(first) for symbol in symbols}


def first_session(reader: LakeReader, part: Part) -> date:
    """Return the first session of a part's bars; of a part without bars, the first day of its month."""
    bars = reader.view("bars")
    return reader.summary(bars, part).first_session if part in bars.parts else Month.parse(part.month).first_date


@dataclass(frozen=True)
class _Held:
    actions: tuple[Action, ...]

    @property
    def nbytes(self) -> int:
        return 100 * len(self.actions) + 100


def _actions(reader: LakeReader, symbol: str) -> Sequence[Action]:
    view = reader.view(ACTIONS)
    files = tuple(view.fingerprint(Part(symbol, month)) for month in view.months.get(symbol, []))
    if not files:
        return ()
    held = reader.remember((ACTIONS, symbol, files), lambda: _Held(tuple(read_actions(view.snapshot, symbol))))
    return held.actions


def known_splits(reader: LakeReader, symbol: str) -> tuple[Action, ...]:
    """Return the splits of a symbol, those to come included, ascending. Raises LakeUnreachable."""
    return tuple(action for action in _actions(reader, symbol) if action.kind == ActionKind.SPLIT)


def _applied(reader: LakeReader, symbol: str, actions: Sequence[Action]) -> Iterator[AppliedEvent]:
    for action in actions:
        session = action.session if is_session(action.session) else next_session(action.session)
        if action.kind == ActionKind.SPLIT:
            factor: float | None = 1.0 / action.value
        else:
            close = _close_before(reader, symbol, session)
            factor = 1.0 - action.value / close if close and action.value < close else None
        yield AppliedEvent(symbol, session, action.kind, action.value, factor)


def _close_before(reader: LakeReader, symbol: str, session: date) -> float | None:
    """Return the last regular close before a session, from the bars or else from the daily figures."""
    before = previous_session(session)
    part = Part(symbol, str(Month.of(before)))
    bars, figures = reader.view("bars"), reader.view(DAILY_FIGURES)
    close = reader.derive(bars, part, _CLOSES, _last_closes).of.get(before) if part in bars.parts else None
    if close is None and part in figures.parts:
        key = (DAILY_FIGURES, part, figures.fingerprint(part))
        close = reader.remember(key, lambda: _told_closes(figures, part)).of.get(before)
    return close


@dataclass(frozen=True)
class _Closes:
    """The close of each session of a part."""

    of: Mapping[date, float]

    @property
    def nbytes(self) -> int:
        return 200 * len(self.of) + 200


def _last_closes(bars: pa.Table) -> _Closes:
    """Return the close of each session's last regular, not quarantined bar."""
    usable = equals(bars["phase"], "regular") & ~to_numpy(bars["quarantined"])
    days, closes = to_dates(bars["session"])[usable], to_numpy(bars["close"])[usable]
    # The last row of a run of equal sessions.
    lasts = np.flatnonzero(np.append(days[1:] != days[:-1], [True] * min(len(days), 1)))
    return _Closes({date_of(days[at]): float(closes[at]) for at in lasts})


def _told_closes(figures: TableView, part: Part) -> _Closes:
    return _Closes({session: float(row["close"]) for session, row in read_daily(figures.snapshot, part).items()})


def adjusted_provenance(
    reader: LakeReader, provenance: Provenance, adjustment: Adjustment, factors: Mapping[str, Factors]
) -> Provenance:
    """Add the adjustment, the events that it was made with and since when they are known, and their table's version."""
    if adjustment is Adjustment.RAW:
        return provenance
    named = with_events(reader, provenance, adjustment, factors.values())
    return named.knowing(events_known_at(reader, factors))


def with_events(
    reader: LakeReader, provenance: Provenance, adjustment: Adjustment, factors: Iterable[Factors]
) -> Provenance:
    """Add the adjustment, the events that it was made with, and the version of the table that they are from."""
    events = [event.to_json() for each in factors for event in each.events]
    return provenance.adjusted(adjustment, events, {ACTIONS: reader.view(ACTIONS).version})
