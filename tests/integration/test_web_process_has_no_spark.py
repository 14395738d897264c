"""What the web process must never import, for its start and for its memory."""

import json
from collections.abc import Callable

import pytest

from tests.market_fixture import write_market
from tests.programs import lines_of

FORBIDDEN = {"pyspark", "pysail", "pandas", "exchange_calendars", "pyarrow.dataset"}
Recorder = Callable[[str, object], None]
PROGRAM = """
import json, sys, time
began = time.perf_counter()
import stockcompare.wsgi
from django.test import RequestFactory
from django.urls import get_resolver
from analytics.queries.comparison import compare
get_resolver().url_patterns
took = time.perf_counter() - began
{use}
print(json.dumps({{"modules": sorted(sys.modules), "seconds": took}}))
"""
USE = """
from pathlib import Path
from datetime import UTC, date, datetime
from analytics.queries.daily import daily_rows
from analytics.queries.reader import configured_reader
from analytics.queries.tiles import TileStore
reader = configured_reader()
compare(reader, ["AAPL", "MSFT"], date(2025, 10, 31), date(2025, 11, 28), datetime(2025, 12, 1, tzinfo=UTC))
daily_rows(reader, ["AAPL"], date(2025, 10, 31), date(2025, 11, 28))[:]
TileStore(reader, Path({folder!r})).tile("bars", "AAPL", "2025-11")
"""


def modules_after(program: str, record_property: Recorder) -> set[str]:
    told = json.loads(lines_of(program)[-1])
    record_property("web_process_start_seconds", round(told["seconds"], 2))
    return set(told["modules"])


def test_the_web_process_has_no_spark_after_its_start(record_property: Recorder) -> None:
    assert not FORBIDDEN & modules_after(PROGRAM.format(use=""), record_property)


def test_the_web_process_has_no_spark_after_it_has_read_the_lake(
    tmp_path_factory: pytest.TempPathFactory, record_property: Recorder
) -> None:
    folder = tmp_path_factory.mktemp("lake")
    write_market(folder)
    program = PROGRAM.format(use=USE.format(folder=str(folder / "tiles")))

    modules = modules_after(program.replace("import stockcompare.wsgi", _point_to(str(folder))), record_property)

    assert not FORBIDDEN & modules


def _point_to(folder: str) -> str:
    # The test settings own LAKE_URL, so it is set after them.
    return f"import stockcompare.wsgi\nfrom django.conf import settings\nsettings.LAKE_URL = 'file://{folder}'"
