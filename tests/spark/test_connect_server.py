"""A Spark Connect server gives the same rows as the embedded engine: the program does not know where it runs."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from analytics.engines.base import connect_mode, connect_session
from analytics.jobs import run
from analytics.transforms.catalog import TRANSFORMS
from market.lake.location import Lake
from tests.builders import make_lake, write_bars
from tests.processing import process, read_tables
from tests.spark.conftest import PYSPARK_LEAKS, OpenSession
from tests.spark.frames import Rows, derive
from tests.spark.test_engines_agree import exact, market, numbers
from tests.split_market import SPLITS, Market, one_basis, tell_splits

pytestmark = [pytest.mark.spark, PYSPARK_LEAKS]


@pytest.fixture(scope="module")
def connected(open_session: OpenSession) -> Iterator[SparkSession]:
    """Serve Spark Connect from the Java process that the engine `spark` has, and connect to it."""
    driver: Any = open_session("spark")
    packages = driver._jvm.org.apache.spark
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    packages.SparkEnv.get().conf().set("spark.connect.grpc.binding.port", str(port))
    packages.sql.connect.service.SparkConnectService.start(driver._jsc.sc())
    with connect_session(f"sc://127.0.0.1:{port}") as session:
        yield session


@pytest.mark.parametrize("table", TRANSFORMS)
def test_a_connect_server_agrees_with_the_embedded_engine(
    table: str, connected: SparkSession, open_session: OpenSession
) -> None:
    embedded, served = (rows_of(session, table) for session in (open_session("embedded"), connected))

    assert len(embedded) == len(served) > 0
    for ours, theirs in zip(embedded, served, strict=True):
        assert exact(ours) == exact(theirs)
        assert numbers(ours) == pytest.approx(numbers(theirs), rel=1e-12, abs=1e-15)


def rows_of(session: SparkSession, table: str) -> Rows:
    with connect_mode(enabled=True):
        return derive(session, table, market())


def test_a_connect_server_goes_through_splits_as_the_embedded_engine_does(
    tmp_path: Path, connected: SparkSession, open_session: OpenSession
) -> None:
    lakes = [
        grown_through_splits(make_lake(tmp_path / engine.partition(":")[0]), engine, session)
        for engine, session in (("embedded", open_session("embedded")), ("sc://127.0.0.1", connected))
    ]

    embedded, served = map(read_tables, lakes)
    assert all(table.num_rows for table in embedded.values())
    assert [name for name, table in embedded.items() if served[name] != table] == []


def grown_through_splits(lake: Lake, engine: str, session: SparkSession) -> Lake:
    """Process a market before and after its splits were learnt."""

    @contextmanager
    def opened(*_: Any) -> Iterator[SparkSession]:
        with connect_mode(enabled=True):
            yield session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "open_engine", opened)
        write_bars(lake, Market(SPLITS).as_traded(one_basis()))
        process(lake, engine=engine, tables=("returns", "volatility"))
        tell_splits(lake, SPLITS)
        process(lake, engine=engine)
    return lake
