"""Rows to take away."""

import csv
import io
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts import middleware
from accounts.authentication import BearerUser
from analytics.api.renderers import CsvRenderer, Download, safe_cell
from tests.integration.analytics.conftest import CLAIMS

pytestmark = pytest.mark.usefixtures("market")


def rows_of(content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    lines = list(csv.reader(io.StringIO(content.decode())))
    about = [line[0] for line in lines if line[0].startswith("#")]
    header, *rows = lines[len(about) :]
    return about, [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("kind", ["daily", "hourly"])
def test_csv_holds_every_row_and_says_source_and_zone(api: APIClient, kind: str) -> None:
    whole = api.get(f"/api/v1/{kind}/?symbols=AAPL,MSFT&page_size=1000").json()

    response = api.get(f"/api/v1/{kind}/?symbols=AAPL,MSFT&format=csv&page_size=1")

    about, rows = rows_of(response.content)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{kind}-AAPL-MSFT.csv"'
    assert any("alpha_vantage" in line for line in about)
    assert any("UTC" in line and "New York" in line for line in about)
    assert len(rows) == whole["count"]
    assert float(rows[0]["mean_close"]) == whole["results"][0]["mean_close"]


def test_csv_of_a_comparison_has_a_column_for_each_symbol(api: APIClient) -> None:
    response = api.get("/api/v1/compare/?symbols=AAPL,MSFT&timeframe=1day&format=csv")

    about, rows = rows_of(response.content)
    assert "matched minutes" in about[1]
    assert list(rows[0]) == ["bar_start", "AAPL", "MSFT"]
    assert rows[0]["bar_start"] == "2025-10-31T13:30:00Z"
    assert len(rows) == 4


@pytest.mark.parametrize("kind", ["daily", "hourly", "volatility", "quality", "pairs", "compare"])
def test_parquet_keeps_the_types_and_says_where_it_is_from(api: APIClient, kind: str) -> None:
    response = api.get(f"/api/v1/{kind}/?symbols=AAPL,MSFT&format=parquet")

    table = pq.ParquetFile(io.BytesIO(response.content)).read()
    metadata: dict[bytes, bytes] = table.schema.metadata
    assert response["Content-Type"] == "application/vnd.apache.parquet"
    assert b"alpha_vantage" in metadata[b"stockcompare"]
    assert table.num_rows > 0


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["AAPL", "a-b", "", None])
def test_other_cells_stay_as_they_are(cell: str | None) -> None:
    assert safe_cell(cell) == cell


def test_text_of_a_download_is_made_safe_and_numbers_are_not() -> None:
    table = pa.table({"symbol": ["=1+1", "AAPL"], "change": [-1.5, None]})

    content = CsvRenderer().render(Download("x", ["about"], table)).decode()

    assert content.splitlines() == ["# about", '"symbol","change"', '"\'=1+1",-1.5', '"AAPL",']


def test_a_refused_download_says_why_in_json(api: APIClient) -> None:
    response = api.get("/api/v1/daily/?symbols=NVDA&format=csv")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
    assert "no bars of NVDA" in response.json()["detail"]


@pytest.mark.parametrize("page", ["compare/AAPL/MSFT", "daily/AAPL/MSFT", "hourly/AAPL", "averages/AAPL"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_page_offers_its_rows_to_a_browser(member: Client, page: str, suffix: str) -> None:
    response = member.get(f"/{page}/?format={suffix}")

    assert response.status_code == 200
    assert response["Content-Disposition"].endswith(f'.{suffix}"')
    assert len(response.content) > 200


@pytest.fixture
def viewer(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a browser of somebody who may look and not export."""
    user = BearerUser(replace(CLAIMS, role="viewer"))
    monkeypatch.setattr(middleware, "cookie_user", lambda _request: user)
    return Client()


@pytest.mark.parametrize("page", ["compare/AAPL/MSFT", "daily/AAPL/MSFT", "hourly/AAPL", "averages/AAPL"])
def test_a_page_offers_no_file_to_who_may_not_export(viewer: Client, page: str) -> None:
    shown = viewer.get(f"/{page}/")

    assert shown.status_code == 200
    assert "format=csv" not in shown.content.decode()
    assert '"may_export": false' in shown.content.decode()
    assert viewer.get(f"/{page}/?format=csv").status_code == 403
