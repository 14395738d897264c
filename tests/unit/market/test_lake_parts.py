"""Parts written from Arrow tables come back as they went in."""

import random
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from market.calendar import Phase
from market.lake.parts import split_parts
from market.lake.schemas import BAR_SCHEMA, bars_table
from market.lake.snapshots import Part
from tests.builders import make_bar, make_bars_table, make_lake, make_session_bars, write_bars


def test_bars_come_back_with_every_column(tmp_path: Path) -> None:
    bars = make_session_bars(phases=Phase, flags=["bad_print"], quarantined=True)

    write_bars(make_lake(tmp_path), bars)

    stored = bars_table(make_lake(tmp_path)).snapshot().read()
    assert stored.select(BAR_SCHEMA.names).cast(BAR_SCHEMA).sort_by("bar_start") == make_bars_table(bars)


def test_each_part_is_one_file_without_the_partition_columns(tmp_path: Path) -> None:
    bars = [make_bar(symbol=symbol, session=date(2026, month, 1)) for symbol in ("AAPL", "BRK.B") for month in (9, 10)]

    snapshot = write_bars(make_lake(tmp_path), bars)

    assert list(snapshot.parts) == [
        Part("AAPL", "2026-09"),
        Part("AAPL", "2026-10"),
        Part("BRK.B", "2026-09"),
        Part("BRK.B", "2026-10"),
    ]
    columns = pq.read_schema(tmp_path / "tables/bars" / snapshot.files[0].path).names
    assert not {"symbol", "month"} & set(columns)


def test_many_parts_get_their_own_rows_in_the_order_in_which_they_came() -> None:
    names = [f"S{number:02}" for number in range(40)]
    symbols = [name for _ in range(3) for name in random.sample(names, len(names))]
    rows = pa.table({"symbol": symbols, "month": ["2026-10"] * 120, "number": range(120), "own": symbols})

    parts = dict(split_parts(rows))

    assert list(parts) == [Part(name, "2026-10") for name in names]
    for part, own in parts.items():
        assert set(own["own"].to_pylist()) == {part.symbol}
        assert own["number"].to_pylist() == [at for at, symbol in enumerate(symbols) if symbol == part.symbol]
