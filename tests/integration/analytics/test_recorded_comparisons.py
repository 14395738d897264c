"""Comparisons of recorded bars against the facts that an independent program worked out from them."""

import csv
import gzip
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.queries.adjustment import AS_TRADED, Adjustment
from analytics.queries.comparison import compare, match
from analytics.queries.pair_range import pair_range
from analytics.queries.paths import Span
from analytics.queries.reader import LakeReader
from analytics.queries.status import coverage
from analytics.queries.timeframes import Timeframe
from market.actions import Source, store_actions, store_daily
from market.calendar import NEW_YORK, is_session
from market.providers.facts import DailyBar, Dividend, Split
from tests.builders import make_bar, make_lake, write_bars

pytestmark = pytest.mark.realdata

NOW = datetime(2026, 1, 2, tzinfo=NEW_YORK)
SOURCES = {"eqker_av_2019": ["AAPL", "MSFT"], "xiang_av_2020": ["AAPL", "MSFT", "GOOG"]}


def recorded_bars(folder: Path, source: str, symbol: str) -> Iterator[dict[str, Any]]:
    with gzip.open(folder / "minute_bars" / "norm" / source / f"{symbol}.csv.gz", "rt", newline="") as handle:
        for row in csv.DictReader(handle):
            bar_start = datetime.fromisoformat(row["ts_utc"])
            if is_session(bar_start.astimezone(NEW_YORK).date()):
                prices = {name: float(row[name]) for name in ("open", "high", "low", "close")}
                yield make_bar(symbol=symbol, bar_start=bar_start, volume=int(float(row["volume"])), **prices)


def expected_rows(folder: Path, name: str, source: str) -> list[dict[str, str]]:
    with (folder / "minute_bars" / "expected" / name).open(newline="") as handle:
        return [row for row in csv.DictReader(handle) if row["source"] == source]


@pytest.fixture(scope="module")
def recorded(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], LakeReader]:
    """Return readers of the recorded bars of a source."""

    @cache
    def reader_of(source: str) -> LakeReader:
        lake = make_lake(tmp_path_factory.mktemp(source))
        write_bars(lake, [bar for symbol in SOURCES[source] for bar in recorded_bars(shared_data, source, symbol)])
        return LakeReader(lake)

    return reader_of


@pytest.mark.parametrize("source", SOURCES)
def test_matched_minutes_and_their_closes_are_those_of_the_recorded_bars(
    recorded: Callable[[str], LakeReader], source: str, shared_data: Path
) -> None:
    rows = expected_rows(shared_data, "pair_aapl_msft_daily.csv", source)
    assert rows

    for row in rows:
        session = date.fromisoformat(row["date"])
        compared = compare(recorded(source), ["AAPL", "MSFT"], session, session, NOW, Timeframe.MINUTE)
        apple, microsoft = (each.closes for each in compared.series)
        assert compared.matched_minutes == int(row["n_common_rth"]), session
        assert (apple / microsoft).mean() == pytest.approx(float(row["mean_ratio_close_aapl_msft"]), rel=1e-9), session


