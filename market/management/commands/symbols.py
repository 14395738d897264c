"""`manage.py symbols`: which symbols are fetched."""

import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from market.backfill.control import plan_by_symbol
from market.budget.gates import ledger_gates
from market.budget.ledger import ledger_errors
from market.ingest.outcomes import BAD_ARGUMENTS, FAILED
from market.lake.faults import LakeUnreachable
from market.lake.location import configured_lake
from market.models import CellState, Symbol
from market.months import Month, MonthInvalid
from market.providers.alpha_vantage.provider import AlphaVantage
from market.providers.base import ProviderError
from market.providers.registry import ProviderUnconfigured, ProviderUnknown, get_provider
from market.providers.synthetic.listing import LISTED
from market.symbols import SymbolInvalid
from market.universe.listing import ListingImplausible, refresh_listing, search_vendor, store_listing
from market.universe.tracking import (
    SymbolUnlisted,
    add_symbol,
    remark_on,
    remove_symbol,
    search_symbols,
    tracked_symbols,
)


class Command(BaseCommand):
    help = (
        "Show, add, remove and search the symbols whose prices are fetched. What is added is fetched by the worker, "
        "within the key's budget. Exit codes: 0 done, 1 failed, 2 bad arguments."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django declares it for instances

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["list", "add", "remove", "search", "refresh"])
        parser.add_argument("words", nargs="*", metavar="SYMBOL", help="for search: a symbol or a part of a name")
        parser.add_argument("--from", dest="first", metavar="YYYY-MM", help="first month to fetch of what is added")
        parser.add_argument("--unlisted", action="store_true", help="add symbols that the listing does not have")

    def handle(self, *args: Any, **options: Any) -> None:
        action, words = options["action"], options["words"]
        if (action in ("add", "remove", "search")) != bool(words):
            raise CommandError(f"`symbols {action}` takes {_TAKES[action]}.", returncode=BAD_ARGUMENTS)
        try:
            with ledger_errors():
                self._act(action, words, options, timezone.now())
        except _REFUSED as error:
            raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error
        except (ProviderError, LakeUnreachable, ListingImplausible) as error:
            raise CommandError(str(error), returncode=FAILED) from error

    def _act(self, action: str, words: list[str], options: dict[str, Any], now: datetime) -> None:
        if action == "list":
            self._list()
        elif action == "add":
            first = Month.parse(options["first"]) if options["first"] else None
            for text in words:
                self._add(text, first, options["unlisted"], now)
        elif action == "remove":
            for text in words:
                cancelled = remove_symbol(text, now)
                self.stdout.write(f"{text.upper()} is not fetched any more ({cancelled} planned months cancelled).")
        elif action == "search":
            self._search(" ".join(words), now)
        else:
            self.stdout.write(f"The listing has {self._refresh(now):,} symbols.")

    def _refresh(self, now: datetime) -> int:
        """Take the vendor's listing over; in the made-up market without a key its own."""
        if settings.PRICES_PROVIDER == "synthetic" and not settings.ALPHA_VANTAGE_API_KEY:
            return store_listing(LISTED, (), now)
        return refresh_listing(configured_lake(), _alpha_vantage(), now, sleep=time.sleep, note=self.stdout.write)

    def _list(self) -> None:
        known = {row.symbol: row for row in Symbol.objects.filter(symbol__in=tracked_symbols())}
        plans = {plan.symbol: plan for plan in plan_by_symbol(settings.LAKE_URL)}
        for symbol in tracked_symbols():
            row, plan = known.get(symbol), plans.get(symbol)
            what = ", ".join(part for part in (row.name, row.exchange) if part) if row else ""
            done = f"{plan.states[CellState.DONE]} of {plan.total} months of the plan fetched" if plan else ""
            remark = remark_on(row) if row else ""
            self.stdout.write("  ".join(part for part in (f"{symbol:<8}", what, done, remark) if part).rstrip())

    def _add(self, text: str, first: Month | None, unlisted: bool, now: datetime) -> None:
        get_provider(settings.PRICES_PROVIDER)
        added = add_symbol(text, settings.PRICES_PROVIDER, now, first=first, unlisted=unlisted)
        span = f"{added.months[0]} to {added.months[-1]}" if added.months else "no months"
        self.stdout.write(f"{added.symbol} is fetched from now on; planned: {span}. {added.remark}".rstrip())

    def _search(self, words: str, now: datetime) -> None:
        if rows := search_symbols(words):
            for row in rows:
                self.stdout.write(f"{row.symbol:<8} {row.name}, {row.exchange}. {remark_on(row)}".rstrip())
            return
        found = search_vendor(words, configured_lake(), _alpha_vantage(), now, sleep=time.sleep, note=self.stdout.write)
        for match in found:
            self.stdout.write(f"{match.symbol:<8} {match.name}, {match.asset_type}")
        if not found:
            self.stdout.write(f"Nothing resembles {words[:40]!r}.")


def _alpha_vantage() -> AlphaVantage:
    return cast(AlphaVantage, get_provider("alpha_vantage", ledger_gates(timezone.now)))


_TAKES = {
    "add": "one or more symbols, like NVDA BRK.B",
    "remove": "one or more symbols, like NVDA BRK.B",
    "search": "a symbol or a part of a name",
    "list": "no symbols",
    "refresh": "no symbols",
}
_REFUSED = (SymbolInvalid, SymbolUnlisted, MonthInvalid, ProviderUnknown, ProviderUnconfigured)
