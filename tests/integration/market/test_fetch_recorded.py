"""Every recorded set of bars, fetched from the recorded vendor with either stamp, is stored as it was recorded."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from pytest_django import Settings

from market.calendar import Phase
from market.lake.location import Lake
from market.lake.schemas import INSTANT
from market.limits import Limits
from tests.fetching import Fetch, rows, words
from tests.vendors import recorded_vendor

MONTHS = {
    "eqker_av_2019": ("2019-02",),
    "xiang_av_2020": ("2020-10", "2020-11", "2020-12"),
    "lean": ("2008-03", "2013-06", "2013-07", "2013-10", "2014-06", "2015-12", "2023-08"),
}


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize("label", ["start", "end"])
@pytest.mark.parametrize("source", MONTHS)
def test_a_recorded_set_is_stored_bar_for_bar(
    lake: Lake, fetch: Fetch, settings: Settings, shared_data: Path, source: str, label: str
) -> None:
    recorded = recorded_bars(shared_data / "minute_bars/norm" / source)
    # An index without volume, whose first minute is 09:31: nothing tells that its stamps are starts.
    untold = (source, label) == ("eqker_av_2019", "start")
    with recorded_vendor(shared_data, source, label) as vendor:
        settings.ALPHA_VANTAGE_URL, settings.REQUEST_LIMITS = vendor.url, {"alpha_vantage": Limits(per_second=1000)}
        for month in MONTHS[source]:
            ran = fetch("--provider", "alpha_vantage", "--symbols", *recorded, "--months", month)
            if untold:
                assert "VIX 2019-02: failed. Nothing tells" in words(ran.output)
                assert (
                    fetch("--provider", "alpha_vantage", "--symbols", "VIX", "--months", month, "--label", label).code
                    == 0
                )

    stored: Any = rows(lake)

    for symbol, expected in recorded.items():
        mine = rows_where(stored, "symbol", symbol)
        assert mine["bar_start"].to_pylist() == expected["ts_utc"].cast(INSTANT).to_pylist(), symbol
        assert mine["volume"].to_pylist() == expected["volume"].cast(pa.int64()).to_pylist(), symbol
        for price in ("open", "high", "low", "close"):
            # The vendor writes four decimals.
            difference = np.abs(mine[price].to_numpy() - expected[price].to_numpy())
            assert difference.max() <= 0.000051, (symbol, price)
    assert regular_counts(stored) == expected_counts(shared_data, source)


def recorded_bars(folder: Path) -> dict[str, Any]:
    options = pyarrow.csv.ConvertOptions(column_types={"ts_utc": pa.timestamp("s", tz="UTC"), "volume": pa.float64()})
    return {
        path.name.removesuffix(".csv.gz"): pyarrow.csv.read_csv(path, convert_options=options)
        for path in sorted(folder.glob("*.csv.gz"))
    }


def rows_where(table: Any, name: str, value: object) -> Any:
    return table.filter(pa.array([cell == value for cell in table[name].to_pylist()]))


def regular_counts(stored: Any) -> Counter[tuple[str, date]]:
    """Count the bars that analytics use."""
    regular = rows_where(stored, "phase", Phase.REGULAR)
    regular = regular.filter(pa.array([not out for out in regular["quarantined"].to_pylist()]))
    return Counter(zip(regular["symbol"].to_pylist(), regular["session"].to_pylist(), strict=True))


def expected_counts(shared_data: Path, source: str) -> Counter[tuple[str, date]]:
    with (shared_data / "minute_bars/expected/daily_aggregates.csv").open() as handle:
        entries = [entry for entry in csv.DictReader(handle) if entry["source"] == source]
    ones = [entry for entry in entries if entry["interval_min"] == "1"]
    return Counter({(entry["symbol"], date.fromisoformat(entry["date"])): int(entry["n_rth"]) for entry in ones})
