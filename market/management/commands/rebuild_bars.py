"""`manage.py rebuild_bars`."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from market.lake.arrow import keep_pandas_out
from market.lake.faults import LakeUnreachable
from market.lake.location import configured_lake
from market.lake.tables import TableChanged
from market.months import Month, MonthInvalid
from market.progress import open_progress
from market.rebuild import FAILED, rebuild_bars
from market.symbols import SymbolInvalid, parse_symbols

BAD_ARGUMENTS, INTERRUPTED = 2, 130


class Command(BaseCommand):
    help = (
        "Make the table bars again from the stored replies alone, and prove each symbol-month equal to them. "
        "Exit codes: 0 all equal, 1 failed, 2 bad arguments, 3 some symbol-months could not be made equal."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django declares it for instances

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--symbols", nargs="+", metavar="SYMBOL", default=[], help="default: all in the lake")
        parser.add_argument("--months", nargs="+", metavar="YYYY-MM", default=[], help="default: all in the lake")
        parser.add_argument("--check", action="store_true", help="compare only, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        keep_pandas_out()
        try:
            symbols = parse_symbols(options["symbols"])
            months = [str(Month.parse(text)) for text in options["months"]]
        except (SymbolInvalid, MonthInvalid) as error:
            raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error
        try:
            self._rebuild(symbols, months, check_only=options["check"])
        except (LakeUnreachable, TableChanged) as error:
            raise CommandError(str(error), returncode=FAILED) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. Each part is as it was, or done.", returncode=INTERRUPTED) from None

    def _rebuild(self, symbols: list[str], months: list[str], *, check_only: bool) -> None:
        with open_progress(self.stdout) as progress:
            report = rebuild_bars(
                configured_lake(),
                datetime.now(UTC),
                progress,
                symbols=symbols,
                months=months,
                check_only=check_only,
            )
        self.stdout.write(report.summary())
        if report.changed:
            self.stdout.write("The derived tables follow with `manage.py process_prices`.")
        if report.exit_code:
            advice = "The table is not what the replies say; the list above says where and what to do."
            raise CommandError(advice, returncode=FAILED if check_only else report.exit_code)
