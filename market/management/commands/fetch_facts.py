"""`manage.py fetch_facts`."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from market.actions import Source
from market.budget.gates import ledger_gates
from market.budget.ledger import Clock
from market.ingest.known import FactsMalformed, Learnt, learn_known, read_known, take_splits
from market.ingest.pacing import Sleep
from market.ingest.plan import DataMixed, check_same_kind
from market.lake.arrow import keep_pandas_out
from market.lake.faults import LakeUnreachable
from market.lake.location import configured_lake
from market.lake.schemas import bars_table
from market.lake.tables import TableChanged
from market.providers.base import FatalError, ProviderError
from market.providers.gate import LedgerUnavailable
from market.providers.registry import FACTS_PROVIDERS, ProviderUnconfigured, get_facts_provider, get_provider
from market.quality.limits import configured_limits
from market.quality.table import refresh_findings
from market.symbols import SymbolInvalid, parse_symbols

BAD_ARGUMENTS, FAILED, PARTLY_DONE = 2, 1, 3
Learn = Callable[[str], Learnt]


class Command(BaseCommand):
    help = (
        "Bring splits, dividends and daily figures into the lake, from Alpha Vantage, Massive or Alpaca (three "
        "requests a symbol, free keys have them), from the synthetic market (splits), or from a folder with "
        "SYMBOL_splits.csv, SYMBOL_dividends.csv and SYMBOL_daily.csv. "
        "Exit codes: 0 done, 1 failed, 2 bad arguments, 3 some symbols failed."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django declares it for instances
    sleep: Sleep = staticmethod(time.sleep)
    clock: Clock = staticmethod(timezone.now)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--symbols", nargs="+", metavar="SYMBOL", help="default: PRICES_SYMBOLS")
        choices = [*FACTS_PROVIDERS, "synthetic"]
        parser.add_argument(
            "--provider", choices=choices, default=settings.FACTS_PROVIDER, help="default: FACTS_PROVIDER"
        )
        parser.add_argument("--path", default="", help="read the files of this folder instead of asking")

    def handle(self, *args: Any, **options: Any) -> None:
        keep_pandas_out()
        try:
            symbols = parse_symbols(options["symbols"] or settings.PRICES_SYMBOLS)
            now = self.clock()
            failed = self._learn_all(symbols, self._source(options["provider"], options["path"], now))
            refresh_findings(configured_lake(), configured_limits(), now, symbols)
        except (SymbolInvalid, ProviderUnconfigured, FactsMalformed, DataMixed) as error:
            raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error
        except (LakeUnreachable, LedgerUnavailable, TableChanged) as error:
            raise CommandError(str(error), returncode=FAILED) from error
        if failed:
            code = FAILED if failed == len(symbols) else PARTLY_DONE
            raise CommandError(f"{failed} of {len(symbols)} symbols failed; run again for these.", returncode=code)

    def _source(self, name: str, path: str, now: datetime) -> Learn:
        lake = configured_lake()
        if path:
            folder = Path(path)
            if not folder.is_dir():
                raise FactsMalformed(f"--path: {path} is not a folder.")
            return lambda symbol: read_known(lake, folder, symbol, now)
        if name == "synthetic":
            return self._made_up(now)
        provider = get_facts_provider(name, ledger_gates(self.clock, self.sleep))
        check_same_kind(bars_table(lake).snapshot(), provider)
        return lambda symbol: learn_known(lake, provider, symbol, now, sleep=self.sleep, note=self.stdout.write)

    def _made_up(self, now: datetime) -> Learn:
        from market.providers.synthetic.provider import Synthetic

        lake, provider = configured_lake(), get_provider("synthetic")
        assert isinstance(provider, Synthetic)  # noqa: S101  # the registry makes no other of that name
        check_same_kind(bars_table(lake).snapshot(), provider)
        return lambda symbol: take_splits(lake, Source(symbol, provider.name, now), provider.splits(symbol, now))

    def _learn_all(self, symbols: list[str], learn: Learn) -> int:
        """Return how many symbols failed; a failure that would repeat ends the row."""
        for number, symbol in enumerate(symbols):
            try:
                self.stdout.write(str(learn(symbol)))
            except FatalError as error:
                self.stdout.write(f"{symbol}: {error}")
                return len(symbols) - number
            except ProviderError as error:
                self.stdout.write(f"{symbol}: {error}")
                return 1 + self._learn_all(symbols[number + 1 :], learn)
        return 0
