"""A split is no move of the price: tables over bars as traded say what they would say without the split."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from analytics.engines.base import connect_mode
from analytics.jobs import run
from analytics.jobs.report import ProcessReport, ProcessRequest
from analytics.jobs.run import explain_prices
from analytics.queries.pairs_on_demand import compare_on_demand
from analytics.queries.reader import LakeReader
from market.lake.location import Lake
from market.providers.facts import Split
from tests.builders import make_lake, write_bars
from tests.processing import NOW, process, read_table, read_tables
from tests.spark.conftest import PYSPARK_LEAKS, OpenSession
from tests.split_market import MIDDLE, SPLITS, SYMBOLS, Market, one_basis, tell_splits

MARKET = Market(SPLITS)
LAST_SESSIONS = {bar["month"]: bar["session"] for bar in one_basis()}
# What a split changes, and by what power of the basis: prices are so many times as much, shares so many times fewer.
DOLLARS = {
    "daily": ("open", "high", "low", "close", "mean_open", "mean_high", "mean_low", "mean_close", "vwap_close"),
    "moving_averages": ("close", "sma_20", "sma_50", "sma_200", "ema_20", "ema_50", "ema_200"),
    "returns": (),
    "indicators": (
        *("macd", "macd_signal", "macd_histogram", "atr_14", "wma_20", "bollinger_upper", "bollinger_lower"),
        *("vwap_session", "vwap_deviation", "running_mean_session"),
    ),
    "volatility": (),
    "seasonality": (),
    "pairs": (),
}
SHARES = {
    "daily": ("volume", "volume_all_phases"),
    "indicators": ("obv_session",),
    "seasonality": ("mean_volume", "mean_cumulative_volume"),
}
CROSSING = ("moving_averages", "returns", "indicators", "volatility")

pytestmark = PYSPARK_LEAKS


def process_on(engine: str, open_session: OpenSession, lake: Lake, **request: Any) -> ProcessReport:
    """Process on the engine's one session, whose start would take most of the time."""
    session = open_session(engine)

    @contextmanager
    def opened(*_: Any) -> Iterator[SparkSession]:
        with connect_mode(enabled=engine == "embedded"):
            yield session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "open_engine", opened)
        return process(lake, **{"engine": engine, "tables": tuple(DOLLARS), **request})


@pytest.fixture(scope="module")
def lakes(open_session: OpenSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lake]:
    """Return the market processed `with` its splits and `without` them, on the embedded engine."""
    made = {name: make_lake(tmp_path_factory.mktemp("splits") / name) for name in ("with", "without")}
    write_split_market(made["with"])
    write_bars(made["without"], one_basis())
    for lake in made.values():
        process_on("embedded", open_session, lake)
    return made


def write_split_market(lake: Lake) -> None:
    write_bars(lake, MARKET.as_traded(one_basis()))
    tell_splits(lake, SPLITS)


def close_to(expected: float | None) -> Any:
    return expected if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("table", DOLLARS)
def test_a_split_changes_no_return_and_only_divides_dollars(lakes: dict[str, Lake], table: str) -> None:
    split, plain = (read_table(lakes[name], table).to_pylist() for name in ("with", "without"))

    assert len(split) == len(plain) > 0
    for ours, theirs in zip(split, plain, strict=True):
        expected = theirs | {name: value for name, value in rescaled(table, theirs).items() if value is not None}
        for name, value in ours.items():
            assert value == (close_to(expected[name]) if isinstance(value, float) else expected[name]), (name, ours)


def rescaled(table: str, row: dict[str, Any]) -> dict[str, float | None]:
    """Return the figures of a row that are of another size where they are as traded in their own session."""
    if table == "pairs":
        return rescaled_pair(row)
    # A month of minutes is on the basis of its last session.
    basis = MARKET.basis(row["symbol"], row["session"] if "session" in row else LAST_SESSIONS[row["month"]])
    dollars = {name: times(row[name], basis) for name in DOLLARS.get(table, ())}
    return dollars | {name: times(row[name], 1 / basis) for name in SHARES.get(table, ())}


