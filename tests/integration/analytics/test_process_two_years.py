"""Two years of bars: a month that is added or corrected costs its part and what looks back on it, no more."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from analytics.transforms.catalog import TRANSFORMS
from market.lake.location import Lake
from market.months import Month, months_between
from tests.builders import make_lake
from tests.processing import last_commit, parts_replaced, process, read_table, read_tables, synthetic_bars, write_months

FIRST, LAST = Month(2024, 10), Month(2026, 9)
ADDED = LAST.next()


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Return a lake with two years of two symbols, processed; each test adds to it what no other test touches."""
    lake = make_lake(tmp_path_factory.mktemp("two-years"))
    months = months_between(FIRST, LAST)
    write_months(lake, [synthetic_bars(symbol, month) for symbol in ("AAPL", "MSFT") for month in months], "history")
    process(lake)
    return lake


def with_doubled_volume(bars: pa.Table) -> pa.Table:
    doubled = pc.multiply(bars["volume"], pa.scalar(2, pa.int64()))
    return bars.set_column(bars.schema.names.index("volume"), "volume", doubled)


def of_symbol(table: pa.Table, symbol: str) -> pa.Table:
    return table.filter(pc.equal(table["symbol"], pa.scalar(symbol)))


def replaced(lake: Lake) -> dict[str, str]:
    return {name: parts_replaced(lake, name) for name in TRANSFORMS}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_added_month_and_a_late_correction_recompute_what_depends_on_them_only(two_years: Lake) -> None:
    versions = {name: last_commit(two_years, name)["version"] for name in TRANSFORMS}
    write_months(two_years, [synthetic_bars(symbol, ADDED) for symbol in ("AAPL", "MSFT")], "added")

    process(two_years)

    both = dict.fromkeys(TRANSFORMS, f"AAPL {ADDED}, MSFT {ADDED}")
    assert replaced(two_years) == both | {"pairs": f"AAPL_MSFT {ADDED}"}
    assert {name: last_commit(two_years, name)["version"] for name in TRANSFORMS} == {
        name: version + 1 for name, version in versions.items()
    }

    corrected = Month(2025, 3)
    write_months(two_years, [with_doubled_volume(synthetic_bars("MSFT", corrected))], "corrected")

    process(two_years)

    # A month has about 17,000 rows with extended hours, so 8,000 rows of lookback reach into one month before.
    assert replaced(two_years) == {
        "daily": "MSFT 2025-03",
        "hourly": "MSFT 2025-03",
        "moving_averages": "MSFT 2025-03, MSFT 2025-04",
        "returns": "MSFT 2025-03, MSFT 2025-04",
        "indicators": "MSFT 2025-03, MSFT 2025-04",
        "volatility": "MSFT 2025-03, MSFT 2025-04",
        "seasonality": "MSFT 2025-03",
        "quality": "MSFT 2025-03",
        "pairs": "AAPL_MSFT 2025-03, AAPL_MSFT 2025-04",
    }
    grown = read_tables(two_years)
    process(two_years, full=True)
    assert read_tables(two_years) == grown


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("span", [20, 50, 200])
def test_averages_with_a_bounded_lookback_are_those_of_the_whole_history(two_years: Lake, span: int) -> None:
    apple = of_symbol(read_table(two_years, "moving_averages"), "AAPL")
    closes: list[Any] = apple["close"].to_pylist()
    weight = 2 / (span + 1)
    means = [sum(closes[:span]) / span]
    for close in closes[span:]:
        means.append(weight * close + (1 - weight) * means[-1])

    assert apple[f"ema_{span}"].to_pylist()[span - 1 :] == pytest.approx(means, rel=1e-12)
    assert apple[f"sma_{span}"].null_count == span - 1
