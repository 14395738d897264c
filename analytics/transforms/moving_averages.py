"""The table `moving_averages`: simple and exponential means of the last closes, per regular bar."""

from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.formulas.arrays import Floats, Integers, interleaved, starts_of_runs
from analytics.formulas.averaging import exponential, exponential_from, nothing
from analytics.formulas.basis import basis_of
from analytics.formulas.tables import ascending, floats, make_table
from analytics.schemas import MOVING_AVERAGES_SCHEMA
from analytics.transforms.bars import PRICE_UNITS, is_regular
from analytics.transforms.grouped import Further, GoingOn, WholeParts, derive_parts

SPANS = (20, 50, 200)
_INPUT = MOVING_AVERAGES_SCHEMA.names[:5]


def transform(bars: DataFrame, *, has_basis: bool = False) -> DataFrame:
    """Return one row per regular bar; each mean is null until `span` bars were seen.

    Windows count bars, not minutes, and run on from session to session. `sma_n` is the mean of the last n closes.
    `ema_n` weighs the newest close by 2/(n+1) and starts from the mean of the first n closes, as TA-Lib's EMA does.
    A close before a split counts as what it is on the basis of the row's own session.
    """
    return derive_parts(bars, WHOLE_PARTS, has_basis=has_basis)


def expected_rows() -> Column:
    return F.count(F.when(is_regular(), 1))


def with_averages(part: pa.Table) -> pa.Table:
    part = ascending(part, "bar_start")
    close, basis = floats(part, "close"), basis_of(part)
    columns: dict[str, Any] = {name: part[name] for name in _INPUT}
    columns |= {f"sma_{span}": exact_mean(close, basis, span) for span in SPANS}
    columns |= {f"ema_{span}": exponential(close / basis, span) * basis for span in SPANS}
    return make_table(MOVING_AVERAGES_SCHEMA, columns)


def further_averages(given: Further) -> pa.Table:
    """Return the rows of the news as `with_averages` would, had it seen all bars before: no split lies among them."""
    close, before = floats(given.news, "close"), floats(given.held, "close")
    held, news = interleaved(given.held_counts, given.news_counts)
    both = np.empty(len(before) + len(close))
    both[held], both[news] = before, close
    last = np.cumsum(given.held_counts) - 1
    columns: dict[str, Any] = {name: given.news[name] for name in _INPUT}
    for span in SPANS:
        # Each part has so many rows already that no window reaches into the part before.
        columns[f"sma_{span}"] = exact_mean(both, np.ones(len(both)), span)[news]
        columns[f"ema_{span}"] = exponential_from(
            floats(given.held, f"ema_{span}")[last], close, given.news_counts, span
        )
    return make_table(MOVING_AVERAGES_SCHEMA, columns)


def exact_mean(prices: Floats, basis: Floats, span: int) -> Floats:
    """Return the mean of the last `span` prices, added up in whole hundred-millionths, on the newest one's basis.

    So a mean does not depend on how far back the sum began, which a part's lookback decides.
    """
    result = nothing(len(prices))
    if len(prices) < span:
        return result
    units, own = np.rint(prices * PRICE_UNITS).astype(np.int64), basis[span - 1 :]
    # Those of each basis add up on their own: as traded they are whole numbers, on another basis they are not.
    steps = np.unique(basis[starts_of_runs(basis)])
    sums = [_sums(units if len(steps) == 1 else np.where(basis == step, units, 0), span) for step in steps]
    total = sum(part / (step / own) for step, part in zip(steps, sums, strict=True))
    result[span - 1 :] = total / span / PRICE_UNITS
    return result


def _sums(units: Integers, span: int) -> Integers:
    total = np.concatenate([[0], np.cumsum(units)])
    # Overflow would wrap around, and the difference of two wrapped sums is right all the same.
    sums: Integers = total[span:] - total[:-span]
    return sums


_HELD = ("close", *(f"ema_{span}" for span in SPANS))
GOING_ON = GoingOn(further_averages, _HELD, rows=max(SPANS) - 1)
WHOLE_PARTS = WholeParts(with_averages, MOVING_AVERAGES_SCHEMA, ("close",), going_on=GOING_ON)
