"""Which parts a split makes stale, from the paths of files and the splits alone."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analytics.jobs.explain import explain
from analytics.jobs.plan import plan_table
from analytics.jobs.splits import PartSplit
from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS
from market.lake.snapshots import PartFile, Snapshot
from tests.unit.analytics.test_plan import MONTHS, derived_from, names, six_months, stale

MIDDLE = PartSplit("AAPL", date(2026, 7, 15), 7.0)
# Wednesday; July begins on the first of the month.
FIRST_SESSION = PartSplit("AAPL", date(2026, 7, 1), 7.0)
# The exchange is closed on that Friday, so Monday is the first session with the new shares.
HOLIDAY = PartSplit("AAPL", date(2026, 7, 3), 7.0)


@pytest.fixture
def bars(tmp_path: Path) -> Snapshot:
    return six_months(tmp_path)


def reaching(bars: Snapshot, table: str, *splits: PartSplit) -> list[str]:
    """Return the parts that are stale once these splits are known, where none was before."""
    derived = derived_from(bars, TRANSFORMS[table])
    return stale(plan_table(TRANSFORMS[table], bars, derived, splits={"AAPL": splits}))


# Two parts of 5,000 rows reach 8,000, so averages look back on two months.
@pytest.mark.parametrize(
    ("table", "split", "months"),
    [
        ("moving_averages", MIDDLE, ["2026-07", "2026-08", "2026-09"]),
        ("moving_averages", FIRST_SESSION, ["2026-07", "2026-08"]),
        ("moving_averages", HOLIDAY, ["2026-07", "2026-08", "2026-09"]),
        ("daily", MIDDLE, []),
        ("hourly", MIDDLE, []),
        ("quality", MIDDLE, []),
    ],
)
def test_plan_follows_a_split_to_the_parts_with_bars_on_both_sides(
    bars: Snapshot,
    table: str,
    split: PartSplit,
    months: list[str],
) -> None:
    assert reaching(bars, table, split) == names("AAPL", months)


def test_plan_follows_a_corrected_and_a_withdrawn_split(bars: Snapshot) -> None:
    transform = TRANSFORMS["moving_averages"]
    without = derived_from(bars, transform)
    plan = plan_table(transform, bars, without, splits={"AAPL": [MIDDLE]})
    made = {work.part: work.inputs for work in plan.stale}
    files = tuple(replace(file, path=_with_inputs(file, made.get(file.part))) for file in without.files)
    derived = Snapshot.of(derived_table(bars.table.lake, transform.name), version=2, files=files)

    assert stale(plan_table(transform, bars, derived, splits={"AAPL": [MIDDLE]})) == []
    for splits in ([replace(MIDDLE, factor=4.0)], [replace(MIDDLE, session=date(2026, 7, 16))], []):
        again = plan_table(transform, bars, derived, splits={"AAPL": splits})
        assert stale(again) == names("AAPL", MONTHS[2:5])
        now = ", ".join(map(str, splits)) or "there are none"
        assert list(explain(bars, [again]))[-1] == (
            f"  AAPL 2026-07 to 2026-09 (3 parts): the splits between its bars changed, now {now}"
        )


def _with_inputs(file: PartFile, inputs: str | None) -> str:
    before, _, after = file.path.partition("/inputs=")
    return f"{before}/inputs={inputs}/part.parquet" if inputs else f"{before}/inputs={after}"
