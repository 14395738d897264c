"""Every answer has the shape that openapi.yaml says, and its provenance."""

import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
import yaml
from rest_framework.test import APIClient

from analytics.queries.reader import LakeReader
from market.lake.tables import LakeUnreachable
from tests.builders import make_lake, make_session_bars, write_bars
from tests.conftest import REPOSITORY

ANSWERS = {
    "symbols/": "SymbolList",
    "symbols/AAPL/": "SymbolDetail",
    "symbols/brk-b/": "SymbolDetail",
    "symbols/AAPL/?adjustment=all": "SymbolDetail",
    "sessions/?from=2025-10-31&to=2025-12-01": "Sessions",
    "compare/?symbols=AAPL,MSFT": "Comparison",
    "compare/?symbols=AAPL&symbols=MSFT,BRK.B&from=2025-11-03&to=2025-11-03&timeframe=5min": "Comparison",
    "compare/?symbols=AAPL,MSFT&adjustment=split": "Comparison",
    "daily/?symbols=AAPL,MSFT": "DailyPage",
    "daily/?symbols=AAPL,MSFT&adjustment=all": "DailyPage",
    "daily/?symbols=AAPL&page_size=1&page=2": "DailyPage",
    "daily/?symbols=BRK.B&from=2025-11-28": "DailyPage",
    "hourly/?symbols=AAPL,MSFT&from=2025-11-28&to=2025-11-28": "HourlyPage",
    "hourly/?symbols=AAPL,MSFT&page_size=5&adjustment=all": "HourlyPage",
    "volatility/?symbols=AAPL,MSFT": "VolatilityPage",
    "quality/?symbols=AAPL,MSFT&from=2025-11-03": "QualityPage",
    "quality/findings/?symbols=AAPL,MSFT": "FindingsPage",
    "corrections/?symbols=AAPL,MSFT": "CorrectionsPage",
    "actions/?symbols=AAPL,MSFT": "ActionsPage",
    "pairs/?symbols=MSFT,AAPL": "PairsPage",
    "pairs/?symbols=AAPL,BRK.B,MSFT&from=2025-11-28": "PairsPage",
    "statistics/?symbols=AAPL,MSFT": "Statistics",
    "statistics/?symbols=BRK.B": "Statistics",
    "statistics/?symbols=AAPL,MSFT&adjustment=raw": "Statistics",
    "statistics/?symbols=AAPL,MSFT&from=2025-11-03T15:00:00Z&to=2025-11-03T11:00:00-05:00": "Statistics",
    "pair/?symbols=AAPL,MSFT": "PairRange",
    "pair/?symbols=AAPL,BRK.B&from=2025-11-26": "PairRange",
    "pair-series/?symbols=AAPL,MSFT&window=20": "PairSeries",
    "pair-series/?symbols=AAPL,MSFT&timeframe=1day": "PairSeries",
    "volume-profile/?symbols=AAPL&bins=10": "VolumeProfile",
    "volume-profile/?symbols=AAPL&bins=10&adjustment=all": "VolumeProfile",
    "volume-profile/?symbols=BRK.B&from=2025-11-26": "VolumeProfile",
    "indicators/?symbols=AAPL&page_size=5": "IndicatorsPage",
    "returns/?symbols=AAPL,MSFT&from=2025-11-28": "ReturnsPage",
    "moving-averages/?symbols=AAPL&page_size=5": "MovingAveragesPage",
    "seasonality/?symbols=AAPL,MSFT&page_size=5": "SeasonalityPage",
    "pairs/?symbols=AAPL,BRK.B,MSFT&adjustment=split": "PairsPage",
    "indicators/?symbols=AAPL&page_size=5&adjustment=split": "IndicatorsPage",
    "measures/": "MeasureList",
    "status/": "Status",
    "status/?symbols=MSFT": "Status",
    "tiles/bars/AAPL/2025-11/": "Tile",
    "tiles/bars/AAPL/2025-11/?phases=all": "Tile",
    "tiles/bars/AAPL/2025-11/?adjustment=all": "Tile",
    "tiles/moving_averages/MSFT/2025-11/": "Tile",
    "tiles/moving_averages/AAPL/2025-10/?adjustment=split": "Tile",
}

pytestmark = pytest.mark.usefixtures("market")


@pytest.fixture(scope="module")
def description() -> Any:
    return yaml.safe_load(Path(REPOSITORY / "openapi.yaml").read_text())


