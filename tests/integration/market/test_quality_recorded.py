"""The checks on recorded bars: what is wrong in them is found, little else is, and faults put into them are found."""

from datetime import date
from pathlib import Path

import pytest
from measure_quality import FAULTS, find, measure, recorded_months

from market.calendar import sessions_in_range
from market.quality.checks import Kind

SOME = {"xiang_av_2020/MSFT", "eqker_av_2019/MSFT", "eqker_av_2019/SPY", "lean/AAPL", "lean/BAC"}
ADJUSTED = {
    "AAPL": (date(2020, 10, 26), date(2020, 11, 5)),
    "INTC": (date(2020, 10, 26), date(2020, 11, 4)),
    "MSFT": (date(2020, 11, 6), date(2020, 11, 17)),
    "NVDA": (date(2020, 11, 19), date(2020, 12, 2)),
    "QQQ": (date(2020, 12, 10), date(2020, 12, 11)),
    "TSLA": None,
}

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


def test_sessions_on_another_adjustment_basis_are_found_exactly(shared_data: Path) -> None:
    """QQQ's run ends with the set; the others end within it, as the adjustment for a dividend would."""
    found: dict[str, set[date]] = {symbol: set() for symbol in ADJUSTED}
    wanted = {f"xiang_av_2020/{symbol}" for symbol in ADJUSTED}
    for recorded in recorded_months(shared_data / "minute_bars", wanted):
        _, findings = find(recorded, recorded.bars)
        found[recorded.symbol] |= {each.session for each in findings if each.kind is Kind.ADJUSTED_BASIS}

    expected = {symbol: set(sessions_in_range(*run)) if run else set() for symbol, run in ADJUSTED.items()}
    assert found == expected


def test_faults_put_into_recorded_bars_are_found(shared_data: Path) -> None:
    tallies = measure(recorded_months(shared_data / "minute_bars", SOME))

    for name, tally in tallies.items():
        assert tally.faulty >= 5, name
        assert tally.recall >= 0.97, (name, tally.missed)
        if name != "adjusted session among raw ones":
            assert tally.false_alarm_rate <= 0.01, (name, tally.alarmed)
    assert len(tallies) == len(FAULTS) + 2
