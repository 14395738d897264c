"""Fixtures that every suite shares."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder with recorded vendor data; tests that use it carry the marker `realdata`."""
    folder = Path(os.environ.get("STOCKCOMPARE_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"recorded market data is not here ({folder}); set STOCKCOMPARE_SHARED to its parent")
    return folder
