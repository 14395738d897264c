"""The table `quality_findings` follows the bars and what is known about them."""

from datetime import UTC, date, datetime
from typing import Any

from market.actions import Source, store_actions, store_daily
from market.calendar import Phase
from market.lake.location import Lake
from market.lake.snapshots import Part
from market.providers.facts import DailyBar, Split
from market.quality.limits import Limits
from market.quality.table import Checked, findings_table, refresh_findings
from tests.builders import make_session_bars, write_bars
from tests.fetching import run_command
from tests.integration.market.test_verify import run

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SOURCE = Source("AAPL", "alpha_vantage", NOW)
SEPTEMBER, OCTOBER = Part("AAPL", "2026-09"), Part("AAPL", "2026-10")


def refresh(lake: Lake, limits: Limits = Limits()) -> Checked:  # noqa: B008  # it is frozen
    return refresh_findings(lake, limits, NOW)


def found(lake: Lake, severity: str = "alarm") -> list[tuple[date, str]]:
    rows = findings_table(lake).snapshot().read()
    told = [row for row in rows.to_pylist() if row["severity"] == severity]
    return sorted((row["session"], row["kind"]) for row in told)


def bars(session: date, first_close: float = 100.0, symbol: str = "AAPL") -> list[dict[str, Any]]:
    return make_session_bars(symbol, session, first_close=first_close, phases=(Phase.REGULAR,))


def two_months(lake: Lake) -> None:
    write_bars(lake, [*bars(date(2026, 9, 30), 700.0), *bars(date(2026, 10, 1), 100.0)])


def test_a_jump_over_the_turn_of_months_is_found_until_the_split_is_known(lake: Lake) -> None:
    two_months(lake)

    first = refresh(lake)
    before = found(lake)
    store_actions(lake, SOURCE, [Split(date(2026, 10, 1), 7.0)], [])
    again = refresh(lake)

    assert set(first.parts) == {SEPTEMBER, OCTOBER}
    assert (date(2026, 10, 1), "jump") in before
    assert set(again.parts) == {SEPTEMBER, OCTOBER}
    assert (date(2026, 10, 1), "jump") not in found(lake)


def test_only_what_changed_is_checked_again(lake: Lake) -> None:
    two_months(lake)
    refresh(lake)
    version = findings_table(lake).snapshot().version

    nothing = refresh(lake)
    write_bars(lake, bars(date(2026, 10, 1), 101.0))
    changed = refresh(lake)
    store_daily(lake, SOURCE, [DailyBar(date(2026, 10, 1), 1, 500, 1, 1, 10**9)])
    with_daily = refresh(lake)

    assert (nothing.parts, findings_table(lake).snapshot().version) == ((), version + 2)
    assert changed.parts == with_daily.parts == (OCTOBER,)
    assert {"volume", "range"} <= {kind for _, kind in found(lake)}


def test_other_limits_mean_checking_again(lake: Lake) -> None:
    two_months(lake)
    refresh(lake)

    assert set(refresh(lake, Limits(jump=10.0)).parts) == {SEPTEMBER, OCTOBER}
    assert "jump" not in {kind for _, kind in found(lake)}


def test_findings_of_a_part_that_is_gone_go_with_it(lake: Lake) -> None:
    two_months(lake)
    refresh(lake)
    table = write_bars(lake, bars(date(2026, 10, 2))).table
    table.publish(table.snapshot(), [], {OCTOBER}, {})

    refresh(lake)

    assert list(findings_table(lake).snapshot().parts) == [SEPTEMBER]


def test_fetching_checks_what_it_fetched(lake: Lake) -> None:
    ran = run_command("--provider", "synthetic", "--symbols", "AAPL", "--months", "2026-09")

    assert ran.code == 0
    assert "alarms" not in ran.output
    assert found(lake) == []
    assert found(lake, "notice")[0][1] == "first_session"
    assert run("check_quality").output == "0 symbol-months checked, 0 alarms.\n"


def test_the_command_tells_what_it_found(lake: Lake) -> None:
    two_months(lake)

    ran = run("check_quality", "--symbols", "aapl")

    assert ran.code == 0
    assert "AAPL 2026-10-01 alarm jump: It opens -85.8% off the close before" in ran.output
    assert "2 symbol-months checked, " in ran.output
    assert run("check_quality", "--symbols", "A$").code == 2


def test_facts_are_written_once_and_later_ones_win(lake: Lake) -> None:
    split, figure = Split(date(2026, 10, 1), 7.0), DailyBar(date(2026, 10, 1), 1, 2, 1, 1, 10)

    assert store_actions(lake, SOURCE, [split], [])
    assert not store_actions(lake, SOURCE, [split], [])
    assert store_daily(lake, SOURCE, [figure])
    assert not store_daily(lake, SOURCE, [figure])
    assert store_daily(lake, SOURCE, [DailyBar(date(2026, 10, 1), 1, 3, 1, 1, 10), figure])
    assert store_actions(lake, SOURCE, [], [])