def rescaled_pair(row: dict[str, Any]) -> dict[str, float | None]:
    a, b = (MARKET.basis(row[f"symbol_{side}"], row["session"]) for side in "ab")
    ratios = {name: times(row[name], a / b) for name in ("ratio_mean", "ratio_last")}
    if row["hedge_ratio"] is None:
        return ratios
    # ln A = α + β·ln B, of both prices as traded in that session.
    return ratios | {"hedge_intercept": row["hedge_intercept"] + math.log(a) - row["hedge_ratio"] * math.log(b)}


def test_a_pair_on_demand_is_that_of_the_table(lakes: dict[str, Lake]) -> None:
    lake = lakes["with"]
    reader = LakeReader(lake)

    on_demand = compare_on_demand(reader, reader.view("bars"), SYMBOLS, sorted(LAST_SESSIONS))

    assert on_demand.to_pylist() == read_table(lake, "pairs").to_pylist()


@pytest.mark.spark
@pytest.mark.timeout(600)
def test_engines_agree_across_splits(lakes: dict[str, Lake], open_session: OpenSession, tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    write_split_market(lake)
    # One that is column expressions, one that is a function of a whole part, and one of two symbols.
    tables = ("returns", "moving_averages", "pairs")

    process_on("spark", open_session, lake, tables=tables)

    for table in tables:
        embedded, spark = (read_table(each, table).to_pylist() for each in (lakes["with"], lake))
        assert len(embedded) == len(spark) > 0
        for ours, theirs in zip(embedded, spark, strict=True):
            assert ours == {name: same(value) for name, value in theirs.items()}


def same(value: Any) -> Any:
    return pytest.approx(value, rel=1e-12, abs=1e-15) if isinstance(value, float) else value


def computed(report: ProcessReport) -> dict[str, set[str]]:
    return {table.name: {str(part) for part in table.computed} for table in report.tables if table.computed}


# AAPL splits in the middle of September and of October, MSFT on the first session of October.
LEARNT = {
    **{table: {"AAPL 2026-09", "AAPL 2026-10", "MSFT 2026-10"} for table in CROSSING},
    "seasonality": {"AAPL 2026-09", "AAPL 2026-10"},
    "pairs": {"AAPL_MSFT 2026-09", "AAPL_MSFT 2026-10"},
}
CORRECTED = {
    **{table: {"AAPL 2026-09", "AAPL 2026-10"} for table in CROSSING},
    "seasonality": {"AAPL 2026-09"},
    "pairs": LEARNT["pairs"],
}
WITHDRAWN = {**{table: {"MSFT 2026-10"} for table in CROSSING}, "pairs": {"AAPL_MSFT 2026-10"}}


def test_news_of_a_split_recompute_the_parts_around_it_and_give_the_bits_of_a_full_run(
    open_session: OpenSession, tmp_path: Path
) -> None:
    lake = make_lake(tmp_path)
    write_bars(lake, MARKET.as_traded(one_basis(minutes=12)))
    process_on("embedded", open_session, lake)
    corrected = {"AAPL": [Split(MIDDLE, 14.0), *SPLITS["AAPL"][1:]]}

    steps: tuple[tuple[Mapping[str, list[Split]], dict[str, set[str]], str], ...] = (
        (SPLITS, LEARNT, "  AAPL 2026-09: the splits between its bars changed, now AAPL 7 for 1 on 2026-09-08"),
        (corrected, CORRECTED, "  AAPL 2026-09: the splits between its bars changed, now AAPL 14 for 1 on 2026-09-08"),
        ({"MSFT": []}, WITHDRAWN, "  MSFT 2026-10: the splits between its bars changed, now there are none"),
    )
    for news, expected, told in steps:
        tell_splits(lake, news)
        assert told in explain_prices(ProcessRequest("embedded"), lake, NOW)
        assert computed(process_on("embedded", open_session, lake)) == expected

    updated = read_tables(lake)
    report = process_on("embedded", open_session, lake, full=True)
    rebuilt = read_tables(lake)
    assert sum(len(table.computed) for table in report.tables) == 39
    assert [name for name in updated if updated[name] != rebuilt[name]] == []


def times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
