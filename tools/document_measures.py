"""Write docs/metrics.md from the registry of measures: `python tools/document_measures.py`."""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs/metrics.md"
sys.path.insert(0, str(REPOSITORY))

from analytics.measures import MEASURES  # noqa: E402  # the path must be set first
from analytics.measures.index import PROMISES  # noqa: E402  # the path must be set first
from analytics.measures.model import Measure  # noqa: E402  # the path must be set first

_HEAD = """# Measures

Made by `python tools/document_measures.py` from `analytics/measures`; a test compares them. Notation: bar i has
o, h, l, c, v; r is a log return. What is not defined (too few bars, no volume, a price that stands still, no
overlap) is null, never zero. Prices and shares are as traded in the row's own session, and what reaches over a split
counts the sessions before it on that basis ([windows-across-splits](decisions/windows-across-splits.md)). How far each
agrees with other libraries: [agreement.md](agreement.md).
"""

# What is worked out for the range that somebody chose, and where.
_HEADINGS = {
    "statistics": "Statistics of a range (`/api/v1/statistics/`, `figures`)",
    "relative": "Statistics of a range against a benchmark (`/api/v1/statistics/`, `relative`)",
    "difference": "Is the difference real? (`/api/v1/statistics/`, `relative`, `difference`)",
    "periods": "Best and worst periods (`/api/v1/statistics/`)",
    "pair": "Two symbols over a range (`/api/v1/pair/`)",
    "pair_series": "Two symbols along a range (`/api/v1/pair-series/`)",
    "volume_profile": "Volume by price (`/api/v1/volume-profile/`)",
    "compare": "Symbols side by side (`/api/v1/compare/`)",
}


def page() -> str:
    """Return the text of docs/metrics.md."""
    tables = dict.fromkeys(measure.table for measure in MEASURES)
    return "\n".join([_HEAD, _index(), *(_section(table) for table in tables)])


def _index() -> str:
    rows = [
        f"| {one.number} | {one.name} | {', '.join(f'`{t}.{c}`' for t, c in one.places)} | {one.note} |"
        for one in PROMISES
    ]
    return "\n".join(["| | measure | where | note |", "|---|---|---|---|", *rows, ""])


def _section(table: str) -> str:
    entries = "\n".join(_entry(measure) for measure in MEASURES if measure.table == table)
    return f"## {_HEADINGS.get(table, f'Table `{table}`')}\n\n{entries}"


def _entry(measure: Measure) -> str:
    columns = ", ".join(f"`{column}`" for column in measure.columns)
    return (
        f"### {measure.name}\n\n{measure.sentence}\n\n"
        f"- Columns: {columns}\n- Unit: {measure.unit}\n- Formula: {measure.formula}\n"
        f"- Convention: {measure.convention}\n- Agrees with: {measure.source}\n- Needs: {measure.fewest}\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page())
