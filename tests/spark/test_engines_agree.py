"""Every transform gives the same rows on the embedded engine and on Apache Spark."""

import math
import random
from datetime import date
from typing import Any

import pytest

from analytics.engines.base import connect_mode
from analytics.transforms.catalog import TRANSFORMS
from market.calendar import Phase
from tests.builders import SESSION, make_bar, make_session_bars
from tests.spark.conftest import PYSPARK_LEAKS, OpenSession
from tests.spark.frames import Rows, derive
from tests.spark.test_indicators import random_bars


def market() -> list[dict[str, Any]]:
    """Return two random symbols with different gaps over two sessions, with extended hours and a doubtful bar."""
    sessions = (SESSION, date(2026, 10, 2))
    other = [bar | {"symbol": "MSFT"} for bar in random_bars(*sessions, minutes=260, seed=8)]
    around = make_session_bars(phases=[Phase.PRE, Phase.AUCTION], first_close=70.0)
    doubtful = [other[80] | {"quarantined": True, "flags": ["bad_print"]}]
    return random_bars(*sessions, minutes=240)[:-7] + other[:80] + doubtful + other[90:] + around + awkward()


def awkward() -> list[dict[str, Any]]:
    """Return a symbol of one bar, one whose price stands still, and one without volume in another month."""
    still: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close"), 50.1)
    flat = make_session_bars("FLAT", minutes=45, **still)
    return [make_bar(symbol="ONE"), *flat, *make_session_bars("NOVOL", date(2026, 9, 1), minutes=45, volume=0)]


def rows_on(engine: str, table: str, open_session: OpenSession) -> Rows:
    """Return the rows of a table; Apache Spark gets the bars in any order and in partitions."""
    opened = open_session(engine)
    with connect_mode(enabled=engine == "embedded"):
        if engine == "embedded":
            return derive(opened, table, market())
        return derive(opened, table, random.sample(market(), len(market())), partitions=3)


@pytest.mark.spark
@PYSPARK_LEAKS
@pytest.mark.parametrize("table", TRANSFORMS)
def test_engines_agree(table: str, open_session: OpenSession) -> None:
    embedded, spark = (rows_on(engine, table, open_session) for engine in ("embedded", "spark"))

    assert len(embedded) == len(spark) > 0
    for ours, theirs in zip(embedded, spark, strict=True):
        assert exact(ours) == exact(theirs)
        assert numbers(ours) == pytest.approx(numbers(theirs), rel=1e-12, abs=1e-15)
        assert all(map(math.isfinite, numbers(ours).values())), ours


def exact(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not isinstance(value, float)}


def numbers(row: dict[str, Any]) -> dict[str, float]:
    return {name: value for name, value in row.items() if isinstance(value, float)}
