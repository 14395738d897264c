"""Bring what is known besides bars into the lake: splits, dividends and daily figures, asked for or read from files."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from market.actions import Source, store_actions, store_daily
from market.ingest.facts import learn
from market.ingest.pacing import Sleep
from market.lake.location import Lake
from market.providers.asking import FactsProvider
from market.providers.facts import DailyBar, Dividend, Split


class FactsMalformed(ValueError):
    """A file of facts is not what its name says; the message names it and says what it must hold."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of one symbol: how many entries there are, and whether any was new."""

    symbol: str
    splits: int
    dividends: int
    sessions: int
    changed: bool

    def __str__(self) -> str:
        found = f"{self.splits} splits, {self.dividends} dividends, {self.sessions} daily figures"
        return f"{self.symbol}: {found}{'' if self.changed else ', all known already'}"


def learn_known(
    lake: Lake, provider: FactsProvider, symbol: str, now: datetime, *, sleep: Sleep, note: Callable[[str], None]
) -> Learnt:
    """Ask for a symbol's splits, dividends and newest daily figures: three requests.

    Raises ProviderError and LakeUnreachable; what was stored before a failure stays.
    """
    asked = provider.questions_about(symbol, now)
    splits = learn(asked.splits, lake, provider, now, sleep=sleep, note=note)
    dividends = learn(asked.dividends, lake, provider, now, sleep=sleep, note=note)
    daily = learn(asked.daily, lake, provider, now, sleep=sleep, note=note)
    return _store(lake, Source(symbol, provider.name, now), splits, dividends, daily)


def take_splits(lake: Lake, source: Source, splits: Sequence[Split]) -> Learnt:
    """Put the splits of a symbol, be they none, in place of its corporate actions. Raises LakeUnreachable."""
    return Learnt(source.symbol, len(splits), 0, 0, store_actions(lake, source, splits, []))


def read_known(lake: Lake, folder: Path, symbol: str, now: datetime) -> Learnt:
    """Take `<SYMBOL>_splits.csv`, `_dividends.csv` and `_daily.csv` of a folder, whichever are there.

    Raises FactsMalformed and LakeUnreachable.
    """
    source = Source(symbol, "files", now)
    splits = [
        Split(date.fromisoformat(row["effective_date"]), float(row["split_factor"]))
        for row in _rows(folder / f"{symbol}_splits.csv", ("effective_date", "split_factor"))
    ]
    dividends = [
        Dividend(date.fromisoformat(row["ex_dividend_date"]), float(row["amount"]), None, None, None)
        for row in _rows(folder / f"{symbol}_dividends.csv", ("ex_dividend_date", "amount"))
    ]
    daily = [_daily_bar(row) for row in _rows(folder / f"{symbol}_daily.csv", _DAILY)]
    return _store(lake, source, splits, dividends, daily)


_DAILY = ("date", "open", "high", "low", "close", "volume")
_DATE_NAMES = ("timestamp", "datetime")


def _daily_bar(row: dict[str, str]) -> DailyBar:
    opening, high, low, close = (float(row[name]) for name in _DAILY[1:5])
    return DailyBar(date.fromisoformat(row["date"][:10]), opening, high, low, close, int(float(row["volume"])))


def _rows(path: Path, names: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the rows of a file that can be read as these columns; none when it is not there."""
    if not path.is_file():
        return []
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    columns = ["date" if name in _DATE_NAMES else name for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    rows = list(reader)
    wrong = [name for name in names if name not in columns]
    if wrong:
        raise FactsMalformed(f"{path.name} lacks the column {wrong[0]}; its first line must name {', '.join(names)}.")
    for number, row in enumerate(rows, start=2):
        _check(path, number, row, names)
    return rows


def _check(path: Path, number: int, row: dict[str, str], names: tuple[str, ...]) -> None:
    try:
        date.fromisoformat(row[names[0]][:10])
        numbers = {name: float(row[name]) for name in names[1:]}
        volume = numbers.pop("volume", 0.0)
        sound = 0 <= volume < float("inf") and all(0 < number < float("inf") for number in numbers.values())
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise FactsMalformed(f"{path.name}, line {number}: not a date and positive numbers; correct the line.")


def _store(
    lake: Lake,
    source: Source,
    splits: "tuple[Split, ...] | list[Split]",
    dividends: "tuple[Dividend, ...] | list[Dividend]",
    daily: "tuple[DailyBar, ...] | list[DailyBar]",
) -> Learnt:
    # A file may hold splits only; what it does not speak of stays.
    acted = bool(splits or dividends) and store_actions(lake, source, splits, dividends)
    figured = bool(daily) and store_daily(lake, source, daily)
    return Learnt(source.symbol, len(splits), len(dividends), len(daily), acted or figured)
