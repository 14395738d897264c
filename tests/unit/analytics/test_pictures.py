"""The comparison as an inline drawing."""

import itertools
import re
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from django.template.loader import render_to_string

from analytics.queries.comparison import ComparedSeries, Comparison
from analytics.templatetags.pictures import HEIGHT, NAME_HEIGHT, comparison_picture


def _drawing(**closes: list[float]) -> dict[str, Any]:
    series = tuple(ComparedSeries(symbol, np.array(values), 100.0) for symbol, values in closes.items())
    # The drawing reads the series only.
    return comparison_picture(cast(Comparison, SimpleNamespace(series=series)))


def _names(drawing: dict[str, Any]) -> list[float]:
    return sorted(line.name_y for line in drawing["lines"])


def test_every_line_starts_at_the_zero_line() -> None:
    drawing = _drawing(AAPL=[110.0, 120.0], MSFT=[95.0, 90.0])

    assert [line.path.split(" ")[:2] for line in drawing["lines"]] == [["M0.0", str(drawing["zero"])]] * 2


def test_names_never_overlap_and_stay_inside() -> None:
    names = _names(_drawing(A=[90.0], B=[90.0], C=[90.0], D=[150.0]))

    assert all(below - above >= NAME_HEIGHT for above, below in itertools.pairwise(names))
    assert names[0] >= 0
    assert names[-1] <= HEIGHT - NAME_HEIGHT / 2


def test_a_comparison_that_did_not_move_can_be_drawn() -> None:
    assert _drawing(AAPL=[100.0], MSFT=[100.0])["lines"]


def test_the_drawing_says_its_changes_in_words() -> None:
    html = render_to_string("includes/comparison_picture.html", _drawing(AAPL=[104.6], MSFT=[99.0]))

    assert re.search(r'aria-label="AAPL \+4.6.%, MSFT −1.0.%"', html)
    assert "style=" not in html
