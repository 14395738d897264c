"""A lake in a folder, and readers of it."""

from pathlib import Path

import pytest

from analytics.queries.reader import LakeReader
from tests.market_fixture import write_market


@pytest.fixture(scope="session")
def market_reader(tmp_path_factory: pytest.TempPathFactory) -> LakeReader:
    """Return a reader of the small market; tests must not write to it."""
    return LakeReader(write_market(tmp_path_factory.mktemp("lake")))


@pytest.fixture
def empty_folder(tmp_path: Path) -> Path:
    return tmp_path / "lake"
