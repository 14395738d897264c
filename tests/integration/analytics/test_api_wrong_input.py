"""Wrong input is 400 or 404 with a field and a sentence, never 500."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

pytestmark = pytest.mark.usefixtures("market")

MANY = ",".join(f"S{number}" for number in range(10_000))
ROWS = ["daily", "hourly", "volatility", "quality", "pairs", "compare"]

# Each row: the path, the status, the field that is blamed.
WRONG = [
    *[(f"{name}/", 400, "symbols") for name in ROWS],
    *[(f"{name}/?symbols=", 400, "symbols") for name in ROWS],
    *[(f"{name}/?symbols=,,%20,", 400, "symbols") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,NVDA", 404, "symbols") for name in ROWS],
    *[(f"{name}/?symbols={MANY}", 400, "symbols") for name in ROWS],
    *[(f"{name}/?symbols=A,B,C,D,E,F,G", 400, "symbols") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,MSFT%00", 400, "symbols") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,%3Cscript%3E", 400, "symbols") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,{quote('ΑΑΡL')}", 400, "symbols") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,..%2F..%2Fetc", 400, "symbols") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,MSFT&from=2025-11-28&to=2025-11-03", 400, "from") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,MSFT&from=2031-01-02", 400, "from") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,MSFT&from=yesterday", 400, "from") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,MSFT&from=2025-02-30", 400, "from") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,MSFT&to=0001-01-01", 400, "to") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,MSFT&to=9999-12-31", 400, "to") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,MSFT&to=2025-11-03%00", 400, "to") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,MSFT&to={'9' * 5000}", 400, "to") for name in ROWS],
    *[(f"{name}/?symbols=AAPL,MSFT&format=xml", 404, "format") for name in ROWS],
    ("compare/?symbols=AAPL", 400, "symbols"),
    ("pairs/?symbols=AAPL,AAPL", 400, "symbols"),
    ("statistics/?symbols=AAPL&from=2025-11-03T15:00:00", 400, "from"),
    ("statistics/?symbols=AAPL&from=0001-01-01T00:00:00%2B23:59", 400, "from"),
    ("statistics/?symbols=AAPL&from=2025-11-03T15:00Z&to=2025-11-03T15:00Z", 400, "from"),
    ("statistics/?symbols=AAPL&from=2099-01-01T15:00Z", 400, "from"),
    ("statistics/?symbols=AAPL,MSFT&benchmark=BRK.B", 400, "benchmark"),
    ("statistics/?symbols=AAPL&risk_free=nan", 400, "risk_free"),
    ("statistics/?symbols=AAPL&risk_free=2", 400, "risk_free"),
    ("pair/?symbols=AAPL", 400, "symbols"),
    ("pair/?symbols=AAPL,MSFT,BRK.B", 400, "symbols"),
    ("pair-series/?symbols=AAPL,BRK.B&from=2025-11-26", 404, "from"),
    ("pair-series/?symbols=AAPL,MSFT&window=9", 400, "window"),
    ("pair-series/?symbols=AAPL,MSFT&timeframe=2min", 400, "timeframe"),
    ("volume-profile/?symbols=AAPL&bins=0", 400, "bins"),
    ("volume-profile/?symbols=ZZZZ", 404, "symbol"),
    ("compare/?symbols=AAPL,AAPL", 400, "symbols"),
    ("compare/?symbols=AAPL,MSFT&timeframe=2min", 400, "timeframe"),
    ("compare/?symbols=AAPL,BRK.B&from=2025-11-26", 404, "from"),
    *[(f"{name}/?symbols=AAPL&page=0", 404, "page") for name in ("daily", "hourly")],
    *[(f"{name}/?symbols=AAPL&page=-1", 404, "page") for name in ("daily", "hourly")],
    *[(f"{name}/?symbols=AAPL&page=999", 404, "page") for name in ("daily", "hourly")],
    *[(f"{name}/?symbols=AAPL&page={'9' * 5000}", 404, "page") for name in ("daily", "hourly")],
    *[(f"{name}/?symbols=AAPL&page=two", 404, "page") for name in ("daily", "hourly")],
    *[(f"{name}/?symbols=AAPL&page_size=0", 400, "page_size") for name in ("daily", "hourly")],
    *[(f"{name}/?symbols=AAPL&page_size=1001", 400, "page_size") for name in ("daily", "hourly")],
    *[(f"{name}/?symbols=AAPL&page_size={'9' * 5000}", 400, "page_size") for name in ("daily", "hourly")],
    *[(f"{name}/?symbols=AAPL&page_size={quote('１０')}", 400, "page_size") for name in ("daily", "hourly")],
    ("sessions/?from=2025-11-28&to=2025-11-03", 400, "from"),
    ("sessions/?from=1999-12-31", 400, "from"),
    ("status/?symbols=NVDA", 404, "symbols"),
    ("status/?symbols=%00", 400, "symbols"),
    ("symbols/NVDA/", 404, "symbol"),
    ("symbols/%00/", 404, "symbol"),
    (f"symbols/{'A' * 5000}/", 404, "symbol"),
    ("symbols/%3Cscript%3E/", 404, "symbol"),
    ("tiles/bars/NVDA/2025-11/", 404, "symbol"),
    ("tiles/bars/AAPL/2027-01/", 404, "month"),
    ("tiles/bars/AAPL/2025-13/", 404, "month"),
    ("tiles/bars/AAPL/%00/", 404, "month"),
    ("tiles/bars/%2e%2e/2025-11/", 404, "symbol"),
    ("tiles/moving_averages/NVDA/2025-11/", 404, "symbol"),
    (f"tiles/moving_averages/AAPL/{'9' * 5000}/", 404, "month"),
]


@pytest.mark.parametrize(("path", "status", "field"), WRONG, ids=lambda value: str(value)[:60])
def test_wrong_input_is_refused_with_the_field_and_a_sentence(
    api: APIClient, path: str, status: int, field: str
) -> None:
    response = api.get(f"/api/v1/{path}")

    assert response.status_code == status, response.content
    sentence = response.json()[field][0]
    assert sentence[0].isupper() or sentence[0] in "'\"2"
    assert sentence.endswith(".")
    assert len(response.content) < 1500


def test_an_unknown_symbol_comes_with_those_there_are_and_how_to_add_one(api: APIClient) -> None:
    body = api.get("/api/v1/symbols/NVDA/").json()

    assert body["code"] == "unknown_symbol"
    assert "AAPL, BRK.B, MSFT" in body["detail"]
    assert "fetch_prices --symbols" in body["detail"]


@pytest.mark.parametrize("path", ["symbols/", "daily/?symbols=AAPL", "tiles/bars/AAPL/2025-11/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_market_is_read_only(api: APIClient, path: str, method: str) -> None:
    response = getattr(api, method)(f"/api/v1/{path}")

    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"


# Named by category: Hypothesis looks at a million characters for those that a codec can write.
CHARACTERS = st.characters(exclude_categories=["Cs"])
WORDS = st.one_of(
    st.text(CHARACTERS, max_size=30),
    st.sampled_from(
        ["AAPL", "MSFT", "AAPL,MSFT", "BRK.B,AAPL", "2025-11-03", "2025-11-28", "auto", "csv", "1", "split", "all"]
    ),
    st.integers().map(str),
    st.dates().map(str),
)
QUERY = st.dictionaries(
    st.sampled_from(["symbols", "from", "to", "timeframe", "page", "page_size", "format", "v", "phases", "adjustment"]),
    WORDS,
)
ENDPOINTS = st.sampled_from(
    ["symbols", "sessions", "compare", "daily", "hourly", "status", "tiles/bars/AAPL/2025-11", "symbols/MSFT"]
)


@hypothesis_settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(endpoint=ENDPOINTS, query=QUERY)
def test_no_query_fails_the_server(api: APIClient, endpoint: str, query: dict[str, str]) -> None:
    response = api.get(f"/api/v1/{endpoint}/?{urlencode(query, errors='surrogatepass')}")

    assert response.status_code in (200, 400, 404)


@hypothesis_settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(symbol=st.text(CHARACTERS, min_size=1, max_size=20), month=st.text(CHARACTERS, min_size=1, max_size=20))
def test_no_address_fails_the_server(api: APIClient, symbol: str, month: str) -> None:
    for path in (f"symbols/{quote(symbol, safe='')}/", f"tiles/bars/{quote(symbol, safe='')}/{quote(month, safe='')}/"):
        assert api.get(f"/api/v1/{path}").status_code in (200, 404)
