"""The registry names every measure that a derived table has, and docs/metrics.md is made from it."""

import pyarrow as pa
from document_measures import PAGE, page

from analytics.measures import MEASURES, find_measure
from analytics.measures.index import PROMISES
from analytics.schemas import DERIVED_SCHEMAS

# Keys, and numbers of rows that the names explain.
NO_MEASURES = {"bar_count", "return_count_1min", "return_count_5min", "session_count", "minute_of_session"}
NO_MEASURES |= {"quarantined_bars"}


def test_every_number_in_a_derived_table_is_a_measure_or_a_count() -> None:
    missing = [
        (table, field.name)
        for table, schema in DERIVED_SCHEMAS.items()
        for field in schema
        if (pa.types.is_floating(field.type) or pa.types.is_integer(field.type))
        and field.name not in NO_MEASURES
        and not (table == "moving_averages" and field.name == "close")
        and find_measure(table, field.name) is None
    ]

    assert missing == []


def test_every_measure_is_in_a_table_and_says_everything_about_itself() -> None:
    for measure in MEASURES:
        if measure.table in DERIVED_SCHEMAS:
            assert set(measure.columns) <= set(DERIVED_SCHEMAS[measure.table].names), measure
        assert all((measure.unit, measure.formula, measure.convention, measure.source, measure.fewest)), measure
        assert measure.sentence.endswith("."), measure


def test_the_page_of_measures_is_current() -> None:
    assert PAGE.read_text() == page(), "run `python tools/document_measures.py` and commit docs/metrics.md"


def test_all_fifty_measures_are_in_the_registry() -> None:
    assert [promise.number for promise in PROMISES] == list(range(1, 51))
    for promise in PROMISES:
        assert promise.places, promise
        assert [place for place in promise.places if find_measure(*place) is None] == [], promise
