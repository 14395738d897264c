"""Moving averages that go on over further sessions of many parts at a time: the bits of a part that never stopped."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from analytics.transforms.grouped import Held
from analytics.transforms.moving_averages import GOING_ON, with_averages

MONTH = "2026-10"
# How many bars a part has already, and how many come; `process_prices` goes on only after 200.
lengths = st.lists(st.tuples(st.integers(200, 450), st.integers(1, 90)), min_size=1, max_size=4)


def bars(symbol: str, count: int, seed: int) -> pa.Table:
    begin, random = datetime(2026, 10, 1, 13, 30, tzinfo=UTC), np.random.default_rng(seed)
    starts = [begin + timedelta(minutes=minute) for minute in range(count)]
    columns: dict[str, Any] = {
        "symbol": [symbol] * count,
        "month": [MONTH] * count,
        "session": pa.array([start.date() for start in starts], pa.date32()),
        "bar_start": pa.array(starts, pa.timestamp("us", "UTC")),
        "close": random.uniform(90, 110, count).round(4),
    }
    return pa.table(columns)


@given(lengths, st.integers(0, 1000))
def test_many_parts_go_on_as_if_none_had_stopped(parts: list[tuple[int, int]], seed: int) -> None:
    whole = [bars(f"S{n}", had + new, seed + n) for n, (had, new) in enumerate(parts)]
    made = [with_averages(part) for part in whole]
    last = [rows.slice(0, had).slice(max(0, had - GOING_ON.rows)) for rows, (had, _) in zip(made, parts, strict=True)]
    stops = np.cumsum([rows.num_rows for rows in last])
    where = {
        (f"S{n}", MONTH): (int(stop) - rows.num_rows, int(stop))
        for n, (rows, stop) in enumerate(zip(last, stops, strict=True))
    }
    news = pa.concat_tables([part.slice(had) for part, (had, _) in zip(whole, parts, strict=True)])

    further = GOING_ON.function(Held(pa.concat_tables(last).select(GOING_ON.columns), where).before(news))

    assert further.equals(pa.concat_tables([rows.slice(had) for rows, (had, _) in zip(made, parts, strict=True)]))


def test_a_part_without_news_is_not_gone_on_with() -> None:
    made = {symbol: with_averages(bars(symbol, 210, seed)) for seed, symbol in enumerate(("AAPL", "MSFT"))}
    last = [rows.slice(10, 199).select(GOING_ON.columns) for rows in made.values()]
    held = Held(pa.concat_tables(last), {("AAPL", MONTH): (0, 199), ("MSFT", MONTH): (199, 398)})

    further = GOING_ON.function(held.before(bars("MSFT", 210, 1).slice(209)))

    assert further.equals(made["MSFT"].slice(209))
