"""A comparison as an inline drawing: for pages that show one without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template

from analytics.queries.comparison import ComparedSeries, Comparison

register = template.Library()

WIDTH, HEIGHT = 720, 300
# Room right of the lines for their names, and above and below for the strokes' width.
NAMES_WIDTH, MARGIN = 110, 14
NAME_HEIGHT = 24
DASHES = ("", "9 2.5", "2 2.5", "11 3 2 3", "4 2 1 2", "1 3")


@dataclass(frozen=True)
class DrawnLine:
    """`place` counts from 1, as the colours do; `name_y` is the middle of the name at the line's end."""

    symbol: str
    place: int
    dash: str
    path: str
    name_y: float
    change: float


@register.inclusion_tag("includes/comparison_picture.html")
def comparison_picture(comparison: Comparison) -> dict[str, Any]:
    """Draw the change of each symbol since the base minute, all on one scale that includes zero."""
    changes = [_changes(series) for series in comparison.series]
    low, high = min(map(min, changes)), max(map(max, changes))
    scale = (HEIGHT - 2 * MARGIN) / ((high - low) or 1.0)

    def y_of(change: float) -> float:
        return round(MARGIN + (high - change) * scale, 1)

    names = _apart([y_of(each[-1]) for each in changes])
    lines = [
        DrawnLine(series.symbol, place, DASHES[(place - 1) % 6], _path(each, y_of), name_y, each[-1])
        for place, (series, each, name_y) in enumerate(zip(comparison.series, changes, names, strict=True), start=1)
    ]
    return {"lines": lines, "zero": y_of(0.0), "width": WIDTH, "height": HEIGHT, "plot": WIDTH - NAMES_WIDTH}


def _changes(series: ComparedSeries) -> list[float]:
    return [0.0, *(float(close) / series.first_close - 1.0 for close in series.closes)]


def _path(changes: Sequence[float], y_of: Any) -> str:
    step = (WIDTH - NAMES_WIDTH) / max(len(changes) - 1, 1)
    return "M" + " ".join(f"{place * step:.1f} {y_of(change)}" for place, change in enumerate(changes))


def _apart(wanted: Sequence[float]) -> list[float]:
    """Move heights apart, each down as far as the one above it needs."""
    moved = list(wanted)
    floor = 0.0
    for place in sorted(range(len(wanted)), key=lambda each: wanted[each]):
        moved[place] = max(wanted[place], floor)
        floor = moved[place] + NAME_HEIGHT + 2
    # Whatever was pushed below the edge goes back up, and pushes the others with it.
    ceiling = HEIGHT - NAME_HEIGHT / 2
    for place in sorted(range(len(wanted)), key=lambda each: moved[each], reverse=True):
        moved[place] = min(moved[place], ceiling)
        ceiling = moved[place] - NAME_HEIGHT - 2
    return moved
