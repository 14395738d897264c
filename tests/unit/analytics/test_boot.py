"""What fits into a page and what the chart has to ask for."""

from datetime import date

import numpy as np
import orjson
from django.http import QueryDict

from analytics.pages.boot import BUDGET_BYTES, chart_boot, fitting
from analytics.pages.choices import read_choice


def test_what_passes_the_budget_is_null_and_what_comes_after_may_still_fit() -> None:
    assert fitting({"first": [1, 2], "large": "x" * 100, "last": 3}, 20) == {"first": [1, 2], "large": None, "last": 3}


def test_arrays_are_plain_numbers() -> None:
    assert fitting({"deltas": np.array([1, 2])}, 100) == {"deltas": [1, 2]}


def test_twenty_years_of_sessions_are_left_to_the_api() -> None:
    choice = read_choice("daily", ["AAPL"], QueryDict("range=MAX"), date(2006, 1, 3), date(2025, 11, 28))

    boot = chart_boot(choice, daily={"results": ["x" * BUDGET_BYTES]})

    assert boot["sessions"] is None
    assert boot["daily"] is None
    assert boot["range"] == {"name": "MAX", "from": "2006-01-03", "to": "2025-11-28"}
    assert len(orjson.dumps(boot)) < BUDGET_BYTES
