"""The jobs' work, as the commands do it, for the scheduled tasks. Only the worker imports what it needs for it."""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from market.lake.location import Lake, configured_lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Part
from market.months import Month
from market.progress import SilentProgress
from market.universe.tracking import tracked_symbols, traded_symbols
from stockcompare.jobs import Outcome
from stockcompare.models import State

if TYPE_CHECKING:
    from market.providers.alpha_vantage.provider import AlphaVantage
    from market.providers.asking import FactsProvider

logger = logging.getLogger(__name__)

# Short enough for a fetch after the close to be soon next; the plan goes on at the next tick.
_BACKFILL_SLICE = timedelta(minutes=5)
_FACTS_SLICE = timedelta(minutes=3)
# Learnt of within a week's run that was cut short, a symbol is not asked about again in the same week.
_FACTS_FRESH = timedelta(days=5)
_MADE_UP = "Nobody is asked about the synthetic market; `manage.py fetch_facts --provider synthetic` brings its splits."
_LISTING_FRESH = timedelta(days=28)


def fetch(months: Sequence[Month], *, session: date, now: datetime) -> Outcome:
    """Fetch the configured symbols' bars of these months, unless they are final, so that `session` is in the lake."""
    from market.backfill.claims import shared_claims
    from market.budget.gates import ledger_gates
    from market.ingest import DataMixed, FetchRequest, fetch_prices
    from market.lake.faults import LakeUnreachable
    from market.providers.gate import LedgerUnavailable
    from market.providers.registry import ProviderUnconfigured, ProviderUnknown, get_provider

    lake = configured_lake()
    request = FetchRequest(tuple(traded_symbols(session)), tuple(months))
    try:
        provider = get_provider(settings.PRICES_PROVIDER, ledger_gates(timezone.now))
        with shared_claims(lake.url, provider.name, timezone.now) as claims:
            report = fetch_prices(request, lake, provider, now, SilentProgress(), claims=claims)
    except (DataMixed, LakeUnreachable, LedgerUnavailable, ProviderUnconfigured, ProviderUnknown) as error:
        return Outcome(State.FAILED, changed=False, summary=str(error))
    if len(report.undone) == len(report.outcomes):
        return Outcome(State.FAILED, report.changed, report.summary())
    if report.undone:
        return Outcome(State.PARTLY, report.changed, report.summary())
    if not _has_bars_of(lake, request.symbols, session):
        # A provider that is late has not failed the request, but the session is still to be fetched.
        waiting = (
            f"{report.provider} has no bars of {session} yet; it is asked again. If the exchange did not trade that "
            f"day, state MARKET_CLOSURES={session}.\n{report.summary()}"
        )
        return Outcome(State.FAILED, report.changed, waiting)
    return Outcome(State.DONE, report.changed, report.summary())


def _has_bars_of(lake: Lake, symbols: Sequence[str], session: date) -> bool:
    snapshot = bars_table(lake).snapshot()
    live = snapshot.parts
    parts = [part for symbol in symbols if (part := Part(symbol, str(Month.of(session)))) in live]
    return any(session in snapshot.read_part(part, ["session"])["session"].unique().to_pylist() for part in parts)


def import_file(path: Path, stated: Mapping[str, str], *, now: datetime) -> Outcome:
    """Import a file of bars; `stated` may hold label, zone and columns."""
    from market.ingest import DataMixed, RequestInvalid
    from market.ingest.files import findings, import_files, whole_request
    from market.lake.faults import LakeUnreachable
    from market.providers.labels import Label
    from market.providers.registry import ProviderUnconfigured, Stated, open_files
    from market.providers.zones import Zone

    try:
        label, zone = stated.get("label"), stated.get("zone")
        said = Stated(
            Label(label) if label else None, Zone(zone) if zone else None, str(path), stated.get("columns", "")
        )
        provider = open_files(said)
        told = "\n".join(findings(provider.scanned))
        if not provider.scanned.pieces:
            return Outcome(State.FAILED, changed=False, summary=f"No bars could be taken.\n{told}")
        request = whole_request(provider, now)
        report = import_files(request, configured_lake(), provider, now, SilentProgress())
    except (DataMixed, LakeUnreachable, ProviderUnconfigured, RequestInvalid) as error:
        return Outcome(State.FAILED, changed=False, summary=str(error))
    undone = len(report.undone)
    state = State.DONE if not (undone or provider.scanned.refused) else State.PARTLY
    state = State.FAILED if undone and undone == len(report.outcomes) else state
    return Outcome(state, report.changed, f"{report.summary()}\n{told}")


