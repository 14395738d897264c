"""Apple's split of 7 for 1 on 9 June 2014, as recorded: closes as traded step from 645.57 to 92.69."""

import csv
import gzip
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from market.actions import Source, store_actions
from market.calendar import NEW_YORK, is_session, session_hours
from market.lake.location import Lake
from market.providers.facts import Split
from tests.builders import FETCHED_AT, make_bar, make_lake, write_bars
from tests.processing import process, read_table

pytestmark = pytest.mark.realdata

DAY, FACTOR = date(2014, 6, 9), 7.0
TABLES = ("moving_averages", "returns", "indicators", "volatility", "pairs")
Floats = NDArray[np.float64]


def recorded_bars(shared_data: Path, symbol: str) -> Iterator[dict[str, Any]]:
    with gzip.open(shared_data / f"minute_bars/norm/lean/{symbol}.csv.gz", "rt", newline="") as handle:
        for row in csv.DictReader(handle):
            start = datetime.fromisoformat(row["ts_utc"])
            day = start.astimezone(NEW_YORK).date()
            if is_session(day) and day <= DAY and session_hours(day).phase_of(start) == "regular":
                prices = {name: float(row[name]) for name in ("open", "high", "low", "close")}
                yield make_bar(symbol=symbol, bar_start=start, volume=int(float(row["volume"])), **prices)


@pytest.fixture(scope="module")
def processed(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = make_lake(tmp_path_factory.mktemp("split"))
    write_bars(lake, [bar for symbol in ("AAPL", "TWX") for bar in recorded_bars(shared_data, symbol)])
    store_actions(lake, Source("AAPL", "files", FETCHED_AT), [Split(DAY, FACTOR)], [])
    process(lake, tables=TABLES)
    return lake


def rows_of(lake: Lake, table: str, symbol: str = "AAPL") -> list[dict[str, Any]]:
    return [row for row in read_table(lake, table).to_pylist() if row["symbol"] == symbol]


def column(rows: list[dict[str, Any]], name: str) -> Floats:
    return np.array([row[name] for row in rows], np.float64)


def adjusted_closes(rows: list[dict[str, Any]]) -> Floats:
    """Return the closes on the basis after the split."""
    return np.array([row["close"] / (FACTOR if row["session"] < DAY else 1.0) for row in rows])


def plain_ema(closes: Floats, span: int) -> Floats:
    means = np.full(len(closes), np.nan)
    means[span - 1] = closes[:span].mean()
    for position in range(span, len(closes)):
        means[position] = means[position - 1] + 2 / (span + 1) * (closes[position] - means[position - 1])
    return means


def test_averages_run_on_over_the_split_as_those_of_adjusted_closes(processed: Lake) -> None:
    rows = rows_of(processed, "moving_averages")
    closes = adjusted_closes(rows)
    after = np.array([row["session"] >= DAY for row in rows])
    assert closes[after][0] == pytest.approx(closes[~after][-1], rel=0.01)

    for span in (20, 50, 200):
        simple = np.convolve(closes, np.ones(span) / span)[span - 1 : len(closes)]
        np.testing.assert_allclose(column(rows, f"sma_{span}")[after], simple[after[span - 1 :]], rtol=0, atol=1e-9)
        ema = plain_ema(closes, span)
        np.testing.assert_allclose(column(rows, f"ema_{span}")[after], ema[after], rtol=0, atol=1e-9)
        before = ~after & ~np.isnan(ema)
        np.testing.assert_allclose(column(rows, f"ema_{span}")[before], FACTOR * ema[before], rtol=1e-12)


def test_no_measure_takes_the_split_for_a_move(processed: Lake) -> None:
    opens = [row for row in rows_of(processed, "returns") if row["overnight_return"] is not None]
    day = rows_of(processed, "volatility")[-1]
    first_hour = [row for row in rows_of(processed, "indicators") if row["session"] == DAY][:60]

    assert [row["session"] for row in opens] == [date(2014, 6, 6), DAY]
    assert opens[-1]["overnight_return"] == pytest.approx(day["opening_gap"], rel=1e-12)
    assert np.log1p(day["opening_gap"]) == pytest.approx(day["overnight_return"], rel=1e-9)
    for size in (column(opens, "overnight_return"), column(first_hour, "roc_10") / 100):
        assert np.abs(size).max() < 0.02
    assert day["realised_variance_with_overnight"] == pytest.approx(
        day["realised_variance_5min"] + day["overnight_return"] ** 2, rel=1e-12
    )
    assert day["amihud_illiquidity"] * day["dollar_volume"] < 0.02
    # A night that is taken for a fall of 86 % pins them to zero for hours.
    assert column(first_hour, "rsi_14").min() > 20
    assert column(first_hour, "natr_14").max() < 0.5
    assert column(first_hour, "bollinger_bandwidth").max() < 0.03
    assert np.abs(column(first_hour, "macd")).max() < 1


def test_the_hedge_of_the_sessions_before_is_that_of_adjusted_closes(processed: Lake) -> None:
    apple, other = (rows_of(processed, "moving_averages", symbol) for symbol in ("AAPL", "TWX"))
    closes = dict(zip((row["bar_start"] for row in apple), adjusted_closes(apple), strict=True))
    matched = [row for row in other if row["bar_start"] in closes and row["session"] < DAY]
    slope, intercept = np.polyfit(
        np.log(column(matched, "close")), np.log([closes[row["bar_start"]] for row in matched]), 1
    )

    pair = rows_of(processed, "pairs", "AAPL_TWX")[-1]

    assert pair["session"] == DAY
    assert pair["hedge_ratio"] == pytest.approx(slope, rel=1e-9)
    assert pair["hedge_intercept"] == pytest.approx(intercept, rel=1e-9)
