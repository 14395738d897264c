"""What the made-up market does when it is asked to."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from market.bars.build import Origin, build_bars
from market.calendar import next_session, previous_session, session_hours, sessions_in_range
from market.months import Month
from market.providers.synthetic.events import Event, disturb, splits
from market.providers.synthetic.minutes import SessionMinutes, clock_of, make_session
from market.providers.synthetic.provider import Synthetic

MONTH = Month(2026, 9)
SESSIONS = sessions_in_range(MONTH.first_date, MONTH.last_date)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
SYMBOLS = ("AAPL", "MSFT", "AMZN", "GOOGL", "META", "NVDA", "TSLA", "JPM", "KO", "BRK.B")
ALL = frozenset(Event)
VALUES = ("minute", "open", "high", "low", "close", "volume")


def session_bars(symbol: str, session: date, *events: Event, now: datetime = LATER) -> SessionMinutes:
    return disturb(make_session(symbol, session), symbol, session, frozenset(events), now)


def differing(symbol: str, event: Event, now: datetime = LATER) -> list[date]:
    """Return the sessions of the month that an event changes."""
    return [session for session in SESSIONS if not same(session_bars(symbol, session, event, now=now), symbol, session)]


def same(bars: SessionMinutes, symbol: str, session: date) -> bool:
    usual = make_session(symbol, session)
    return all(np.array_equal(getattr(bars, name), getattr(usual, name)) for name in VALUES)


def built(provider: Synthetic, now: datetime = LATER) -> Any:
    parsed = provider.parse(provider.fetch_month("AAPL", MONTH, now))
    return build_bars(parsed.bars, Origin("AAPL", MONTH, provider.name, now))


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_each_symbol_has_one_halt_and_one_bad_print_a_month(symbol: str) -> None:
    [halted], [printed] = differing(symbol, Event.HALT), differing(symbol, Event.BAD_PRINT)

    bars, usual = session_bars(symbol, halted, Event.HALT), make_session(symbol, halted)
    assert 15 < usual.minute.size - bars.minute.size <= 60
    assert np.diff(bars.minute).max() > 20
    bars, usual = session_bars(symbol, printed, Event.BAD_PRINT), make_session(symbol, printed)
    [at] = np.flatnonzero(bars.low != usual.low)
    assert bars.low[at] == pytest.approx(0.7 * usual.low[at], abs=0.006)
    assert clock_of(printed).is_regular[bars.minute[at]]


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("year", [2025, 2026])
def test_a_split_is_where_the_prices_jump_and_nowhere_else(symbol: str, year: int) -> None:
    [split] = [split for split in splits(symbol, date(year, 12, 31)) if split.effective.year == year]
    before = previous_session(split.effective)

    ratio = [
        session_bars(symbol, session, Event.SPLIT).open.mean() / make_session(symbol, session).open.mean()
        for session in (previous_session(before), before, split.effective, next_session(split.effective))
    ]

    whole, divided = (1.0, 1 / split.factor) if year % 2 else (split.factor, 1.0)
    assert ratio == pytest.approx([whole, whole, divided, divided], rel=1e-3)
    volumes = session_bars(symbol, before, Event.SPLIT).volume / make_session(symbol, before).volume
    assert np.allclose(volumes, 1 / whole)


def test_the_provider_tells_its_splits_up_to_today() -> None:
    provider = Synthetic(frozenset({Event.SPLIT}))
    told = provider.splits("AAPL", LATER)

    day_before = session_hours(previous_session(told[-1].effective)).session_open
    assert [split.effective.year for split in told] == list(range(2000, 2027))
    assert provider.splits("AAPL", day_before) == told[:-1]
    assert np.prod([split.factor for split in told[-2:]]) == 1
    assert Synthetic().splits("AAPL", LATER) == ()


def test_bars_are_put_right_within_three_sessions() -> None:
    session = SESSIONS[10]
    usual, instants = make_session("AAPL", session), [session_hours(session).post_close]
    for _ in range(3):
        session = next_session(session)
        instants.append(session_hours(session).pre_open)

    said = [session_bars("AAPL", SESSIONS[10], Event.CORRECTION, now=instant) for instant in instants]
    wrong = [int((bars.volume != usual.volume).sum()) for bars in said]

    assert 1 <= wrong[0] <= 12
    assert wrong == sorted(wrong, reverse=True)
    assert wrong[-1] == 0
    assert all(np.array_equal(bars.minute, usual.minute) for bars in said)
    assert differing("AAPL", Event.CORRECTION) == []


def test_bars_of_a_running_session_stay_as_they_are_until_they_are_corrected() -> None:
    provider = Synthetic(ALL)
    noon = session_hours(SESSIONS[10]).session_open + timedelta(hours=3)
    early, late = (
        provider.fetch_month("AAPL", MONTH, now).body.split(b"\r\n") for now in (noon, noon + timedelta(hours=1))
    )

    assert len(late) > len(early)
    assert late[-(len(early) - 1) :] == early[1:]


def test_what_nobody_asked_for_does_not_happen() -> None:
    for session in SESSIONS:
        assert same(session_bars("AAPL", session, now=session_hours(session).post_close), "AAPL", session)


def test_a_month_with_all_events_is_read_and_the_same_each_time() -> None:
    provider = Synthetic(ALL)
    bars = built(provider)

    assert provider.fetch_month("AAPL", MONTH, LATER).body == Synthetic(ALL).fetch_month("AAPL", MONTH, LATER).body
    flags = bars.filter(np.array([phase == "regular" for phase in bars["phase"].to_pylist()]))["flags"].to_pylist()
    assert [raised for raised in flags if raised] == [["bad_print"]]
