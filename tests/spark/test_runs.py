"""Parts that are made together in one run are, to the bit, what they are when each is made alone."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from analytics.jobs.bars import load_runs, load_sources, own_rows
from analytics.jobs.basis import with_basis
from analytics.jobs.plan import PartWork, part_works
from analytics.jobs.results import write_runs
from analytics.jobs.runs import run_of, split_runs
from analytics.jobs.splits import PartSplit
from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS, Transform
from analytics.transforms.grouped import derive_runs
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Snapshot
from tests.builders import make_lake, write_bars
from tests.split_market import SPLITS, one_basis

# Of MSFT the first month is missing, so a pair's symbols look back to different months.
BARS = [bar for bar in one_basis(minutes=20) if (bar["symbol"], bar["month"]) != ("MSFT", "2026-08")]
KNOWN = {
    symbol: [PartSplit(symbol, split.effective, split.factor) for split in of_symbol]
    for symbol, of_symbol in SPLITS.items()
}
GROUPED = ("moving_averages", "indicators", "volatility", "seasonality", "pairs")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = make_lake(tmp_path_factory.mktemp("lake"))
    write_bars(lake, reversed(BARS))
    return lake


def test_runs_give_what_their_parts_give_alone_and_are_written_ascending(session: SparkSession, lake: Lake) -> None:
    bars = bars_table(lake).snapshot()
    for name in GROUPED:
        works = list(part_works(TRANSFORMS[name], bars, splits=KNOWN))

        together = in_runs(session, lake, bars, TRANSFORMS[name], works)

        assert together.num_rows > 0
        assert together.drop_columns("inputs").equals(one_by_one(session, bars, TRANSFORMS[name], works)), name
        assert set(together["inputs"].to_pylist()) == {work.inputs for work in works}


def in_runs(session: SparkSession, lake: Lake, bars: Snapshot, transform: Transform, works: list[PartWork]) -> pa.Table:
    """Return what is in the files that the runs were written to, which must ascend as they are."""
    whole, runs = transform.whole_parts(), list(split_runs(works))
    assert whole is not None
    made = derive_runs(load_runs(session, bars.table, runs), whole, [run_of(run) for run in runs])
    table, folder = derived_table(lake, transform.name), f"run={type(session).__module__}"
    write_runs(made, table, folder)
    files = sorted(Path(table.url.removeprefix("file://")).glob(f"{folder}/**/*.parquet"))
    assert len(files) == len(works)
    tables = [of_file(path, transform) for path in files]
    assert all(read.equals(ordered(read, transform)) for read in tables)
    return ordered(pa.concat_tables(tables), transform)


def of_file(path: Path, transform: Transform) -> pa.Table:
    named = dict(part.split("=") for part in path.parts if part.startswith(("symbol=", "month=", "inputs=")))
    read = pq.ParquetFile(path).read()
    for name, value in named.items():
        read = read.append_column(name, pa.array([value] * read.num_rows, pa.string()))
    columns = pa.schema([*transform.schema, pa.field("inputs", pa.string())])
    return read.select(columns.names).cast(columns)


def one_by_one(session: SparkSession, bars: Snapshot, transform: Transform, works: list[PartWork]) -> pa.Table:
    sources = with_basis(session, load_sources(session, bars.table, works), works)
    made = transform.function()(sources, has_basis=True)
    made = own_rows(made) if transform.lookback_rows else made
    return ordered(made.toArrow().cast(transform.schema), transform)


def ordered(rows: pa.Table, transform: Transform) -> pa.Table:
    return rows.sort_by([(name, "ascending") for name in ("symbol", "month", *transform.sort_by)]).combine_chunks()
