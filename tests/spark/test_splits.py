"""A split is no move of the price: tables over bars as traded say what they would say without the split."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pyspark.sql import SparkSession

from analytics.engines.base import connect_mode
from analytics.jobs import run
from market.lake.location import Lake
from tests.builders import make_lake, write_bars
from tests.processing import process, read_table
from tests.spark.conftest import PYSPARK_LEAKS, OpenSession
from tests.split_market import SPLITS, Market, one_basis, tell_splits

MARKET = Market(SPLITS)
# What a split changes, and by what power of the basis: prices are so many times as much, shares so many times fewer.
DOLLARS = {
    "moving_averages": ("close", "sma_20", "sma_50", "sma_200", "ema_20", "ema_50", "ema_200"),
}
SHARES: dict[str, tuple[str, ...]] = {}

pytestmark = PYSPARK_LEAKS
Lakes = dict[str, Lake]


def process_on(engine: str, open_session: OpenSession, lake: Lake, **request: Any) -> None:
    """Process on the engine's one session, whose start would take most of the time."""
    session = open_session(engine)

    @contextmanager
    def opened(*_: Any) -> Iterator[SparkSession]:
        with connect_mode(enabled=engine == "embedded"):
            yield session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "open_engine", opened)
        process(lake, engine=engine, tables=tuple(DOLLARS), **request)


@pytest.fixture(scope="module")
def lakes(open_session: OpenSession, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Lakes]:
    """Return a function that processes the market `with` splits and `without` them, once on each engine."""
    made: dict[str, Lakes] = {}

    def make(engine: str) -> Lakes:
        if engine not in made:
            made[engine] = {name: make_lake(tmp_path_factory.mktemp(engine) / name) for name in ("with", "without")}
            write_bars(made[engine]["with"], MARKET.as_traded(one_basis()))
            tell_splits(made[engine]["with"], SPLITS)
            write_bars(made[engine]["without"], one_basis())
            for lake in made[engine].values():
                process_on(engine, open_session, lake)
        return made[engine]

    return make


def close_to(expected: float | None) -> Any:
    return expected if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("table", DOLLARS)
def test_a_split_changes_no_return_and_only_divides_dollars(
    lakes: Callable[[str], Lakes], engine: str, table: str
) -> None:
    split, plain = (read_table(lakes(engine)[name], table).to_pylist() for name in ("with", "without"))

    assert len(split) == len(plain) > 0
    for ours, theirs in zip(split, plain, strict=True):
        expected = theirs | {name: value for name, value in rescaled(table, theirs).items() if value is not None}
        for name, value in ours.items():
            assert value == (close_to(expected[name]) if isinstance(value, float) else expected[name]), (name, ours)


def rescaled(table: str, row: dict[str, Any]) -> dict[str, float | None]:
    """Return the figures of a row that are of another size where they are as traded in their own session."""
    basis = MARKET.basis(row["symbol"], row["session"])
    dollars = {name: times(row[name], basis) for name in DOLLARS.get(table, ())}
    return dollars | {name: times(row[name], 1 / basis) for name in SHARES.get(table, ())}


def times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
