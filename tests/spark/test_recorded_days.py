"""Every recorded set of bars, fetched and processed: days as an independent program counted them, engines alike."""

import csv
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from market.lake.location import Lake
from tests.builders import make_lake
from tests.fetching import fetch_process, finished
from tests.processing import process, read_table, read_tables
from tests.spark.conftest import OpenSession
from tests.vendors import recorded_vendor

MONTHS = {
    "eqker_av_2019": ("2019-02",),
    "xiang_av_2020": ("2020-10", "2020-11", "2020-12"),
    "lean": ("2008-03", "2013-06", "2013-07", "2013-10", "2014-06", "2015-12", "2023-08"),
}
# An index has no volume, so nothing in its replies tells which end of a minute their stamps name. The stand-in serves
# starts.
INDICES = {"eqker_av_2019": "VIX"}
# Ours, theirs. The expected figures have ten digits.
SAME_TO_NINE_DIGITS = {
    "open": "open",
    "high": "high",
    "low": "low",
    "close": "close",
    "mean_close": "mean_close_rth",
    "vwap_close": "vwap_close_rth",
}
SAME = {"bar_count": "n_rth", "volume": "volume_rth", "volume_all_phases": "volume_all"}

pytestmark = [pytest.mark.realdata, pytest.mark.slow, pytest.mark.timeout(600)]
Processed = Callable[[str], Lake]
Figures = np.ndarray[Any, np.dtype[np.float64]]


@pytest.fixture(scope="session")
def fetched(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fetch all recorded sets, no two of which have a month in common, into one lake and return its folder."""
    folder = tmp_path_factory.mktemp("recorded") / "lake"
    for source in MONTHS:
        symbols = [path.name.removesuffix(".csv.gz") for path in (shared_data / "minute_bars/norm" / source).iterdir()]
        arguments = ["--provider", "alpha_vantage", "--symbols", *symbols, "--months", *MONTHS[source]]
        with recorded_vendor(shared_data, source) as vendor:
            # Some symbols have no bars in some months, which the command ends with 3 for.
            ran = finished(fetch_process(f"file://{folder}", vendor, *arguments))
            assert ran.code in (0, 3), ran.output
            if source in INDICES:
                arguments = ["--provider", "alpha_vantage", "--symbols", INDICES[source], "--label", "start"]
                arguments += ["--months", *MONTHS[source]]
                again = finished(fetch_process(f"file://{folder}", vendor, *arguments))
                assert again.code == 0, again.output
    return folder


@pytest.fixture(scope="session")
def processed(fetched: Path, open_session: OpenSession) -> Processed:
    """Return a function that processes the recorded sets on an engine, once, and returns the lake.

    All in one run: what Apache Spark spends on a table hardly depends on its rows.
    """
    lakes: dict[str, Lake] = {}

    def lake_of(engine: str) -> Lake:
        if engine not in lakes:
            if engine == "spark":
                # The job goes on with the driver that this process has.
                open_session(engine)
            lakes[engine] = make_lake(shutil.copytree(fetched, fetched.with_name(engine)))
            process(lakes[engine], engine=engine, universe=("AAPL", "MSFT"))
        return lakes[engine]

    return lake_of


def expected_days(shared_data: Path, source: str) -> dict[tuple[str, date], dict[str, str]]:
    with (shared_data / "minute_bars/expected/daily_aggregates.csv").open() as handle:
        return {
            (entry["symbol"], date.fromisoformat(entry["date"])): entry
            for entry in csv.DictReader(handle)
            if entry["source"] == source and entry["interval_min"] == "1" and int(entry["n_rth"]) > 0
        }


@pytest.mark.parametrize("source", MONTHS)
def test_recorded_days_are_as_an_independent_program_counted_them(
    processed: Processed, shared_data: Path, source: str, engine: str
) -> None:
    expected = expected_days(shared_data, source)

    days = [day for day in read_table(processed(engine), "daily").to_pylist() if day["month"] in MONTHS[source]]

    assert {(day["symbol"], day["session"]) for day in days} == expected.keys()
    for day in days:
        entry = expected[day["symbol"], day["session"]]
        for ours, theirs in SAME.items():
            assert day[ours] == int(float(entry[theirs])), (day, theirs)
        for ours, theirs in SAME_TO_NINE_DIGITS.items():
            # An index has no volume, so no mean by volume.
            figure = pytest.approx(float(entry[theirs]), rel=1e-9) if entry[theirs] else None
            assert day[ours] == figure, (day, theirs)


@pytest.mark.spark
def test_both_engines_make_the_same_tables_of_recorded_bars(processed: Processed) -> None:
    embedded, spark = read_tables(processed("embedded")), read_tables(processed("spark"))

    assert set(embedded["daily"]["month"].to_pylist()) == {month for months in MONTHS.values() for month in months}
    for name, table in embedded.items():
        assert_alike(table, spark[name])


def assert_alike(table: pa.Table, other: pa.Table) -> None:
    """Compare tables in the order of their key: all equal, floats to 1e-12 relative."""
    assert (table.schema, table.num_rows) == (other.schema, other.num_rows)
    for field in table.schema:
        values, others = table[field.name], other[field.name]
        if pa.types.is_floating(field.type):
            assert values.is_null().equals(others.is_null()), field.name
            assert differing(values.drop_null().to_numpy(), others.drop_null().to_numpy()) == [], field.name
        else:
            assert values.equals(others), field.name


def differing(values: Figures, others: Figures) -> list[tuple[float, float]]:
    margin = np.maximum(1e-12 * np.maximum(np.abs(values), np.abs(others)), 1e-15)
    close = np.abs(values - others) <= margin
    return [(float(value), float(other)) for value, other in zip(values[~close], others[~close], strict=True)]