def plan_configured(*, now: datetime) -> None:
    """Plan the months of PRICES_SYMBOLS that the plan lacks. Where a setting is wrong, nothing: the fetch says so."""
    from market.providers.registry import ProviderUnconfigured, ProviderUnknown, get_provider
    from market.symbols import SymbolInvalid
    from market.universe import tracking

    try:
        get_provider(settings.PRICES_PROVIDER)
        planned = tracking.plan_configured(settings.PRICES_PROVIDER, now)
    except (ProviderUnconfigured, ProviderUnknown, SymbolInvalid):
        return
    if planned:
        logger.info("months of configured symbols are planned", extra={"symbols": " ".join(planned)})


def backfill_waits(*, now: datetime) -> bool:
    """Tell whether something is planned that can be fetched now."""
    from market.backfill.run import free_cells, has_budget
    from market.providers.gate import LedgerUnavailable
    from market.providers.registry import ProviderUnconfigured, ProviderUnknown, get_provider

    try:
        if not free_cells(configured_lake().url, settings.PRICES_PROVIDER, 1):
            return False
        return has_budget(get_provider(settings.PRICES_PROVIDER), now, kept_back())
    except (LedgerUnavailable, ProviderUnconfigured, ProviderUnknown):
        return False


def backfill() -> Outcome:
    """Fetch what is planned for a few minutes, within what the day's budget leaves beside the newest prices."""
    from market.backfill.claims import shared_claims
    from market.backfill.run import continue_plan
    from market.budget.gates import ledger_gates
    from market.ingest import DataMixed
    from market.lake.faults import LakeUnreachable
    from market.providers.gate import LedgerUnavailable
    from market.providers.registry import ProviderUnconfigured, ProviderUnknown, get_provider

    lake, until = configured_lake(), timezone.now() + _BACKFILL_SLICE
    try:
        provider = get_provider(settings.PRICES_PROVIDER, ledger_gates(timezone.now, keep_back=kept_back()))
        with shared_claims(lake.url, provider.name, timezone.now) as claims:
            report = continue_plan(lake, provider, claims, until=until, progress=SilentProgress())
    except (DataMixed, LakeUnreachable, LedgerUnavailable, ProviderUnconfigured, ProviderUnknown) as error:
        return Outcome(State.FAILED, changed=False, summary=str(error))
    failed = bool(report.stopped) and not report.out_of_budget
    return Outcome(State.FAILED if failed else State.DONE, report.changed, report.summary())


def facts_are_offered() -> bool:
    """Tell whether there is a key of a vendor that tells them, and the market is not made up."""
    from market.providers.registry import has_key

    return has_key(settings.FACTS_PROVIDER) and settings.PRICES_PROVIDER != "synthetic"


def facts_can_be_asked(*, now: datetime) -> bool:
    """Tell whether the day's budget leaves a request for facts."""
    from market.backfill.run import has_budget
    from market.providers.gate import LedgerUnavailable
    from market.providers.registry import get_provider

    try:
        return has_budget(get_provider(settings.FACTS_PROVIDER), now, kept_back())
    except LedgerUnavailable:
        return False


def learn_facts() -> Outcome:
    """Bring splits, dividends, daily figures and the listing up to date within what the day's budget leaves.

    Only Alpha Vantage has a listing.
    """
    from market.budget.gates import ledger_gates
    from market.ingest.plan import DataMixed, check_same_kind
    from market.lake.faults import LakeUnreachable
    from market.lake.tables import TableChanged
    from market.providers.gate import LedgerUnavailable
    from market.providers.registry import ProviderUnconfigured, get_facts_provider

    if settings.PRICES_PROVIDER == "synthetic":
        return Outcome(State.FAILED, changed=False, summary=_MADE_UP)
    try:
        provider = get_facts_provider(settings.FACTS_PROVIDER, ledger_gates(timezone.now, keep_back=kept_back()))
        check_same_kind(bars_table(configured_lake()).snapshot(), provider)
        return _learn_facts(configured_lake(), provider)
    except (DataMixed, LakeUnreachable, LedgerUnavailable, ProviderUnconfigured, TableChanged) as error:
        return Outcome(State.FAILED, changed=False, summary=str(error))


