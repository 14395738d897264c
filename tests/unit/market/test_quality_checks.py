"""What is doubtful about a session as a whole."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from market.bars.basis import adjusted_sessions
from market.calendar import Phase, session_hours
from market.quality.checks import DailyFigure, Finding, Kind, Known, check_month
from market.quality.limits import Limits
from market.quality.sessions import SessionBars, split_sessions
from tests.builders import make_bars_table, make_session_bars

MONDAY, TUESDAY, WEDNESDAY = date(2026, 9, 28), date(2026, 9, 29), date(2026, 9, 30)
HALF_DAY = date(2025, 11, 28)
ALL = tuple(Phase)


def bars(session: date = MONDAY, **overrides: Any) -> list[dict[str, Any]]:
    """Return all bars of a session whose volume has the shape that trading has, 2 million shares in all."""
    made = make_session_bars(session=session, phases=ALL, **overrides)
    hours = session_hours(session)
    for bar in made:
        minute = int((bar["bar_start"] - hours.session_open).total_seconds()) // 60
        left = hours.regular_minutes - minute
        if 0 <= minute < hours.regular_minutes:
            bar["volume"] = 4000 + 40_000 // (1 + minute) + 40_000 // left
        else:
            bar["volume"] = 200_000 if left == 0 else 100
    return made


def sessions(*many: Iterable[dict[str, Any]]) -> list[SessionBars]:
    return split_sessions(make_bars_table([bar for one in many for bar in one]))


def kinds(found: list[Finding]) -> list[tuple[date, str]]:
    return [(finding.session, str(finding.kind)) for finding in found if finding.severity == "alarm"]


def check(*many: list[dict[str, Any]], **known: Any) -> list[tuple[date, str]]:
    return kinds(check_month(sessions(*many), Known(**known), Limits()))


def regular(made: list[dict[str, Any]]) -> list[int]:
    return [number for number, bar in enumerate(made) if bar["phase"] == "regular"]


def without(made: list[dict[str, Any]], first: int, count: int, every: int = 1) -> list[dict[str, Any]]:
    gone = set(regular(made)[first : first + count : every])
    return [bar for number, bar in enumerate(made) if number not in gone]


@pytest.mark.parametrize("session", [MONDAY, HALF_DAY, date(2026, 3, 9)], ids=["usual", "half day", "summer time"])
def test_a_sound_session_gives_no_alarm(session: date) -> None:
    assert check(bars(session)) == []


def test_minutes_in_a_row_without_a_bar_are_a_gap() -> None:
    assert check(without(bars(), 100, 60)) == [(MONDAY, "gap")]
    assert check(without(bars(), 0, 15)) == [(MONDAY, "gap")]
    assert check(without(bars(), 375, 15)) == [(MONDAY, "gap")]
    assert check(without(bars(), 100, 14)) == []


def test_thin_trading_is_no_gap() -> None:
    """Three of four minutes have no trade: twenty in a row are nothing to wonder at, an hour is."""
    thin = [bar for number, bar in enumerate(bars()) if bar["phase"] != "regular" or number % 4 == 0]

    assert check(without(thin, 30, 5)) == []
    assert check(without(thin, 30, 20)) == [(MONDAY, "gap")]


def test_missing_minutes_are_an_alarm_where_sessions_are_usually_complete() -> None:
    holes = without(bars(), 10, 200, every=20)

    assert check(bars(MONDAY), bars(TUESDAY), [bar | {} for bar in holes_on(WEDNESDAY, holes)]) == [
        (WEDNESDAY, "missing_minutes")
    ]
    assert check(holes) == []


def holes_on(session: date, template: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = {bar["bar_start"].time() for bar in template}
    return [bar for bar in bars(session) if bar["bar_start"].time() in kept]


def test_a_session_under_way_lacks_nothing_yet() -> None:
    noon = session_hours(MONDAY).session_open + timedelta(minutes=150)
    begun = [bar | {"fetched_at": noon} for bar in bars() if bar["bar_start"] < noon]

    assert check(begun) == []


def test_a_session_without_bars_between_others_is_missing() -> None:
    assert check(bars(MONDAY), bars(WEDNESDAY)) == [(TUESDAY, "missing_session")]


def test_a_session_that_is_missing_at_the_turn_of_months_is_found() -> None:
    before = sessions(bars(TUESDAY))[-1]

    assert check(bars(date(2026, 10, 2)), before=before) == [(date(2026, 10, 1), "missing_session")]


@pytest.mark.parametrize("minutes", [-60, -1, 1, 60])
def test_bars_beside_their_time_are_found(minutes: int) -> None:
    moved = [bar | {"bar_start": bar["bar_start"] + timedelta(minutes=minutes)} for bar in bars()]

    found = check_month(split_sessions(make_bars_table(moved)), Known(), Limits())

    assert "shifted" in {str(finding.kind) for finding in found}
    detail = next(finding.detail for finding in found if finding.kind is Kind.SHIFTED)
    assert f"{abs(minutes)} minute" in detail
    assert ("late" if minutes > 0 else "early") in detail


def test_a_jump_is_an_alarm_unless_a_split_explains_it() -> None:
    week = [bars(MONDAY, first_close=700.0), bars(TUESDAY, first_close=100.0)]

    assert check(*week) == [(TUESDAY, "jump")]
    assert check(*week, splits={TUESDAY: 7.0}) == []
    assert check(*week, splits={MONDAY: 7.0}) == [(TUESDAY, "jump")]
    found = check_month(sessions(*week), Known(), Limits())
    assert "A split 7:1 would explain it" in next(each.detail for each in found if each.kind is Kind.JUMP)


def test_sessions_that_are_not_next_to_each_other_do_not_jump() -> None:
    assert "jump" not in {kind for _, kind in check(bars(MONDAY, first_close=700.0), bars(WEDNESDAY))}


def daily_of(made: list[dict[str, Any]], *, volume: float = 1.0) -> DailyFigure:
    inside = [made[number] for number in regular(made)]
    auction = sum(bar["volume"] for bar in made if bar["phase"] == "auction")
    total = sum(bar["volume"] for bar in made) - auction / 2
    high, low = max(bar["high"] for bar in inside), min(bar["low"] for bar in inside)
    return DailyFigure(high, low, inside[-1]["close"], int(total * volume))


@pytest.mark.parametrize(("of_daily", "found"), [(1.0, []), (0.97, []), (2.0, ["volume"]), (0.7, ["volume"])], ids=str)
def test_volume_is_compared_with_the_daily_figure_with_half_of_the_auction(of_daily: float, found: list[str]) -> None:
    made = bars()

    assert check(made, daily={MONDAY: daily_of(made, volume=of_daily)}) == [(MONDAY, kind) for kind in found]


def test_without_a_closing_auction_much_of_the_daily_volume_may_be_missing() -> None:
    made = [bar for bar in bars() if bar["phase"] == "regular"]

    assert check(made, daily={MONDAY: daily_of(made, volume=1.4)}) == []
    assert check(made, daily={MONDAY: daily_of(made, volume=2.0)}) == [(MONDAY, "volume")]


def test_high_and_low_are_compared_with_the_daily_figure() -> None:
    made = bars()
    daily = daily_of(made)

    assert check(made, daily={MONDAY: replace(daily, high=daily.high * 1.02)}) == [(MONDAY, "range")]
    assert check(made, daily={MONDAY: replace(daily, high=daily.high * 1.005)}) == []


def test_flags_are_told_with_their_number() -> None:
    made = bars()
    made[0] |= {"flags": ["bad_print"], "quarantined": True}
    made[1] |= {"flags": ["ohlc_repaired"]}
    made[500] |= {"flags": ["suspect_print"]}
    made[501] |= {"flags": ["duplicate"]}

    found = check_month(sessions(made), Known(before=sessions(bars(date(2026, 9, 25)))[0]), Limits())

    assert [(finding.kind.value, finding.measured) for finding in found] == [
        ("bad_prints", 1),
        ("duplicates", 1),
        ("ohlc_repaired", 1),
        ("suspect_prints", 1),
    ]


def test_two_adjustment_bases_are_found_where_they_meet() -> None:
    adjusted = [bar | {"flags": ["adjusted_basis"]} for bar in bars(TUESDAY)]

    assert check(bars(MONDAY), adjusted, bars(WEDNESDAY)) == [
        (TUESDAY, "adjusted_basis"),
        (TUESDAY, "mixed_basis"),
        (WEDNESDAY, "mixed_basis"),
    ]


def test_the_first_and_the_last_session_of_a_symbol_are_notices() -> None:
    found = check_month(sessions(bars(MONDAY), bars(TUESDAY)), Known(after=False), Limits())
    still_growing = check_month(sessions(bars(MONDAY)), Known(after=False, complete=False), Limits())

    assert [(finding.session, finding.kind.value, finding.severity) for finding in found] == [
        (MONDAY, "first_session", "notice"),
        (TUESDAY, "last_session", "notice"),
    ]
    assert [finding.kind.value for finding in still_growing] == ["first_session"]


@pytest.mark.parametrize(("factor", "adjusted"), [(1.0, False), (0.9974, True)])
def test_prices_that_were_multiplied_are_no_cents(factor: float, adjusted: bool) -> None:
    close = np.round(np.round(np.random.default_rng(3).uniform(100, 110, 390), 2) * factor, 4)
    days = np.repeat(np.array(["2026-10-01"], dtype="datetime64[D]"), 390)

    found = adjusted_sessions(close, np.ones(390, dtype=bool), days)

    assert found.all() == found.any() == adjusted


@pytest.mark.parametrize(("price", "count"), [(0.5, 390), (100.0, 20)], ids=["below a dollar", "few bars"])
def test_what_cannot_be_told_is_not_called_adjusted(price: float, count: int) -> None:
    close = np.round(np.random.default_rng(3).uniform(price, price * 1.1, count), 4)
    days = np.repeat(np.array(["2026-10-01"], dtype="datetime64[D]"), count)

    assert not adjusted_sessions(close, np.ones(count, dtype=bool), days).any()
