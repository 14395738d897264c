"""A plan that looks only at what changed since an earlier one finds what a plan of everything finds."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.jobs.plan import TablePlan, plan_table
from analytics.jobs.splits import PartSplit, Splits
from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS, Transform
from market.lake.snapshots import Part, PartFile, Snapshot
from tests.unit.analytics.test_plan import MONTHS, bars_file, derived_from, six_months, stale, with_files

BARS = six_months(Path(tempfile.gettempdir()))
SPLIT = PartSplit("AAPL", date(2026, 7, 15), 7.0)
# One looks back on nothing, one on the bar before, one on months; one is of pairs.
TABLES = ("daily", "returns", "moving_averages", "pairs")

parts = st.builds(Part, st.sampled_from(["AAPL", "MSFT", "NVDA"]), st.sampled_from(MONTHS))
corrections = st.tuples(st.just("correct"), st.lists(parts, min_size=1, max_size=3))
removals = st.tuples(st.just("remove"), st.lists(parts, min_size=1, max_size=3))
damages = st.tuples(st.just("damage"), st.lists(parts, min_size=1, max_size=2))
news = st.tuples(st.sampled_from(["split", "withdraw", "run", "run of AAPL", "plan"]), st.just(list[Part]()))
steps = st.lists(st.one_of(corrections, removals, damages, news), min_size=2, max_size=8)


def without(snapshot: Snapshot, gone: Sequence[Part]) -> Snapshot:
    kept = [file for file in snapshot.files if file.part not in gone]
    return Snapshot.of(snapshot.table, snapshot.version + 1, kept)


def made(plan: TablePlan, version: int) -> Snapshot:
    """Return what a run of the plan would have published."""
    done = {*(work.part for work in plan.stale), *plan.gone}
    files = [PartFile(work.part, f"run=r-{version}/{work.folder}/part.parquet", 1, 1) for work in plan.stale]
    return Snapshot.of(plan.derived.table, version, (*without(plan.derived, list(done)).files, *files))


@pytest.mark.parametrize("name", TABLES)
@given(steps=steps)
def test_looking_at_what_changed_finds_what_looking_at_all_does(name: str, steps: list[tuple[str, list[Part]]]) -> None:
    transform = TRANSFORMS[name]
    bars, derived = BARS, derived_from(BARS, transform)
    splits: Splits = {}
    look = plan_table(transform, bars, derived).look
    for version, (what, some) in enumerate(steps, 2):
        match what:
            case "correct":
                bars = with_files(bars, *(bars_file(*part, version=f"v{version}") for part in some))
            case "remove":
                bars = without(bars, some)
            case "damage":
                derived = without(derived, some)
            case "split":
                splits = {"AAPL": [SPLIT]}
            case "withdraw":
                splits = {}
        symbols = ["AAPL"] if what == "run of AAPL" else None
        everything = plan_table(transform, bars, derived, symbols=symbols, splits=splits)
        plan = plan_table(transform, bars, derived, symbols=symbols, splits=splits, before=look)
        assert (plan.stale, plan.gone) == (everything.stale, everything.gone)
        look = plan.look
        if what.startswith("run"):
            derived = made(plan, version)


@pytest.mark.parametrize(
    ("name", "looked_at"),
    [("daily", {"2026-08"}), ("hourly", {"2026-08"}), ("moving_averages", {"2026-08", "2026-09", "2026-10"})],
)
def test_only_what_can_be_out_of_date_is_looked_at(name: str, looked_at: set[str]) -> None:
    transform, derived = TRANSFORMS[name], derived_from(BARS, TRANSFORMS[name])
    look = plan_table(transform, BARS, derived).look

    doubtful = look.doubtful(transform, with_files(BARS, bars_file("AAPL", "2026-08", version="b")), derived, {})

    assert doubtful == {Part("AAPL", month) for month in looked_at}


def test_all_is_looked_at_after_another_formula() -> None:
    daily = TRANSFORMS["daily"]
    look = plan_table(daily, BARS, derived_from(BARS, daily)).look
    newer: Transform = replace(daily, formula_version=daily.formula_version + 1)

    assert look.doubtful(newer, BARS, Snapshot.of(derived_table(BARS.table.lake, "daily")), {}) is None


def test_what_a_run_was_not_asked_for_is_looked_at_again() -> None:
    daily = TRANSFORMS["daily"]
    nothing = Snapshot.of(derived_table(BARS.table.lake, "daily"))
    plan = plan_table(daily, BARS, nothing, symbols=["AAPL"])
    derived = made(plan, 1)

    later = plan_table(daily, BARS, derived, before=plan.look)

    assert stale(later) == [f"MSFT {month}" for month in MONTHS]


def test_pairs_are_all_looked_at() -> None:
    pairs = TRANSFORMS["pairs"]
    derived = derived_from(BARS, pairs)

    assert plan_table(pairs, BARS, derived).look.doubtful(pairs, BARS, derived, {}) is None
