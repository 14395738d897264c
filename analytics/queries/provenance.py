"""Where an answer comes from: provider, phases, adjustment, table versions and times."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Self

import numpy as np

from analytics.queries.arrays import equals, to_numpy
from analytics.queries.instants import iso_instant, to_dates
from analytics.queries.reader import LakeReader, TableView
from market.lake.snapshots import Part

SYNTHETIC = "synthetic"
ADJUSTMENT = "raw"
REGULAR = ("regular",)
ALL_PHASES = ("pre", "regular", "auction", "post")


@dataclass(frozen=True)
class Provenance:
    """`tables` gives the version of each table that was read; the counts are None where they have no meaning."""

    provider: str
    tables: Mapping[str, int]
    fetched_at: datetime | None
    processed_at: datetime | None = None
    phases: Sequence[str] = REGULAR
    matched_minutes: int | None = None
    missing_minutes: Mapping[str, int] | None = None
    quarantined_bars: int | None = None
    adjustment: str = field(default=ADJUSTMENT)
    adjustment_events: Sequence[Mapping[str, Any]] | None = None
    events_known_at: Mapping[str, datetime | None] | None = None

    def adjusted(self, adjustment: str, events: Sequence[Mapping[str, Any]], tables: Mapping[str, int]) -> Self:
        """Return the same for prices that were adjusted for these events; as it is for raw ones."""
        if adjustment == ADJUSTMENT:
            return self
        tables = {**self.tables, **tables}
        return replace(self, adjustment=adjustment, adjustment_events=events, tables=tables)

    def knowing(self, known_at: Mapping[str, datetime | None]) -> Self:
        """Return the same with when somebody last told of each symbol's events, None where nobody was asked."""
        return replace(self, events_known_at=known_at)

    def _known(self) -> dict[str, str | None] | None:
        known = self.events_known_at
        if known is None:
            return None
        return {symbol: iso_instant(at) if at else None for symbol, at in known.items()}

    @property
    def synthetic(self) -> bool:
        return SYNTHETIC in self.provider.split(", ")

    def to_json(self) -> dict[str, Any]:
        counts = {
            "matched_minutes": self.matched_minutes,
            "missing_minutes": None if self.missing_minutes is None else dict(self.missing_minutes),
            "quarantined_bars": self.quarantined_bars,
            "adjustment_events": self.adjustment_events,
            "events_known_at": self._known(),
        }
        return {
            "provider": self.provider,
            "synthetic": self.synthetic,
            "phases": list(self.phases),
            "adjustment": self.adjustment,
            "tables": dict(self.tables),
            "fetched_at": self.fetched_at and iso_instant(self.fetched_at),
            "processed_at": self.processed_at and iso_instant(self.processed_at),
            **{name: count for name, count in counts.items() if count is not None},
        }


def provenance_of(
    reader: LakeReader,
    bars: TableView,
    parts: Iterable[Part],
    derived: TableView | None = None,
    sessions: tuple[date, date] = (date.min, date.max),
    derived_parts: Sequence[Part] = (),
    phases: Sequence[str] = REGULAR,
    **counts: Any,
) -> Provenance:
    """Describe an answer made from parts of `bars` and, where given, from a derived table.

    `derived_parts` are those of that table, by default the same parts. Quarantined bars are counted in these phases
    and over the sessions from one date to another, both included.
    """
    parts = [part for part in parts if part in bars.parts]
    summaries = [reader.summary(bars, part) for part in parts]
    tables = {"bars": bars.version}
    processed: list[datetime] = []
    if derived is not None:
        tables[derived.snapshot.table.name] = derived.version
        committed = [derived.committed_at(part) for part in derived_parts or parts if part in derived.parts]
        processed = [instant for instant in committed if instant]
    return Provenance(
        provider=", ".join(sorted({summary.provider for summary in summaries})),
        tables=tables,
        fetched_at=max((summary.fetched_at for summary in summaries), default=None),
        processed_at=max(processed, default=None),
        phases=phases,
        quarantined_bars=sum(_quarantined(reader, bars, part, sessions, phases) for part in parts),
        **counts,
    )


def _quarantined(
    reader: LakeReader, bars: TableView, part: Part, sessions: tuple[date, date], phases: Sequence[str]
) -> int:
    summary = reader.summary(bars, part)
    regular = tuple(phases) == REGULAR
    count = summary.quarantined_regular if regular else summary.quarantined
    first, last = sessions
    if not count or (first <= summary.first_session and summary.last_session <= last):
        return count
    table = reader.read(bars, part, ("session", "phase", "quarantined"))
    days = to_dates(table["session"])
    counted = (days >= np.datetime64(first)) & (days <= np.datetime64(last)) & to_numpy(table["quarantined"])
    return int((counted & equals(table["phase"], "regular") if regular else counted).sum())
