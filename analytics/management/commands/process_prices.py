"""`manage.py process_prices`: bring the derived tables up to date with the bars."""

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analytics.engines import CHOICES, check_engine
from analytics.jobs.report import ProcessReport, ProcessRequest
from analytics.jobs.run import KNOWN_FAILURES, explain_prices, process_prices
from analytics.transforms.catalog import TRANSFORMS
from market.lake.location import configured_lake
from market.progress import open_progress
from market.symbols import parse_symbols

logger = logging.getLogger(__name__)

FAILED, BAD_ARGUMENTS, PARTLY_DONE, INTERRUPTED = 1, 2, 3, 130


class Command(BaseCommand):
    help = (
        "Recompute the parts (a symbol in a month) of the derived tables whose bars changed, and only those. "
        "Exit codes: 0 done or nothing to do, 1 failed, 2 bad arguments, 3 partly done."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--symbols", nargs="+", metavar="SYMBOL", help="only these (default: all that have bars)")
        parser.add_argument("--tables", nargs="+", choices=TRANSFORMS, default=list(TRANSFORMS), help="only these")
        parser.add_argument("--full", action="store_true", help="recompute every part, changed or not")
        parser.add_argument("--explain", action="store_true", help="say what would be computed and why, and do nothing")
        parser.add_argument("--engine", default=settings.SPARK_ENGINE, help=f"{CHOICES} (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.perf_counter()
        request = _request(options)
        with open_progress(self.stderr) as progress:
            try:
                if options["explain"]:
                    self.stdout.write("\n".join(explain_prices(request, configured_lake(), timezone.now())))
                    return
                report = process_prices(request, configured_lake(), timezone.now(), progress)
            except KeyboardInterrupt:
                raise CommandError(
                    "Stopped; every table is whole. Run the command again to go on.", returncode=INTERRUPTED
                ) from None
            except KNOWN_FAILURES as error:
                raise CommandError(str(error), returncode=FAILED) from error
            except Exception as error:
                logger.exception("process_prices failed")
                raise CommandError(
                    f"{type(error).__name__}: {error} Every table is whole; run the command again to go on.",
                    returncode=FAILED,
                ) from error
        self._tell(report, time.perf_counter() - began)

    def _tell(self, report: ProcessReport, seconds: float) -> None:
        if not report.changed:
            self.stdout.write(f"Nothing to do: {len(report.tables)} tables match bars version {report.bars_version}.")
        for table in report.tables:
            if table.computed or table.removed:
                removed = f", {len(table.removed)} parts removed" if table.removed else ""
                computed = f"{len(table.computed)} parts, {table.rows:,} rows{removed}"
                self.stdout.write(f"{table.name:<16} version {table.version:<4} {computed}")
        if report.changed:
            self.stdout.write(f"Processed bars version {report.bars_version} on {report.engine} in {seconds:.1f} s.")
        if report.symbols_without_bars:
            missing = ", ".join(report.symbols_without_bars)
            raise CommandError(
                f"No bars yet: {missing}. Run `manage.py fetch_prices` for them.", returncode=PARTLY_DONE
            )


def _request(options: dict[str, Any]) -> ProcessRequest:
    try:
        symbols = tuple(parse_symbols(options["symbols"])) if options["symbols"] else None
        return ProcessRequest(
            engine=check_engine(options["engine"]),
            tables=tuple(dict.fromkeys(options["tables"])),
            symbols=symbols,
            full=options["full"],
            universe=(*settings.PRICES_SYMBOLS, *(symbols or ())),
        )
    except ValueError as error:
        raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error
