"""Put faults into recorded bars and count which are found, and what is found where there is none.

    python tools/measure_quality.py ../shared/data/minute_bars

The folder is that of recorded minute bars (`norm/<source>/<SYMBOL>.csv.gz`, daily figures beside it). Each fault is put
into one session in five at a time, so that the others show the symbol as usual.
"""

import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from market.bars.build import Origin, build_bars  # the path must be set first
from market.bars.csv import BodyMalformed, parse_csv
from market.calendar import session_hours
from market.lake.schemas import INSTANT
from market.months import Month
from market.quality.checks import DailyFigure, Finding, Kind, Known, check_month
from market.quality.limits import Limits
from market.quality.sessions import SessionBars, split_sessions

STRIDE = 5
PRICES = ("open", "high", "low", "close")
FETCHED_AT = datetime(2026, 1, 1, tzinfo=UTC)
Masks = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Recorded:
    """A symbol-month as it was recorded: `bar_start, open, high, low, close, volume`, and its daily figures."""

    source: str
    symbol: str
    month: Month
    bars: pa.Table
    daily: dict[date, DailyFigure]


@dataclass
class Tally:
    """Sessions with a fault, those among them where it was found, sound sessions, and those where it was found, too."""

    faulty: int = 0
    found: int = 0
    sound: int = 0
    false_alarms: int = 0
    missed: list[str] = field(default_factory=list)
    alarmed: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.faulty if self.faulty else 1.0

    @property
    def false_alarm_rate(self) -> float:
        return self.false_alarms / self.sound if self.sound else 0.0


def recorded_months(folder: Path, symbols: set[str] | None = None) -> Iterator[Recorded]:
    for path in sorted((folder / "norm").glob("*/*.csv.gz")):
        source, symbol = path.parent.name, path.name.removesuffix(".csv.gz")
        if symbols is not None and f"{source}/{symbol}" not in symbols:
            continue
        bars, daily = _read_bars(path), _read_daily(folder, source, symbol)
        for month in sorted({Month.of(on) for on in _sessions(bars)}):
            mine = np.array([Month.of(on) == month for on in _sessions(bars)])
            yield Recorded(source, symbol, month, bars.filter(pa.array(mine)), daily)


def _read_bars(path: Path) -> pa.Table:
    types = {"ts_utc": pa.timestamp("s", tz="UTC"), "volume": pa.float64(), **dict.fromkeys(PRICES, pa.float64())}
    bars = pa_csv.read_csv(path, convert_options=pa_csv.ConvertOptions(column_types=types))
    volume: Any = bars["volume"].cast(pa.int64())
    columns: dict[str, Any] = {"bar_start": bars["ts_utc"].cast(INSTANT), **{name: bars[name] for name in PRICES}}
    return pa.table({**columns, "volume": volume})


def _sessions(bars: pa.Table) -> list[date]:
    zoned: Any = bars["bar_start"].cast(pa.timestamp("us", tz="America/New_York"))
    days: list[date] = pc.local_timestamp(zoned).cast(pa.date32()).to_pylist()
    return days


def _read_daily(folder: Path, source: str, symbol: str) -> dict[date, DailyFigure]:
    vendor, lean = folder / f"raw/{source}/{symbol}_daily.csv.gz", folder / f"daily/lean_raw_{symbol}.csv"
    path = vendor if source.startswith("eqker") else lean
    if source.startswith("xiang") or not path.is_file():
        return {}
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    rows = list(csv.reader(text.splitlines()))
    figures = {}
    for row in rows[1:]:
        _, high, low, close, volume = (float(cell) for cell in row[1:6])
        figures[date.fromisoformat(row[0][:10])] = DailyFigure(high, low, close, int(volume))
    return figures


Inject = Callable[[pa.Table, Masks, np.random.Generator], pa.Table]


