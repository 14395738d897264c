"""How many bars a batch may read, and so how much memory a run takes."""

from pathlib import Path

import pytest

from analytics.jobs.compute import most_rows
from analytics.jobs.plan import plan_table
from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS
from market.lake.schemas import bars_table
from market.lake.snapshots import Part, PartFile, Snapshot
from tests.builders import make_lake

SYMBOLS = 200


@pytest.mark.parametrize(
    ("months", "expected"),
    [(1, 250_000), (6, 500_000), (60, 1_000_000), (240, 1_000_000)],
    ids=["a small rebuild", "one batch in 24", "no more than that", "however long the history"],
)
def test_a_batch_reads_more_for_a_larger_rebuild_but_not_without_end(
    tmp_path: Path, months: int, expected: int
) -> None:
    lake, daily = make_lake(tmp_path), TRANSFORMS["daily"]
    files = tuple(
        PartFile(Part(f"S{number:03}", month), f"run=r/S{number:03}-{month}.parquet", size=1, rows=10_000)
        for number in range(SYMBOLS)
        for month in (f"{2000 + index // 12}-{index % 12 + 1:02}" for index in range(months))
    )
    bars = Snapshot.of(bars_table(lake), version=1, files=files)

    plan = plan_table(daily, bars, Snapshot.of(derived_table(lake, "daily")))

    assert most_rows([plan]) == expected
