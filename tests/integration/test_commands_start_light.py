"""What a management command need not load before it knows what it has to do."""

from tests.programs import lines_of

PROGRAM = """
import sys
import django
django.setup()
late = {"accounts.admin", "market.admin", "market.providers", "pyarrow", "numpy", "structlog"}
print(*sorted(late & sys.modules.keys()))
from django.core.checks import run_checks
import stockcompare.urls
print("market.admin" in sys.modules, run_checks(tags=["admin"]))
"""


def test_only_the_addresses_load_the_admin_and_its_checks_find_nothing() -> None:
    assert lines_of(PROGRAM) == ["", "True []"]