def _offsets(bars: pa.Table) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the minutes since the open, and the length of the session, for each bar."""
    days = _sessions(bars)
    hours = {on: session_hours(on) for on in set(days)}
    opened = np.array([int(hours[on].session_open.timestamp()) for on in days])
    length = np.array([hours[on].regular_minutes for on in days])
    return (bars["bar_start"].cast(pa.int64()).to_numpy() // 1_000_000 - opened) // 60, length


def _one_bar_each(bars: pa.Table, chosen: Masks, chance: np.random.Generator, *, regular: bool) -> Masks:
    offsets, length = _offsets(bars)
    inside = (offsets >= 30) & (offsets < length - 30)
    candidates = chosen & (inside if regular else (offsets < 0) | (offsets > length))
    days = np.array(_sessions(bars), dtype="datetime64[D]")
    mask = np.zeros(bars.num_rows, dtype=bool)
    for on in np.unique(days[candidates]):
        mask[chance.choice(np.flatnonzero(candidates & (days == on)))] = True
    return mask


def _set(bars: pa.Table, **columns: Any) -> pa.Table:
    for name, values in columns.items():
        bars = bars.set_column(bars.column_names.index(name), name, pa.array(values))
    return bars


def _bad_print(*, regular: bool) -> Inject:
    def inject(bars: pa.Table, chosen: Masks, chance: np.random.Generator) -> pa.Table:
        hit = _one_bar_each(bars, chosen, chance, regular=regular)
        low = bars["low"].to_numpy()
        return _set(bars, low=np.where(hit, np.round(low * 0.72, 2), low))

    return inject


def _missing_hour(bars: pa.Table, chosen: Masks, chance: np.random.Generator) -> pa.Table:
    offsets, length = _offsets(bars)
    start = chance.integers(0, int(length.min()) - 60)
    return bars.filter(pa.array(~(chosen & (offsets >= start) & (offsets < start + 60))))


def _halved_volume(bars: pa.Table, chosen: Masks, chance: np.random.Generator) -> pa.Table:
    volume = bars["volume"].to_numpy()
    return _set(bars, volume=np.where(chosen, volume // 2, volume))


def _late_by(minutes: int) -> Inject:
    def inject(bars: pa.Table, chosen: Masks, chance: np.random.Generator) -> pa.Table:
        starts = bars["bar_start"].cast(pa.int64()).to_numpy() + np.where(chosen, minutes * 60_000_000, 0)
        moved = bars.set_column(0, "bar_start", pa.array(starts).cast(INSTANT))
        return moved.sort_by("bar_start")

    return inject


def _adjusted(bars: pa.Table, chosen: Masks, chance: np.random.Generator) -> pa.Table:
    return _set(
        bars,
        **{
            name: np.where(chosen, np.round(bars[name].to_numpy() * 0.9974, 4), bars[name].to_numpy())
            for name in PRICES
        },
    )


@dataclass(frozen=True)
class Fault:
    """`kinds` are the findings by which it is found; `needs_daily` where only the daily figure can tell."""

    name: str
    inject: Inject
    kinds: frozenset[Kind]
    needs_daily: bool = False
    needs_extended: bool = False


FAULTS = (
    Fault(
        "bad print outside regular hours", _bad_print(regular=False), frozenset({Kind.BAD_PRINTS}), needs_extended=True
    ),
    Fault("bad print inside regular hours", _bad_print(regular=True), frozenset({Kind.BAD_PRINTS})),
    Fault("missing hour", _missing_hour, frozenset({Kind.GAP})),
    Fault("halved volume", _halved_volume, frozenset({Kind.VOLUME}), needs_daily=True),
    Fault("shifted by an hour, late", _late_by(60), frozenset({Kind.SHIFTED, Kind.GAP})),
    Fault("shifted by an hour, early", _late_by(-60), frozenset({Kind.SHIFTED, Kind.GAP})),
    Fault("wrong label (a minute late)", _late_by(1), frozenset({Kind.SHIFTED})),
    Fault("wrong label (a minute early)", _late_by(-1), frozenset({Kind.SHIFTED})),
    Fault("adjusted session among raw ones", _adjusted, frozenset({Kind.ADJUSTED_BASIS})),
)
DOUBLED = "doubled bar, equal values"
CONTRADICTED = "doubled bar, other values"


def find(recorded: Recorded, bars: pa.Table) -> tuple[list[SessionBars], list[Finding]]:
    built = build_bars(bars, Origin(recorded.symbol, recorded.month, "files", FETCHED_AT))
    sessions = split_sessions(built)
    return sessions, check_month(sessions, Known(daily=recorded.daily), Limits())


def measure(months: Iterator[Recorded], seed: int = 1) -> dict[str, Tally]:
    """Return the tally of each fault. A session in which a fault's kind is found before it is put in takes no part."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for recorded in months:
        _, before = find(recorded, recorded.bars)
        for fault in FAULTS:
            _measure_fault(recorded, fault, before, tallies[fault.name], np.random.default_rng(seed))
        _measure_doubled(recorded, tallies)
    return dict(tallies)


