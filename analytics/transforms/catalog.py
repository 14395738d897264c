"""The transforms by name, with what planning needs to know about each; importing it imports no engine."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from analytics.formulas.pair_sessions import HEDGE_LOOKBACK_ROWS
from analytics.schemas import DERIVED_SCHEMAS

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from analytics.transforms.grouped import WholeParts


@dataclass(frozen=True)
class Transform:
    """A derived table and how it is made. A new `formula_version` makes every part of the table stale.

    `lookback_rows` is how many rows of `bars` before a part its values may depend on. A part `of_pairs` is made from
    the bars of two symbols; one that `needs_calendar` wants `session_minutes` beside each bar. One that
    `crosses_sessions` compares sessions with each other: where a split lies between them, it is called with bars that
    have a column `basis`, and with `has_basis=True`. A part of `goes_on_after` rows or more can be gone on with when
    its bars get further sessions; None: such a part is made anew.
    """

    name: str
    formula_version: int
    lookback_rows: int
    sort_by: tuple[str, ...]
    of_pairs: bool = False
    needs_calendar: bool = False
    crosses_sessions: bool = False
    goes_on_after: int | None = None

    @property
    def schema(self) -> pa.Schema:
        return DERIVED_SCHEMAS[self.name]

    def function(self) -> "Callable[..., DataFrame]":
        """Return the transform itself; this imports pyspark."""
        return cast("Callable[..., DataFrame]", self._attribute("transform"))

    def whole_parts(self) -> "WholeParts | None":
        """Return the function over whole parts that the transform is made of; None if it is one of expressions."""
        return cast("WholeParts | None", getattr(self._module(), "WHOLE_PARTS", None))

    def expected_rows(self) -> "Column":
        """Return an aggregate over all bars of a part that counts the rows its result must have."""
        return cast("Callable[[], Column]", self._attribute("expected_rows"))()

    def _attribute(self, name: str) -> object:
        return getattr(self._module(), name)

    def _module(self) -> ModuleType:
        return import_module(f"analytics.transforms.{self.name}")


# (1 - 2/201)^2777 < 1e-12: after 2,777 bars an EMA of 200 has forgotten its seed, and of 8,000 rows in `bars` at
# least 40 % are regular bars. See docs/decisions/ema-lookback.md.
_EMA_LOOKBACK_ROWS = 8_000

# Ten sessions of at most 961 bars, extended hours and the auction included, for the relative volume. The slowest
# recursion, Wilder's of 14 smoothed twice (ADX), needs less: (13/14)^800 < 1e-25.
_INDICATORS_LOOKBACK_ROWS = 10 * 961

TRANSFORMS = {
    transform.name: transform
    for transform in (
        Transform("daily", formula_version=1, lookback_rows=0, sort_by=("session",), goes_on_after=0),
        Transform("hourly", formula_version=1, lookback_rows=0, sort_by=("hour_start",), goes_on_after=0),
        Transform(
            "moving_averages",
            formula_version=2,
            lookback_rows=_EMA_LOOKBACK_ROWS,
            sort_by=("bar_start",),
            crosses_sessions=True,
            # The longest window.
            goes_on_after=200,
        ),
        Transform("returns", formula_version=1, lookback_rows=1, sort_by=("bar_start",), crosses_sessions=True),
        Transform(
            "indicators",
            formula_version=2,
            lookback_rows=_INDICATORS_LOOKBACK_ROWS,
            sort_by=("bar_start",),
            crosses_sessions=True,
        ),
        Transform("volatility", formula_version=2, lookback_rows=1, sort_by=("session",), crosses_sessions=True),
        Transform(
            "seasonality", formula_version=1, lookback_rows=0, sort_by=("minute_of_session",), crosses_sessions=True
        ),
        Transform("quality", formula_version=1, lookback_rows=0, sort_by=("session",), needs_calendar=True),
        Transform(
            "pairs",
            formula_version=1,
            lookback_rows=HEDGE_LOOKBACK_ROWS,
            sort_by=("session",),
            of_pairs=True,
            crosses_sessions=True,
        ),
    )
}
