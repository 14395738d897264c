"""Days on which the exchange did not trade though it was to: stated by people, and noticed by the vendor's status."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from market.calendar import state_closures
from market.lake.location import Lake
from market.management.commands.market_status import Command
from market.quality.checks import Kind
from market.quality.limits import configured_limits
from market.quality.table import refresh_findings
from tests.builders import make_lake
from tests.fetching import KEY, Ran, bars, fetch_process, finished, manifests
from tests.vendors import Vendor

TUESDAY = date(2026, 9, 15)
REGULAR, EVENING, SUNDAY = "2026-09-15T15:00", "2026-09-15T22:00", "2026-09-13T15:00"


@pytest.mark.slow
def test_a_closure_that_is_stated_is_neither_fetched_nor_missed(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    cells = ("--provider", "synthetic", "--symbols", "AAPL", "--months", "2026-09")
    ran = finished(fetch_process(lake.url, None, *cells, MARKET_CLOSURES=f"{TUESDAY}, 2026-09-16=13:00"))

    assert ran.code == 0, ran.output
    sessions = bars(lake).read().group_by("session").aggregate([([], "count_all")]).to_pylist()
    counts = {row["session"]: row["count_all"] for row in sessions}
    assert TUESDAY not in counts
    assert counts[date(2026, 9, 16)] < 800 < counts[date(2026, 9, 17)]
    now = datetime(2026, 11, 24, tzinfo=UTC)
    kinds = {
        finding.kind: finding.session
        for findings in refresh_findings(lake, configured_limits(), now).findings.values()
        for finding in findings
    }
    # This process was told of no closure, so it looks at the month with other eyes.
    assert kinds[Kind.MISSING_SESSION] == TUESDAY
    state_closures({TUESDAY: None})
    try:
        checked = refresh_findings(lake, configured_limits(), now)
    finally:
        state_closures({})
    assert len(checked.parts) == 1
    assert Kind.MISSING_SESSION not in {finding.kind for found in checked.findings.values() for finding in found}


@pytest.mark.parametrize(
    ("at", "status", "code", "said"),
    [
        (REGULAR, "open", 0, "The US market is open, as the calendar says"),
        (
            REGULAR,
            "closed",
            3,
            "closed (mourning). If the exchange says so, too, state it and start again: MARKET_CLOSURES=2026-09-15 for",
        ),
        (EVENING, "closed", 0, "The US market is closed, as the calendar says"),
        (SUNDAY, "open", 3, "2026-09-13 is no session by the calendar"),
        (REGULAR, "", 1, "names no US market"),
    ],
)
def test_the_vendors_status_is_held_against_the_calendar(
    lake: Lake, vendor: Vendor, settings: Settings, at: str, status: str, code: int, said: str
) -> None:
    settings.ALPHA_VANTAGE_URL, settings.ALPHA_VANTAGE_API_KEY, settings.REQUEST_LIMITS = vendor.url, KEY, {}
    market = {"market_type": "Equity", "region": "United States" if status else "Mexico", "primary_exchanges": "NYSE"}
    hours = {
        "local_open": "09:30",
        "local_close": "16:15",
        "current_status": status,
        "notes": "mourning" * (status == "closed"),
    }
    vendor.tell("MARKET_STATUS", json.dumps({"markets": [market | hours]}))

    ran = run(at)

    assert (ran.code, said in ran.output) == (code, True), ran.output
    assert len(manifests(Path(lake.storage.path("")), function="MARKET_STATUS", outcome="ok")) == 1


def test_without_a_key_it_says_so(settings: Settings) -> None:
    settings.ALPHA_VANTAGE_API_KEY = ""

    ran = run(REGULAR)

    assert (ran.code, "ALPHA_VANTAGE_API_KEY" in ran.output) == (2, True)


def run(at: str) -> Ran:
    command, output, ran = Command(), io.StringIO(), Ran(0, "")
    command.sleep = ran.sleeps.append
    command.clock = lambda: datetime.fromisoformat(at).replace(tzinfo=UTC)
    try:
        call_command(command, stdout=output, stderr=output)
    except CommandError as error:
        ran.code = error.returncode
        output.write(str(error))
    ran.output = output.getvalue()
    return ran
