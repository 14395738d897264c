"""What a management command need not load before it knows what it has to do."""

import os
import subprocess
import sys

from tests.conftest import REPOSITORY

PROGRAM = """
import sys
import django
django.setup()
print(*sorted({"accounts.admin", "market.admin", "market.providers", "pyarrow", "numpy"} & sys.modules.keys()))
from django.core.checks import run_checks
import stockcompare.urls
print("market.admin" in sys.modules, run_checks(tags=["admin"]))
"""


def test_only_the_addresses_load_the_admin_and_its_checks_find_nothing() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=REPOSITORY,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert finished.stdout.splitlines() == ["", "True []"], finished.stderr
