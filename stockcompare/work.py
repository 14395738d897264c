"""The two jobs' work, as the commands do it, for the scheduled tasks. Only the worker imports what it needs for it."""

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from market.lake.location import Lake, configured_lake
from market.lake.schemas import bars_table
from market.lake.tables import Part
from market.months import Month
from market.progress import SilentProgress
from stockcompare.jobs import Outcome
from stockcompare.models import State


def fetch(months: Sequence[Month], *, session: date, now: datetime) -> Outcome:
    """Fetch the configured symbols' bars of these months, unless they are final, so that `session` is in the lake."""
    from market.budget.gates import ledger_gates
    from market.ingest import DataMixed, FetchRequest, RequestInvalid, fetch_prices
    from market.lake.faults import LakeUnreachable
    from market.providers.registry import ProviderUnconfigured, ProviderUnknown, get_provider

    lake = configured_lake()
    request = FetchRequest(tuple(settings.PRICES_SYMBOLS), tuple(months))
    try:
        provider = get_provider(settings.PRICES_PROVIDER, ledger_gates(timezone.now))
        report = fetch_prices(request, lake, provider, now, SilentProgress())
    except (DataMixed, LakeUnreachable, ProviderUnconfigured, ProviderUnknown, RequestInvalid) as error:
        return Outcome(State.FAILED, changed=False, summary=str(error))
    if len(report.undone) == len(report.outcomes):
        return Outcome(State.FAILED, report.changed, report.summary())
    if report.undone:
        return Outcome(State.PARTLY, report.changed, report.summary())
    if not _has_bars_of(lake, request.symbols, session):
        # A provider that is late has not failed the request, but the session is still to be fetched.
        waiting = f"{report.provider} has no bars of {session} yet; it is asked again.\n{report.summary()}"
        return Outcome(State.FAILED, report.changed, waiting)
    return Outcome(State.DONE, report.changed, report.summary())


def _has_bars_of(lake: Lake, symbols: Sequence[str], session: date) -> bool:
    snapshot = bars_table(lake).snapshot()
    live = snapshot.parts()
    parts = [part for symbol in symbols if (part := Part(symbol, str(Month.of(session)))) in live]
    return any(session in snapshot.read_part(part, ["session"])["session"].unique().to_pylist() for part in parts)


def process(*, now: datetime) -> Outcome:
    """Process what changed in the bars."""
    from analytics.engines import check_engine
    from analytics.jobs.report import ProcessRequest
    from analytics.jobs.run import KNOWN_FAILURES, process_prices

    request = ProcessRequest(check_engine(settings.SPARK_ENGINE), universe=tuple(settings.PRICES_SYMBOLS))
    try:
        report = process_prices(request, configured_lake(), now, SilentProgress())
    except KNOWN_FAILURES as error:
        return Outcome(State.FAILED, changed=False, summary=str(error))
    lines = [f"{table.name}: {len(table.computed)} parts, {table.rows:,} rows" for table in report.tables]
    summary = "\n".join([f"bars version {report.bars_version} on {report.engine}", *lines])
    return Outcome(State.DONE, report.changed, summary)
