"""`manage.py backfill`: watch the plan, pause it, resume it, cancel it."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from market.backfill.control import cancel, pause, resume
from market.backfill.report import plan_lines
from market.budget.ledger import ledger_errors
from market.ingest.outcomes import BAD_ARGUMENTS, FAILED
from market.lake.location import configured_lake
from market.providers.gate import LedgerUnavailable
from market.providers.registry import ProviderUnconfigured, ProviderUnknown, get_provider
from market.symbols import SymbolInvalid, parse_symbols

_DONE = {"pause": "paused", "resume": "planned again", "cancel": "cancelled"}


class Command(BaseCommand):
    help = (
        "Watch, pause, resume or cancel the plan of symbol-months that the worker fetches within the key's budget. "
        "Exit codes: 0 done, 1 failed, 2 bad arguments."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django declares it for instances

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["status", *_DONE])
        parser.add_argument("--symbols", nargs="+", metavar="SYMBOL", default=[], help="default: all")
        parser.add_argument("--failed", action="store_true", help="with resume: try what failed or was absent again")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            symbols = parse_symbols([name for text in options["symbols"] for name in text.split(",") if name])
            with ledger_errors():
                self._act(options["action"], symbols, options["failed"], timezone.now())
        except (SymbolInvalid, ProviderUnknown, ProviderUnconfigured) as error:
            raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error
        except LedgerUnavailable as error:
            raise CommandError(str(error), returncode=FAILED) from error

    def _act(self, action: str, symbols: list[str], failed: bool, now: datetime) -> None:
        lake = configured_lake().url
        if action == "status":
            for line in plan_lines(lake, get_provider(settings.PRICES_PROVIDER), now, symbols):
                self.stdout.write(line)
            return
        if action == "resume":
            count = resume(lake, symbols, now, failed=failed)
        else:
            count = (pause if action == "pause" else cancel)(lake, symbols, now)
        self.stdout.write(f"{count} symbol-months {_DONE[action]}.")