def _measure_fault(
    recorded: Recorded, fault: Fault, before: list[Finding], tally: Tally, chance: np.random.Generator
) -> None:
    days = np.array(_sessions(recorded.bars), dtype="datetime64[D]")
    sound = {finding.session for finding in before if finding.kind in fault.kinds}
    sessions = _able(recorded, fault, days)
    tally.sound += len(sessions)
    alarmed = [session for session in sessions if session in sound]
    tally.false_alarms += len(alarmed)
    tally.alarmed += [f"{recorded.source} {recorded.symbol} {session}" for session in alarmed]
    fit = [session for session in sessions if session not in sound]
    for first in range(STRIDE):
        chosen = fit[first::STRIDE]
        if not chosen:
            continue
        mask = np.isin(days, np.array(chosen, dtype="datetime64[D]"))
        _, after = find(recorded, fault.inject(recorded.bars, mask, chance))
        found = {finding.session for finding in after if finding.kind in fault.kinds}
        tally.faulty += len(chosen)
        tally.found += len(found.intersection(chosen))
        tally.missed += [f"{recorded.source} {recorded.symbol} {on}" for on in chosen if on not in found]


def _able(recorded: Recorded, fault: Fault, days: Any) -> list[date]:
    """Return the sessions in which the fault can be: regular bars to change, a daily figure, extended hours."""
    offsets, length = _offsets(recorded.bars)
    regular, extended = (offsets >= 30) & (offsets < length - 30), (offsets < 0) | (offsets > length)
    able = []
    for session in np.unique(days):
        on: date = session.astype(date)
        mine = days == session
        if not (mine & regular).any() or (fault.needs_extended and not (mine & extended).any()):
            continue
        if fault.needs_daily and not (on in recorded.daily and recorded.daily[on].volume):
            continue
        able.append(on)
    return able


def _measure_doubled(recorded: Recorded, tallies: dict[str, Tally]) -> None:
    """Double the middle bar of the month's text."""
    lines = _csv_lines(recorded)
    middle = len(lines) // 2
    equal = parse_csv("\n".join([*lines[:middle], lines[middle], *lines[middle:], ""]).encode())
    tallies[DOUBLED].faulty += 1
    tallies[DOUBLED].found += int("duplicate" in equal.column_names and pc.sum(equal["duplicate"]).as_py() == 1)
    tallies[DOUBLED].sound += 1
    tallies[DOUBLED].false_alarms += int("duplicate" in parse_csv("\n".join([*lines, ""]).encode()).column_names)
    tallies[CONTRADICTED].faulty += 1
    tallies[CONTRADICTED].sound += 1
    try:
        parse_csv("\n".join([*lines[:middle], lines[middle] + "1", *lines[middle:], ""]).encode())
    except BodyMalformed:
        tallies[CONTRADICTED].found += 1


def _csv_lines(recorded: Recorded) -> list[str]:
    zoned: Any = recorded.bars["bar_start"].cast(pa.timestamp("us", tz="America/New_York"))
    stamps = pc.strftime(pc.local_timestamp(zoned).cast(pa.timestamp("s")), "%Y-%m-%d %H:%M:%S").to_pylist()
    columns = [recorded.bars[name].to_pylist() for name in (*PRICES, "volume")]
    rows = [",".join(map(str, row)) for row in zip(stamps, *columns, strict=True)]
    return ["timestamp,open,high,low,close,volume", *rows]


def main() -> None:
    tallies = measure(recorded_months(Path(sys.argv[1])))
    print("| fault | put into | found | recall | sound | alarms | false alarms |\n|---|---|---|---|---|---|---|")
    for name, tally in tallies.items():
        counts = f"{tally.faulty} | {tally.found} | {tally.recall:.1%} | {tally.sound} | {tally.false_alarms}"
        print(f"| {name} | {counts} | {tally.false_alarm_rate:.1%} |")
    if "--list" in sys.argv:
        for name, tally in tallies.items():
            print(name, "missed:", *tally.missed, "alarmed:", *tally.alarmed, sep="\n  ")


if __name__ == "__main__":
    main()
