"""Which bars are doubted, and why."""

import numpy as np
import pytest

from market.bars.flags import Prices, bad_prints, invalid_ohlc, non_positive, repair, wrong_basis


def flat(level: float, bars: int) -> list[list[float]]:
    return [[level, level + 0.1, level - 0.1, level]] * bars


def prices(rows: list[list[float]]) -> Prices:
    return Prices(*np.array(rows, dtype=float).T)


def flagged(mask: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> list[int]:
    return np.flatnonzero(mask).tolist()


@pytest.mark.parametrize(
    "print_",
    [[207.0, 207.1, 158.8, 207.0], [207.0, 240.0, 206.9, 207.0], [160.0, 160.1, 159.9, 160.0]],
    ids=["low", "high", "whole bar"],
)
def test_a_print_off_both_sides_of_the_market_is_bad(print_: list[float]) -> None:
    assert flagged(bad_prints(prices([*flat(207, 12), print_, *flat(207, 12)]))) == [12]


def test_a_move_that_the_market_keeps_is_no_bad_print() -> None:
    assert flagged(bad_prints(prices([*flat(100, 12), [100, 120, 100, 119], *flat(119, 12)]))) == []


def test_a_price_that_the_next_bar_comes_near_is_no_bad_print() -> None:
    """The minutes after earnings, as recorded for one company in 2020."""
    after_earnings = [[282.5, 296.4, 282.5, 295.0], [295.2, 298.1, 289.5, 290.4], [290.5, 296.8, 289.0, 289.8]]

    assert flagged(bad_prints(prices([*flat(281, 12), *after_earnings, *flat(281, 12)]))) == []


def test_no_bars_and_one_bar_are_not_doubted() -> None:
    nothing = Prices(*[np.empty(0)] * 4)

    assert flagged(bad_prints(nothing)) == []
    assert flagged(bad_prints(prices(flat(100, 1)))) == []


@pytest.mark.parametrize("place", [0, 24])
def test_a_bad_print_is_found_at_either_end(place: int) -> None:
    rows = flat(207, 25)
    rows[place] = [207, 207.1, 150, 207]

    assert flagged(bad_prints(prices(rows))) == [place]


def test_a_move_of_less_than_five_percent_is_no_bad_print() -> None:
    assert flagged(bad_prints(prices([*flat(100, 12), [100, 104.9, 95.1, 100], *flat(100, 12)]))) == []


def test_a_bar_across_a_split_has_the_wrong_basis() -> None:
    across = prices([*flat(645.57, 12), [645.57, 645.57, 92.23, 92.7], *flat(92.7, 12)])

    assert flagged(wrong_basis(across)) == [12]


def test_a_wide_bar_in_a_steady_market_is_on_its_own_basis() -> None:
    assert flagged(wrong_basis(prices([*flat(430, 12), [430, 466, 282, 430], *flat(430, 12)]))) == []


@pytest.mark.parametrize(
    ("bar", "low", "high"),
    [([212.611, 213.0, 212.612, 212.9], 212.611, 213.0), ([10.0, 10.1, 9.9, 10.105], 9.9, 10.105)],
)
def test_high_and_low_are_widened_by_a_tick(bar: list[float], low: float, high: float) -> None:
    repaired, changed = repair(prices([bar]))

    assert (repaired.low[0], repaired.high[0], bool(changed[0])) == (low, high, True)
    assert not invalid_ohlc(repaired)[0]


@pytest.mark.parametrize("bar", [[10, 10.1, 9.9, 10.2], [9.8, 10.1, 9.9, 10], [10, 9, 11, 10]])
def test_prices_that_contradict_each_other_are_kept_and_invalid(bar: list[float]) -> None:
    repaired, changed = repair(prices([bar]))

    assert invalid_ohlc(repaired)[0]
    assert not changed[0]
    assert [repaired.high[0], repaired.low[0]] == bar[1:3]


def test_a_good_bar_is_not_touched() -> None:
    bars = prices(flat(100, 3))

    repaired, changed = repair(bars)

    assert not changed.any()
    assert (repaired.high == bars.high).all()


@pytest.mark.parametrize("bar", [[0, 1, 0, 1], [-1, 1, -1, 1], [0, 0, 0, 0]])
def test_a_price_of_nothing_is_no_price(bar: list[float]) -> None:
    assert non_positive(prices([bar]))[0]