def nullable(schema: Any) -> Any:
    """Say `nullable` as JSON Schema does, which jsonschema knows."""
    if isinstance(schema, dict):
        plain = {name: nullable(value) for name, value in schema.items() if name != "nullable"}
        return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain
    return [nullable(each) for each in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize(("path", "component"), ANSWERS.items())
def test_an_answer_has_the_shape_that_is_described(api: APIClient, description: Any, path: str, component: str) -> None:
    response = api.get(f"/api/v1/{path}")

    assert response.status_code == 200, response.content
    schemas = nullable(description["components"]["schemas"])
    closed = {name: {"additionalProperties": False, **schema} for name, schema in schemas.items()}
    jsonschema.validate(
        response.json(), {"$ref": f"#/components/schemas/{component}", "components": {"schemas": closed}}
    )


@pytest.mark.parametrize(
    "path", [path for path, component in ANSWERS.items() if component not in ("Sessions", "MeasureList")]
)
def test_an_answer_names_its_provenance(api: APIClient, path: str) -> None:
    provenance = api.get(f"/api/v1/{path}").json()["provenance"]

    assert provenance["synthetic"] is False
    worked_out = path.startswith(("compare/", "statistics/", "pair/", "pair-series/", "volume-profile/"))
    assert provenance["adjustment"] == (path.partition("adjustment=")[2] or ("split" if worked_out else "raw"))
    assert provenance["tables"]["bars"] >= 1
    assert "regular" in provenance["phases"]


def test_synthetic_bars_are_called_synthetic(api: APIClient, settings: Any, tmp_path: Path) -> None:
    write_bars(make_lake(tmp_path), make_session_bars(provider="synthetic"))
    settings.LAKE_URL = f"file://{tmp_path}"

    answer = api.get("/api/v1/symbols/").json()

    assert answer["results"][0]["synthetic"] is True
    assert answer["provenance"]["synthetic"] is True


def test_pages_of_rows_lead_to_each_other(api: APIClient) -> None:
    first = api.get("/api/v1/daily/?symbols=AAPL&page_size=3").json()
    second = api.get(first["next"]).json()

    assert first["count"] == 4
    assert first["previous"] is None
    assert [row["session"] for row in first["results"] + second["results"]] == [
        "2025-11-28",
        "2025-11-26",
        "2025-11-03",
        "2025-10-31",
    ]
    assert second["next"] is None


def test_the_tile_that_a_symbol_names_can_be_fetched_and_kept_for_good(api: APIClient) -> None:
    reference = api.get("/api/v1/symbols/AAPL/").json()["tiles"]["bars"][0]

    response = api.get(reference["url"], headers={"Accept-Encoding": "gzip, deflate"})

    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert json.loads(gzip.decompress(response.content))["version"] == reference["version"]


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000-1"])
def test_a_tile_without_its_version_must_be_asked_for_again(api: APIClient, query: str) -> None:
    response = api.get(f"/api/v1/tiles/bars/AAPL/2025-11/{query}")

    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.usefixtures("no_bars")
@pytest.mark.parametrize(
    "path",
    [
        "symbols/",
        "symbols/AAPL/",
        "compare/?symbols=AAPL,MSFT",
        "daily/?symbols=AAPL",
        "hourly/?symbols=AAPL",
        "tiles/bars/AAPL/2025-11/",
        "tiles/moving_averages/AAPL/2025-11/",
    ],
)
def test_without_bars_the_answer_says_what_to_run(api: APIClient, path: str) -> None:
    response = api.get(f"/api/v1/{path}")

    assert response.status_code == 404
    assert response.json()["code"] == "no_data"
    assert "fetch_prices" in response.json()["detail"]


@pytest.mark.usefixtures("no_bars")
def test_without_bars_the_market_still_has_a_state(api: APIClient) -> None:
    answer = api.get("/api/v1/status/").json()

    assert answer["coverage"] == []
    assert answer["market"]["calendar"] == "XNYS"


def test_bars_without_derived_tables_are_said_to_be_unprocessed(api: APIClient, settings: Any, tmp_path: Path) -> None:
    write_bars(make_lake(tmp_path), make_session_bars())
    settings.LAKE_URL = f"file://{tmp_path}"

    response = api.get("/api/v1/daily/?symbols=AAPL")

    assert response.status_code == 404
    assert response.json()["code"] == "not_processed"


@pytest.mark.parametrize("path", ["symbols/", "daily/?symbols=AAPL", "tiles/bars/AAPL/2025-11/"])
def test_a_lake_that_does_not_answer_is_503_with_a_time_to_try_again(
    api: APIClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_reader: LakeReader, _name: str) -> None:
        raise LakeUnreachable("s3://bucket: connection refused")

    monkeypatch.setattr(LakeReader, "view", unreachable)

    response = api.get(f"/api/v1/{path}")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "bucket" not in response.json()["detail"]
