"""What must hold for every transform: how its rows come to it does not matter.

On the embedded engine. Apache Spark gives the same rows of bars in any order and partitions (test_engines_agree.py),
and the same bits however its work is split into runs (test_histories.py), so the laws hold there, too; those in
tests/unit/analytics/test_laws.py are of functions of arrays, which both engines call.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from pyspark.sql import SparkSession

from analytics.engines.base import connect_mode
from analytics.transforms.catalog import TRANSFORMS
from market.calendar import session_hours
from tests.builders import SESSION, make_bar, make_session_bars
from tests.spark.conftest import OpenSession
from tests.spark.frames import derive
from tests.spark.test_indicators import random_bars

NEXT = date(2026, 10, 2)


@pytest.fixture
def session(open_session: OpenSession) -> Iterator[SparkSession]:
    with connect_mode(enabled=True):
        yield open_session("embedded")


def market() -> list[dict[str, Any]]:
    """Return two symbols over two sessions and some bars around them."""
    bars = random_bars(SESSION, NEXT, minutes=45)
    return bars + [bar | {"symbol": "MSFT"} for bar in random_bars(SESSION, NEXT, minutes=40, seed=5)]


@pytest.mark.parametrize("table", TRANSFORMS)
def test_neither_order_nor_partitions_change_a_bit(session: SparkSession, table: str) -> None:
    bars, chance = market(), random.Random()
    expected = derive(session, table, bars)

    for partitions in (1, 3):
        shuffled = chance.sample(bars, len(bars))
        assert derive(session, table, shuffled, partitions) == expected, partitions


@pytest.mark.parametrize("table", [name for name in TRANSFORMS if name != "quality"])
def test_a_session_without_a_regular_bar_changes_nothing(session: SparkSession, table: str) -> None:
    bars = market()
    opened = session_hours(date(2026, 10, 5)).session_open
    empty = [make_bar(bar_start=opened - timedelta(minutes=minute), close=9e5) for minute in (1, 5)]
    empty += [make_bar(bar_start=opened, close=9e5, quarantined=True, flags=["bad_print"])]

    assert derive(session, table, bars + empty) == derive(session, table, bars)


@pytest.mark.parametrize("table", ["returns", "volatility", "pairs"])
def test_doubling_prices_changes_no_return(session: SparkSession, table: str) -> None:
    bars = make_session_bars(minutes=45) + make_session_bars("MSFT", minutes=45, step=-0.03)
    doubled = [bar | {name: 2 * bar[name] for name in ("open", "high", "low", "close")} for bar in bars]
    moved = {"dollar_volume", "amihud_illiquidity"}

    for before, after in zip(derive(session, table, bars), derive(session, table, doubled), strict=True):
        for name in before.keys() - moved:
            exact = not isinstance(before[name], float)
            assert after[name] == (before[name] if exact else pytest.approx(before[name], rel=1e-6, abs=1e-9)), name
