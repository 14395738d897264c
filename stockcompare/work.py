"""The two jobs' work, as the commands do it, for the scheduled tasks."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from market.lake.location import configured_lake
from market.months import Month
from market.progress import SilentProgress
from stockcompare.jobs import Outcome
from stockcompare.models import State


def fetch(months: Sequence[Month], *, now: datetime) -> Outcome:
    """Fetch the configured symbols' bars of these months, again where they are already there."""
    raise NotImplementedError


def process(*, now: datetime) -> Outcome:
    """Process what changed in the bars."""
    # Only the worker needs these, and only when a job is due.
    from analytics.engines import check_engine
    from analytics.jobs.report import ProcessRequest
    from analytics.jobs.run import KNOWN_FAILURES, process_prices

    request = ProcessRequest(engine=check_engine(settings.SPARK_ENGINE))
    try:
        report = process_prices(request, configured_lake(), now, SilentProgress())
    except KNOWN_FAILURES as error:
        return Outcome(State.FAILED, changed=False, summary=str(error))
    lines = [f"{table.name}: {len(table.computed)} parts, {table.rows:,} rows" for table in report.tables]
    summary = "\n".join([f"bars version {report.bars_version} on {report.engine}", *lines])
    return Outcome(State.DONE, changed=report.changed, summary=summary)
