"""Statistics of a range: what they are made from, and what they say where there is too little."""

import csv
import io
import math
from typing import Any

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.usefixtures("market")


def statistics(api: APIClient, query: str) -> Any:
    response = api.get(f"/api/v1/statistics/?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def test_statistics_rest_on_returns_between_neighbouring_sessions(api: APIClient) -> None:
    aapl = statistics(api, "symbols=AAPL")["symbols"][0]
    days = api.get("/api/v1/daily/?symbols=AAPL").json()["results"][::-1]
    closes = [day["close"] for day in days]

    # 31 October and 3 November are neighbours, and so are the sessions around Thanksgiving.
    returns = [closes[1] / closes[0] - 1, closes[3] / closes[2] - 1]
    logs = [math.log1p(each) for each in returns]
    spread = abs(logs[0] - logs[1]) / math.sqrt(2)
    volatility = aapl["figures"]["volatility"]
    assert volatility["sample"] == 2
    assert volatility["value"] == pytest.approx(spread * math.sqrt(252), rel=1e-9)
    assert volatility["warning"] == "Only 2 session returns; under 20 this says little."
    assert aapl["best_session"] == {"from": "2025-11-03", "return": pytest.approx(returns[0])}
    assert aapl["sessions"] == 4


def test_statistics_between_two_instants_count_the_bars_inside(api: APIClient) -> None:
    aapl = statistics(api, "symbols=AAPL&from=2025-11-03T15:00:30Z&to=2025-11-03T15:10:00Z")["symbols"][0]

    assert (aapl["first"], aapl["last"], aapl["minutes"]) == ("2025-11-03T15:01:00Z", "2025-11-03T15:09:00Z", 9)
    assert aapl["figures"]["intraday_return"]["reason"] == "Needs at least 1 whole sessions; the range has 0."


def test_statistics_of_two_symbols_are_of_the_minutes_that_both_have(api: APIClient) -> None:
    answer = statistics(api, "symbols=AAPL,MSFT&from=2025-11-03&to=2025-11-03")

    assert answer["matched_minutes"] == 386
    assert {each["minutes"] for each in answer["symbols"]} == {386}
    (msft,) = answer["relative"]
    of_both = [each["figures"]["cumulative_return"]["value"] for each in answer["symbols"]]
    assert msft["figures"]["excess_return"]["value"] == pytest.approx(of_both[1] - of_both[0])
    assert msft["difference"]["is_real"] is None
    assert msft["difference"]["mean"]["reason"] == "Needs at least 10 session returns; the range has 0."


def test_symbols_that_never_meet_are_measured_alone_and_not_compared(api: APIClient) -> None:
    answer = statistics(api, "symbols=AAPL,BRK.B&from=2025-11-26&to=2025-11-28")

    aapl, brk = answer["symbols"]
    assert (answer["matched_minutes"], aapl["minutes"], brk["minutes"]) == (0, 600, 0)
    assert brk["figures"]["cumulative_return"]["value"] is None
    assert {figure["reason"] for figure in answer["relative"][0]["figures"].values()} == {
        "The two share no minute in the range."
    }


def test_drawdown_says_when(api: APIClient) -> None:
    # MSFT falls all the time; the next session begins a dollar below.
    msft = statistics(api, "symbols=MSFT&from=2025-11-03&to=2025-11-03")["symbols"][0]

    assert msft["drawdown"]["peak"] == msft["first"]
    assert msft["drawdown"]["trough"] == msft["last"]
    assert msft["drawdown"]["recovered"] is None
    assert msft["figures"]["maximum_drawdown"]["value"] == msft["figures"]["cumulative_return"]["value"]


def test_statistics_as_csv_have_a_row_for_each_figure(api: APIClient) -> None:
    response = api.get("/api/v1/statistics/?symbols=AAPL,MSFT&format=csv")

    lines = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert {(row["symbol"], row["benchmark"]) for row in rows} == {("AAPL", ""), ("MSFT", ""), ("MSFT", "AAPL")}
    assert next(row for row in rows if row["measure"] == "sharpe_ratio")["sample"] == "2"
