"""The plan of cells in the relational database: who gets a cell, and what becomes of it."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from market.backfill.claims import LEASE, DatabaseClaims, shared_claims
from market.backfill.control import cancel, pause, plan_by_symbol, resume
from market.backfill.run import free_cells
from market.ingest.claims import Standing
from market.ingest.outcomes import CellOutcome, Result
from market.ingest.plan import Cell
from market.models import BackfillCell
from market.months import Month
from market.providers.base import ReplyKind

pytestmark = pytest.mark.django_db

LAKE = "file:///a-lake"
OCTOBER = Cell("AAPL", Month(2026, 10))
SEPTEMBER = Cell("AAPL", Month(2026, 9))
NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


class Runs:
    """Runs at the same plan, on a clock that only the test moves."""

    def __init__(self, stack: ExitStack) -> None:
        self.now = NOW
        self._stack = stack

    def start(self) -> DatabaseClaims:
        self.now += timedelta(seconds=1)
        claims = self._stack.enter_context(shared_claims(LAKE, "alpha_vantage", lambda: self.now))
        claims.open([OCTOBER, SEPTEMBER], force=False)
        return claims


@pytest.fixture
def runs() -> Iterator[Runs]:
    with ExitStack() as stack:
        yield Runs(stack)


def states() -> dict[str, str]:
    return {str(row): row.state for row in BackfillCell.objects.all()}


def fetched(cell: Cell, result: Result = Result.ADDED, **facts: object) -> CellOutcome:
    return CellOutcome(cell, result, **facts)  # type: ignore[arg-type]  # the facts of the case


def test_one_run_gets_a_cell_and_the_others_are_told_that_it_is_at_it(runs: Runs) -> None:
    ada, bob = runs.start(), runs.start()

    assert ada.claim(OCTOBER).standing is Standing.GRANTED
    assert bob.claim(OCTOBER).standing is Standing.BUSY
    assert bob.claim(SEPTEMBER).standing is Standing.GRANTED


def test_what_another_run_has_fetched_is_not_fetched_again(runs: Runs) -> None:
    ada, bob = runs.start(), runs.start()
    ada.claim(OCTOBER)
    ada.settle(fetched(OCTOBER, bars=17_000))

    bob.open([OCTOBER], force=False)

    assert bob.claim(OCTOBER).standing is Standing.DONE
    assert BackfillCell.objects.get(month="2026-10").bars == 17_000


def test_a_later_run_may_fetch_it_again(runs: Runs) -> None:
    ada = runs.start()
    ada.claim(OCTOBER)
    ada.settle(fetched(OCTOBER))

    assert runs.start().claim(OCTOBER).standing is Standing.GRANTED


def test_a_later_run_may_fetch_what_was_done_ahead_of_a_clock_that_was_set_back(runs: Runs) -> None:
    ada = runs.start()
    ada.claim(OCTOBER)
    ada.settle(fetched(OCTOBER))

    runs.now -= timedelta(hours=3)

    assert runs.start().claim(OCTOBER).standing is Standing.GRANTED


def test_the_cells_of_a_dead_run_are_free_at_once(runs: Runs) -> None:
    BackfillCell.objects.create(
        lake=LAKE,
        symbol="AAPL",
        month="2026-10",
        provider="alpha_vantage",
        state="fetching",
        holder="0" * 32,
        lease_until=NOW + LEASE,
        changed_at=NOW,
    )

    assert [str(row) for row in free_cells(LAKE, "alpha_vantage", 10)] == ["AAPL 2026-10"]
    assert runs.start().claim(OCTOBER).standing is Standing.GRANTED


def test_the_cells_of_a_run_that_hangs_are_free_when_its_lease_ends(runs: Runs) -> None:
    ada, bob = runs.start(), runs.start()
    ada.claim(OCTOBER)

    runs.now += LEASE
    assert bob.claim(OCTOBER).standing is Standing.GRANTED

    ada.settle(fetched(OCTOBER, Result.FAILED, detail="too late"))
    assert states()["AAPL 2026-10"] == "fetching"


def test_a_cell_whose_run_died_after_its_commit_is_done(runs: Runs) -> None:
    run = runs.start()
    BackfillCell.objects.filter(month="2026-10").update(state="fetching", holder="0" * 32, lease_until=NOW + LEASE)

    run.close([OCTOBER, SEPTEMBER])

    assert set(states().values()) == {"done"}
    assert free_cells(LAKE, "alpha_vantage", 10) == []


def test_a_cell_that_another_run_is_at_is_left_to_it(runs: Runs) -> None:
    ada, bob = runs.start(), runs.start()
    ada.claim(OCTOBER)

    bob.close([OCTOBER])

    assert states()["AAPL 2026-10"] == "fetching"


def test_a_run_that_ends_gives_back_what_it_holds(runs: Runs) -> None:
    with shared_claims(LAKE, "alpha_vantage", lambda: NOW) as claims:
        claims.open([OCTOBER], force=False)
        claims.claim(OCTOBER)

    assert states() == {"AAPL 2026-10": "planned"}


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (fetched(OCTOBER), "done"),
        (fetched(OCTOBER, Result.UPDATED), "done"),
        (fetched(OCTOBER, Result.UNCHANGED), "done"),
        (fetched(OCTOBER, Result.WAITING), "absent"),
        (fetched(OCTOBER, Result.FAILED, kind=ReplyKind.EMPTY, detail="no bars"), "absent"),
        (fetched(OCTOBER, Result.FAILED, kind="shrunk", detail="fewer"), "failed"),
        (fetched(OCTOBER, Result.FAILED, kind=ReplyKind.UNKNOWN, detail="odd"), "failed"),
        (fetched(OCTOBER, Result.FAILED, kind=ReplyKind.SERVER, detail="away", again=True), "planned"),
        (fetched(OCTOBER, Result.FAILED, kind=ReplyKind.BAD_KEY, detail="the key", again=True), "planned"),
        (fetched(OCTOBER, Result.NOT_TRIED, kind=ReplyKind.BUDGET, detail="used up", again=True), "planned"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.result} {value.kind}",
)
def test_a_cell_ends_in_the_state_that_its_outcome_has(runs: Runs, outcome: CellOutcome, state: str) -> None:
    run = runs.start()
    run.claim(OCTOBER)

    run.settle(outcome)

    cell = BackfillCell.objects.get(month="2026-10")
    assert (cell.state, cell.reason, cell.holder) == (state, outcome.detail, "")


def test_what_fails_again_and_again_is_not_tried_for_ever(runs: Runs) -> None:
    run = runs.start()
    seen = []
    for _ in range(5):
        run.claim(OCTOBER)
        run.settle(fetched(OCTOBER, Result.FAILED, kind=ReplyKind.TORN, detail="torn", again=True))
        seen.append(states()["AAPL 2026-10"])

    assert seen == ["planned"] * 4 + ["failed"]


def test_when_a_month_is_refused_those_before_it_are_not_asked_for(runs: Runs) -> None:
    run = runs.start()
    run.claim(OCTOBER)

    kind = ReplyKind.BAD_REQUEST_OR_UNKNOWN_SYMBOL
    run.settle(fetched(OCTOBER, Result.FAILED, kind=kind, detail="No such symbol or month."))

    assert states() == {"AAPL 2026-10": "failed", "AAPL 2026-09": "failed"}
    assert run.claim(SEPTEMBER).detail.startswith("Not asked for, because 2026-10 was refused")


def test_the_plan_is_paused_resumed_and_cancelled(runs: Runs) -> None:
    run = runs.start()
    run.claim(OCTOBER)

    assert pause(LAKE, ["MSFT"], runs.now) == 0
    assert pause(LAKE, [], runs.now) == 1
    assert run.claim(SEPTEMBER).detail == "It was paused meanwhile."
    assert free_cells(LAKE, "alpha_vantage", 10) == []
    assert resume(LAKE, ["AAPL"], runs.now) == 1
    assert run.claim(SEPTEMBER).standing is Standing.GRANTED
    run.settle(fetched(SEPTEMBER, Result.FAILED, kind=ReplyKind.UNKNOWN))
    assert cancel(LAKE, [], runs.now) == 1
    assert states() == {"AAPL 2026-10": "fetching", "AAPL 2026-09": "cancelled"}


def test_what_is_asked_for_again_is_planned_again(runs: Runs) -> None:
    runs.start()
    cancel(LAKE, [], runs.now)

    runs.start()

    assert set(states().values()) == {"planned"}


def test_resuming_what_failed_plans_it_again(runs: Runs) -> None:
    run = runs.start()
    run.claim(OCTOBER)
    run.settle(fetched(OCTOBER, Result.FAILED, kind=ReplyKind.UNKNOWN))

    assert resume(LAKE, [], runs.now) == 0
    assert resume(LAKE, [], runs.now, failed=True) == 1


def test_the_plan_is_counted_by_symbol(runs: Runs) -> None:
    run = runs.start()
    run.claim(OCTOBER)
    run.settle(fetched(OCTOBER))

    (plan,) = plan_by_symbol(LAKE)

    assert (plan.symbol, plan.total, plan.first_month, plan.last_month) == ("AAPL", 2, "2026-09", "2026-10")
    assert plan.states == {"done": 1, "planned": 1}
    assert plan_by_symbol("file:///another") == []
