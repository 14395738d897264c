"""Which parts are gone on with when their bars get further sessions, and which are made anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analytics.jobs.plan import MOST_FILES, PartWork, part_works, plan_table
from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS, Transform
from analytics.transforms.moving_averages import SPANS
from market.lake.growth import Ancestor
from market.lake.schemas import bars_table
from market.lake.snapshots import Part, PartFile, Snapshot
from tests.builders import make_lake

AUGUST, SEPTEMBER, OCTOBER = (Part("AAPL", month) for month in ("2026-08", "2026-09", "2026-10"))
GROWS = [name for name, transform in TRANSFORMS.items() if transform.goes_on_after is not None]


def bars_file(part: Part, version: str, rows: int = 9_000) -> PartFile:
    return PartFile(part, f"run={version}/symbol=AAPL/month={part.month}/part.parquet", size=1, rows=rows)


@pytest.fixture
def before(tmp_path: Path) -> Snapshot:
    files = tuple(bars_file(part, "old") for part in (AUGUST, SEPTEMBER, OCTOBER))
    return Snapshot.of(bars_table(make_lake(tmp_path)), version=1, files=files)


def grown(bars: Snapshot, part: Part = OCTOBER, version: str = "new") -> Snapshot:
    kept = [file for file in bars.files if file.part != part]
    return Snapshot.of(bars.table, bars.version + 1, (*kept, bars_file(part, version, rows=9_391)))


def ancestors_of(file: PartFile) -> Sequence[Ancestor]:
    """Say that each newer file adds sessions to the old one."""
    return () if "run=old" in file.path else [Ancestor(bars_file(file.part, "old").path, 9_000, date(2026, 10, 14))]


def made(transform: Transform, bars: Snapshot, rows: int = 3_000) -> Snapshot:
    files = [
        PartFile(work.part, f"run=r/symbol=AAPL/month={work.part.month}/{work.folder}/part.parquet", 1, rows)
        for work in part_works(transform, bars)
    ]
    return Snapshot.of(derived_table(bars.table.lake, transform.name), version=1, files=tuple(files))


def planned(transform: Transform, bars: Snapshot, derived: Snapshot, **options: object) -> dict[Part, PartWork]:
    plan = plan_table(transform, bars, derived, **{"ancestors_of": ancestors_of, **options})  # type: ignore[arg-type]
    return {work.part: work for work in plan.stale}


def inputs_of(transform: Transform, bars: Snapshot, part: Part) -> str:
    return next(work.inputs for work in part_works(transform, bars) if work.part == part)


@pytest.mark.parametrize("name", GROWS)
def test_a_part_whose_bars_got_sessions_is_gone_on_with(before: Snapshot, name: str) -> None:
    transform, after = TRANSFORMS[name], grown(before)

    (work,) = planned(transform, after, made(transform, before)).values()

    old, new = (inputs_of(transform, bars, OCTOBER) for bars in (before, after))
    assert (work.part, work.folder) == (OCTOBER, f"inputs={new}/after={old}")
    assert (work.source_rows, work.reads) == (391, {bars_file(OCTOBER, "new").path: 391})


@pytest.mark.parametrize("name", GROWS)
def test_a_part_that_was_gone_on_with_is_up_to_date(before: Snapshot, name: str) -> None:
    transform, after = TRANSFORMS[name], grown(before)
    derived = made(transform, before)
    (work,) = planned(transform, after, derived).values()
    further = PartFile(OCTOBER, f"run=s/symbol=AAPL/month=2026-10/{work.folder}/part.parquet", 1, 390)

    assert planned(transform, after, Snapshot.of(derived.table, derived.version, (*derived.files, further))) == {}


def test_tables_that_cannot_go_on_are_made_anew(before: Snapshot) -> None:
    for transform in TRANSFORMS.values():
        for work in planned(transform, grown(before), made(transform, before)).values():
            assert (work.gone_on is not None) == (transform.name in GROWS), transform.name


def test_a_part_that_looks_back_on_a_grown_one_is_made_anew(before: Snapshot) -> None:
    transform = TRANSFORMS["moving_averages"]

    works = planned(transform, grown(before, SEPTEMBER), made(transform, before))

    assert {part: work.gone_on is not None for part, work in works.items()} == {SEPTEMBER: True, OCTOBER: False}


@pytest.mark.parametrize("name", GROWS)
def test_a_part_made_from_bars_that_were_corrected_is_made_anew(before: Snapshot, name: str) -> None:
    transform = TRANSFORMS[name]
    older = grown(before, version="older")

    (work,) = planned(transform, grown(before), made(transform, older)).values()

    assert work.gone_on is None


@pytest.mark.parametrize("name", GROWS)
def test_full_makes_everything_anew(before: Snapshot, name: str) -> None:
    transform = TRANSFORMS[name]

    works = planned(transform, grown(before), made(transform, before), full=True)

    assert [work.gone_on for work in works.values()] == [None] * 3


@pytest.mark.parametrize("name", GROWS)
def test_a_part_of_another_formula_is_made_anew(before: Snapshot, name: str) -> None:
    transform = TRANSFORMS[name]
    newer = replace(transform, formula_version=transform.formula_version + 1)

    assert all(work.gone_on is None for work in planned(newer, grown(before), made(transform, before)).values())


@pytest.mark.parametrize("name", GROWS)
def test_a_part_of_many_files_is_made_anew_in_one(before: Snapshot, name: str) -> None:
    transform = TRANSFORMS[name]
    derived = made(transform, before)
    begun = next(file for file in derived.files if file.part == OCTOBER)
    others = [replace(begun, path=begun.path.replace("part.", f"part-{number}.")) for number in range(MOST_FILES - 1)]
    many = Snapshot.of(derived.table, derived.version, (*derived.files, *others))

    (work,) = planned(transform, grown(before), many).values()

    assert work.gone_on is None


def test_averages_go_on_only_from_a_part_that_fills_every_window(before: Snapshot) -> None:
    transform = TRANSFORMS["moving_averages"]
    least = transform.goes_on_after

    assert least == max(SPANS)
    for rows, goes_on in ((least - 1, False), (least, True)):
        (work,) = planned(transform, grown(before), made(transform, before, rows)).values()
        assert (work.gone_on is not None) == goes_on