def _learn_facts(lake: Lake, provider: "FactsProvider") -> Outcome:
    from market.ingest.facts_round import learn_in_turn, outdated
    from market.providers.alpha_vantage.provider import AlphaVantage
    from market.quality.limits import configured_limits
    from market.quality.table import refresh_findings

    began = timezone.now()
    trouble = _refresh_listing(lake, provider) if isinstance(provider, AlphaVantage) else ""
    symbols = outdated(lake, traded_symbols(began.date()), began - _FACTS_FRESH)
    done = learn_in_turn(symbols, lake, provider, timezone.now, until=began + _FACTS_SLICE, sleep=time.sleep)
    if done.learnt:
        refresh_findings(lake, configured_limits(), timezone.now(), [each.symbol for each in done.learnt])
    whole = not (done.failed or done.left or trouble)
    summary = "\n".join(filter(None, [done.summary(), trouble]))
    state = State.DONE if whole else State.PARTLY if done.learnt else State.FAILED
    return Outcome(state, done.changed, summary)


def _refresh_listing(lake: Lake, provider: "AlphaVantage") -> str:
    """Fetch the listing when it is a month old; return what went wrong, or nothing."""
    from market.models import Symbol
    from market.providers.base import ProviderError
    from market.universe.listing import ListingImplausible, refresh_listing

    now = timezone.now()
    if Symbol.objects.filter(listing_at__gt=now - _LISTING_FRESH).exists():
        return ""
    try:
        refresh_listing(lake, provider, now, sleep=time.sleep, note=lambda _line: None)
    except (ListingImplausible, ProviderError) as error:
        return f"The listing was not refreshed: {error}"
    return ""


def kept_back() -> int:
    """Return how many of the day's requests are left for the newest prices."""
    return len(tracked_symbols())


def tidy(*, now: datetime) -> Outcome:
    """Remove what no recent version of a table needs, and requests that no budget counts any more."""
    from market.budget.ledger import forget_before
    from market.lake.faults import LakeUnreachable

    forgotten = forget_before(now)
    lines = [f"ledger: {forgotten:,} old requests removed"] if forgotten else []
    try:
        lines += _keep_bounded(configured_lake())
    except LakeUnreachable as error:
        return Outcome(State.FAILED, changed=False, summary="\n".join([*lines, str(error)]))
    return Outcome(State.DONE, changed=False, summary="\n".join(lines) or "nothing to do")


def prepare_next(lake: Lake) -> list[str]:
    """Do what the next run would else begin with, while nobody waits. What fails is left to it, and said."""
    from analytics.jobs.memory import make_ready
    from market.lake.faults import LakeUnreachable
    from market.lake.upkeep import write_due_checkpoints

    try:
        written = write_due_checkpoints(lake)
        make_ready(lake)
    except LakeUnreachable as error:
        return [f"The next run was not prepared: {error}"]
    return [f"{name}: log checkpoint written" for name in written]


def _keep_bounded(lake: Lake) -> list[str]:
    from market.lake.upkeep import found_tables, upkeep

    retention = timedelta(days=settings.LAKE_RETENTION_DAYS)
    done = [upkeep(table, retention) for table in found_tables(lake)]
    return [str(each) for each in done if each.changed]


def process(*, now: datetime) -> Outcome:
    """Process what changed in the bars."""
    from analytics.engines import check_engine
    from analytics.jobs.report import ProcessRequest
    from analytics.jobs.run import KNOWN_FAILURES, process_prices

    request = ProcessRequest(check_engine(settings.SPARK_ENGINE), universe=tuple(tracked_symbols()))
    try:
        report = process_prices(request, configured_lake(), now, SilentProgress())
    except KNOWN_FAILURES as error:
        return Outcome(State.FAILED, changed=False, summary=str(error))
    lines = [f"{table.name}: {len(table.computed)} parts, {table.rows:,} rows" for table in report.tables]
    lines += prepare_next(configured_lake())
    summary = "\n".join([f"bars version {report.bars_version} on {report.engine}", *lines])
    return Outcome(State.DONE, report.changed, summary)
