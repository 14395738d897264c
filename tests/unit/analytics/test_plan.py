"""Which parts of a derived table are stale, from the paths of files alone."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.jobs.plan import TablePlan, batches, part_works, plan_table
from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS, Transform
from market.lake.schemas import bars_table
from market.lake.snapshots import Part, PartFile, Snapshot
from tests.builders import make_lake

MONTHS = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"]


def bars_file(symbol: str, month: str, rows: int = 5_000, version: str = "a") -> PartFile:
    path = f"run={version}/symbol={symbol}/month={month}/part-{version}.parquet"
    return PartFile(Part(symbol, month), path, size=1, rows=rows)


def six_months(folder: Path) -> Snapshot:
    files = [bars_file(symbol, month) for symbol in ("AAPL", "MSFT") for month in MONTHS]
    return Snapshot.of(bars_table(make_lake(folder)), version=1, files=tuple(files))


@pytest.fixture
def bars(tmp_path: Path) -> Snapshot:
    return six_months(tmp_path)


def with_files(bars: Snapshot, *changed: PartFile) -> Snapshot:
    parts = {file.part for file in changed}
    kept = [file for file in bars.files if file.part not in parts]
    return Snapshot.of(bars.table, bars.version + 1, (*kept, *changed))


def derived_from(bars: Snapshot, transform: Transform) -> Snapshot:
    """Return what a run over the bars would have published."""
    files = [
        PartFile(
            work.part,
            f"run=r-1/symbol={work.part.symbol}/month={work.part.month}/inputs={work.inputs}/part.parquet",
            size=1,
            rows=1,
        )
        for work in part_works(transform, bars)
    ]
    return Snapshot.of(derived_table(bars.table.lake, transform.name), version=1, files=tuple(files))


def stale(plan: TablePlan) -> list[str]:
    return [str(work.part) for work in plan.stale]


def names(symbol: str, months: Iterable[str]) -> list[str]:
    return [f"{symbol} {month}" for month in months]


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_plan_of_a_table_that_does_not_exist_computes_every_part(bars: Snapshot, transform: Transform) -> None:
    nothing = Snapshot.of(derived_table(bars.table.lake, transform.name))

    plan = plan_table(transform, bars, nothing)

    symbols = ["AAPL_MSFT"] if transform.of_pairs else ["AAPL", "MSFT"]
    assert stale(plan) == [name for symbol in symbols for name in names(symbol, MONTHS)]


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_plan_has_nothing_to_do_while_the_bars_stay(bars: Snapshot, transform: Transform) -> None:
    plan = plan_table(transform, replace(bars, version=99), derived_from(bars, transform))

    assert (plan.stale, plan.gone) == ((), ())


@pytest.mark.parametrize(
    ("table", "months"),
    [("daily", ["2026-08"]), ("hourly", ["2026-08"]), ("returns", ["2026-08", "2026-09"])],
)
def test_plan_follows_a_correction_to_the_parts_that_look_back_on_it(
    bars: Snapshot, table: str, months: list[str]
) -> None:
    derived = derived_from(bars, TRANSFORMS[table])

    plan = plan_table(TRANSFORMS[table], with_files(bars, bars_file("AAPL", "2026-08", version="b")), derived)

    assert stale(plan) == names("AAPL", months)


def test_plan_follows_a_correction_as_far_as_the_lookback_of_the_averages(bars: Snapshot) -> None:
    transform = TRANSFORMS["moving_averages"]
    corrected = with_files(bars, bars_file("AAPL", "2026-06", version="b"))

    plan = plan_table(transform, corrected, derived_from(bars, transform))

    # Two parts of 5,000 rows reach 8,000; a third looks back on nothing that changed.
    assert stale(plan) == names("AAPL", ["2026-06", "2026-07", "2026-08"])


def test_plan_looks_back_until_there_are_enough_rows(bars: Snapshot) -> None:
    sparse = with_files(bars, *(bars_file("AAPL", month, rows=7_999) for month in MONTHS[:4]))

    works = {work.part: work for work in part_works(TRANSFORMS["moving_averages"], sparse)}

    sources = [file.part.month for file in works[Part("AAPL", "2026-10")].sources]
    assert sources == ["2026-08", "2026-09", "2026-10"]
    assert [file.part.month for file in works[Part("AAPL", "2026-05")].sources] == ["2026-05"]


def test_plan_computes_a_part_that_another_formula_made(bars: Snapshot) -> None:
    transform = TRANSFORMS["daily"]
    newer = replace(transform, formula_version=transform.formula_version + 1)

    plan = plan_table(newer, bars, derived_from(bars, transform))

    assert len(plan.stale) == len(bars.parts)


def test_plan_computes_a_part_with_a_file_of_other_inputs_beside_the_right_one(bars: Snapshot) -> None:
    derived = derived_from(bars, TRANSFORMS["daily"])
    alien = PartFile(Part("MSFT", "2026-06"), "run=x/symbol=MSFT/month=2026-06/part.parquet", size=1, rows=1)

    plan = plan_table(TRANSFORMS["daily"], bars, Snapshot.of(derived.table, derived.version, (*derived.files, alien)))

    assert stale(plan) == ["MSFT 2026-06"]


@pytest.mark.parametrize("symbol", ["AAPL", "MSFT"])
def test_plan_follows_a_correction_of_either_symbol_to_the_pair(bars: Snapshot, symbol: str) -> None:
    transform = TRANSFORMS["pairs"]
    corrected = with_files(bars, bars_file(symbol, "2026-08", version="b"))

    plan = plan_table(transform, corrected, derived_from(bars, transform))

    assert stale(plan) == names("AAPL_MSFT", ["2026-08", "2026-09"])


def test_plan_compares_only_the_universe_and_only_months_that_both_have(bars: Snapshot) -> None:
    nothing = Snapshot.of(derived_table(bars.table.lake, "pairs"))
    more = with_files(bars, bars_file("NVDA", "2026-10"), bars_file("IBM", "2026-10"))

    def planned(**narrowed: Iterable[str]) -> list[str]:
        return stale(plan_table(TRANSFORMS["pairs"], more, nothing, **narrowed))  # type: ignore[arg-type]

    assert planned(universe=["AAPL", "NVDA"]) == ["AAPL_NVDA 2026-10"]
    assert planned(universe=["AAPL"]) == []
    assert len(planned()) == 6 + 2 * 2 + 1
    assert planned(symbols=["NVDA", "IBM"]) == ["IBM_NVDA 2026-10"]


def test_plan_removes_a_pair_when_a_symbol_of_it_is_gone(bars: Snapshot) -> None:
    derived = derived_from(bars, TRANSFORMS["pairs"])
    fewer = Snapshot.of(bars.table, bars.version, tuple(file for file in bars.files if file.part.symbol != "MSFT"))

    gone = plan_table(TRANSFORMS["pairs"], fewer, derived).gone

    assert gone == tuple(Part("AAPL_MSFT", month) for month in MONTHS)


def test_plan_removes_a_part_whose_bars_are_gone(bars: Snapshot) -> None:
    derived = derived_from(bars, TRANSFORMS["daily"])
    fewer = Snapshot.of(bars.table, bars.version, tuple(file for file in bars.files if file.part.symbol != "MSFT"))

    assert plan_table(TRANSFORMS["daily"], fewer, derived).gone == tuple(Part("MSFT", month) for month in MONTHS)
    assert plan_table(TRANSFORMS["daily"], fewer, derived, symbols=["AAPL"]).gone == ()


def test_plan_of_some_symbols_leaves_the_others_stale(bars: Snapshot) -> None:
    nothing = Snapshot.of(derived_table(bars.table.lake, "daily"))

    plan = plan_table(TRANSFORMS["daily"], bars, nothing, symbols=["MSFT"])

    assert stale(plan) == names("MSFT", MONTHS)


def test_plan_in_full_computes_what_matches_and_spares_what_an_earlier_attempt_made(bars: Snapshot) -> None:
    derived = derived_from(bars, TRANSFORMS["daily"])
    finished = [Part("AAPL", month) for month in MONTHS]

    assert len(plan_table(TRANSFORMS["daily"], bars, derived, full=True).stale) == len(bars.parts)
    rest = plan_table(TRANSFORMS["daily"], bars, derived, full=True, finished=finished)
    assert stale(rest) == names("MSFT", MONTHS)


def test_batches_keep_the_order_and_hold_at_most_so_many_rows(bars: Snapshot) -> None:
    works = list(part_works(TRANSFORMS["daily"], bars))

    split = list(batches(works, most_rows=12_000))

    assert [work for batch in split for work in batch] == works
    assert [len(batch) for batch in split] == [2] * 6
    assert [len(batch) for batch in batches(works, most_rows=1)] == [1] * 12
    assert list(batches([], most_rows=1)) == []
