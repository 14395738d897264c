"""Symbols that defeat careless arithmetic: processed, and asked for through every address that the API describes."""

import csv
import io
import math
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from analytics.api.urls import urlpatterns
from market.quality.limits import Limits
from market.quality.table import refresh_findings
from tests.awkward_market import AWKWARD, write_awkward
from tests.builders import make_lake
from tests.processing import NOW, REPOSITORY, process, read_tables

MONTHS = ("2026-08", "2026-10", "2026-11")
ONE_MINUTE = "from=2026-10-01T13:30Z&to=2026-10-01T13:31Z"
# Everything, one session, a weekend, one minute.
RANGES = ("", "from=2026-10-01&to=2026-10-01", "from=2026-10-03&to=2026-10-04", ONE_MINUTE)
OTHERS = [symbol for symbol in AWKWARD if symbol != "AAPL"]
ALONE = [*AWKWARD, ",".join(OTHERS)]
PAIRS = [",".join(pair) for other in OTHERS for pair in (("AAPL", other), (other, "AAPL"))]


def described() -> dict[str, list[str]]:
    """Return the parameters of every address of analytics, as the API describes itself."""
    paths = yaml.safe_load((REPOSITORY / "openapi.yaml").read_text())["paths"]
    ours = ["/api/v1/" + re.sub(r"<str:(\w+)>", r"{\1}", str(pattern.pattern)) for pattern in urlpatterns]
    return {path: [each["name"] for each in paths[path]["get"].get("parameters", [])] for path in ours}


DESCRIBED = described()
OF_SYMBOLS = [path for path, names in DESCRIBED.items() if "symbols" in names]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("awkward")
    lake = make_lake(folder)
    write_awkward(lake)
    process(lake)
    refresh_findings(lake, Limits(), NOW)
    return folder


@pytest.fixture(autouse=True)
def configured(folder: Path, settings: Settings) -> None:
    settings.LAKE_URL = f"file://{folder}"


def test_no_derived_table_holds_a_number_that_is_none(folder: Path) -> None:
    for name, table in read_tables(make_lake(folder)).items():
        assert_finite(table, name)


def assert_finite(table: pa.Table, where: str) -> None:
    for field in table.schema:
        if pa.types.is_floating(field.type):
            values = [value for value in table[field.name].to_pylist() if value is not None]
            assert all(map(math.isfinite, values)), (where, field.name)


@pytest.mark.parametrize("path", OF_SYMBOLS)
def test_every_address_answers_each_awkward_symbol(api: APIClient, path: str) -> None:
    asked = [f"{path}?symbols={symbols}" for symbols in symbols_for(api, path)]
    for address, query in product(asked, variants(path)):
        check(api, f"{address}&{query}")


def symbols_for(api: APIClient, path: str) -> list[str]:
    """Return what to ask an address for: each symbol alone and all at once, or pairs where two are compared."""
    alone = [symbols for symbols in ALONE if refused(api, f"{path}?symbols={symbols}") != "symbols"]
    takes_one = ALONE[0] in alone
    assert not takes_one or alone[: len(AWKWARD)] == list(AWKWARD), path
    return alone + PAIRS if not takes_one or "benchmark" in DESCRIBED[path] else alone


def variants(path: str) -> list[str]:
    names = DESCRIBED[path]
    found = list(RANGES) if "from" in names else [""]
    for name, values in (("adjustment", ("raw", "split", "all")), ("format", ("csv", "parquet"))):
        found += [f"{name}={value}" for value in values if name in names]
    return found


def refused(api: APIClient, address: str) -> str | None:
    """Return the field that is blamed for wrong input, if one is."""
    response = api.get(address)
    return next(iter(response.json().keys() - {"detail", "code"})) if response.status_code == 400 else None


@pytest.mark.parametrize("path", [path for path in DESCRIBED if path not in OF_SYMBOLS])
def test_every_other_address_is_answered_about_the_awkward_market(api: APIClient, path: str) -> None:
    months = MONTHS if "{month}" in path else ("",)
    symbols = tuple(AWKWARD) if "{symbol}" in path else ("",)
    for symbol, month, query in product(symbols, months, variants(path)):
        check(api, f"{path.format(symbol=symbol, month=month)}?{query}")


def check(api: APIClient, address: str) -> None:
    """Nothing, or an answer whose figures each have a value or a reason."""
    response = api.get(address)
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    if response.status_code == 400:
        # Most addresses count whole sessions.
        assert ONE_MINUTE in address, (address, content)
        assert orjson.loads(content).keys() & {"from", "to"}, (address, content)
    elif response.status_code == 404:
        answer = orjson.loads(content)
        # Closes that never meet cannot be drawn side by side; all else is answered, but for months without bars.
        assert answer["code"] == "no_overlap" or "EXTRA" in address or "/tiles/" in address, (address, answer)
    else:
        assert response.status_code == 200, (address, content)
        {"csv": check_csv, "parquet": check_parquet}.get(address[-7:].rpartition("=")[2], check_json)(content, address)


def check_json(content: bytes, address: str) -> None:
    assert not any(word in content for word in (b"NaN", b"Infinity")), address
    for name, figure in figures(orjson.loads(content)):
        assert (figure["value"] is None) == (figure["reason"] is not None), (address, name, figure)


def check_csv(content: bytes, address: str) -> None:
    cells = {cell.lower() for row in csv.reader(io.StringIO(content.decode())) for cell in row}
    assert not cells & {"nan", "inf", "-inf", "infinity", "-infinity"}, address


def check_parquet(content: bytes, address: str) -> None:
    assert_finite(pq.ParquetFile(io.BytesIO(content)).read(), address)


def figures(answer: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(answer, dict):
        for name, value in answer.items():
            if isinstance(value, dict) and "sample_of" in value:
                yield name, value
            else:
                yield from figures(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from figures(value)


@pytest.mark.parametrize("symbol", AWKWARD)
def test_the_pages_of_figures_show_each_awkward_symbol(member: Client, symbol: str) -> None:
    other = "GAPS" if symbol == "AAPL" else "AAPL"
    addresses = (f"/statistics/{symbol}/", f"/statistics/{other}/{symbol}/", f"/pair/{symbol}/{other}/")
    for address, query in product(addresses, ("range=MAX", "range=1D", "from=2026-10-03&to=2026-10-04")):
        response = member.get(f"{address}?{query}")
        content = response.content.decode()
        # Bars outside regular hours only are none to these pages.
        assert response.status_code == 200 or (symbol == "EXTRA" and response.status_code == 404), (address, query)
        assert not re.search(r">\s*[−+]?(nan|inf)\b", content, re.IGNORECASE), (address, query)


def test_a_constant_price_says_so(api: APIClient) -> None:
    answer = api.get("/api/v1/statistics/?symbols=AAPL,FLAT").json()

    flat = answer["symbols"][1]["figures"]
    assert (flat["cumulative_return"]["value"], flat["maximum_drawdown"]["value"]) == (0, 0)
    pair = api.get("/api/v1/pair/?symbols=AAPL,FLAT").json()["figures"]
    assert pair["correlation_1min"]["reason"] == "One of the two did not move."
    assert pair["beta_5min"]["reason"] == "B did not move."
