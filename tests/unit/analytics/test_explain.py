"""Why a part is made anew, in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.jobs.explain import explain
from analytics.jobs.plan import plan_table
from analytics.transforms.catalog import TRANSFORMS
from market.lake.snapshots import Part, Snapshot
from tests.unit.analytics.test_plan import derived_from, six_months


@pytest.mark.parametrize("inputs", ["5f0c9a1e7b3d2864", "5f0c9a1e7b3d2864-0b1c66d2e9f4"], ids=["bars", "splits"])
def test_what_an_earlier_release_made_is_made_anew_and_said_to_be(tmp_path: Path, inputs: str) -> None:
    daily, bars = TRANSFORMS["daily"], six_months(tmp_path)
    derived = derived_from(bars, daily)
    first, *others = derived.files
    older = replace(first, path=f"run=r-0/symbol=AAPL/month=2026-05/inputs={inputs}/part.parquet")

    plan = plan_table(daily, bars, Snapshot.of(derived.table, derived.version, (older, *others)))

    assert [work.part for work in plan.stale] == [Part("AAPL", "2026-05")]
    assert list(explain(bars, [plan]))[-1] == (
        "  AAPL 2026-05: an earlier release made it, or files that do not go on from each other"
    )
