"""Every recorded set as files: the bars equal those that the recorded vendor serves, and the true results hold."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pytest_django import Settings

from market.bars.csv import PRICES
from market.calendar import Phase
from market.lake.location import Lake
from market.lake.schemas import INSTANT
from tests.fetching import Fetch, rows
from tests.integration.market.test_fetch_recorded import recorded_bars, rows_where
from tests.vendors import recorded_vendor

Entry = dict[str, str]
Cell = tuple[str, date]
SOURCES = ("xiang_av_2020", "eqker_av_2019", "lean")


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES)
def test_a_recorded_set_of_files_gives_the_recorded_bars_and_the_true_results(
    lake: Lake, fetch: Fetch, shared_data: Path, source: str
) -> None:
    recorded = recorded_bars(shared_data / "minute_bars/norm" / source)

    ran = fetch("--provider", "files", "--path", str(shared_data / "minute_bars/raw" / source))

    assert ran.code == 0, ran.output
    stored: Any = rows(lake)
    for symbol, expected in recorded.items():
        mine = rows_where(stored, "symbol", symbol)
        assert mine["bar_start"].to_pylist() == expected["ts_utc"].cast(INSTANT).to_pylist(), symbol
        assert mine["volume"].to_pylist() == expected["volume"].cast(pa.int64()).to_pylist(), symbol
    check_true_results(stored, expected_days(shared_data, source))


@pytest.mark.realdata
@pytest.mark.slow
def test_files_with_a_column_map_and_the_recorded_vendor_give_equal_bars(
    lake: Lake, fetch: Fetch, settings: Settings, shared_data: Path
) -> None:
    folder = shared_data / "minute_bars/norm/xiang_av_2020"
    assert fetch("--provider", "files", "--path", str(folder), "--zone", "utc", "--symbols", "AAPL", "MSFT").code == 0
    of_files = rows(lake)
    check_true_results(of_files, expected_days(shared_data, "xiang_av_2020", {"AAPL", "MSFT"}))

    with recorded_vendor(shared_data, "xiang_av_2020", "end") as vendor:
        settings.ALPHA_VANTAGE_URL = vendor.url
        months = ("--months", "2020-10", "2020-11", "2020-12", "--force")
        assert fetch("--provider", "alpha_vantage", "--symbols", "AAPL", "MSFT", *months).code == 0

    of_vendor = rows(lake)
    assert set(of_vendor["provider"].to_pylist()) == {"alpha_vantage"}
    for name in ("symbol", "session", "bar_start", "phase", "volume", "flags", "quarantined"):
        assert of_vendor[name].combine_chunks() == of_files[name].combine_chunks(), name
    for name in PRICES:
        # The vendor writes four decimals.
        assert (of_vendor[name].to_numpy() == [float(f"{price:.4f}") for price in of_files[name].to_pylist()]).all(), (
            name
        )


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("label", "code"),
    # The JSON of a part of an afternoon tells no label; with one stated it is taken. The CSV of 18 sessions tells.
    [((), 3), (("--label", "end"), 0)],
)
def test_recorded_replies_are_files_too(
    lake: Lake, fetch: Fetch, shared_data: Path, label: tuple[str, ...], code: int
) -> None:
    ran = fetch("--provider", "files", "--path", str(shared_data / "minute_bars/raw/alpha_vantage_py"), *label)

    assert ran.code == code, ran.output
    months = set(rows(lake)["month"].to_pylist())
    assert months == ({"2020-11", "2020-12"} if code else {"2017-12", "2020-11", "2020-12"})


def expected_days(shared_data: Path, source: str, symbols: set[str] | None = None) -> dict[Cell, Entry]:
    with (shared_data / "minute_bars/expected/daily_aggregates.csv").open() as handle:
        return {
            (entry["symbol"], date.fromisoformat(entry["date"])): entry
            for entry in csv.DictReader(handle)
            if entry["source"] == source
            and entry["interval_min"] == "1"
            and entry["symbol"] in (symbols or {entry["symbol"]})
        }


def check_true_results(stored: Any, expected: dict[Cell, Entry]) -> None:
    """Compare counts and means with `expected/` to 1e-9, and see that the mean of a wrong label is met nowhere."""
    days = {cell: bars for cell, bars in _days(stored) if cell in expected}
    assert set(days) == set(expected)
    telling = 0
    for cell, entry in expected.items():
        regular = [bar for bar in days[cell] if bar["phase"] == Phase.REGULAR and not bar["quarantined"]]
        close, volume = np.array([bar["close"] for bar in regular]), np.array([bar["volume"] for bar in regular])
        assert (len(days[cell]), len(regular)) == (int(entry["n_all"]), int(entry["n_rth"])), cell
        assert volume.sum() == int(entry["volume_rth"]), cell
        assert agrees(close.mean(), entry["mean_close_rth"]), cell
        assert not entry["vwap_close_rth"] or agrees((close * volume).sum() / volume.sum(), entry["vwap_close_rth"]), (
            cell
        )
        if not agrees(float(entry["mean_close_rth"]), entry["mean_close_naive"]):
            telling += 1
            assert not agrees(close.mean(), entry["mean_close_naive"]), cell
    assert telling > 0 or cell_is_start_labelled(expected)


def cell_is_start_labelled(expected: dict[Cell, Entry]) -> bool:
    """Tell whether the set is LEAN's, whose own stamps are starts: a naive filter errs on half days only."""
    return {entry["source"] for entry in expected.values()} == {"lean"}


def agrees(value: float, text: str) -> bool:
    """Compare with a figure written with ten digits: to 1e-9 of it, plus half of its last digit."""
    figure = float(text)
    digits = len(text.partition(".")[2])
    return abs(value - figure) <= 1e-9 * abs(figure) + 0.5 * 10.0**-digits


def _days(stored: Any) -> Iterator[tuple[Cell, list[dict[str, Any]]]]:
    days: dict[Cell, list[dict[str, Any]]] = defaultdict(list)
    for bar in stored.select(["symbol", "session", "phase", "close", "volume", "quarantined"]).to_pylist():
        days[bar["symbol"], bar["session"]].append(bar)
    yield from days.items()
