"""Findings as sentences, and the ranges they speak of."""

from datetime import date
from types import MappingProxyType

import numpy as np
import pytest

from analytics.formulas.figures import Sample
from analytics.queries.comparison import ComparedSeries, Comparison
from analytics.queries.finding import (
    average_sentence,
    coverage_sentence,
    finding_sentence,
    means_sentence,
    pair_sentence,
)
from analytics.queries.instants import minute_of
from analytics.queries.pair_range import PairRange
from analytics.queries.provenance import Provenance
from analytics.queries.ranges import default_range, named_ranges
from analytics.queries.relative import Relative
from analytics.queries.timeframes import Timeframe
from market.calendar import session_hours
from tests.market_fixture import NOW


def compared(base: date, minutes: int, **last_closes: float) -> Comparison:
    start = minute_of(session_hours(base).session_open)
    return Comparison(
        timeframe=Timeframe.DAY,
        base_minute=start,
        last_minute=start,
        bar_starts=np.array([start]),
        series=tuple(ComparedSeries(name, np.array([last]), 100.0) for name, last in last_closes.items()),
        matched_minutes=minutes,
        missing_minutes=MappingProxyType({}),
        provenance=Provenance("synthetic", {"bars": 1}, None),
    )


def test_the_leader_is_named_with_its_lead_in_points() -> None:
    sentence = finding_sentence(compared(date(2025, 10, 1), 15_209, MSFT=101.9, AAPL=105.1), NOW)

    assert sentence == "AAPL leads by 3.2 points since 1 Oct (+5.1\u00a0% against +1.9\u00a0%, 15\u202f209 minutes)"


def test_a_year_that_is_not_this_one_is_said_and_a_loss_has_a_minus() -> None:
    sentence = finding_sentence(compared(date(2024, 10, 1), 12, AAPL=99.0, MSFT=98.0), NOW)

    assert sentence == "AAPL leads by 1.0 points since 1 Oct 2024 (−1.0\u00a0% against −2.0\u00a0%, 12 minutes)"


def test_symbols_that_stand_the_same_are_level() -> None:
    sentence = finding_sentence(compared(date(2025, 10, 1), 12, AAPL=101.0, MSFT=101.0), NOW)

    assert sentence.startswith("AAPL and MSFT are level since 1 Oct")


def test_with_more_than_two_symbols_each_change_has_its_name() -> None:
    sentence = finding_sentence(compared(date(2025, 10, 1), 12, AAPL=101.0, MSFT=102.0, NVDA=99.0), NOW)

    assert sentence == (
        "MSFT leads by 1.0 points since 1 Oct (+2.0\u00a0% against AAPL +1.0\u00a0%, NVDA −1.0\u00a0%, 12 minutes)"
    )


def paired(minutes: int, **values: float) -> PairRange:
    figures = {name: Sample(minutes, "returns").figure(value) for name, value in values.items()}
    provenance = Provenance("synthetic", {"bars": 1}, None)
    return PairRange(("AAPL", "MSFT"), minutes, figures, Relative("AAPL", "MSFT", {}, {}), provenance)


@pytest.mark.parametrize(
    ("lead", "strength", "said"),
    [
        (0.0, 0.4, "neither moved first"),
        (2.0, 0.04, "neither moved first"),
        (2.0, -0.1, "MSFT moved first, by 2 minutes"),
        (-1.0, 0.1, "AAPL moved first, by 1 minute"),
    ],
)
def test_a_lead_outside_the_band_names_who_moved_first(lead: float, strength: float, said: str) -> None:
    measured = {"lead_lag_minutes": lead, "lead_lag_correlation": strength, "lead_lag_band": 0.05}

    sentence = pair_sentence(paired(390, correlation_5min=0.41, beta_5min=0.926, **measured))

    moves = "when MSFT moved by 1\u00a0%, AAPL moved by 0.93\u00a0%"
    assert sentence == f"Over five minutes the correlation is 0.41; {moves}; {said}"


def test_means_are_told_with_their_change() -> None:
    rows = [
        {"symbol": "AAPL", "mean_close": 102.0},
        {"symbol": "MSFT", "mean_close": 500.0},
        {"symbol": "AAPL", "mean_close": 100.0},
    ]

    assert means_sentence(rows, "On 3 Nov 2025") == (
        "On 3 Nov 2025 AAPL averaged 102.00 (+2.0\u00a0%), MSFT averaged 500.00"
    )
    assert means_sentence([], "") == "No rows in this range"


@pytest.mark.parametrize(
    ("average", "said"),
    [(100.0, "2.00\u00a0% above"), (104.0, "1.92\u00a0% below"), (102.0, "at its mean"), (None, "not 200")],
)
def test_the_close_is_told_against_its_long_average(average: float | None, said: str) -> None:
    row = {"bar_start": "2025-11-03T20:59:00Z", "close": 102.0, "sma_200": average}

    assert said in average_sentence("AAPL", row)


def test_coverage_is_told_over_all_symbols() -> None:
    assert coverage_sentence(1389, 1390, 2) == "2 symbols: 1\u202f389 of 1\u202f390 expected minutes are here"


def test_ranges_count_back_from_the_last_session_with_data() -> None:
    ranges = {each.name: each for each in named_ranges(date(2025, 1, 2), date(2025, 11, 28))}

    assert {name: str(each.first) for name, each in ranges.items()} == {
        "1D": "2025-11-28",
        "5D": "2025-11-21",
        "1M": "2025-10-29",
        "6M": "2025-05-29",
        "YTD": "2025-01-02",
        "1Y": "2025-01-02",
        "MAX": "2025-01-02",
    }
    assert [name for name, each in ranges.items() if not each.available] == ["1Y"]


def test_a_range_reaches_when_its_first_session_is_there() -> None:
    ranges = {each.name: each for each in named_ranges(date(2026, 10, 1), date(2026, 10, 30))}

    assert ranges["1M"].available
    assert not ranges["6M"].available


@pytest.mark.parametrize(("first", "name"), [("2025-01-02", "1M"), ("2025-11-20", "MAX")])
def test_without_a_month_of_data_everything_is_shown(first: str, name: str) -> None:
    assert default_range(named_ranges(date.fromisoformat(first), date(2025, 11, 28))).name == name


def test_a_month_back_from_the_31st_ends_within_the_shorter_month() -> None:
    ranges = {each.name: each for each in named_ranges(date(2025, 1, 2), date(2025, 3, 31))}

    assert str(ranges["1M"].first) == "2025-03-01"
