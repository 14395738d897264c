"""`manage.py fetch_prices`."""

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from market.backfill.claims import shared_claims
from market.backfill.outlook import outlook
from market.backfill.report import plan_lines
from market.budget.gates import ledger_gates
from market.budget.ledger import Clock, ledger_errors
from market.calendar import NEW_YORK
from market.ingest import (
    DataMixed,
    FetchReport,
    FetchRequest,
    Period,
    Plan,
    RequestInvalid,
    fetch_prices,
    make_plan,
    read_request,
)
from market.ingest.outcomes import BAD_ARGUMENTS, FAILED, PARTLY_DONE
from market.ingest.pacing import Sleep
from market.lake.arrow import keep_pandas_out
from market.lake.faults import LakeUnreachable
from market.lake.location import configured_lake
from market.progress import open_progress
from market.providers.base import Provider
from market.providers.gate import LedgerUnavailable
from market.providers.labels import Label
from market.providers.registry import ProviderUnconfigured, ProviderUnknown, Stated, get_provider
from market.providers.zones import Zone
from market.universe.tracking import traded_symbols

if TYPE_CHECKING:
    from market.providers.files.provider import Files

INTERRUPTED = 130


class Command(BaseCommand):
    help = (
        "Fetch minute bars into the lake. Months that are final there are not asked for again. "
        "Exit codes: 0 done, 1 failed, 2 bad arguments, 3 partly done."
    )
    # The checks look at pages, users and the database; this command needs none of them.
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django declares it for instances
    # How the waits between requests pass; tests let them pass at once.
    sleep: Sleep = staticmethod(time.sleep)
    clock: Clock = staticmethod(timezone.now)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--provider",
            help="alpaca, massive, alpha_vantage, files or synthetic; or several that are asked in turn, like "
            "alpaca,massive (default: PRICES_PROVIDER)",
        )
        parser.add_argument("--path", default="", help="the folder or file with bars, for the provider files")
        parser.add_argument(
            "--columns",
            default="",
            metavar="MAP",
            help="where each value stands in the files, like stamp=when,open=o,zone=utc, or the path of a .toml",
        )
        parser.add_argument(
            "--zone", choices=[*Zone], type=Zone, help="the clock of the stamps, where neither file nor stamps tell"
        )
        parser.add_argument("--symbols", nargs="+", metavar="SYMBOL", help="default: PRICES_SYMBOLS and what was added")
        parser.add_argument("--months", nargs="+", metavar="YYYY-MM", default=[])
        parser.add_argument("--from", dest="first", metavar="DATE", help="first month, as YYYY-MM or YYYY-MM-DD")
        parser.add_argument("--to", dest="last", metavar="DATE", help="last month; default: the current one")
        parser.add_argument("--dry-run", action="store_true", help="show which requests would be sent, and send none")
        parser.add_argument("--plan", action="store_true", help="show what is planned and done, and fetch nothing")
        parser.add_argument(
            "--label",
            choices=[*Label],
            type=Label,
            help="which end of the minute stamps name, where the provider does not say and the stamps do not tell",
        )
        parser.add_argument(
            "--force", action="store_true", help="ask for final months, too, and let fewer bars replace more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keep_pandas_out()
        now = self.clock()
        try:
            provider = get_provider(
                options["provider"] or settings.PRICES_PROVIDER,
                ledger_gates(self.clock, self.sleep),
                Stated(options["label"], options["zone"], options["path"], options["columns"]),
            )
            if options["plan"]:
                self._show_plan(provider, now)
            elif provider.name == "files":
                self._import_files(cast("Files", provider), options, now)
            else:
                self._fetch_or_plan(provider, options, now)
        except (ProviderUnknown, ProviderUnconfigured, RequestInvalid, DataMixed) as error:
            raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error
        except (LakeUnreachable, LedgerUnavailable) as error:
            raise CommandError(str(error), returncode=FAILED) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What was fetched is kept; the same command, or the worker, goes on from there.",
                returncode=INTERRUPTED,
            ) from None

    def _fetch_or_plan(self, provider: Provider, options: dict[str, Any], now: datetime) -> None:
        request = self._request(provider, options, options["symbols"] or _default_symbols(now), now)
        if options["dry_run"]:
            self._show_requests(make_plan(request, configured_lake(), provider, now), provider, now)
        else:
            self._fetch(request, provider, now)

    def _request(self, provider: Provider, options: dict[str, Any], symbols: list[str], now: datetime) -> FetchRequest:
        period = Period(options["months"], options["first"], options["last"])
        return read_request(symbols, period, provider=provider, now=now, force=options["force"])

    def _import_files(self, provider: "Files", options: dict[str, Any], now: datetime) -> None:
        # Other providers need not pay for reading Parquet and zips.
        from market.ingest.files import check_symbols, findings, import_files, join_files

        scanned = provider.scanned
        for line in findings(scanned):
            self.stdout.write(line)
        if not scanned.pieces:
            raise CommandError(f"{options['path']} has no bars that could be taken.", returncode=FAILED)
        if not (options["months"] or options["first"]):
            options["months"] = [str(month) for month in scanned.months]
        request = self._request(provider, options, options["symbols"] or scanned.symbols, now)
        check_symbols(scanned, request.symbols)
        lake = configured_lake()
        if options["dry_run"]:
            self._show_requests(make_plan(request, lake, join_files(provider, lake), now), provider, now)
            return
        with open_progress(self.stdout) as progress, shared_claims(lake.url, provider.name, self.clock) as claims:
            report = import_files(request, lake, provider, now, progress, claims)
        self._tell(report)
        if scanned.refused:
            raise CommandError("Not every file was taken; the list above says which and why.", returncode=PARTLY_DONE)

    def _fetch(self, request: FetchRequest, provider: Provider, now: datetime) -> None:
        lake = configured_lake()
        with open_progress(self.stdout) as progress, shared_claims(lake.url, provider.name, self.clock) as claims:
            report = fetch_prices(request, lake, provider, now, progress, self.sleep, claims=claims)
        self._tell(report)

    def _tell(self, report: FetchReport) -> None:
        self.stdout.write(report.summary())
        if report.exit_code:
            raise CommandError(_ADVICE[report.exit_code], returncode=report.exit_code)

    def _show_requests(self, plan: Plan, provider: Provider, now: datetime) -> None:
        for planned in plan.fetching:
            self.stdout.write(f"{planned.cell}: {planned.reason}")
        expected = outlook(provider, [planned.cell for planned in plan.fetching], now)
        self.stdout.write(f"{expected.in_words()}; {len(plan.settled)} symbol-months are final already.")

    def _show_plan(self, provider: Provider, now: datetime) -> None:
        with ledger_errors():
            for line in plan_lines(configured_lake().url, provider, now):
                self.stdout.write(line)


def _default_symbols(now: datetime) -> list[str]:
    with ledger_errors():
        return traded_symbols(now.astimezone(NEW_YORK).date())


_ADVICE = {
    1: "Nothing was fetched; the list above says why.",
    3: "Not everything was fetched; the list above says what is missing and why.",
}
