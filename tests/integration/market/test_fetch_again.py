"""Fetching again: what is final stays, what was not is asked again, and nothing is lost on the way."""

import shutil
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from market.calendar import NEW_YORK
from market.finality import month_final_from
from market.ingest import FetchReport, FetchRequest, Result, fetch_prices
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Part
from market.months import Month
from market.progress import SilentProgress
from market.providers.base import RawReply
from market.providers.synthetic.provider import HEADER, Synthetic
from tests.builders import make_lake

OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
REQUEST = FetchRequest(("AAPL",), (OCTOBER,))


@dataclass(frozen=True)
class Counted(Synthetic):
    """The synthetic market, counting what it is asked for, with a last word that may differ from the first."""

    asked: Counter[str] = field(default_factory=Counter)
    correction: tuple[str, str] = ("", "")
    body: bytes | None = None

    def fetch_month(self, symbol: str, month: Month, now: datetime) -> RawReply:
        self.asked[f"{symbol} {month}"] += 1
        reply = super().fetch_month(symbol, month, now)
        if self.body is not None:
            return replace(reply, body=self.body)
        old, new = (text.encode() for text in self.correction)
        return replace(reply, body=reply.body.replace(old, new, 1)) if old else reply


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def run(lake: Lake, provider: Counted, at: str, request: FetchRequest = REQUEST) -> FetchReport:
    return fetch_prices(request, lake, provider, new_york(at), SilentProgress(), no_wait)


def no_wait(seconds: float) -> None:
    pytest.fail(f"the synthetic market made the run wait for {seconds} seconds")


def results(report: FetchReport) -> list[Result]:
    return [outcome.result for outcome in report.outcomes]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return make_lake(tmp_path)


@pytest.mark.parametrize(
    ("month", "instant"),
    [
        (Month(2026, 10), "2026-11-04 20:00"),
        (Month(2026, 11), "2026-12-03 20:00"),
        (Month(2025, 12), "2026-01-06 20:00"),
        (Month(2027, 10), "2027-11-03 20:00"),
    ],
)
def test_a_month_is_final_after_three_sessions_of_the_next(month: Month, instant: str) -> None:
    assert month_final_from(month) == new_york(instant)


def test_a_month_is_asked_until_it_is_final_and_then_never(lake: Lake) -> None:
    market = Counted()
    times = ("2026-10-30 12:00", "2026-10-30 21:00", "2026-11-04 19:59", "2026-11-04 20:00", "2026-11-05 12:00")

    seen = [(results(run(lake, market, at)), market.asked.total()) for at in times]

    assert seen == [
        ([Result.ADDED], 1),
        ([Result.UPDATED], 2),
        ([Result.UNCHANGED], 3),
        ([Result.UNCHANGED], 4),
        ([Result.SETTLED], 4),
    ]
    assert bars_table(lake).snapshot().version == 2


def test_a_late_correction_is_taken(lake: Lake) -> None:
    first = run(lake, Counted(), "2026-11-02 12:00")
    body = Synthetic().fetch_month("AAPL", OCTOBER, new_york("2026-11-04 21:00")).body.decode()
    last_line = body.splitlines()[1]
    corrected = f"{last_line.rpartition(',')[0]},777"

    report = run(lake, Counted(correction=(last_line, corrected)), "2026-11-04 21:00")

    assert (first.changed, report.changed, results(report)) == (True, True, [Result.UPDATED])
    volume = bars_table(lake).snapshot().read_part(Part("AAPL", "2026-10"), ["volume"])["volume"]
    assert volume[-1].as_py() == 777


def test_force_asks_for_what_is_final(lake: Lake) -> None:
    market = Counted()
    run(lake, market, "2026-11-10 12:00")

    report = run(lake, market, "2026-11-11 12:00", replace(REQUEST, force=True))

    assert (results(report), market.asked.total(), report.changed) == ([Result.UNCHANGED], 2, False)


def test_a_month_without_a_session_so_far_is_not_asked_for(lake: Lake) -> None:
    market = Counted()

    report = run(lake, market, "2026-11-01 12:00", FetchRequest(("AAPL",), (NOVEMBER,)))

    assert (results(report), market.asked.total(), report.exit_code) == ([Result.WAITING], 0, 0)


@pytest.mark.parametrize(
    ("at", "result", "code"),
    [("2026-11-02 22:00", Result.WAITING, 0), ("2026-11-03 04:00", Result.FAILED, 1)],
)
def test_no_bars_are_a_failure_only_when_there_ought_to_be_some(lake: Lake, at: str, result: Result, code: int) -> None:
    nothing = Counted(body=HEADER.encode())

    report = run(lake, nothing, at, FetchRequest(("AAPL",), (NOVEMBER,)))

    assert (results(report), report.exit_code) == ([result], code)


def test_no_bars_never_replace_some(lake: Lake) -> None:
    run(lake, Counted(), "2026-10-30 12:00")
    before = bars_table(lake).snapshot()

    report = run(lake, Counted(body=HEADER.encode()), "2026-10-30 21:00")

    assert results(report) == [Result.FAILED]
    assert bars_table(lake).snapshot() == before


def test_bars_whose_manifest_was_never_written_are_asked_again_and_not_doubled(lake: Lake, tmp_path: Path) -> None:
    market = Counted()
    run(lake, market, "2026-11-10 12:00")
    before = bars_table(lake).snapshot()
    for manifest in tmp_path.glob("raw/**/*.json"):
        manifest.unlink()

    reports = [run(lake, market, "2026-11-10 12:01"), run(lake, market, "2026-11-10 12:02")]

    assert [results(report) for report in reports] == [[Result.UNCHANGED], [Result.SETTLED]]
    assert bars_table(lake).snapshot() == before


def test_bars_that_are_gone_are_asked_again(lake: Lake, tmp_path: Path) -> None:
    run(lake, Counted(), "2026-11-10 12:00")
    shutil.rmtree(tmp_path / "tables")

    assert results(run(lake, Counted(), "2026-11-10 12:01")) == [Result.ADDED]


@pytest.mark.slow
def test_many_at_once_neither_lose_nor_double_a_bar(lake: Lake) -> None:
    request = FetchRequest(("AAPL", "MSFT"), (OCTOBER, NOVEMBER))
    reports: list[FetchReport] = []
    start = threading.Barrier(4)

    def fetch() -> None:
        start.wait()
        reports.append(run(lake, Counted(), "2027-01-10 12:00", request))

    threads = [threading.Thread(target=fetch) for _ in range(start.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    alone = make_lake(Path(lake.storage.path("alone")))
    run(alone, Counted(), "2027-01-10 12:00", request)
    order: Any = [("symbol", "ascending"), ("bar_start", "ascending")]
    assert bars_table(lake).snapshot().read().sort_by(order) == bars_table(alone).snapshot().read().sort_by(order)
    assert [report.undone for report in reports] == [()] * 4
    added = Counter(outcome.cell for report in reports for outcome in report.outcomes if outcome.result == Result.ADDED)
    assert sorted(added.values()) == [1, 1, 1, 1]
    assert bars_table(lake).snapshot().version == 4


def test_the_report_tells_a_task_what_changed(lake: Lake) -> None:
    report = run(lake, Counted(), "2026-11-10 12:00", FetchRequest(("AAPL", "MSFT"), (OCTOBER,)))

    assert report.changed
    assert report.summary().startswith("synthetic: 2 added; ")
