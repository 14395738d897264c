"""What must hold for any prices, whatever they are."""

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.formulas.comovement import correlation, cross_correlation, lead_lag, rank_correlation, realised_beta
from analytics.formulas.performance import (
    capture,
    conditional_value_at_risk,
    deepest,
    drawdowns,
    ols,
    simple_returns,
    stationary_bootstrap,
    value_at_risk,
)
from analytics.formulas.realised import bipower_variation, jump_share, realised_variance, semivariances
from analytics.formulas.rolling import rolling_correlation, rolling_spread_zscore
from analytics.formulas.volume_profile import volume_profile
from analytics.queries.pair_series import rebased
from analytics.queries.paths import Path
from analytics.queries.sessions import session_table

Floats = Any
prices = st.lists(st.floats(0.01, 1e5), min_size=2, max_size=120).map(np.array)


@st.composite
def two_prices(draw: st.DrawFn) -> tuple[Floats, Floats]:
    length = draw(st.integers(3, 120))
    each = st.lists(st.floats(0.01, 1e5), min_size=length, max_size=length)
    return np.array(draw(each)), np.array(draw(each))


def log_returns(values: Floats) -> Floats:
    return np.diff(np.log(values))


@given(two_prices())
def test_rebased_series_begin_at_100(both: tuple[Floats, Floats]) -> None:
    columns = rebased(*both, (both[0][0], both[1][0]))

    assert {column[0] for column in columns.values()} == {100.0}


@given(prices)
def test_a_drawdown_is_at_most_0_and_lies_between_its_peak_and_its_recovery(values: Floats) -> None:
    under = drawdowns(values)
    peak, trough, recovered = deepest(values)

    assert (under <= 0).all()
    assert under[trough] == under.min() == values[trough] / values[peak] - 1
    assert peak <= trough
    assert recovered is None or values[recovered] >= values[peak]


@given(two_prices())
def test_correlations_lie_between_minus_1_and_1_and_do_not_care_which_comes_first(both: tuple[Floats, Floats]) -> None:
    a, b = map(log_returns, both)

    for measure in (correlation, rank_correlation):
        one, other = measure(a, b), measure(b, a)
        assert np.isnan(one) or -1 <= one <= 1
        assert one == other or (np.isnan(one) and np.isnan(other))
    rolling = rolling_correlation(a, b, 2)
    assert ((np.abs(rolling) <= 1) | np.isnan(rolling)).all()


@given(prices)
def test_the_beta_of_a_symbol_with_itself_is_1(values: Floats) -> None:
    returns = log_returns(values)
    assume(len(returns) >= 3 and np.abs(returns).max() > 1e-6)

    assert realised_beta(returns, returns) == 1
    _, slope, explained = ols(returns, returns)
    if returns.max() - returns.min() > 1e-6:
        assert [slope, explained] == pytest.approx([1, 1])


@given(prices, st.integers(-6, 6))
def test_scaling_prices_changes_no_measure_of_returns(values: Floats, power: int) -> None:
    # Powers of two, so that the prices are scaled exactly; a split is one of these.
    scaled = values * 2.0**power

    assert (simple_returns(scaled) == simple_returns(values)).all()
    assert (drawdowns(scaled) == drawdowns(values)).all()
    for measure in (realised_variance, bipower_variation):
        before, after = measure(log_returns(values)), measure(log_returns(scaled))
        assert after == pytest.approx(before, rel=1e-9, abs=1e-20, nan_ok=True)


@given(two_prices(), st.integers(-6, 6))
def test_scaling_one_of_two_changes_no_correlation_and_no_spread(both: tuple[Floats, Floats], power: int) -> None:
    a, b = both
    assume(all(np.ptp(np.log(each)) > 1e-3 for each in both))

    scaled = rolling_spread_zscore(a * 2.0**power, b, len(a) - 1)

    assert scaled == pytest.approx(rolling_spread_zscore(a, b, len(a) - 1), rel=1e-4, abs=1e-4, nan_ok=True)
    assert correlation(log_returns(a * 2.0**power), log_returns(b)) == pytest.approx(
        correlation(log_returns(a), log_returns(b)), rel=1e-6, abs=1e-6, nan_ok=True
    )


@given(prices)
def test_variances_are_not_negative_and_their_halves_add_up(values: Floats) -> None:
    returns = log_returns(values)
    up, down = semivariances(returns)
    whole = realised_variance(returns)

    assert up >= 0 <= down
    assert up + down == pytest.approx(whole)
    share = jump_share(whole, bipower_variation(returns))
    assert np.isnan(share) or 0 <= share <= 1


@given(prices)
def test_the_tail_is_not_milder_than_its_edge(values: Floats) -> None:
    returns = simple_returns(values)

    assert returns.min() - 1e-12 <= conditional_value_at_risk(returns) <= value_at_risk(returns) + 1e-12


@given(st.lists(st.floats(1e-4, 0.1), min_size=1, max_size=60).map(np.array))
def test_a_symbol_captures_all_of_itself(rises: Floats) -> None:
    assert capture(rises, rises) == 1


@given(two_prices())
def test_whoever_leads_one_way_lags_the_other(both: tuple[Floats, Floats]) -> None:
    a, b = map(log_returns, both)
    minutes = np.arange(len(a))
    assume(not np.isnan(lead_lag(minutes, a, b)[0]))

    for lag in (0, 1, 3):
        assert cross_correlation(minutes, a, b, lag) == pytest.approx(cross_correlation(minutes, b, a, -lag))


@given(prices, st.integers(0, 2**32))
def test_a_bootstrap_with_the_same_seed_says_the_same_inside_the_range(values: Floats, seed: int) -> None:
    means = stationary_bootstrap(values, block=5, repetitions=20, seed=seed)

    assert (means == stationary_bootstrap(values, block=5, repetitions=20, seed=seed)).all()
    assert values.min() * (1 - 1e-9) <= means.min() <= means.max() <= values.max() * (1 + 1e-9)


@given(prices, st.integers(5, 60), st.data())
def test_a_volume_profile_loses_no_share(values: Floats, bins: int, data: st.DataObject) -> None:
    shares = st.lists(st.integers(0, 10**6), min_size=len(values), max_size=len(values))
    volume = np.array(data.draw(shares), dtype=np.float64)
    profile = volume_profile(values, volume, bins)

    if not volume.sum():
        assert profile is None
        return
    assert profile is not None
    assert profile.volume.sum() == volume.sum()
    assert profile.first <= profile.point_of_control <= profile.last
    assert profile.volume[profile.first : profile.last + 1].sum() >= 0.7 * volume.sum()


@given(st.lists(st.sets(st.integers(0, 389), min_size=0, max_size=5), min_size=1, max_size=8))
def test_sessions_without_a_bar_change_nothing(sessions: list[set[int]]) -> None:
    assume(any(sessions))
    opens = session_table().between(date(2026, 9, 1), date(2026, 9, 30)).opens
    minutes = np.array([opens[number] + minute for number, chosen in enumerate(sessions) for minute in sorted(chosen)])
    path = Path(minutes, np.arange(1, len(minutes) + 1).astype(np.float64))

    labels, returns = path.session_returns()

    neighbours = sum(bool(one and other) for one, other in pairwise(sessions))
    assert len(labels) == len(returns) == neighbours
    assert len(path.ends) == sum(map(bool, sessions))
