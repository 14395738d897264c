"""`manage.py check_quality`."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from market.lake.arrow import keep_pandas_out
from market.lake.faults import LakeUnreachable
from market.lake.location import configured_lake
from market.lake.tables import TableChanged
from market.quality.limits import configured_limits
from market.quality.table import refresh_findings
from market.symbols import SymbolInvalid, parse_symbols


class Command(BaseCommand):
    help = (
        "Check the sessions whose bars or known facts changed, and show what was found. `fetch_prices` does it, too. "
        "Exit codes: 0 checked, 1 failed, 2 bad arguments."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django declares it for instances

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--symbols", nargs="+", metavar="SYMBOL", default=[], help="default: all in the lake")

    def handle(self, *args: Any, **options: Any) -> None:
        keep_pandas_out()
        try:
            symbols = parse_symbols(options["symbols"])
            checked = refresh_findings(configured_lake(), configured_limits(), datetime.now(UTC), symbols)
        except SymbolInvalid as error:
            raise CommandError(str(error), returncode=2) from error
        except (LakeUnreachable, TableChanged) as error:
            raise CommandError(str(error), returncode=1) from error
        for part, findings in sorted(checked.findings.items()):
            for finding in findings:
                kind = f"{finding.severity} {finding.kind}"
                self.stdout.write(f"{part.symbol} {finding.session} {kind}: {finding.detail}")
        self.stdout.write(f"{len(checked.parts)} symbol-months checked, {checked.alarms} alarms.")
