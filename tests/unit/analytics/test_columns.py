"""The wire format of series: what is encoded comes back."""

import json

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.queries.columns import decode, encode, encode_integers

PRICES = st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9).map(lambda tick: tick / 10_000)), max_size=200)


def sent(column: object) -> dict[str, object]:
    """Return a column as a client reads it."""
    received: dict[str, object] = json.loads(orjson.dumps(column, option=orjson.OPT_SERIALIZE_NUMPY))
    return received


@given(PRICES)
def test_prices_come_back_exactly(prices: list[float | None]) -> None:
    values = np.array([np.nan if price is None else price for price in prices], dtype=np.float64)

    received = sent(encode(values))

    assert np.array_equal(decode(received, len(values)), values, equal_nan=True)


@given(st.lists(st.floats(-1e6, 1e6), max_size=100))
def test_values_without_a_scale_come_back_rounded(floats: list[float]) -> None:
    values = np.array(floats, dtype=np.float64)

    received = sent(encode(values, max_scale=4))

    assert decode(received, len(values)) == pytest.approx(values, abs=0.5001e-4)


@given(st.lists(st.integers(-(2**60), 2**60), max_size=100).map(sorted))
def test_whole_numbers_are_sums_of_their_deltas(numbers: list[int]) -> None:
    received = sent(encode_integers(np.array(numbers, dtype=np.int64)))

    assert list(np.cumsum(np.array(received["deltas"], dtype=np.int64))) == numbers


@pytest.mark.parametrize(
    ("values", "scale"), [([1.0, 2.0], 0), ([1.5, 2.25], 2), ([0.0001], 4), ([0.1234567], 6), ([], 0)]
)
def test_the_scale_is_the_smallest_that_is_exact(values: list[float], scale: int) -> None:
    assert encode(np.array(values, dtype=np.float64))["scale"] == scale


def test_nulls_are_runs_counted_in_rows_and_carry_no_delta() -> None:
    column = sent(encode(np.array([np.nan, 1.0, np.nan, np.nan, 3.0])))

    assert column == {"scale": 0, "deltas": [1, 2], "nulls": [[0, 1], [2, 2]]}


def test_a_column_of_nulls_only_is_one_run() -> None:
    assert sent(encode(np.array([np.nan, np.nan])))["nulls"] == [[0, 2]]
