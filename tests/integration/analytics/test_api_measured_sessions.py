"""Pairs, volatility and quality of sessions, and what their columns mean."""

import pytest
from rest_framework.test import APIClient

from analytics.measures import MEASURES

pytestmark = pytest.mark.usefixtures("market")


def test_pairs_of_two_symbols_come_newest_first_in_either_order(api: APIClient) -> None:
    answer = api.get("/api/v1/pairs/?symbols=MSFT,AAPL").json()

    rows = answer["results"]
    assert [row["session"] for row in rows] == ["2025-11-28", "2025-11-26", "2025-11-03", "2025-10-31"]
    assert {(row["symbol_a"], row["symbol_b"]) for row in rows} == {("AAPL", "MSFT")}
    # MSFT lacks three minutes of that day, and one of AAPL is quarantined.
    assert [row["matched_minutes"] for row in rows] == [210, 390, 386, 390]
    assert rows[0]["correlation_1min"] is None


def test_pairs_of_three_symbols_are_three_and_say_what_they_were_made_from(api: APIClient) -> None:
    answer = api.get("/api/v1/pairs/?symbols=AAPL,BRK.B,MSFT&from=2025-11-03&to=2025-11-03").json()

    assert [row["symbol"] for row in answer["results"]] == ["AAPL_BRK.B", "AAPL_MSFT", "BRK.B_MSFT"]
    assert answer["provenance"]["tables"].keys() == {"bars", "pairs"}
    assert answer["provenance"]["provider"] == "alpha_vantage"
    assert answer["provenance"]["processed_at"] is not None


def test_quality_says_what_is_missing(api: APIClient) -> None:
    (row,) = api.get("/api/v1/quality/?symbols=MSFT&from=2025-11-03&to=2025-11-03").json()["results"]

    assert (row["expected_minutes"], row["present_minutes"], row["missing_minutes"]) == (390, 387, 3)


def test_measures_are_those_of_the_registry(api: APIClient) -> None:
    results = api.get("/api/v1/measures/").json()["results"]

    assert [entry["name"] for entry in results] == [measure.name for measure in MEASURES]
    assert results[0]["columns"] == list(MEASURES[0].columns)