def pandas_correlations(folder: Path, first: date, last: date) -> dict[int, float]:
    """Return the correlation of Apple's and Microsoft's returns by sampling interval, worked out with pandas alone."""
    closes = {}
    for symbol in ("AAPL", "MSFT"):
        bars = pd.read_csv(folder / f"minute_bars/norm/xiang_av_2020/{symbol}.csv.gz", parse_dates=["ts_utc"])
        bars = bars.set_index(bars["ts_utc"].dt.tz_convert("America/New_York"))
        closes[symbol] = bars.between_time("09:30", "15:59")["close"]
    frame = pd.DataFrame(closes).dropna().loc[str(first) : str(last)]
    at = pd.DatetimeIndex(frame.index)
    # The half day after Thanksgiving.
    regular = (at.date != date(2020, 11, 27)) | (at.hour < 13)
    frame, at = frame[regular], at[regular]
    minute = at.hour * 60 + at.minute - 570
    found = {}
    for every in (1, 5, 15, 30, 65):
        last_of = frame.groupby([at.date, minute // every]).last()
        moved = last_of.apply(np.log).groupby(level=0).diff().dropna()
        found[every] = float(moved["AAPL"].corr(moved["MSFT"]))
    return found


def test_the_correlation_of_a_recorded_month_rises_with_the_interval_as_pandas_finds_it(
    recorded: Callable[[str], LakeReader], shared_data: Path
) -> None:
    month = date(2020, 11, 2), date(2020, 11, 30)

    figures = pair_range(recorded("xiang_av_2020"), ["AAPL", "MSFT"], Span(*month), AS_TRADED).figures

    expected = pandas_correlations(shared_data, *month)
    found = {every: figures[f"correlation_{every}min"].value for every in expected}
    assert found == pytest.approx(expected, rel=1e-9)
    # Epps: what is measured between neighbouring minutes hides a part of what two have in common.
    assert expected[1] < expected[5] < expected[65]


def test_minutes_without_a_trade_are_counted_as_missing(
    recorded: Callable[[str], LakeReader], shared_data: Path
) -> None:
    rows = expected_rows(shared_data, "daily_aggregates.csv", "xiang_av_2020")

    for covered in coverage(recorded("xiang_av_2020"), NOW):
        mine = [row for row in rows if row["symbol"] == covered.symbol]
        assert covered.missing_minutes == sum(int(row["miss_rth"]) for row in mine), covered.symbol
        assert covered.expected_minutes == sum(int(row["exp_rth"]) for row in mine), covered.symbol


def test_a_comparison_leaves_out_the_minutes_that_one_symbol_lacks(
    recorded: Callable[[str], LakeReader], shared_data: Path
) -> None:
    session = date(2020, 11, 6)
    rows = expected_rows(shared_data, "daily_aggregates.csv", "xiang_av_2020")
    (google,) = [row for row in rows if (row["symbol"], row["date"]) == ("GOOG", str(session))]
    assert int(google["miss_rth"]) > 0

    compared = compare(recorded("xiang_av_2020"), ["AAPL", "GOOG"], session, session, NOW)

    assert compared.matched_minutes == int(google["n_rth"])


def test_the_half_day_is_compared_to_its_close(recorded: Callable[[str], LakeReader]) -> None:
    day = date(2020, 11, 27)

    compared = compare(recorded("xiang_av_2020"), ["AAPL", "MSFT"], day, day, NOW)

    assert compared.matched_minutes == 210
    assert compared.missing_minutes == {"AAPL": 0, "MSFT": 0}


def test_the_recorded_split_day_is_right_under_each_adjustment(shared_data: Path, tmp_path: Path) -> None:
    """Apple split 7:1 on 9 June 2014; the recorded bars step from 645 dollars to 93."""
    lake = make_lake(tmp_path)
    write_bars(lake, recorded_bars(shared_data, "lean", "AAPL"))
    with (shared_data / "minute_bars/daily/lean_raw_AAPL.csv").open(newline="") as handle:
        daily = {date.fromisoformat(row["date"]): float(row["close"]) for row in csv.DictReader(handle)}
    source = Source("AAPL", "files", NOW)
    paid, eve = date(2014, 8, 7), date(2014, 8, 6)
    store_actions(lake, source, [Split(date(2014, 6, 9), 7.0)], [Dividend(paid, 0.47, None, None, None)])
    store_daily(lake, source, [DailyBar(eve, 1, 1, 1, daily[eve], 1)])
    span = date(2014, 6, 5), date(2014, 6, 9)

    raw, split, both = (match(LakeReader(lake), ["AAPL"], *span, NOW, each).closes["AAPL"] for each in Adjustment)

    assert raw[-1] / raw[0] - 1 == pytest.approx(-0.855, abs=0.002)
    assert split[-1] / split[0] - 1 == pytest.approx(0.015, abs=0.005)
    assert raw[389 * 2 + 1] / split[389 * 2 + 1] == pytest.approx(7.0)
    assert (raw[-1], raw[-1]) == (split[-1], pytest.approx(both[-1] / (1 - 0.47 / daily[eve])))
    assert both[-1] / both[0] == pytest.approx(split[-1] / split[0])
